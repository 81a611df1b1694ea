"""What is read page by page is what was written, and opening reads as much of a long scene as of a short one."""

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.clouds import clock_of
from tests.formats.first_layout import as_first_layout
from tests.pages import unpack
from tests.scenes import InMemoryData, street_scene
from worldline.formats.errors import MissingFrameError, StoreError
from worldline.formats.scene import CameraSensor, Clock, EncodedImage, Lidar, Scene, Sweep
from worldline.formats.store import columns as columns_module
from worldline.formats.store import frames as frames_module
from worldline.formats.store import layout, open_scene, stage_scene
from worldline.formats.store.columns import PageCache, PagedColumn
from worldline.formats.store.frames import PAGE_FRAMES, clock_bytes, find_named, frame_page
from worldline.formats.store.layout import index_array
from worldline.formats.store.place import LocalPlace, Place
from worldline.geometry import Pose


class CountedPlace:
    """A folder that counts what is read of it."""

    def __init__(self, path: Path) -> None:
        self._place = LocalPlace(path)
        self.name, self.generation = self._place.name, self._place.generation
        self.read_files: list[str] = []
        self.read_bytes = 0

    def read(self, file: str, offset: int = 0, size: int | None = None) -> bytes:
        """See `Place`."""
        data = self._place.read(file, offset, size)
        self.read_files.append(file)
        self.read_bytes += len(data)
        return data

    def size(self, file: str) -> int:
        """See `Place`."""
        return self._place.size(file)

    def tail(self, file: str, size: int) -> tuple[bytes, int]:
        """See `Place`."""
        data, length = self._place.tail(file, size)
        self.read_files.append(file)
        self.read_bytes += len(data)
        return data, length

    def zarr_store(self) -> object:
        """See `Place`."""
        return self._place.zarr_store()


def long_scene(frame_count: int, camera_count: int = 0, blocks: int = 1) -> Scene:
    """One lidar with one point a frame (or more blocks), and a camera of another rate without images to speak of."""
    poses = tuple(Pose.from_yaw(0.001 * frame, (0.5 * frame, 0.0, 0.0)) for frame in range(frame_count))
    sensors: list[Lidar | CameraSensor] = [Lidar("top", Pose(), clock_of(frame_count), poses)]
    data = InMemoryData()
    for frame in range(frame_count):
        data.sweeps["top", frame] = Sweep(np.full((blocks, 3), frame, dtype=np.float32))
    if camera_count:
        clock = clock_of(camera_count, 33_000_000)
        sensors.append(CameraSensor("cam", Pose(), clock, (Pose(),) * camera_count, 4, 4))
        data.images.update({("cam", n): EncodedImage(b"%06d" % n, "image/png") for n in range(camera_count)})
    return Scene("long", tuple(sensors), "top", data)


@given(
    rows=st.integers(0, 70),
    page=st.integers(1, 20),
    tail=st.sampled_from([(), (3,), (1, 2)]),
    cuts=st.lists(st.integers(0, 70), min_size=2, max_size=8),
)
@settings(max_examples=40)
def test_pages_are_the_whole(rows: int, page: int, tail: tuple[int, ...], cuts: list[int]) -> None:
    values = np.random.default_rng(rows).random((rows, *tail))
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        for module in (layout, columns_module):
            patch.setattr(module, "PAGE_FRAMES", page)
        patch.setattr(layout, "_MOST_PAGES", 3)
        index_array(zarr.open_group(folder, mode="w"), "a", values)
        column = PagedColumn(LocalPlace(Path(folder)), "a", rows, "float64", PageCache(200), tail)
        ends = [min(cut, rows) for cut in cuts]
        for start, stop in pairwise(ends):
            if start <= stop:
                assert np.array_equal(column.rows(start, stop), values[start:stop])
        with pytest.raises(IndexError):
            column.rows(0, rows + 1)


@pytest.fixture(scope="module")
def three_pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scene]:
    count = 2 * PAGE_FRAMES + 77
    scene = long_scene(count, camera_count=3 * count)
    return stage_scene(tmp_path_factory.mktemp("long"), scene).path, scene


