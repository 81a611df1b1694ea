"""Importing: a source becomes scenes, all of them or none.

Sensor data is staged and published first, which nobody sees; then one transaction enters every
scene together with the change that holds its labels.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, Engine

from worldline.formats.documents import labels_to_paths
from worldline.formats.errors import FormatError
from worldline.formats.labels import Labels
from worldline.formats.registry import Format, ReadScene, find_format, recognise_format
from worldline.formats.report import Loss
from worldline.formats.scene import Scene
from worldline.formats.store import Published, open_scene, stage_scene

from .catalogue import check_free, check_name, insert_scene
from .change import Change, ops_from_paths
from .commit import commit_change
from .database import writing
from .sweeping import keeping_stored, sweep

ImportProgress: TypeAlias = Callable[[str, int, int], None]
"""Called with a scene's name, frames done and frames in all."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one sequence.

    Attributes:
        name: The scene.
        generation: Its stored content.
        format: What it was read as.
        frame_count: Frames of the reference clock.
        point_count: Points of its lidars.
        image_count: Frames of its cameras.
        object_count: Its objects.
        track_count: Their tracks.
        keyframe_count: Their keyframes.
        size_bytes: Of the stored scene.
        skipped: What of the source was left out and why.
    """

    name: str
    generation: str
    format: str
    frame_count: int
    point_count: int
    image_count: int
    object_count: int
    track_count: int
    keyframe_count: int
    size_bytes: int
    skipped: tuple[Loss, ...]


def import_source(
    engine: Engine, data: Path, source: Path, name: str, format_name: str | None, author: str, progress: ImportProgress
) -> list[Imported]:
    """Import every sequence of a source.

    Raises:
        FormatError: The source is not recognised, or something in it is wrong; nothing is imported then.
        SceneNameError, SceneExistsError: A scene cannot have its name.
    """
    check_name(name)
    if not source.exists():
        raise FormatError("there is no such file or folder", path=source, fix="check the path")
    form = find_format(format_name) if format_name else recognise_format(source)
    return import_scenes(engine, data, form.reader.read(source, name), form, author, progress)


def import_scenes(
    engine: Engine, data: Path, sequences: Iterable[ReadScene], form: Format, author: str, progress: ImportProgress
) -> list[Imported]:
    """Store scenes that are being read and enter them together.

    Raises:
        FormatError, SceneNameError, SceneExistsError: As `import_source`.
    """
    stored: list[tuple[ReadScene, Published]] = []
    try:
        with keeping_stored(data):
            for sequence in sequences:
                scene = sequence.scene
                check_free(engine, scene.name)
                stored.append((sequence, stage_scene(data, scene, _telling(progress, scene))))
            if not stored:
                raise FormatError("the source holds no sequence", fix="point at the folder that holds the frames")
            with writing(engine) as connection:
                for sequence, published in stored:
                    folder = published.path.relative_to(data).as_posix()
                    scene_id = insert_scene(
                        connection,
                        sequence.scene,
                        generation=published.generation,
                        folder=folder,
                        source_format=form.name,
                    )
                    enter_labels(connection, scene_id, sequence.scene.labels, author, f"import from {form.title}")
    except BaseException:
        sweep(engine, data)
        raise
    return [_summary(sequence, published, form) for sequence, published in stored]


def enter_labels(connection: Connection, scene_id: int, labels: Labels, author: str, label: str) -> None:
    """Write a scene's labels into its journal as one change."""
    ops = ops_from_paths(labels_to_paths(labels).items())
    if ops:
        commit_change(connection, scene_id, Change(str(uuid.uuid4()), label, "import", author, ops))


def _telling(progress: ImportProgress, scene: Scene) -> Callable[[int, int], None]:
    return lambda done, total: progress(scene.name, done, total)


def _summary(sequence: ReadScene, published: Published, form: Format) -> Imported:
    scene = sequence.scene
    stored = open_scene(published.path)
    return Imported(
        scene.name,
        published.generation,
        form.name,
        scene.frame_count,
        sum(sum(stored.block_index(lidar.name).count) for lidar in scene.lidars),
        sum(len(camera.clock) for camera in scene.cameras),
        len(scene.labels.objects),
        len(scene.labels.tracks),
        sum(len(track.keyframes) for track in scene.labels.tracks),
        published.size_bytes,
        sequence.skipped,
    )
