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

from worldline.formats.store import SCENES, STAGING, remove_abandoned

from .database import locked, locked_if_free, reading, writing
from .tables import scenes

_LOCK = "import.lock"


@contextmanager
def keeping_stored(data: Path) -> Iterator[None]:
    """Nothing that was published inside this block is swept before its end."""
    with locked(data / _LOCK, shared=True):
        yield


@contextmanager
def owning(data: Path, generation: str) -> Iterator[None]:
    """This process writes a growing scene inside this block."""
    path = _owner_lock(data, generation)
    with locked(path):
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
    remove_abandoned(data)
    for leftover in (data / STAGING).glob("*.owner"):  # of scenes that were removed while they grew
        with locked_if_free(leftover) as is_free:
            if is_free:
                leftover.unlink(missing_ok=True)
    with locked_if_free(data / _LOCK) as is_free:
        if is_free:
            with reading(engine) as connection:
                kept = {data / folder for folder in connection.scalars(select(scenes.c.folder))}
            for folder in (data / SCENES).iterdir():
                if folder not in kept:
                    shutil.rmtree(folder, ignore_errors=True)
    return dropped


def drop_orphans(engine: Engine, data: Path) -> list[str]:
    """Take growing scenes whose owner died out of the catalogue.

    Returns:
        Their names.
    """
    growing = select(scenes.c.id, scenes.c.name, scenes.c.generation).where(scenes.c.state == "growing")
    with reading(engine) as connection:
        rows = connection.execute(growing).all()
    dropped = []
    for row in rows:
        lock = _owner_lock(data, row.generation)
        with locked_if_free(lock) as is_free:
            if not is_free:
                continue
            with writing(engine) as connection:
                query = delete(scenes).where(scenes.c.id == row.id, scenes.c.state == "growing")
                gone = connection.execute(query).rowcount
            lock.unlink(missing_ok=True)
        if gone:
            dropped.append(row.name)
    return dropped


def _owner_lock(data: Path, generation: str) -> Path:
    return data / STAGING / f"{generation}.owner"
