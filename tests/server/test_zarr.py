"""A scene is a plain Zarr store over HTTP: zarr-python and zarrita read of it what was written."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
import zarr
from obstore.store import HTTPStore
from zarr.storage import FsspecStore, ObjectStore

from tests.scenes import street_scene
from tests.server.servers import import_scene, running_server

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


def test_zarrita_reads_what_was_written(street: httpx.Client) -> None:
    if shutil.which("node") is None or not (VIEWER / "node_modules/zarrita").is_dir():
        pytest.skip("needs node and viewer/node_modules (npm ci)")
    nodes = ["lidars/lidar/source/xyz", "lidars/lidar/source/fields/ring", "lidars/lidar/source/xyz#4"]
    command = ["node", "tools/read-zarr.mjs", f"{street.base_url}/zarr/street", *nodes]
    done = subprocess.run(command, cwd=VIEWER, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "worldline" in found["attributes"]
    group = OPENERS["obstore"](f"{street.base_url}/zarr/street")
    for each in nodes:
        node, _, row = each.partition("#")
        array = group[node]
        assert isinstance(array, zarr.Array)
        values = np.ascontiguousarray(array[int(row)] if row else array[...])
        assert found["arrays"][each]["sha256"] == hashlib.sha256(values.tobytes()).hexdigest(), each
        assert tuple(found["arrays"][each]["shape"]) == array.shape


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
