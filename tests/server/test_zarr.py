"""A scene is a plain Zarr store over HTTP: zarr-python and zarrita read of it what was written."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import zarr
from obstore.store import HTTPStore
from zarr.storage import FsspecStore, ObjectStore

from tests.scenes import street_scene
from tests.server.servers import import_scene, running_server
from tests.shared_data import shared_data
from worldline.formats.store import open_scene
from worldline.formats.store.display import decode_block
from worldline.server.catalogue import find_scene, stored_path
from worldline.server.database import opened_database
from worldline.server.importing import import_source

VIEWER = Path(__file__).resolve().parents[2] / "viewer"
OPENERS: dict[str, Callable[[str], zarr.Group]] = {
    "obstore": lambda url: zarr.open_group(
        ObjectStore(HTTPStore.from_url(url, client_options={"allow_http": True}), read_only=True), mode="r"
    ),
    "fsspec": lambda url: zarr.open_group(FsspecStore.from_url(url, read_only=True), mode="r"),
    "address": lambda url: zarr.open(url, mode="r"),
}


@pytest.mark.parametrize("opener", OPENERS)
def test_zarr_python_reads_what_was_written(street: httpx.Client, opener: str) -> None:
    scene, whole = street_scene(), f"{street.base_url}/zarr"
    for group in (OPENERS[opener](f"{whole}/street"), OPENERS[opener](whole)["street"]):
        assert isinstance(group, zarr.Group)
        blocks = group["lidars/lidar/source/xyz"]
        for frame in range(scene.frame_count):
            expected = scene.data.sweep("lidar", frame)
            np.testing.assert_array_equal(np.asarray(blocks[frame])[: len(expected)], expected.xyz_m)
            ring = np.asarray(group["lidars/lidar/source/fields/ring"][frame])[: len(expected)]
            np.testing.assert_array_equal(ring, expected.fields["ring"])
        _check_display(group["lidars/lidar"], lambda frame: scene.data.sweep("lidar", frame).xyz_m, range(6))


def test_zarrita_reads_what_was_written(street: httpx.Client) -> None:
    nodes = ["source/xyz", "source/fields/ring", "source/xyz#4", "display/points", "display/points#4"]
    found = _read_with_zarrita(f"{street.base_url}/zarr/street", [f"lidars/lidar/{each}" for each in nodes])
    assert "worldline" in found["attributes"]
    _check_zarrita(found, OPENERS["obstore"](f"{street.base_url}/zarr/street"))


def test_both_read_of_a_recording_what_the_store_has(tmp_path: Path) -> None:
    source = shared_data("scalabel_kitti_sample", "tracking")
    with opened_database(tmp_path) as engine:
        import_source(engine, tmp_path, source, "kitti", "kitti-tracking", "ann", lambda *_: None)
        stored = open_scene(stored_path(tmp_path, find_scene(engine, "kitti")))
    lidar = stored.scene.reference
    index = stored.block_index(lidar)
    assert index.coding == "meshopt"
    frames = (0, stored.scene.frame_count - 1)
    blocks = [stored.blocks_of(lidar, frame).start for frame in frames]
    nodes = [f"lidars/{lidar}/{part}#{block}" for block in blocks for part in ("display/points", "source/xyz")]
    with running_server(tmp_path) as address:
        group = OPENERS["obstore"](f"{address}/zarr/kitti")
        assert isinstance(group, zarr.Group)
        display, chunks = group[f"lidars/{lidar}/display/points"], stored.reader(f"lidars/{lidar}/display/points")
        for block in blocks:
            count = int(index.rows(block, block + 1).count[0])
            expected = decode_block(stored.place.read(*chunks.locate(block)), count, "meshopt")  # as the server does
            points = np.asarray(display[block])
            np.testing.assert_array_equal(points[:count], expected)
            assert not points[count:].any()
        _check_display(group[f"lidars/{lidar}"], lambda frame: stored.scene.data.sweep(lidar, frame).xyz_m, frames)
        _check_zarrita(_read_with_zarrita(f"{address}/zarr/kitti", nodes), group)


def _check_display(lidar: Any, source: Callable[[int], np.ndarray], frames: Iterable[int]) -> None:
    """As docs/zarr-layout.md reads it: the points of a frame are the source's, half a step off at most."""
    blocks, first = lidar["blocks"], np.asarray(lidar["blocks/first"])
    count, scale = np.asarray(blocks["count"]), np.asarray(blocks["scale_m"])
    origin = np.asarray(blocks["origin_m"])
    for frame in frames:
        row = range(first[frame], first[frame + 1])
        found = [lidar["display/points"][each, : count[each], :3] * scale[each] + origin[each] for each in row]
        off_m = np.abs(np.concatenate(found) - source(frame)).max()
        assert off_m <= scale[row].max() / 2 + 1e-5


