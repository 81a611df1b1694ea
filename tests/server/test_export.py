"""An export appears whole or not at all, and what a killed one left behind goes with the next."""

import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.scenes import street_scene
from tests.server.servers import FORMAT
from worldline.formats.errors import FormatError
from worldline.formats.registry import Format, ReadScene
from worldline.formats.scene import Scene
from worldline.server import exporting
from worldline.server.database import open_database
from worldline.server.exporting import export_scene
from worldline.server.importing import import_scenes


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "data")
    import_scenes(engine, tmp_path / "data", [ReadScene(street_scene())], FORMAT, "ann", lambda *_: None)
    yield engine
    engine.dispose()


def export(engine: Engine, tmp_path: Path, out: Path) -> list[str]:
    export_scene(engine, tmp_path / "data", "street", "kitti-object", out)
    return sorted(path.name for path in out.iterdir())


def test_a_new_folder_appears_with_all_above_it(engine: Engine, tmp_path: Path) -> None:
    assert export(engine, tmp_path, tmp_path / "a" / "b") == ["training"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_an_empty_folder_is_filled_and_stays_the_same_one(engine: Engine, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    before = out.stat().st_ino
    assert export(engine, tmp_path, out) == ["training"]
    assert out.stat().st_ino == before  # a mounted one, or where a shell stands
    with pytest.raises(FormatError, match="not empty"):
        export(engine, tmp_path, out)


@pytest.mark.parametrize("exists", [False, True])
def test_what_a_killed_export_left_goes_and_what_is_being_written_stays(
    engine: Engine, tmp_path: Path, exists: bool
) -> None:
    out = tmp_path / "place" / "out"
    place = out if exists else out.parent
    place.mkdir(parents=True)
    dead, other = place / ".out.0123abcd.partial", place / ".out.yours"
    (dead / "training").mkdir(parents=True)
    if exists:
        assert export(engine, tmp_path, out) == ["training"]
        return
    other.mkdir()
    alive = place / ".out.4567abcd.partial"
    alive.mkdir()
    lock = os.open(alive, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert export(engine, tmp_path, out) == ["training"]
    os.close(lock)
    assert sorted(path.name for path in place.iterdir()) == [".out.4567abcd.partial", ".out.yours", "out"]


class FullDisk:
    """A writer that finds no room after a while."""

    def write(self, scene: Scene, out: Path, progress: object) -> tuple[()]:  # noqa: ARG002
        """Write a little."""
        (out / "some").write_text("some")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(out / "some"))


@pytest.mark.parametrize("exists", [False, True])
def test_a_full_disk_is_said_and_leaves_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    monkeypatch.setattr(exporting, "find_format", lambda _: FORMAT)
    monkeypatch.setattr(Format, "writer", FullDisk())
    out = tmp_path / "place" / "out"
    (out if exists else out.parent).mkdir(parents=True)
    with pytest.raises(FormatError, match=r"out: cannot be written: No space left on device\. make room"):
        export_scene(engine, tmp_path / "data", "street", "kitti-object", out)
    assert [path.name for path in out.parent.iterdir()] == (["out"] if exists else [])
    assert not exists or not list(out.iterdir())


@pytest.mark.parametrize("kind", ["file", "link", "below a file"])
def test_what_is_no_folder_is_refused(engine: Engine, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "link":
        out.symlink_to("nowhere")
    else:
        out.write_text("a file")
    with pytest.raises(FormatError, match=r"link to nowhere|not a folder|Not a directory|File exists"):
        export(engine, tmp_path, out / "below" if kind == "below a file" else out)


def test_a_link_to_an_empty_folder_is_filled(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    assert export(engine, tmp_path, tmp_path / "out") == ["training"]
    assert (tmp_path / "out").is_symlink()
