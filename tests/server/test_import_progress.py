"""An import that takes its time, over HTTP: its first frames can be used while the rest is read."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.server.kills import make_source
from tests.server.servers import post_change, running_server
from worldline.formats.kitti.source import KittiData
from worldline.formats.scene import Sweep
from worldline.server.database import opened_database
from worldline.server.importing import import_source
from worldline.server.known_imports import import_of
from worldline.server.said_paths import hide_places

FRAMES = 30
OPENED = 20
"""Frames that are read before somebody has looked at the first ones."""


def until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def test_a_scene_can_be_opened_and_labelled_while_it_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, data = make_source(tmp_path / "drive", FRAMES), tmp_path / "data"
    go_on = threading.Event()
    read = KittiData.sweep

    def slow(self: KittiData, sensor: str, frame: int) -> Sweep:
        if frame >= OPENED:
            assert go_on.wait(60)
        return read(self, sensor, frame)

    monkeypatch.setattr(KittiData, "sweep", slow)

    def bring() -> None:
        with opened_database(data) as engine:
            import_source(engine, data, source, "drive", "kitti-tracking", "ann", lambda *_: None)

    with running_server(data) as address, httpx.Client(base_url=address, timeout=20) as client:
        importing = threading.Thread(target=bring)
        importing.start()
        try:
            until(lambda: [row for row in client.get("/api/scenes").json() if row["ready_frame_count"]], "no frame")
            scene = client.get("/api/scenes/drive").json()
            assert (scene["state"], scene["frame_count"]) == ("growing", FRAMES)
            assert 0 < scene["ready_frame_count"] < FRAMES
            place = f"/api/scenes/drive/data/{scene['generation']}"
            early = client.get(f"{place}/points/velodyne/0")
            assert early.status_code == 200
            image = client.get(f"{place}/images/image_02/0")
            assert image.content == next(source.rglob("000000.png")).read_bytes()
            assert client.get(f"{place}/images/image_02/{FRAMES - 1}").json()["code"] == "frame_pending"
            given = {each["path"]: each["value"] for each in client.get("/api/scenes/drive/labels").json()["entries"]}
            assert given  # the source's own
            mine = {"objects/mine": {"class_name": "car", "number": 999}}
            assert post_change(client, "drive", mine).status_code == 200
        finally:
            go_on.set()
            importing.join(60)
        # A server sees within half a second what another process wrote into the catalogue.
        until(lambda: client.get("/api/scenes/drive").json()["state"] == "ready", "not ready")
        ready = client.get("/api/scenes/drive").json()
        assert (ready["ready_frame_count"], ready["generation"] == scene["generation"]) == (FRAMES, False)
        entries = client.get("/api/scenes/drive/labels").json()["entries"]
        assert {each["path"]: each["value"] for each in entries} == given | mine
        place = f"/api/scenes/drive/data/{ready['generation']}"
        assert client.get(f"{place}/points/velodyne/0").content == early.content
        assert client.get(f"{place}/images/image_02/{FRAMES - 1}").status_code == 200


def test_why_an_import_was_interrupted_is_told_without_the_places_of_the_server(tmp_path: Path) -> None:
    source, data = make_source(tmp_path / "drive", FRAMES), tmp_path / "data"
    bad = sorted(source.rglob("*.bin"))[25]
    bad.write_bytes(b"\x00\x00\xc0\x7f" + bad.read_bytes()[4:])
    with opened_database(data) as engine:
        with pytest.raises(ValueError, match="000025"):
            import_source(engine, data, source, "drive", "kitti-tracking", "ann", lambda *_: None)
        assert import_of(engine, "drive") is not None
    with running_server(data) as address:
        (row,) = httpx.get(f"{address}/api/scenes").json()
    assert row["state"] == "interrupted"
    assert row["error"].startswith("drive/training/velodyne/0000/000025.bin")


def test_a_message_says_files_as_their_sender_called_them(tmp_path: Path) -> None:
    copy, upload = tmp_path / "sources" / ("a" * 32) / "files", tmp_path / "uploads" / ("b" * 32) / "source"
    source = tmp_path.parent / "disk" / "drive"
    said = f"{copy}/drive/1.bin, {upload}/2.bin, {upload}: unknown, {source}/3.bin, {tmp_path}/scenes"
    expected = "drive/1.bin, 2.bin, the source: unknown, drive/3.bin, scenes"
    assert hide_places(said, tmp_path, source) == expected
