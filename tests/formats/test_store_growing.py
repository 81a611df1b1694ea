"""A growing scene says of no frame that it is ready before every sensor's part is on the disk."""

import io
import threading
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.formats.clouds import clock_of, cloud
from tests.scenes import InMemoryData, street_scene
from worldline.formats.scene import CameraSensor, Clock, EncodedImage, Lidar, Scene, Sweep
from worldline.formats.store import StagedScene, open_scene, open_staged, stage_scene
from worldline.formats.store.progress import ProgressLog, ProgressReader
from worldline.formats.store.readiness import Readiness, nearest_frames
from worldline.geometry import Pose

TIMES = st.lists(st.integers(-50, 50), min_size=1, max_size=12, unique=True).map(sorted)


def clock(times: list[int]) -> Clock:
    return Clock(np.array(times, dtype=np.int64), tuple(map(str, times)))


@given(TIMES, TIMES)
def test_nearest_frames_are_those_of_the_clock(own: list[int], asked: list[int]) -> None:
    found = nearest_frames(clock(own), np.array(asked, dtype=np.int64))
    assert found.tolist() == [clock(own).nearest(time) for time in asked]


@given(TIMES, TIMES, st.integers(0, 12), st.integers(0, 12))
def test_a_frame_is_ready_when_each_sensor_has_its_nearest(
    lidar: list[int], camera: list[int], sweeps: int, images: int
) -> None:
    sensors = (
        Lidar("top", Pose(), clock(lidar), (Pose(),) * len(lidar)),
        CameraSensor("cam", Pose(), clock(camera), (Pose(),) * len(camera), 8, 8),
    )
    scene = Scene("s", sensors, "top", InMemoryData())
    written = {"top": min(sweeps, len(lidar)), "cam": min(images, len(camera))}
    expected = 0
    for frame, time in enumerate(lidar):
        if frame >= written["top"] or clock(camera).nearest(time) >= written["cam"]:
            break
        expected += 1
    assert Readiness(scene).count(written) == expected


def test_sensors_of_different_rates_grow_together(tmp_path: Path) -> None:
    lidar_clock, camera_clock = clock_of(6), clock_of(12, 50_000_000)
    sensors = (
        Lidar("top", Pose(), lidar_clock, (Pose(),) * 6),
        CameraSensor("cam", Pose(), camera_clock, (Pose(),) * 12, 4, 4),
    )
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    image = EncodedImage(file.getvalue(), "image/png")
    scene = Scene("s", sensors, "top", InMemoryData())
    with StagedScene.create(tmp_path, scene, blocks_per_shard=2) as staged:
        for frame in range(6):
            staged.append_sweep("top", Sweep(cloud(10, frame)))
        assert staged.ready_frame_count == 0
        for _ in range(4):
            staged.append_image("cam", image)
        assert staged.ready_frame_count == 2
        for _ in range(8):
            staged.append_image("cam", image)
        assert staged.ready_frame_count == open_staged(staged.path).ready_frame_count == 6
        assert open_scene(staged.publish().path).ready_frame_count == 6


def test_a_line_that_is_not_whole_is_not_read(tmp_path: Path) -> None:
    log, reader = ProgressLog(tmp_path), ProgressReader(tmp_path)
    log.append({"lidar": "a"})
    assert list(reader.steps()) == [{"lidar": "a"}]
    path = tmp_path / "progress.jsonl"
    with path.open("ab") as file:
        file.write(b'{"lidar": ')
    assert list(reader.steps()) == []
    with path.open("ab") as file:
        file.write(b'"b"}\n')
    assert list(reader.steps()) == [{"lidar": "b"}]
    log.close(remove=True)
    assert list(reader.steps()) == []


def test_writers_of_the_same_scene_do_not_disturb_each_other(tmp_path: Path) -> None:
    generations = []

    def write() -> None:
        generations.append(stage_scene(tmp_path, street_scene(frame_count=5)).generation)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(generations) == 3
    assert len(set(generations)) == 1
    assert [path.name for path in (tmp_path / "scenes").iterdir()] == generations[:1]
    assert not list((tmp_path / "staging").iterdir())


def test_many_threads_read_what_one_writes(tmp_path: Path) -> None:
    scene = street_scene(frame_count=12)
    failures: list[BaseException] = []
    done = threading.Event()
    with StagedScene.create(tmp_path, scene, blocks_per_shard=1) as staged:
        growing = open_staged(staged.path)

        def read() -> None:
            try:
                while not done.is_set():
                    ready = growing.refresh()
                    assert growing.block_index("lidar").block_count >= ready
                    assert growing.document.ready_frame_count >= ready
                    if ready:
                        found = growing.scene.data.sweep("lidar", ready - 1)
                        assert np.array_equal(found.xyz_m, scene.data.sweep("lidar", ready - 1).xyz_m)
                        assert growing.scene.data.image("left", ready - 1) == scene.data.image("left", ready - 1)
            except BaseException as error:
                failures.append(error)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for frame in range(12):
            images = {name: scene.data.image(name, frame) for name in ("front", "left")}
            staged.write_frame(frame, {"lidar": scene.data.sweep("lidar", frame)}, images)
        assert staged.ready_frame_count == 12
        done.set()
        for reader in readers:
            reader.join()
        staged.publish()
    assert not failures
