"""Importing: the sequences of a source become scenes, one after another.

What is read from files grows in the catalogue and can be gone on with (`bringing`); what a program holds
(`import_scenes`) is stored first, which nobody sees, and entered with its labels in one transaction.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Engine

from worldline.formats.errors import FormatError
from worldline.formats.registry import Format, ReadScene, find_format, recognise_format
from worldline.formats.report import Loss
from worldline.formats.scene import Scene
from worldline.formats.store import Published, open_scene, stage_scene
from worldline.formats.store.publish import read_manifest

from .bringing import Brought, Outcome, Source, bring_in
from .catalogue import check_free, check_name, insert_scene
from .database import writing
from .entering import enter_labels
from .homes import bring_home, place_of
from .preparing import GIVEN, Preparation, ego_poses_of
from .source_digest import digest_source
from .sources import opened_source
from .sweeping import keeping_stored, sweep, sweep_copies

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
        ego_poses: Where they are from: ``given``, ``unknown`` or ``estimated (<library>)``.
        outcome: Whether it was read, gone on with, or there already.
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
    ego_poses: str = GIVEN
    outcome: Outcome = "imported"


def import_source(
    engine: Engine,
    data: Path,
    source: Path | str,
    name: str,
    format_name: str | None,
    author: str,
    progress: ImportProgress,
    preparation: Preparation | None = None,
) -> list[Imported]:
    """Import every sequence of a source, or go on with an import that was interrupted.

    A sequence is in the catalogue from its first frames on. What was imported before is recognised and not
    read again; under another name it becomes a second scene of the same stored bytes.

    Args:
        engine: The database.
        data: The data folder.
        source: A file, a folder, a zip or tar file, or ``s3://bucket/prefix``.
        name: Of the scene; several sequences become ``name-<sequence>``.
        format_name: Its format; None to recognise it.
        author: Who imports.
        progress: Told how far each scene is.
        preparation: What to do before it is stored.

    Raises:
        FormatError: The source is not recognised, something in it is wrong, or it changed while it was read.
        TrackingError: It cannot be prepared as asked for.
        SceneNameError, SceneExistsError: A scene cannot have its name.
    """
    check_name(name)
    preparation = preparation or Preparation()
    imported = []
    with keeping_stored(data), opened_source(data, str(source), format_name, progress) as path:
        form = find_format(format_name) if format_name else recognise_format(path)
        facts = Source(
            path, str(source), digest_source(path), f"{form.name} {preparation}", form.title, form.name, name
        )
        try:
            for sequence in preparation.prepare(form.reader.read(path, name), progress):
                scene = sequence.scene
                brought = bring_in(engine, data, scene, facts, author, _telling(progress, scene))
                imported.append(_summary(data, sequence, brought, form))
            if not imported:
                raise _nothing()
        except BaseException:
            sweep(engine, data)
            raise
    sweep_copies(engine, data)
    return imported


def import_scenes(
    engine: Engine, data: Path, sequences: Iterable[ReadScene], form: Format, author: str, progress: ImportProgress
) -> list[Imported]:
    """Store scenes that a program holds and enter them together: all of them or none.

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
                raise _nothing()
            folders = [bring_home(data, published) for _, published in stored]
            with writing(engine) as connection:
                for (sequence, published), folder in zip(stored, folders, strict=True):
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
    sweep_copies(engine, data)
    return [
        _summary(data, sequence, Brought(folder, published.generation, "imported"), form)
        for (sequence, published), folder in zip(stored, folders, strict=True)
    ]


def _nothing() -> FormatError:
    return FormatError("the source holds no sequence", fix="point at the folder that holds the frames")


def _telling(progress: ImportProgress, scene: Scene) -> Callable[[int, int], None]:
    return lambda done, total: progress(scene.name, done, total)


def _summary(data: Path, sequence: ReadScene, brought: Brought, form: Format) -> Imported:
    scene, place = sequence.scene, place_of(data, brought.folder)
    stored = open_scene(place)
    return Imported(
        scene.name,
        brought.generation,
        form.name,
        scene.frame_count,
        sum(stored.block_index(lidar.name).point_count for lidar in scene.lidars),
        sum(len(camera.clock) for camera in scene.cameras),
        len(scene.labels.objects),
        len(scene.labels.tracks),
        sum(len(track.keyframes) for track in scene.labels.tracks),
        sum(each.size for each in read_manifest(place).values()),
        sequence.skipped,
        ego_poses_of(scene),
        brought.outcome,
    )
