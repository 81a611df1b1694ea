"""Someone with only zarr-python can read a stored scene as docs/zarr-layout.md says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import zarr

from tests.formats.clouds import CloudScene, clock_of, cloud
from tests.scenes import InMemoryData, street_scene
from worldline.formats.scene import CameraSensor, EncodedImage, Scene, Sweep
from worldline.formats.store import open_scene, stage_scene
from worldline.formats.store.display import decode_block
from worldline.geometry import Pose

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "zarr-layout.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_code_of_the_document_reads_a_scene(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert "worldline." not in code
    scene = street_scene(frame_count=9)
    published = stage_scene(tmp_path, scene)
    script = tmp_path / "read.py"
    script.write_text(code)
    result = subprocess.run(
        [sys.executable, "-P", script, published.path], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    lines = result.stdout.splitlines()
    assert lines[0] == "scene street reference lidar"
    sweep, image = scene.data.sweep("lidar", 8), scene.data.image("front", 0)
    assert f"points ({len(sweep)}, 3) float32 ['intensity', 'ring']" in lines
    assert f"image image/png {len(image.data)} bytes" in lines


def test_the_code_for_the_display_copy_reads_it(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python display\n(.*?)```", TEXT, re.DOTALL)
    scene = street_scene(frame_count=4)
    path = stage_scene(tmp_path, scene).path
    script = tmp_path / "read.py"
    script.write_text(code)
    result = subprocess.run([sys.executable, script, path], check=True, capture_output=True, text=True)
    sweep = scene.data.sweep("lidar", 0)
    assert result.stdout.startswith(f"({len(sweep)}, 3) 0.00")


def test_every_array_of_a_scene_is_in_the_document(tmp_path: Path) -> None:
    path = stage_scene(tmp_path, street_scene(frame_count=4)).path
    described = TEXT.replace(
        "{offset,size,media}", "offset` `cameras/<sensor>/index/size` `cameras/<sensor>/index/media"
    )
    for metadata in path.rglob("zarr.json"):
        if json.loads(metadata.read_bytes())["node_type"] == "array":
            node = metadata.parent.relative_to(path).as_posix()
            node = re.sub(r"^(clocks|names|matches|poses|lidars|cameras)/[^/]+", r"\1/<sensor>", node)
            node = re.sub(r"fields/.*", "fields/<field>", node)
            assert f"`{node}`" in described, node


def test_zarr_reads_the_same_as_the_bytes_that_are_served(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    sweeps = [Sweep(cloud(50 + frame), {"intensity": random.random(50 + frame)}) for frame in range(11)]
    stored = open_scene(stage_scene(tmp_path, CloudScene(sweeps).scene).path)
    points = zarr.open_array(stored.path / "lidars/top/display/points", mode="r")
    inner = [codec.to_dict()["name"] for codec in points.metadata.codecs[0].codecs]
    assert inner == ["worldline.meshopt", "crc32c"]
    for block in range(11):
        part = stored.display_block("top", block)
        assert (part.encoding, part.media_type) == (None, "application/vnd.worldline.meshopt")
        decoded = decode_block(part.read(), points.shape[1], "meshopt")
        assert np.array_equal(decoded, points[block])
        assert not decoded[50 + block :].any()


def test_images_cross_no_shard_and_zarr_reads_them(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    count = 20
    data = InMemoryData(
        images={("cam", frame): EncodedImage(random.bytes(5 << 20), "image/png") for frame in range(count)}
    )
    sensor = CameraSensor("cam", Pose(), clock_of(count), (Pose(),) * count, 8, 8)
    path = stage_scene(tmp_path, Scene("s", (sensor,), "cam", data)).path
    group = zarr.open_group(path, mode="r")
    offset, size = group["cameras/cam/index/offset"][:], group["cameras/cam/index/size"][:]
    assert (offset // (1 << 26) == (offset + size - 1) // (1 << 26)).all()
    array = group["cameras/cam/bytes"]
    for frame in (0, 7, 19):
        found = array[offset[frame] : offset[frame] + size[frame]].tobytes()
        assert found == data.images["cam", frame].data
    stored_bytes = sum(each.stat().st_size for each in (path / "cameras/cam/bytes/c").iterdir())
    assert stored_bytes < 1.02 * size.sum()
