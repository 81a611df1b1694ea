"""An import that was cut short goes on where it was, and becomes the very scene that an unbroken one becomes."""

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.clouds import clock_of, cloud
from tests.formats.video_files import film, read_one
from tests.scenes import InMemoryData, street_scene
from worldline.formats.errors import SceneError, StoreError
from worldline.formats.scene import Lidar, Scene, Sweep
from worldline.formats.sound import Sound, SoundPacket
from worldline.formats.store import StagedScene, clouds, footage, open_scene, pour_scene, stage_scene, streams_of_source
from worldline.formats.store.layout import PROGRESS
from worldline.formats.store.ledger import Ledger
from worldline.geometry import Pose

SHARD = 2


class Killed(BaseException):
    """What no code catches."""


def uneven_scene() -> Scene:
    """Sweeps of very different sizes: some are several blocks, so that a shard ends within a frame."""
    counts = (5, 9, 2500, 0, 7000, 3, 1100, 12)
    data = InMemoryData()
    for frame, count in enumerate(counts):
        data.sweeps["top", frame] = Sweep(cloud(count, frame), {"ring": np.arange(count, dtype=np.uint16)})
    lidar = Lidar("top", Pose(), clock_of(len(counts)), (Pose(),) * len(counts), ("ring",))
    return Scene("uneven", (lidar,), "top", data)


def with_sound(scene: Scene) -> Scene:
    packets = [SoundPacket(bytes([n]) * (n + 1), 10 * n, 10) for n in range(5)]
    from fractions import Fraction

    sound = Sound("sound_0", "aac", None, b"", Fraction(1, 1000), 8000, 1, None, lambda: iter(packets))
    return replace(scene, sounds=(sound,))


def begin(root: Path, scene: Scene) -> StagedScene:
    return StagedScene.create(root, scene, streams=streams_of_source(scene), blocks_per_shard=SHARD)


def whole(root: Path, scene: Scene) -> str:
    staged = begin(root, scene)
    pour_scene(scene, staged)
    return staged.publish().generation


def cut_short(root: Path, scene: Scene, at: int, after_writing: bool) -> Path:
    """What a scene leaves whose writer dies at its n-th write: before the file is in the log, or without the file."""
    staged = begin(root, scene)
    calls = 0

    def dying(path: Path, *rest: object) -> object:
        nonlocal calls
        calls += 1
        if calls == at and not after_writing:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"torn")
            raise Killed
        settled = real(path, *rest)
        if calls == at:
            raise Killed
        return settled

    real = clouds.write_shard
    with pytest.MonkeyPatch.context() as patch:
        for user in (clouds, footage):
            patch.setattr(user, "write_shard", dying)
        with contextlib.suppress(Killed):
            pour_scene(scene, staged)
    staged.suspend()
    return staged.path


def go_on(root: Path, folder: Path, scene: Scene) -> str:
    staged = StagedScene.resume(root, folder, scene, streams=streams_of_source(scene))
    pour_scene(scene, staged)
    return staged.publish().generation


