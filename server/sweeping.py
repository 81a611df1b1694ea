"""Sweeping the data folder: what no scene stands on is removed, never what someone is writing.

Who imports or simulates holds ``import.lock`` shared; who sweeps published folders needs it alone,
and lets it be when it cannot have it. A growing scene's owner also holds a lock of its own until
the catalogue knows the published scene, so that a scene whose owner died is told from one that grows.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, delete, select

from worldline.formats.errors import FormatError
from worldline.formats.store import SCENES, STAGING, open_staged, remove_abandoned

from .database import is_lock_free, locked, locked_if_free, reading, writing
from .derived import sweep_derived
from .errors import GrowingSceneError
from .homes import bucket_of, sweep_bucket
from .known_imports import import_of, interrupt_import
from .settings import Settings
from .tables import scenes

_LOCK = "import.lock"


@contextmanager
def keeping_stored(data: Path) -> Iterator[None]:
    """Nothing that was published inside this block is swept before its end."""
    with locked(data / _LOCK, shared=True):
        yield


@contextmanager
def owning(data: Path, generation: str) -> Iterator[None]:
    """This process writes a growing scene inside this block.

    Raises:
        GrowingSceneError: Another one does.
    """
    path = _owner_lock(data, generation)
    with locked_if_free(path) as is_free:
        if not is_free:
            raise GrowingSceneError("the scene is being written by another process: wait until it is ready")
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def sweep(engine: Engine, data: Path) -> list[str]:
    """Remove what dead processes left behind.

    Returns:
        The names of growing scenes that nobody grows any more.
    """
    dropped = drop_orphans(engine, data)
    with reading(engine) as connection:
        interrupted = connection.scalars(select(scenes.c.folder).where(scenes.c.state == "interrupted")).all()
    remove_abandoned(data, [data / folder for folder in interrupted])
    for leftover in (data / STAGING).glob("*.owner"):  # of scenes that were removed while they grew
        with locked_if_free(leftover) as is_free:
            if is_free:
                leftover.unlink(missing_ok=True)
    with locked_if_free(data / _LOCK) as is_free:
        if is_free:
            with reading(engine) as connection:
                folders = list(connection.scalars(select(scenes.c.folder)))
            kept = {data / folder for folder in folders}
            for folder in (data / SCENES).iterdir():
                if folder not in kept:
                    shutil.rmtree(folder, ignore_errors=True)
            sweep_bucket(data, folders)
            sweep_derived(data, {Path(folder).name for folder in folders})
    return dropped


def sweep_copies(engine: Engine, data: Path) -> None:
    """Remove the folders of scenes that were brought to the bucket."""
    if bucket_of(Settings(data=data)) is not None:
        sweep(engine, data)


def drop_orphans(engine: Engine, data: Path) -> list[str]:
    """Look after growing scenes whose owner died.

    An import that has frames to show, or labels that somebody made, is interrupted from now on: it can be
    gone on with. Everything else is taken out of the catalogue.

    Returns:
        The names of those that are gone.
    """
    facts = (scenes.c.id, scenes.c.name, scenes.c.generation, scenes.c.folder)
    growing = select(*facts).where(scenes.c.state == "growing")
    with reading(engine) as connection:
        rows = connection.execute(growing).all()
    dropped = []
    for row in rows:
        lock = _owner_lock(data, row.generation)
        with locked_if_free(lock) as is_free:
            if not is_free:
                continue
            gone = 0
            if not _interrupt(engine, data / row.folder, row.id, row.name):
                with writing(engine) as connection:
                    is_it = (scenes.c.id == row.id) & (scenes.c.state == "growing")
                    gone = connection.execute(delete(scenes).where(is_it)).rowcount
            lock.unlink(missing_ok=True)
        if gone:
            dropped.append(row.name)
    return dropped


def is_owned(data: Path, generation: str) -> bool:
    """Whether a process writes a growing scene."""
    lock = _owner_lock(data, generation)
    return lock.exists() and not is_lock_free(lock)


def _interrupt(engine: Engine, folder: Path, scene_id: int, name: str) -> bool:
    known = import_of(engine, name)
    if known is None or known.scene.id != scene_id:
        return False
    try:
        ready = open_staged(folder).ready_frame_count
    except FormatError:
        ready = 0
    if not (ready or known.is_edited):
        return False
    interrupt_import(engine, scene_id, None, ready)
    return True


def _owner_lock(data: Path, generation: str) -> Path:
    return data / STAGING / f"{generation}.owner"
