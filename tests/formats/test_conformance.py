"""Every format that writes keeps the same laws."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conformance import check_equal, fingerprint, folder_bytes
from tests.scenes import InMemoryData, street_scene
from worldline.formats.errors import FormatError, OutsideRootError
from worldline.formats.registry import FORMATS, Format, recognise_format
from worldline.formats.scene import Scene, Sweep

WRITABLE = [pytest.param(each, id=each.name) for each in FORMATS if each.writes and each.reads]


@pytest.mark.parametrize("written", WRITABLE)
def test_what_was_written_is_read_again_less_the_declared_losses(written: Format, tmp_path: Path) -> None:
    scene = street_scene()
    losses = written.writer.write(scene, tmp_path / "out")
    read = list(written.reader.read(tmp_path / "out", "again"))
    assert [each.scene.name for each in read] == ["again"]
    check_equal(scene, read[0].scene, losses)


@pytest.mark.parametrize("written", WRITABLE)
def test_a_second_journey_loses_nothing_more(written: Format, tmp_path: Path) -> None:
    written.writer.write(street_scene(), tmp_path / "first")
    once = next(iter(written.reader.read(tmp_path / "first", "again"))).scene
    losses = written.writer.write(once, tmp_path / "second")
    assert losses == ()
    check_equal(once, next(iter(written.reader.read(tmp_path / "second", "again"))).scene, losses)


@pytest.mark.parametrize("written", WRITABLE)
def test_writing_does_not_change_the_scene(written: Format, tmp_path: Path) -> None:
    scene = street_scene()
    before = fingerprint(scene)
    written.writer.write(scene, tmp_path / "out")
    assert fingerprint(scene) == before


@pytest.mark.parametrize("written", WRITABLE)
def test_two_writes_give_the_same_bytes(written: Format, tmp_path: Path) -> None:
    first = written.writer.write(street_scene(), tmp_path / "first")
    second = written.writer.write(street_scene(), tmp_path / "second")
    assert first == second
    assert folder_bytes(tmp_path / "first") == folder_bytes(tmp_path / "second")


@pytest.mark.parametrize("written", WRITABLE)
def test_what_is_written_is_recognised(written: Format, tmp_path: Path) -> None:
    written.writer.write(street_scene(), tmp_path / "out")
    assert recognise_format(tmp_path / "out") == written


@pytest.mark.parametrize("written", WRITABLE)
@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "..", "a\\b", ""])
def test_nothing_is_written_outside_the_folder(written: Format, name: str, tmp_path: Path) -> None:
    scene = _renamed(street_scene(), name)
    (tmp_path / "deep").mkdir()
    try:
        written.writer.write(scene, tmp_path / "deep" / "out")
    except OutsideRootError:
        assert not (tmp_path / "deep" / "out").exists()
    assert not list(tmp_path.rglob("*evil*"))
    assert {path.name for path in (tmp_path / "deep").iterdir()} <= {"out"}
    assert {path.name for path in tmp_path.iterdir()} == {"deep"}


@pytest.mark.parametrize("written", WRITABLE)
def test_a_folder_with_something_in_it_is_refused(written: Format, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    with pytest.raises(FormatError, match="not empty"):
        written.writer.write(street_scene(), tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*.*")] == ["mine.txt"]


@pytest.mark.parametrize("written", WRITABLE)
def test_a_write_that_fails_leaves_nothing(written: Format, tmp_path: Path) -> None:
    scene = street_scene()
    data = scene.data
    assert isinstance(data, InMemoryData)
    with pytest.raises(RuntimeError, match="disk"):
        written.writer.write(replace(scene, data=_Failing(data.sweeps, data.images)), tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("written", WRITABLE)
def test_progress_rises_to_the_end(written: Format, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    written.writer.write(street_scene(), tmp_path / "out", lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1]


@dataclass(frozen=True, slots=True)
class _Failing(InMemoryData):
    """Fails in the fourth frame."""

    def sweep(self, sensor: str, frame: int) -> Sweep:
        """A lidar's frame."""
        if frame == 3:
            raise RuntimeError("the disk failed")
        return self.sweeps[sensor, frame]


def _renamed(scene: Scene, name: str) -> Scene:
    """A scene whose every name is hostile."""
    data = scene.data
    assert isinstance(data, InMemoryData)
    sensors = tuple(replace(each, name=f"{name}{each.name}") for each in scene.sensors)
    held = InMemoryData(
        {(f"{name}{sensor}", frame): sweep for (sensor, frame), sweep in data.sweeps.items()},
        {(f"{name}{sensor}", frame): image for (sensor, frame), image in data.images.items()},
    )
    meta = {"kitti_sequence": name, "nuscenes_version": name}
    return Scene(name, sensors, f"{name}{scene.reference}", held, scene.labels, meta=meta)
