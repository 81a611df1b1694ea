"""Merged clouds on demand: made once for what they depend on, kept below ``derived/`` of the data folder.

A merged cloud is stored as a scene of one frame, so that its blocks and its octree are served as any other's.
Its name is a digest of the scene's generation, of what was asked for and of the tracks that it depends on: when
one of them changes, the next request makes a new one. What belongs to a scene that is gone is swept.
"""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

import structlog
from sqlalchemy import Engine

from worldline.formats.documents import labels_from_paths
from worldline.formats.errors import FormatError
from worldline.formats.large import sweep_parts
from worldline.formats.merged import SENSOR, is_moving, merged_object, merged_world
from worldline.formats.scene import Scene
from worldline.formats.store import SCENES, StoredScene, open_scene
from worldline.formats.store.stage import StagedScene
from worldline.tracking import Track

from .catalogue import SceneRow
from .database import reading
from .derived import DERIVED, drop_oldest
from .errors import AssistError, GrowingSceneError
from .history import state_paths, state_rows
from .opened import OpenedScenes

_VERSION = 1
_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Merge:
    """What to merge.

    Attributes:
        kind: ``world`` or ``object``.
        track: Of the object.
        first: The first frame of the reference clock.
        count: How many frames.
        voxel_m: Thin the cloud to one point in each cube of at most this side; None keeps all.
    """

    kind: Literal["world", "object"]
    track: str | None = None
    first: int = 0
    count: int = 1
    voxel_m: float | None = None


@dataclass(slots=True)
class Merging:
    """A merged cloud that is made, or was.

    Attributes:
        state: How it stands.
        done: Frames that were taken.
        total: Frames in all.
        message: Why it failed.
        generation: Of the stored cloud.
    """

    state: Literal["making", "ready", "failed"]
    done: int
    total: int
    message: str | None = None
    generation: str | None = None


class MergedClouds:
    """Makes merged clouds, one after another. Safe to share between threads."""

    def __init__(self, engine: Engine, data: Path, scenes: OpenedScenes) -> None:
        """Nothing is being made."""
        self._engine, self._data, self._scenes = engine, data, scenes
        self._made: dict[str, Merging] = {}
        self._threads = ThreadPoolExecutor(1, "merge")
        self._lock = Lock()
        self._closing = False

    def request(self, name: str, merge: Merge) -> Merging:
        """A merged cloud: how far it is, or where; asking again is how to follow it.

        Raises:
            UnknownSceneError: There is no such scene.
            GrowingSceneError: It is still being written.
            AssistError: There is no such track or frame, or no lidar.
        """
        row = self._scenes.row(name)
        if row.state != "ready":
            raise GrowingSceneError(f"scene {name} is still being written: merge it when it is ready")
        stored = self._scenes.stored(name)
        frames = _check(stored.scene, merge)
        tracks = self._tracks(row, stored.scene, merge)
        key = _key(row.generation, merge, tracks)
        with self._lock:
            found = self._made.get(key)
            if found is None or found.state == "failed":
                found = self._find_stored(row, key) or Merging("making", 0, len(frames))
                self._made[key] = found
                if found.state == "making":
                    self._threads.submit(self._make, row, key, stored.scene, merge, tracks, frames, found)
        return found

    def close(self) -> None:
        """Stop what is being made."""
        self._closing = True
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _tracks(self, row: SceneRow, scene: Scene, merge: Merge) -> list[Track]:
        with reading(self._engine) as connection:
            labels = labels_from_paths(state_paths(state_rows(connection, row.id)))
        cuboids = [
            each
            for each in labels.tracks
            if each.kind == "cuboid" and each.space == "world" and each.size_m is not None and each.keyframes
        ]
        if merge.kind == "world":
            return [each for each in cuboids if is_moving(each, scene)]
        found = [each for each in cuboids if each.id == merge.track]
        if not found:
            raise AssistError(f"there is no track of cuboids {merge.track}", track=merge.track)
        return found

    def _find_stored(self, row: SceneRow, key: str) -> Merging | None:
        note = self._folder(row) / f"{key}.json"
        try:
            generation = str(json.loads(note.read_text())["generation"])
            self._enter(row, open_scene(note.parent / SCENES / generation))
        except (OSError, ValueError, KeyError, FormatError):
            return None
        return Merging("ready", 1, 1, None, generation)

    def _make(
        self, row: SceneRow, key: str, scene: Scene, merge: Merge, tracks: list[Track], frames: range, told: Merging
    ) -> None:
        def tell(done: int, total: int) -> None:
            told.done, told.total = done, total
            if self._closing:
                raise InterruptedError("the server stops")

        try:
            if merge.kind == "world":
                merged = merged_world(scene, tracks, frames, tell)
            else:
                merged = merged_object(scene, tracks[0], frames, tell)
            folder = self._folder(row)
            with StagedScene.create(folder, merged, blocks_per_shard=16) as staged:
                staged.append_parts(SENSOR, sweep_parts(merged.data, SENSOR, 0), voxel_m=merge.voxel_m)
                published = staged.publish()
            note = folder / f"{key}.json"
            note.with_suffix(".part").write_text(json.dumps({"generation": published.generation}))
            note.with_suffix(".part").rename(note)
            drop_oldest(folder)
            self._enter(row, open_scene(published.path))
            told.generation = published.generation
            told.state = "ready"
        except Exception as error:
            told.message = str(error)
            told.state = "failed"
            if not isinstance(error, FormatError | InterruptedError):
                _LOG.error("merging failed", scene=row.name, exc_info=error)

    def _enter(self, row: SceneRow, stored: StoredScene) -> None:
        self._scenes.derived[stored.generation] = (row.id, stored)

    def _folder(self, row: SceneRow) -> Path:
        return self._data / DERIVED / row.generation


def _check(scene: Scene, merge: Merge) -> range:
    if not scene.lidars:
        raise AssistError(f"scene {scene.name} has no lidar to merge")
    frames = range(merge.first, min(merge.first + merge.count, scene.frame_count))
    if not frames:
        raise AssistError(f"frame {merge.first} lies outside the {scene.frame_count} frames")
    return frames


def _key(generation: str, merge: Merge, tracks: list[Track]) -> str:
    facts = repr((_VERSION, generation, merge, tracks))
    return hashlib.sha256(facts.encode()).hexdigest()[:32]