def test_a_long_scene_is_the_scene_that_was_stored(three_pages: tuple[Path, Scene]) -> None:
    path, scene = three_pages
    stored = open_scene(path)
    assert stored.scene.sensors == scene.sensors
    last = scene.frame_count - 1
    for frame in (0, PAGE_FRAMES - 1, PAGE_FRAMES, 2 * PAGE_FRAMES, last):
        assert np.array_equal(stored.scene.data.sweep("top", frame).xyz_m, scene.data.sweep("top", frame).xyz_m)
        assert stored.scene.data.image("cam", 3 * frame) == scene.data.image("cam", 3 * frame)
    assert stored.scene.sensor("top").world_from_sensor[-1] == scene.sensor("top").world_from_sensor[last]
    assert stored.scene.sensor("top").world_from_sensor[5:7] == scene.sensor("top").world_from_sensor[5:7]


def test_pages_of_frames_are_the_scene_cut_in_pages(three_pages: tuple[Path, Scene]) -> None:
    path, scene = three_pages
    check_pages(path, scene)


@given(
    reference=st.lists(st.integers(0, 60), min_size=1, max_size=15, unique=True).map(sorted),
    other=st.lists(st.integers(-10, 70), min_size=1, max_size=40, unique=True).map(sorted),
    page=st.integers(1, 7),
    blocks=st.integers(1, 3),
)
@settings(max_examples=15)
def test_each_reference_frame_finds_its_nearest_frames_page(
    reference: list[int], other: list[int], page: int, blocks: int
) -> None:
    clocks = [Clock(np.array(times), tuple(f"n{time}" for time in times)) for times in (reference, other)]
    poses = [tuple(Pose.from_yaw(0.1 * time, (time, 1, 2)) for time in times) for times in (reference, other)]
    sensors = (Lidar("a", Pose(), clocks[0], poses[0]), Lidar("b/%", Pose(), clocks[1], poses[1]))
    data = InMemoryData()
    for sensor in sensors:
        for frame in range(len(sensor.clock)):
            data.sweeps[sensor.name, frame] = Sweep(np.full((1024 * blocks - frame, 3), frame, np.float32))
    scene = Scene("s", sensors, "a", data)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        for module in (layout, columns_module, frames_module):
            patch.setattr(module, "PAGE_FRAMES", page)
        check_pages(stage_scene(Path(folder), scene).path, scene, page)


