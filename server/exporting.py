"""Exporting: a scene's stored data with its labels at a revision, written by a format's writer."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from worldline.formats.documents import labels_from_paths
from worldline.formats.registry import Progress, find_format, no_progress
from worldline.formats.report import Loss
from worldline.formats.scene import Scene
from worldline.formats.store import open_scene

from .catalogue import SceneRow, find_scene
from .database import reading
from .errors import GrowingSceneError
from .filling import filling
from .history import state_paths, state_rows
from .homes import place_of
from .preparing import estimated_losses


def labelled_scene(engine: Engine, data: Path, row: SceneRow, at: int | None = None) -> Scene:
    """A stored scene with its labels, now or at a revision.

    Raises:
        GrowingSceneError: It is still being written.
        StoreError: It is damaged.
    """
    if row.state != "ready":
        raise GrowingSceneError(
            f"scene {row.name} is still being written ({row.ready_frame_count} of {row.frame_count} frames): "
            "export it when it is ready"
        )
    with reading(engine) as connection:
        rows = state_rows(connection, row.id, at)
    stored = open_scene(place_of(data, row.folder)).scene
    return replace(stored, name=row.name, labels=labels_from_paths(state_paths(rows)))


def export_scene(
    engine: Engine,
    data: Path,
    name: str,
    format_name: str,
    out: Path,
    progress: Progress = no_progress,
) -> tuple[Loss, ...]:
    """Write a scene into a folder, whole or not at all.

    Args:
        engine: The database.
        data: The data folder.
        name: The scene.
        format_name: One that can be written.
        out: A folder that does not exist or is empty.
        progress: Told how far it is.

    Returns:
        What the format could not carry.

    Raises:
        UnknownSceneError: There is no such scene.
        FormatError: There is no such format, the scene cannot be written in it, or the folder is not empty or
            cannot be written.
    """
    writer = find_format(format_name).writer
    row = find_scene(engine, name)
    with filling(out) as partial:
        scene = labelled_scene(engine, data, row)
        return (*writer.write(scene, partial, progress), *estimated_losses(scene))


def summarise_losses(losses: Sequence[Loss]) -> list[dict[str, str | int]]:
    """Losses as JSON."""
    return [{"what": loss.what, "count": loss.count, "why": loss.why} for loss in losses]
