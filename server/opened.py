"""Stored scenes that are open, kept from one request to the next."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

from sqlalchemy import Engine

from worldline.formats.errors import PendingFrameError, StoreError
from worldline.formats.schema import LabelSchema
from worldline.formats.store import LocalPlace, StoredScene, open_scene, open_staged
from worldline.geometry import GroundGrid
from worldline.tracking.street import Street

from .cache import Cache
from .catalogue import SceneRow, find_scene, stored_path
from .errors import UnknownSceneError
from .homes import place_of
from .level import LevelSweep
from .schemas import project_schema

_MOST_SCENES = 32
_MOST_POINT_BYTES = 256 * 2**20
_MOST_GROUND_BYTES = 64 * 2**20
_MOST_STREET_BYTES = 256 * 2**20

Found = TypeVar("Found")


class OpenedScenes:
    """Opens each generation once. Safe to share between threads.

    Attributes:
        sweeps: Sweeps in their lidar's level frame (see `clouds`), by generation, lidar and frame.
        grounds: Their grounds, likewise.
        streets: The street under all sweeps of a lidar, by generation and lidar.
        derived: Merged clouds by generation, and the id of the scene that each belongs to.
    """

    sweeps: Cache[LevelSweep]
    grounds: Cache[GroundGrid]
    streets: Cache[Street]

    def __init__(self, engine: Engine, data: Path) -> None:
        """Nothing is open yet."""
        self._engine = engine
        self._data = data
        self._rows: dict[str, SceneRow] = {}
        self._scenes: OrderedDict[str, StoredScene] = OrderedDict()
        self._documents: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
        self._grown: dict[str, int] = {}
        self.derived: dict[str, tuple[int, StoredScene]] = {}
        self.sweeps = Cache(_MOST_POINT_BYTES, lambda sweep: sweep.nbytes)
        self.grounds = Cache(_MOST_GROUND_BYTES, lambda ground: ground.heights.nbytes)
        self.streets = Cache(_MOST_STREET_BYTES, lambda street: street.nbytes)
        self._lock = Lock()

    def row(self, name: str) -> SceneRow:
        """A scene of the catalogue, as known since the last `forget_rows`.

        Raises:
            UnknownSceneError: There is none of that name.
        """
        row = self._rows.get(name)
        if row is None:
            row = self._rows[name] = find_scene(self._engine, name)
        return row

    def forget_rows(self) -> None:
        """Look into the catalogue again: something was committed."""
        self._rows = {}

    def stored(self, name: str) -> StoredScene:
        """The stored scene of a name; opening takes a while the first time.

        Raises:
            UnknownSceneError: There is none.
            StoreError: It is damaged.
        """
        row = self.row(name)
        return self._scenes.get(row.folder) or self._open(row)

    def is_at_hand(self, row: SceneRow) -> bool:
        """Whether something of a scene is found in no time: it is open, and its files are on this machine."""
        stored = self._scenes.get(row.folder)
        return stored is not None and isinstance(stored.place, LocalPlace)

    def locate(self, name: str, generation: str, find: Callable[[StoredScene], Found]) -> Found:
        """Find something in a generation of a scene, following one that grows.

        Raises:
            UnknownSceneError: There is no such scene, or it has another generation now.
            PendingFrameError: It is not written yet.
        """
        row = self.row(name)
        owner, derived = self.derived.get(generation, (None, None))
        if derived is not None and owner == row.id:
            return find(derived)
        if generation != row.generation and self._grown.get(generation) != row.id:
            raise UnknownSceneError(
                f"scene {name} has no generation {generation} (any more)", scene=name, generation=row.generation
            )
        stored = self.stored(name)
        try:
            return find(stored)
        except PendingFrameError:
            stored.refresh()
            return find(stored)
        except StoreError:
            self.forget_rows()
            if self.row(name).folder == row.folder:
                raise
            # it was published, or brought to the bucket, while we looked: the same bytes are elsewhere now
            return find(self.stored(name))

    def schema(self) -> LabelSchema:
        """The classes of the project now."""
        return project_schema(self._engine)

    def document(self, name: str) -> bytes:
        """The scene document as JSON."""
        row, schema = self.row(name), self.schema()
        key = (name, row.generation, schema.version)
        known = self._documents.get(key)
        if known is not None:
            return known
        stored = self.stored(name)
        stored.refresh()
        document = stored.describe(schema).model_copy(update={"name": name})
        text = document.model_dump_json(by_alias=True).encode()
        if stored.state == "ready":
            with self._lock:
                self._documents[key] = text
                if len(self._documents) > _MOST_SCENES:
                    self._documents.popitem(last=False)
        return text

    def _open(self, row: SceneRow) -> StoredScene:
        with self._lock:
            scene = self._scenes.get(row.folder)
            if scene is not None:
                return scene
            if row.state == "ready":
                scene = open_scene(place_of(self._data, row.folder))
            else:
                scene = open_staged(stored_path(self._data, row))
            if row.state != "ready":
                self._grown[row.generation] = row.id
            self._scenes[row.folder] = scene
            if len(self._scenes) > _MOST_SCENES:
                self._scenes.popitem(last=False)
            return scene