@settings(max_examples=10)
@given(at=st.integers(1, 24), after_writing=st.booleans(), again=st.integers(1, 24), is_uneven=st.booleans())
def test_cut_short_twice_it_is_the_same_scene(
    tmp_path_factory: pytest.TempPathFactory, at: int, after_writing: bool, again: int, is_uneven: bool
) -> None:
    root = tmp_path_factory.mktemp("resume")
    scene = uneven_scene() if is_uneven else with_sound(street_scene(frame_count=7))
    folder = cut_short(root, scene, at, after_writing)
    try:
        first = StagedScene.resume(root, folder, scene)
    except SceneError:
        return  # nothing was on the disk yet
    real, calls = clouds.write_shard, 0

    def dying(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == again:
            raise Killed
        return real(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        for user in (clouds, footage):
            patch.setattr(user, "write_shard", dying)
        with contextlib.suppress(Killed):
            pour_scene(scene, first)
    first.suspend()
    generation = go_on(root, folder, scene)
    assert generation == whole(root / "unbroken", scene)
    stored = open_scene(root / "scenes" / generation)
    for frame in range(scene.frame_count):
        name = scene.lidars[0].name
        assert np.array_equal(stored.scene.data.sweep(name, frame).xyz_m, scene.data.sweep(name, frame).xyz_m)


def test_what_is_written_is_not_read_again(tmp_path: Path) -> None:
    scene = street_scene(frame_count=8)
    folder = cut_short(tmp_path, scene, 14, after_writing=True)
    staged = StagedScene.resume(tmp_path, folder, scene)
    done = {sensor.name: staged.frames_taken(sensor.name) for sensor in scene.sensors}
    assert max(done.values()) > 0
    asked: list[tuple[str, int]] = []

    class Listening:
        def sweep(self, sensor: str, frame: int) -> object:
            asked.append((sensor, frame))
            return scene.data.sweep(sensor, frame)

        def image(self, sensor: str, frame: int) -> object:
            asked.append((sensor, frame))
            return scene.data.image(sensor, frame)

    pour_scene(replace(scene, data=Listening()), staged)  # type: ignore[arg-type]
    assert all(frame >= done[sensor] for sensor, frame in asked)
    staged.publish()


def test_a_video_goes_on_after_its_last_whole_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footage, "_FULL_SHARD", 2000)
    scene = read_one(film(tmp_path / "clip.mp4", 90, "-g", 5, "-crf", 10)).scene
    expected = whole(tmp_path / "unbroken", scene)
    for at in (2, 4):
        root = tmp_path / f"cut{at}"
        assert go_on(root, cut_short(root, scene, at, after_writing=False), scene) == expected


def test_a_log_whose_last_line_is_torn_loses_only_that(tmp_path: Path) -> None:
    scene = street_scene(frame_count=8)
    folder = cut_short(tmp_path, scene, 14, after_writing=True)
    with (folder / PROGRESS).open("ab") as file:
        file.write(b'{"lidar": "lidar", "rows"')
    assert go_on(tmp_path, folder, scene) == whole(tmp_path / "unbroken", scene)


def test_another_source_is_not_mixed_in(tmp_path: Path) -> None:
    folder = cut_short(tmp_path, street_scene(frame_count=8), 14, after_writing=True)
    for other in (street_scene(frame_count=9), street_scene(frame_count=8, start_ns=5)):
        with pytest.raises(SceneError, match="not what it was"):
            StagedScene.resume(tmp_path, folder, other)
    assert go_on(tmp_path, folder, street_scene(frame_count=8))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    scene = street_scene(frame_count=8)
    folder = cut_short(tmp_path, scene, 14, after_writing=True)
    (shard, *_) = sorted(folder.rglob("c/0/0/0"))
    data = bytearray(shard.read_bytes())
    data[0] ^= 1
    shard.write_bytes(data)
    with pytest.raises(StoreError, match=r"c/0/0/0"):
        StagedScene.resume(tmp_path, folder, scene)


def test_threads_do_not_change_the_bytes(tmp_path: Path) -> None:
    generations = set()
    for threads in (1, 2, 5):
        scene = street_scene(frame_count=9)
        staged = begin(tmp_path / str(threads), scene)
        pour_scene(scene, staged, threads=threads)
        generations.add(staged.publish().generation)
    assert len(generations) == 1


def test_a_failure_in_a_thread_is_the_failure_of_the_import(tmp_path: Path) -> None:
    scene = street_scene(frame_count=20)
    del scene.data.sweeps["lidar", 13]  # type: ignore[attr-defined]
    with pytest.raises(KeyError):
        stage_scene(tmp_path, scene)
    assert not list((tmp_path / "staging").iterdir())


def test_the_ledger_speaks_of_files_only_when_they_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Ledger.enter

    def checking(self: Ledger, files: dict[Path, object], *rest: object) -> None:
        assert all((self._folder / file).is_file() for file in files)
        real(self, files, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "enter", checking)
    stage_scene(tmp_path, street_scene(frame_count=6))


def test_what_is_left_for_later_survives_its_block(tmp_path: Path) -> None:
    scene = street_scene(frame_count=8)
    with begin(tmp_path, scene) as staged:
        for frame in range(4):
            staged.append_sweep("lidar", scene.data.sweep("lidar", frame))
        staged.suspend()
    assert go_on(tmp_path, staged.path, scene) == whole(tmp_path / "unbroken", scene)
