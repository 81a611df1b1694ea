"""What we export is read here by the format's own definition, with numpy alone, and compared with the source."""

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.server.servers import post_change, running_server
from tests.shared_data import shared_data
from worldline.server.database import opened_database
from worldline.server.importing import import_source

SEQUENCES = [
    ("kitti_tracking_0001", "0001"),
    ("kitti_tracking_0002", "0002"),
    ("scalabel_kitti_sample/tracking", "0001"),
]
ROUNDING = 0.006
MOVED_M = np.array([0.7, -0.4, 0.2])
Rows = dict[tuple[str, ...], str]


def read_calibration(text: str) -> dict[str, Any]:
    """Matrices by name, without the colon that some files have."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return {words[0].rstrip(":"): np.array(words[1:], dtype=float).reshape(3, -1) for words in lines}


def read_rows(text: str) -> Rows:
    """Each line by its frame, track id and, for DontCare, box."""
    rows = [line.split() for line in text.splitlines()]
    return {(*w[:3], *(f"{float(n):.2f}" for n in w[6:10] if w[2] == "DontCare")): " ".join(w) for w in rows}


def numbers(row: str) -> Any:
    """Alpha, box, height, width, length, bottom centre, rotation."""
    return np.array(row.split()[5:17], dtype=float)


def rect_from_world(calib: dict[str, Any], oxts: str | None) -> Any:
    """The rotation from the world to the rectified camera; without oxts the world is the lidar's."""
    lidar = calib.get("R_rect", calib.get("R0_rect")) @ calib.get("Tr_velo_cam", calib.get("Tr_velo_to_cam"))[:, :3]
    if oxts is None:
        return lidar
    roll, pitch, yaw = map(float, oxts.split()[3:6])
    (cr, sr), (cp, sp), (cy, sy) = ((np.cos(angle), np.sin(angle)) for angle in (roll, pitch, yaw))
    rx, ry = np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]]), np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
    world_from_imu = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]]) @ ry @ rx
    return lidar @ calib.get("Tr_imu_velo", calib.get("Tr_imu_to_velo"))[:, :3] @ world_from_imu.T


def project(p2: Any, row: str) -> Any:
    """The box around a cuboid's eight corners in the image."""
    height, width, length, x, y, z, turn = numbers(row)[5:]
    corners = np.array([(a * length / 2, -b * height, c * width / 2) for a in (-1, 1) for b in (0, 1) for c in (-1, 1)])
    rotation = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    points = np.c_[corners @ rotation.T + (x, y, z), np.ones(8)] @ p2.T
    pixels = points[:, :2] / points[:, 2:]
    return np.r_[pixels.min(axis=0), pixels.max(axis=0)]


def export(client: httpx.Client) -> zipfile.ZipFile:
    job = client.post("/api/scenes/kitti/exports", json={"format": "kitti-tracking"}).json()
    until = time.monotonic() + 60
    while job["state"] in ("queued", "running") and time.monotonic() < until:
        time.sleep(0.05)
        job = client.get(f"/api/jobs/{job['id']}").json()
    assert job["state"] == "done", job
    return zipfile.ZipFile(io.BytesIO(client.get(f"/api/jobs/{job['id']}/file").content))


def check_source(source: Path, sequence: str, archive: zipfile.ZipFile) -> tuple[Rows, Rows]:
    """Compare an export without edits with its source; the rows of both."""
    clouds = sorted((source / "velodyne" / sequence).iterdir())
    for path in [*clouds, *(source / "image_02" / sequence).iterdir()]:
        name = f"training/{path.relative_to(source).as_posix()}"
        assert archive.read(name) == path.read_bytes()
    frames = {str(int(path.stem)) for path in clouds}
    theirs = read_rows((source / "label_02" / f"{sequence}.txt").read_text())
    theirs = {key: row for key, row in theirs.items() if key[0] in frames}
    ours = read_rows(archive.read(f"training/label_02/{sequence}.txt").decode())
    assert ours.keys() == theirs.keys()
    assert len(ours) > 5
    for key, row in theirs.items():
        if "DontCare" in key:
            assert np.abs(numbers(ours[key])[1:5] - numbers(row)[1:5]).max() < ROUNDING
            continue
        assert ours[key].split()[:5] == row.split()[:5]
        difference = numbers(ours[key]) - numbers(row)
        difference[[0, -1]] = (difference[[0, -1]] + np.pi) % (2 * np.pi) - np.pi
        assert np.abs(difference).max() < ROUNDING
    before = read_calibration((source / "calib" / f"{sequence}.txt").read_text())
    after = read_calibration(archive.read(f"training/calib/{sequence}.txt").decode())
    for name, matrix in before.items():
        assert name not in after or np.abs(after[name] - matrix).max() < 1e-9
    return ours, theirs


@pytest.mark.parametrize(("folder", "sequence"), SEQUENCES)
def test_one_edit_changes_one_row_and_nothing_else(folder: str, sequence: str, tmp_path: Path) -> None:
    source = shared_data(*folder.split("/"), "training")
    with opened_database(tmp_path) as engine:
        import_source(engine, tmp_path, source.parent, "kitti", "kitti-tracking", "ann", lambda *_: None)
    oxts = source / "oxts" / f"{sequence}.txt"
    with running_server(tmp_path) as address, httpx.Client(base_url=address, timeout=60) as client:
        archive = export(client)
        before, _ = check_source(source, sequence, archive)
        calib = read_calibration(archive.read(f"training/calib/{sequence}.txt").decode())
        seen = [key for key, row in before.items() if "DontCare" not in key and 8 < numbers(row)[10] < 30]
        frame, track, name = edited = min(seen, key=lambda key: abs(numbers(before[key])[8]))
        index = client.get("/api/scenes/kitti/frames", params={"name": f"{int(frame):06d}"}).json()["frame"]
        path = f"tracks/{track}.cuboid/keyframes/{index}"
        entries = client.get("/api/scenes/kitti/labels").json()["entries"]
        (found,) = (each for each in entries if each["path"] == path)
        shape = found["value"]["shape"]
        moved = {**shape, "center_m": (np.array(shape["center_m"]) + MOVED_M).tolist()}
        value = {**found["value"], "shape": moved, "source": "human"}
        assert post_change(client, "kitti", {path: value}).status_code == 200
        after = read_rows(export(client).read(f"training/label_02/{sequence}.txt").decode())
    assert {key for key in before if before[key] != after[key]} == {edited}
    assert after.keys() == before.keys()
    turn = rect_from_world(calib, oxts.read_text().splitlines()[int(frame)] if oxts.is_file() else None)
    old, new = numbers(before[edited]), numbers(after[edited])
    np.testing.assert_allclose(new[8:11] - old[8:11], turn @ MOVED_M, atol=1e-5)
    np.testing.assert_allclose(new[5:8], old[5:8], atol=1e-6)
    np.testing.assert_allclose(new[11], old[11], atol=1e-5)
    np.testing.assert_allclose(new[0], (new[11] - np.arctan2(new[8], new[10]) + np.pi) % (2 * np.pi) - np.pi, atol=1e-5)
    png = archive.read(f"training/image_02/{sequence}/{int(frame):06d}.png")
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    expected = np.clip(project(calib["P2"], after[edited]), 0, [width, height, width, height])
    assert np.abs(new[1:5] - expected).max() < 1.01  # whether the last pixel ends at width or width - 1
    assert name == after[edited].split()[2]