def _read_with_zarrita(address: str, nodes: list[str]) -> dict[str, Any]:
    if shutil.which("node") is None or not (VIEWER / "node_modules/zarrita").is_dir():
        pytest.skip("needs node and viewer/node_modules (npm ci)")
    command = ["node", "tools/read-zarr.mjs", address, *nodes]
    done = subprocess.run(command, cwd=VIEWER, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert list(found["arrays"]) == nodes
    return found


def _check_zarrita(found: dict[str, Any], group: Any) -> None:
    """What zarrita read is, byte for byte, what zarr-python reads."""
    for each, facts in found["arrays"].items():
        node, _, row = each.partition("#")
        array = group[node]
        values = np.ascontiguousarray(array[int(row)] if row else array[...])
        assert facts["sha256"] == hashlib.sha256(values.tobytes()).hexdigest(), each
        assert tuple(facts["shape"]) == array.shape


def test_only_what_the_manifest_does_not_list_is_absent(tmp_path: Path) -> None:
    import_scene(tmp_path)
    (store,) = (tmp_path / "scenes").iterdir()
    chunk = "lidars/lidar/source/xyz/c/0/0/0"
    with running_server(tmp_path) as address, httpx.Client(base_url=f"{address}/zarr/street") as client:
        for absent in ("zarr2.json", "lidars/lidar/source/xyz/c/99/0/0", "lidars", "..%2f..%2fworldline.db", ".zgroup"):
            assert client.get(f"/{absent}").status_code == 404, absent
        assert client.get("/../nothing/zarr.json").status_code == 404
        assert client.put("/zarr.json").status_code == 405
        data = (store / chunk).read_bytes()
        answer = client.get(f"/{chunk}", headers={"Range": "bytes=-4"})
        assert (answer.status_code, answer.content) == (206, data[-4:])
        (store / chunk).write_bytes(data[:-1])
        assert client.get(f"/{chunk}").status_code == 500
        (store / chunk).unlink()
        answer = client.get(f"/{chunk}")
        assert (answer.status_code, answer.json()["code"]) == (500, "store")
        group = OPENERS["obstore"](f"{address}/zarr/street")
        with pytest.raises(Exception, match="500"):
            group["lidars/lidar/source/xyz"][0]
    for name in ("manifest.json",):
        (store / name).unlink()
        with running_server(tmp_path) as address:
            assert httpx.get(f"{address}/zarr/street/zarr.json").status_code == 500


def test_a_large_file_comes_whole_and_in_pieces(tmp_path: Path) -> None:
    import_scene(tmp_path, street_scene(frame_count=8))
    (store,) = (tmp_path / "scenes").iterdir()
    largest = max((each for each in store.rglob("*") if each.is_file()), key=lambda each: each.stat().st_size)
    with running_server(tmp_path) as address:
        answer = httpx.get(f"{address}/zarr/street/{largest.relative_to(store).as_posix()}")
        assert answer.content == largest.read_bytes()