def check_pages(path: Path, scene: Scene, page_frames: int = PAGE_FRAMES) -> None:
    """Every page says of its frames what the scene says."""
    stored = open_scene(path)
    start_ns = int(scene.clock.time_ns[0])
    pages = -(-scene.frame_count // page_frames)
    for sensor in scene.sensors:
        expected = [(*pose.rotation_wxyz, *pose.translation_m) for pose in sensor.world_from_sensor]
        covered: set[int] = set()
        for page in range(pages):
            found = frame_page(stored, sensor.name, page)
            header, columns = unpack(found.data)
            assert found.is_whole
            first, count = header["first"], header["count"]
            frames = range(header["reference_first"], header["reference_first"] + header["reference_count"])
            assert columns["match"].tolist() == [
                sensor.clock.nearest(int(scene.clock.time_ns[frame])) for frame in frames
            ]
            assert set(columns["match"].tolist()) <= set(range(first, first + count))
            assert (columns["time_ns"] + start_ns).tolist() == sensor.clock.time_ns[first : first + count].tolist()
            assert header["names"] == list(sensor.clock.names[first : first + count])
            assert [tuple(row) for row in columns["pose"].tolist()] == expected[first : first + count]
            covered.update(range(first, first + count))
            if isinstance(sensor, Lidar):
                for n in range(count):
                    blocks = range(*(columns["first_block"][n : n + 2] + header["block_first"]).tolist())
                    assert blocks == stored.blocks_of(sensor.name, first + n)
                    points = sum(columns["block_count"][block - header["block_first"]] for block in blocks)
                    assert points == len(scene.data.sweep(sensor.name, first + n))
        assert covered == set(range(len(sensor.clock)))
        times = np.frombuffer(clock_bytes(stored, sensor.name), "<f8")
        assert (times + start_ns).tolist() == sensor.clock.time_ns.tolist()
        assert find_named(stored, sensor.name, sensor.clock.names[-1]) == len(sensor.clock) - 1
        assert find_named(stored, sensor.name, "none is called so") is None
        for page in (-1, pages):
            with pytest.raises(MissingFrameError):
                frame_page(stored, sensor.name, page)


def read_for_first_frame(path: Path) -> CountedPlace:
    place = CountedPlace(path)
    as_place: Place = place  # type: ignore[assignment]
    stored = open_scene(as_place)
    stored.document.model_dump_json(by_alias=True)
    frame_page(stored, "top", 0)
    stored.display_block("top", 0).read()
    return place


def test_the_first_frame_reads_as_much_of_a_long_scene_as_of_a_short_one(
    tmp_path: Path, three_pages: tuple[Path, Scene]
) -> None:
    two_pages = stage_scene(tmp_path, long_scene(PAGE_FRAMES + 1, camera_count=3 * PAGE_FRAMES + 3)).path
    few, many = read_for_first_frame(two_pages), read_for_first_frame(three_pages[0])
    assert few.read_files == many.read_files
    assert many.read_bytes < 1.1 * few.read_bytes
    least = read_for_first_frame(stage_scene(tmp_path, long_scene(100, camera_count=300)).path)
    assert len(many.read_files) - len(least.read_files) <= 2  # a page looks at where the next one begins
    assert len(many.read_files) < 25


def test_the_document_of_a_long_scene_is_as_small_as_that_of_a_short_one(
    tmp_path: Path, three_pages: tuple[Path, Scene]
) -> None:
    sizes = [
        len(open_scene(path).document.model_dump_json())
        for path in (stage_scene(tmp_path, long_scene(50, 150)).path, three_pages[0])
    ]
    assert abs(sizes[0] - sizes[1]) < 20  # digits


def test_long_facts_of_the_source_are_not_in_the_document_and_not_lost(tmp_path: Path) -> None:
    meta = {"short": "dry", "long": "x" * 50_000, "number": 3}
    scene = long_scene(4)
    scene = Scene(scene.name, scene.sensors, scene.reference, scene.data, meta=meta)
    stored = open_scene(stage_scene(tmp_path, scene).path)
    assert stored.scene.meta == meta
    assert stored.document.meta == {"short": "dry", "number": 3}


def test_pages_that_are_kept_stay_within_their_budget() -> None:
    values = np.random.default_rng(0).random((4000, 7))
    with tempfile.TemporaryDirectory() as folder:
        index_array(zarr.open_group(folder, mode="w"), "a", values)
        cache = PageCache(100_000)
        column = PagedColumn(LocalPlace(Path(folder)), "a", len(values), "float64", cache, (7,))
        for start in range(0, 4000, 100):
            assert np.array_equal(column.rows(start, start + 100), values[start : start + 100])
            assert cache.size_bytes <= 100_000


def test_the_first_layout_is_still_read(tmp_path: Path) -> None:
    scene = street_scene(frame_count=9)
    path = stage_scene(tmp_path, scene).path
    pages = [frame_page(open_scene(path), sensor.name, 0).data for sensor in scene.sensors]
    document = open_scene(path).document
    as_first_layout(path, scene)
    stored = open_scene(path)
    assert stored.scene.sensors == scene.sensors
    assert [frame_page(stored, sensor.name, 0).data for sensor in scene.sensors] == pages
    assert stored.document.cameras == document.cameras
    for frame in range(9):
        assert np.array_equal(stored.scene.data.sweep("lidar", frame).xyz_m, scene.data.sweep("lidar", frame).xyz_m)
        assert stored.scene.data.image("left", frame) == scene.data.image("left", frame)


def test_times_that_do_not_increase_are_an_error(tmp_path: Path) -> None:
    path = stage_scene(tmp_path, long_scene(9)).path
    zarr.open_array(path / "clocks/top", mode="r+")[4] = 0
    with pytest.raises(StoreError, match="do not increase"):
        frame_page(open_scene(path), "top", 0)
