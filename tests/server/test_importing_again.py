"""The same source again: recognised, gone on with, or, when it changed, never mixed with what was read before."""

import errno
import math
import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.server.kills import make_source
from worldline.formats.errors import FormatError, StoreError
from worldline.formats.store import verify_scene
from worldline.server.catalogue import find_scene, list_scenes, remove_scene, stored_path
from worldline.server.change import Change, Op
from worldline.server.commit import commit_change
from worldline.server.database import open_database, writing
from worldline.server.errors import SceneExistsError
from worldline.server.importing import Imported, import_source
from worldline.server.known_imports import import_errors
from worldline.server.sweeping import sweep

FRAMES = 30


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small recording as KITTI tracking data."""
    return make_source(tmp_path_factory.mktemp("recording") / "drive", FRAMES)


@pytest.fixture
def source(recording: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(recording, tmp_path / "source"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def engine(data: Path) -> Iterator[Engine]:
    engine = open_database(data)
    yield engine
    engine.dispose()


def bring(engine: Engine, data: Path, source: Path, name: str = "drive") -> Imported:
    (imported,) = import_source(engine, data, source, name, "kitti-tracking", "ann", lambda *_: None)
    return imported


def scan(source: Path, frame: int) -> Path:
    return sorted(source.rglob("*.bin"))[frame]


def label(engine: Engine, name: str) -> None:
    op = Op("objects/mine", '{"class_name":"car","number":999}', 0)
    with writing(engine) as connection:
        commit_change(connection, find_scene(engine, name).id, Change("mine", "x", "manual", "bob", (op,)))


def break_frame(source: Path, frame: int) -> bytes:
    """A point that is nowhere: only who reads the frame sees it."""
    whole = scan(source, frame).read_bytes()
    scan(source, frame).write_bytes(struct.pack("<f", math.nan) + whole[4:])
    return whole


def test_the_same_source_is_recognised_and_not_written_again(engine: Engine, data: Path, source: Path) -> None:
    first = bring(engine, data, source)
    again = bring(engine, data, source)
    assert (first.outcome, again.outcome) == ("imported", "recognised")
    assert (again.generation, again.object_count) == (first.generation, first.object_count)
    other = bring(engine, data, source, "other")
    assert (other.outcome, other.generation) == ("named", first.generation)
    assert [path.name for path in (data / "scenes").iterdir()] == [first.generation]
    remove_scene(engine, "drive")
    sweep(engine, data)
    verify_scene(stored_path(data, find_scene(engine, "other")))
    with pytest.raises(SceneExistsError):
        os.utime(scan(source, 0), (1, 1))
        bring(engine, data, source, "other")


def test_a_bad_frame_keeps_what_was_read_and_its_labels_and_the_import_goes_on(
    engine: Engine, data: Path, source: Path, tmp_path: Path
) -> None:
    whole = break_frame(source, 25)
    with pytest.raises(FormatError) as caught:
        bring(engine, data, source)
    row = find_scene(engine, "drive")
    assert row.state == "interrupted"
    assert 16 <= row.ready_frame_count <= 25
    assert "again" in caught.value.__notes__[0]
    assert scan(source, 25).name in import_errors(engine)[row.id]
    label(engine, "drive")
    assert sweep(engine, data) == []  # as at the next start of a server
    scan(source, 25).write_bytes(whole)
    imported = bring(engine, data, source)  # the source is another one now: all of it is read, labels stay
    assert imported.outcome == "imported"
    done = find_scene(engine, "drive")
    assert (done.state, done.id, done.revision) == ("ready", row.id, row.revision + 1)
    verify_scene(stored_path(data, done))
    with open_other(tmp_path) as other:
        assert bring(other, tmp_path / "other", source).generation == imported.generation


def open_other(tmp_path: Path) -> "Opened":
    return Opened(open_database(tmp_path / "other"))


class Opened:
    """An engine for a block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()


def test_a_first_frame_that_is_bad_leaves_nothing(engine: Engine, data: Path, source: Path) -> None:
    break_frame(source, 2)
    with pytest.raises(FormatError):
        bring(engine, data, source)
    assert list_scenes(engine) == []
    assert not [*(data / "scenes").iterdir(), *(data / "staging").iterdir()]


def test_a_source_that_changes_while_it_is_read_is_not_published(engine: Engine, data: Path, source: Path) -> None:
    def touch(_: str, done: int, total: int) -> None:
        if done == total:
            os.utime(scan(source, 3), (1, 1))

    with pytest.raises(FormatError, match="changed while it was read"):
        import_source(engine, data, source, "drive", "kitti-tracking", "ann", touch)
    assert find_scene(engine, "drive").state == "interrupted"
    assert not list((data / "scenes").iterdir())
    assert bring(engine, data, source).outcome == "imported"
    assert len(list((data / "scenes").iterdir())) == 1


def test_an_interrupted_import_goes_on_without_reading_what_it_has(engine: Engine, data: Path, source: Path) -> None:
    def stop(_: str, done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_source(engine, data, source, "drive", "kitti-tracking", "ann", stop)
    ready = find_scene(engine, "drive").ready_frame_count
    assert ready > 0
    (staged,) = (path for path in (data / "staging").iterdir() if path.is_dir())
    (staged / "lidars" / "zarr.0f.partial").write_text("{")  # as Zarr leaves one when it is killed
    counts: list[int] = []
    imported = import_source(
        engine, data, source, "drive", "kitti-tracking", "ann", lambda _, done, __: counts.append(done)
    )
    assert imported[0].outcome == "continued"
    assert counts[0] > ready
    verify_scene(stored_path(data, find_scene(engine, "drive")))
    assert not list((data / "scenes").rglob("*.partial"))


@pytest.mark.parametrize("after", [1, 40, 90])
def test_a_full_disk_is_told_and_the_import_goes_on_when_there_is_room(
    engine: Engine, data: Path, source: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    left = after
    sync = os.fsync

    def full(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            bring(engine, data, source)
    assert not list((data / "scenes").iterdir())
    assert bring(engine, data, source).outcome in ("imported", "continued")
    verify_scene(stored_path(data, find_scene(engine, "drive")))
