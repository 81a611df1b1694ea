"""A scene comes back from the store exactly as it was put in."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.formats.clouds import CloudScene, assert_same_sweep, clock_of, cloud
from tests.scenes import InMemoryData, street_scene
from tests.shared_data import shared_data
from worldline.formats.errors import MissingFileError, MissingFrameError, SceneError
from worldline.formats.scene import CameraSensor, EncodedImage, Lidar, Scene, Sweep
from worldline.formats.store import StoredScene, dequantise, open_scene, stage_scene, verify_scene
from worldline.formats.store.display import decode_block
from worldline.geometry import Pose


def display_points(stored: StoredScene, sensor: str, block: int) -> np.ndarray:
    part = stored.display_block(sensor, block)
    assert part.encoding is None
    return decode_block(part.read(), stored.grid_of(sensor, block)[1], "meshopt")


def test_a_scene_comes_back_exactly(tmp_path: Path) -> None:
    scene = street_scene(frame_count=11, start_ns=1_700_000_000_123_456_789)
    published = stage_scene(tmp_path, scene)
    stored = open_scene(published.path)
    assert stored.scene.sensors == scene.sensors
    assert (stored.scene.name, stored.scene.reference) == (scene.name, scene.reference)
    assert stored.scene.meta == scene.meta
    assert stored.frame_count == stored.ready_frame_count == 11
    for frame in range(11):
        assert_same_sweep(stored.scene.data.sweep("lidar", frame), scene.data.sweep("lidar", frame))
        for camera in ("front", "left"):
            assert stored.scene.data.image(camera, frame) == scene.data.image(camera, frame)


def test_decoded_pixels_are_those_of_the_source(tmp_path: Path) -> None:
    scene = street_scene(frame_count=4)
    stored = open_scene(stage_scene(tmp_path, scene).path)
    part = stored.image_bytes("front", 2)
    assert part.media_type == "image/png"
    with Image.open(io.BytesIO(part.read())) as found, Image.open(io.BytesIO(scene.data.image("front", 2).data)) as old:
        assert np.array_equal(np.asarray(found), np.asarray(old))


def test_real_points_and_pixels_come_back_exactly(tmp_path: Path) -> None:
    folder = shared_data("kitti_tracking_0001", "training")
    scans = sorted((folder / "velodyne").rglob("*.bin"))
    images = sorted((folder / "image_02").rglob("*.png"))
    assert len(scans) == len(images) == 5
    data = InMemoryData()
    for frame, (scan, image) in enumerate(zip(scans, images, strict=True)):
        points = np.fromfile(scan, "<f4").reshape(-1, 4)
        data.sweeps["velodyne", frame] = Sweep(points[:, :3].copy(), {"intensity": points[:, 3].copy()})
        data.images["image_02", frame] = EncodedImage(image.read_bytes(), "image/png")
    clock, poses = clock_of(5), (Pose(),) * 5
    sensors = (
        Lidar("velodyne", Pose(), clock, poses, ("intensity",)),
        CameraSensor("image_02", Pose(), clock, poses, 1242, 375),
    )
    stored = open_scene(stage_scene(tmp_path, Scene("kitti", sensors, "velodyne", data)).path)
    for frame in range(5):
        sweep = data.sweeps["velodyne", frame]
        assert_same_sweep(stored.scene.data.sweep("velodyne", frame), sweep)
        assert stored.scene.data.image("image_02", frame) == data.images["image_02", frame]
        (block,) = stored.blocks_of("velodyne", frame)
        grid, count = stored.grid_of("velodyne", block)
        points = display_points(stored, "velodyne", block)
        assert len(points) == count
        assert np.abs(dequantise(points, grid) - sweep.xyz_m).max() <= 0.0025 + 1e-9
        found = points[:, 3] * stored.block_index("velodyne").intensity_scale
        assert np.abs(found - sweep.fields["intensity"]).max() <= 0.5 / 255 + 1e-9


FIELD_TYPES = ("uint8", "uint16", "int32", "float32", "float64", "bool", "int64", ">u2", ">f4")


@settings(max_examples=25)
@given(
    counts=st.lists(st.integers(0, 3000), min_size=1, max_size=9),
    fields=st.dictionaries(
        st.sampled_from(["intensity", "ring", "xyz", "rgb/α", "..", "__x", "Scalar field #1"]),
        st.tuples(st.sampled_from(FIELD_TYPES), st.sampled_from([(), (3,)])),
        max_size=3,
    ),
    seed=st.integers(0, 99),
)
def test_any_counts_and_fields_come_back_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    counts: list[int],
    fields: dict[str, tuple[str, tuple[int, ...]]],
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    sweeps = []
    for frame, count in enumerate(counts):
        values = {name: random.integers(0, 200, (count, *tail)).astype(dtype) for name, (dtype, tail) in fields.items()}
        sweeps.append(Sweep(cloud(count, seed + frame), values))
    stored = open_scene(stage_scene(tmp_path_factory.mktemp("store"), CloudScene(sweeps).scene).path)
    for frame, sweep in enumerate(sweeps):
        assert_same_sweep(stored.scene.data.sweep("top", frame), sweep)


def test_not_a_number_in_a_field_is_kept(tmp_path: Path) -> None:
    values = np.array([np.nan, 1.0, -np.inf], np.float32)
    sweep = Sweep(cloud(3), {"normal_x": values, "intensity": np.array([np.nan, 3.0, -1.0], np.float32)})
    published = stage_scene(tmp_path, CloudScene([sweep]).scene)
    assert_same_sweep(open_scene(published.path).scene.data.sweep("top", 0), sweep)
    assert published.clipped_intensity_count == 2


def test_a_large_cloud_becomes_several_blocks(tmp_path: Path) -> None:
    count = 2 * (1 << 17) + 1000
    sweep = Sweep(cloud(count), {"intensity": np.linspace(0, 255, count, dtype=np.float32)})
    stored = open_scene(stage_scene(tmp_path, CloudScene([sweep]).scene).path)
    assert [stored.grid_of("top", block)[1] for block in stored.blocks_of("top", 0)] == [1 << 17, 1 << 17, 1000]
    assert_same_sweep(stored.scene.data.sweep("top", 0), sweep)


def test_later_larger_sweeps_are_split_not_refused(tmp_path: Path) -> None:
    sweeps = [Sweep(cloud(100, seed)) for seed in range(10)] + [Sweep(cloud(9000)), Sweep(cloud(50))]
    stored = open_scene(stage_scene(tmp_path, CloudScene(sweeps).scene).path)
    assert stored.block_index("top").points_per_block == 1024
    assert len(stored.blocks_of("top", 10)) == 9
    assert list(stored.blocks_of("top", 11)) == [19]
    for frame, sweep in enumerate(sweeps):
        assert_same_sweep(stored.scene.data.sweep("top", frame), sweep)


def test_the_same_scene_is_the_same_generation(tmp_path: Path) -> None:
    first = stage_scene(tmp_path, street_scene(frame_count=4))
    again = stage_scene(tmp_path, street_scene(frame_count=4))
    other = stage_scene(tmp_path, street_scene(frame_count=4, seed=8))
    assert first.path == again.path != other.path
    assert verify_scene(again.path) > 10
    assert not list((tmp_path / "staging").iterdir())


def test_large_images_lie_in_one_piece(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    clock, poses = clock_of(12), (Pose(),) * 12
    data = InMemoryData()
    for frame in range(12):
        size = (9 << 20) if frame % 3 == 0 else 1 + frame
        kind = "image/png" if frame % 2 else "image/jpeg"
        data.images["front", frame] = EncodedImage(random.bytes(size), kind)
    sensor = CameraSensor("front", Pose(), clock, poses, 10, 10)
    stored = open_scene(stage_scene(tmp_path, Scene("s", (sensor,), "front", data)).path)
    for frame in range(12):
        assert stored.scene.data.image("front", frame) == data.images["front", frame]


@pytest.mark.parametrize("data", [b"", bytes((1 << 26) + 1)])
def test_an_image_of_impossible_size_is_refused(tmp_path: Path, data: bytes) -> None:
    frames = InMemoryData(images={("front", 0): EncodedImage(data, "image/png")})
    sensor = CameraSensor("front", Pose(), clock_of(1), (Pose(),), 10, 10)
    with pytest.raises(SceneError, match="camera front, image 0: expected 1 to"):
        stage_scene(tmp_path, Scene("s", (sensor,), "front", frames))


def test_what_does_not_exist_is_an_error(tmp_path: Path) -> None:
    stored = open_scene(stage_scene(tmp_path, street_scene(frame_count=4)).path)
    for call in (
        lambda: stored.display_block("lidar", 4),
        lambda: stored.display_block("front", 0),
        lambda: stored.display_block("lidar", -1),
        lambda: stored.image_bytes("front", 4),
        lambda: stored.image_bytes("lidar", 0),
        lambda: stored.packet_bytes("front", 0, 1),
        lambda: stored.scene.data.sweep("nowhere", 0),
    ):
        with pytest.raises(MissingFrameError):
            call()
    with pytest.raises(MissingFileError):
        open_scene(tmp_path / "scenes" / "nothing")


def test_fields_that_change_between_frames_are_refused(tmp_path: Path) -> None:
    ring = np.zeros(5, np.uint8)
    for other in ({}, {"ring": ring.astype(np.uint16)}, {"ring": ring, "more": ring}):
        scene = CloudScene([Sweep(cloud(5), {"ring": ring}), Sweep(cloud(5), other)]).scene
        with pytest.raises(SceneError, match="frame 1"):
            stage_scene(tmp_path, scene)
    assert not list((tmp_path / "staging").iterdir())


def test_a_number_in_meta_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    scene = CloudScene([Sweep(cloud(5))], meta={"score": float("nan")}).scene  # type: ignore[dict-item]
    with pytest.raises(SceneError, match="not finite"):
        stage_scene(tmp_path, scene)


def test_a_scene_of_no_frames_can_be_stored(tmp_path: Path) -> None:
    stored = open_scene(stage_scene(tmp_path, CloudScene([]).scene).path)
    assert stored.frame_count == stored.ready_frame_count == 0


def test_full_intensity_is_what_the_source_says(tmp_path: Path) -> None:
    values = np.array([0, 50, 100], np.float32)
    sweep = Sweep(cloud(3), {"intensity": values})
    scene = CloudScene([sweep], meta={"intensity_max": 100}).scene  # type: ignore[dict-item]
    stored = open_scene(stage_scene(tmp_path, scene).path)
    assert display_points(stored, "top", 0)[:, 3].tolist() in ([0, 127, 255], [0, 128, 255])
    assert stored.document.lidars[0].intensity_scale == 100 / 255
