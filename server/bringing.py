"""Bringing a sequence of a source into the catalogue while it is read: usable from its first frames on.

Killed at any moment, or broken off by a bad file, it is either absent (nothing of it could be shown yet) or
``interrupted``: its frames and the labels that people made stay, and importing the same source again goes on
where it was. A source that has become another one is never mixed with what was read before.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from worldline.formats.errors import FormatError
from worldline.formats.registry import Progress
from worldline.formats.scene import Scene
from worldline.formats.store import IMPORT_SHARD, Published, StagedScene, pour_scene, streams_of_source

from .catalogue import SceneRow, advance_scene, check_free, insert_scene
from .database import writing
from .entering import enter_labels
from .errors import SceneExistsError, ServerError
from .homes import bring_home
from .known_imports import (
    KnownImport,
    digest_labels,
    find_imports,
    import_of,
    interrupt_import,
    remember_import,
    remove_unready,
)
from .said_paths import hide_places
from .source_digest import check_unchanged, sequence_key
from .sweeping import is_owned, owning

_TELL_EVERY_S = 0.5

Outcome = Literal["imported", "continued", "recognised", "named"]
"""Read as a whole; gone on with; there already; there already, and given a second name."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is imported.

    Attributes:
        path: Where its files are.
        said: What it is called in messages: the path, the archive or the URL.
        digest: Of its files, as they were when the import began.
        reading: Format and options that it is read with.
        title: The format's, for the history.
        format: The format's name.
        name: What the scene is to be called; several sequences are ``name-<sequence>``.
    """

    path: Path
    said: str
    digest: str
    reading: str
    title: str
    format: str
    name: str


@dataclass(frozen=True, slots=True)
class Brought:
    """A scene that is ready.

    Attributes:
        folder: Where it is stored, as the catalogue has it.
        generation: Its content.
        outcome: How it came there.
    """

    folder: str
    generation: str
    outcome: Outcome


def bring_in(engine: Engine, data: Path, scene: Scene, source: Source, author: str, progress: Progress) -> Brought:
    """Import a sequence, or go on with it, or recognise it.

    Raises:
        FormatError: A frame cannot be read or stored, or the source changed meanwhile.
        SceneExistsError: The name is another scene's, or someone else is importing it.
    """
    key = sequence_key(source.digest, source.reading, scene.name.removeprefix(source.name))
    known = find_imports(engine, key)
    own = next((each for each in known if each.scene.name == scene.name), None)
    if own is not None and own.scene.state == "ready":
        return Brought(_home_of(engine, data, own.scene), own.scene.generation, "recognised")
    if own is None:
        own = _give_way(engine, data, scene)
        ready = next((each for each in known if each.scene.state == "ready"), None)
        if own is None and ready is not None:
            return _name_again(engine, scene, ready, source, key, author)
    elif is_owned(data, own.scene.generation):
        raise _busy(scene)
    return _Bringing(engine, data, scene, source, key, author).write(own, progress)


def _home_of(engine: Engine, data: Path, row: SceneRow) -> str:
    """Where a ready scene is; one whose import was killed before it came to the bucket is taken there now."""
    path = data / row.folder
    if row.folder.startswith("s3://") or not path.is_dir():
        return row.folder
    folder = bring_home(data, Published(path, row.generation, 0))
    if folder != row.folder:
        with writing(engine) as connection:
            advance_scene(connection, row.id, folder=folder)
    return folder


def _give_way(engine: Engine, data: Path, scene: Scene) -> KnownImport | None:
    """Make room where an import of the same name was interrupted whose source is another one now.

    Returns:
        The interrupted import whose place and labels the new one takes, if somebody worked on it.
    """
    older = import_of(engine, scene.name)
    if older is None or older.scene.state == "ready":
        check_free(engine, scene.name)
        return None
    if is_owned(data, older.scene.generation):
        raise _busy(scene)
    if not older.is_edited:
        remove_unready(engine, older.scene.id)
        return None
    if older.labels != digest_labels(scene.labels) or older.scene.frame_count != scene.frame_count:
        raise SceneExistsError(
            f"the source of {scene.name} is not what it was when its import was interrupted, and labels were made in "
            f"{scene.name} since: import under another name, or remove it first (worldline remove {scene.name})",
            scene=scene.name,
        )
    return older


def _name_again(engine: Engine, scene: Scene, ready: KnownImport, source: Source, key: str, author: str) -> Brought:
    generation, folder = ready.scene.generation, ready.scene.folder
    with writing(engine) as connection:
        scene_id = insert_scene(connection, scene, generation=generation, folder=folder, source_format=source.format)
        enter_labels(connection, scene_id, scene.labels, author, f"import from {source.title}")
        remember_import(connection, scene_id, key, source.said, digest_labels(scene.labels))
    return Brought(folder, generation, "named")


def _busy(scene: Scene) -> SceneExistsError:
    return SceneExistsError(f"{scene.name} is being imported right now: wait until it is ready", scene=scene.name)


class _Bringing:
    """One import: its staged scene and its row in the catalogue."""

    def __init__(self, engine: Engine, data: Path, scene: Scene, source: Source, key: str, author: str) -> None:
        self._engine, self._data = engine, data
        self._scene, self._source, self._key, self._author = scene, source, key, author
        self._scene_id = 0

    def write(self, own: KnownImport | None, progress: Progress) -> Brought:
        """Write what is missing, and publish it."""
        staged, outcome = self._stage(own)
        try:
            with owning(self._data, staged.path.name):
                self._enter(own, staged)
                told, shown = time.monotonic(), staged.ready_frame_count

                def tell(done: int, total: int) -> None:
                    nonlocal told, shown
                    progress(done, total)
                    ready = staged.ready_frame_count
                    if ready > shown and (shown == 0 or time.monotonic() - told > _TELL_EVERY_S):
                        told, shown = time.monotonic(), ready
                        self._advance(ready_frame_count=ready)

                pour_scene(self._scene, staged, tell)
                check_unchanged(self._source.path, self._source.digest)
                published = staged.publish()
                folder = self._publish(published)
        except BaseException as error:
            self._leave(staged, error)
            raise
        return Brought(folder, published.generation, outcome)

    def _stage(self, own: KnownImport | None) -> tuple[StagedScene, Outcome]:
        streams = streams_of_source(self._scene)
        if own is not None and own.source_key == self._key:
            with suppress(FormatError):  # what cannot be gone on with is read again
                folder = self._data / own.scene.folder
                return StagedScene.resume(self._data, folder, self._scene, streams=streams), "continued"
        return StagedScene.create(self._data, self._scene, streams=streams, blocks_per_shard=IMPORT_SHARD), "imported"

    def _enter(self, own: KnownImport | None, staged: StagedScene) -> None:
        place = {"generation": staged.path.name, "folder": staged.path.relative_to(self._data).as_posix()}
        labels = digest_labels(self._scene.labels)
        with writing(self._engine) as connection:
            if own is not None:
                self._scene_id = own.scene.id
                ready = staged.ready_frame_count
                advance_scene(connection, own.scene.id, state="growing", ready_frame_count=ready, **place)
                if own.source_key != self._key:
                    remember_import(connection, own.scene.id, self._key, self._source.said, own.labels, own.revision)
                return
            self._scene_id = insert_scene(
                connection, self._scene, source_format=self._source.format, state="growing", **place
            )
            title = f"import from {self._source.title}"
            enter_labels(connection, self._scene_id, self._scene.labels, self._author, title)
            remember_import(connection, self._scene_id, self._key, self._source.said, labels)

    def _publish(self, published: Published) -> str:
        local = published.path.relative_to(self._data).as_posix()
        count = self._scene.frame_count
        self._advance(folder=local, state="ready", generation=published.generation, ready_frame_count=count)
        folder = bring_home(self._data, published)  # readable here until it can be read there
        if folder != local:
            self._advance(folder=folder)
        return folder

    def _advance(self, **columns: Any) -> None:
        with writing(self._engine) as connection:
            advance_scene(connection, self._scene_id, **columns)

    def _leave(self, staged: StagedScene, error: BaseException) -> None:
        """Keep what can be shown and gone on with; take away what cannot."""
        ready = staged.ready_frame_count if staged.path.is_dir() else 0
        found = import_of(self._engine, self._scene.name) if self._scene_id else None
        if found is not None and found.scene.id != self._scene_id:
            found = None  # it was removed meanwhile, and the name is another's
        if found is None or not (ready or found.is_edited):
            if found is not None:
                with suppress(SQLAlchemyError, ServerError):  # else the next sweep does it
                    remove_unready(self._engine, self._scene_id)
            staged.discard()
            return
        staged.suspend()
        if found.scene.state == "ready":
            return
        reason = None
        if isinstance(error, FormatError | ServerError):
            reason = hide_places(str(error), self._data, self._source.path)
        with suppress(SQLAlchemyError, ServerError):
            interrupt_import(self._engine, self._scene_id, reason, ready)
        error.add_note(
            f"{ready} of {self._scene.frame_count} frames of {self._scene.name} are kept: import the same source "
            f"again to go on, or remove it (worldline remove {self._scene.name})"
        )
