"""Live sync: every client of a scene hears each accepted change, once, in order of revision.

Changes of this process come from the journal's writer. Changes of other processes (an import on the
command line) are noticed by SQLite's data version and read from the journal. Whoever hears a gap
reads it from the journal too, so all roads give one sequence.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import Engine, func, select

from worldline.formats.schema import default_schema

from .change import Applied, applied_json
from .database import reading
from .history import changes_since
from .presence import Person, free_color, free_name
from .tables import scenes, schemas

POLL_S = 0.3
_MOST_WAITING = 2000
Storage: TypeAlias = tuple[str, str, int, int]


@dataclass(slots=True, eq=False)
class Connection:
    """One client of a scene.

    Attributes:
        person: Who.
        messages: What is to be sent; None ends the connection.
    """

    person: Person
    messages: "asyncio.Queue[str | None]" = field(default_factory=lambda: asyncio.Queue(_MOST_WAITING))


@dataclass(slots=True)
class Room:
    """Those who look at one scene.

    Attributes:
        scene_id: The scene's row.
        revision: The newest change that they heard.
        storage: Generation, state, frames and version of the label schema that they heard of.
        connections: The clients.
    """

    scene_id: int
    revision: int
    storage: Storage
    connections: list[Connection] = field(default_factory=list)


class LiveHub:
    """Tells each room what happens. Lives on the event loop; `heard` may be called from any thread."""

    def __init__(self, engine: Engine, forget: Callable[[], None]) -> None:
        """Nobody is there yet; `forget` is called when another process committed."""
        self._engine = engine
        self._forget = forget
        self._loop = asyncio.get_running_loop()
        self._rooms: dict[int, Room] = {}
        self._poll = engine.raw_connection()
        self._version = self._data_version()

    def heard(self, scene_id: int, applied: Applied, client: str | None) -> None:
        """A change was committed in this process."""
        self._loop.call_soon_threadsafe(self._publish, scene_id, applied, client)

    def join(self, scene_id: int, client: str) -> Connection:
        """A client opens a scene."""
        room = self._rooms.get(scene_id)
        if room is None:
            revision, storage = self._state(scene_id) or (0, ("", "ready", 0, 1))
            room = self._rooms[scene_id] = Room(scene_id, revision, storage)
        people = [each.person for each in room.connections]
        connection = Connection(Person(client, free_name(people), free_color(people)))
        room.connections.append(connection)
        self._send(connection, self._ready_text(room))
        self._tell_presence(room)
        return connection

    def leave(self, scene_id: int, connection: Connection) -> None:
        """A client is gone."""
        room = self._rooms.get(scene_id)
        if room is None or connection not in room.connections:
            return
        room.connections.remove(connection)
        if room.connections:
            self._tell_presence(room)
        else:
            del self._rooms[scene_id]

    def move(self, scene_id: int, connection: Connection, frame: int | None, object_id: str | None) -> None:
        """A client looks elsewhere."""
        connection.person.frame, connection.person.object = frame, object_id
        room = self._rooms.get(scene_id)
        if room is not None:
            self._tell_presence(room)

    async def watch(self) -> None:
        """Look for commits of other processes until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            version = self._data_version()
            if version != self._version:
                self._version = version
                self._forget()
                for room in list(self._rooms.values()):
                    self._catch_up(room)

    def close(self) -> None:
        """End every connection."""
        for room in self._rooms.values():
            for connection in room.connections:
                self._end(connection)
        self._poll.close()

    def _data_version(self) -> int:
        return int(self._poll.cursor().execute("PRAGMA data_version").fetchone()[0])

    def _publish(self, scene_id: int, applied: Applied, client: str | None) -> None:
        room = self._rooms.get(scene_id)
        if room is None or applied.revision <= room.revision:
            return
        if applied.revision > room.revision + 1:
            self._tell_missing(room, applied.revision - 1)
        self._tell_change(room, applied, client)

    def _catch_up(self, room: Room) -> None:
        state = self._state(room.scene_id)
        if state is None:  # the scene was removed
            for connection in room.connections:
                self._end(connection)
            return
        revision, storage = state
        self._tell_missing(room, revision)
        if storage != room.storage:
            room.storage = storage
            self._tell(room, self._ready_text(room))

    def _tell_missing(self, room: Room, until: int) -> None:
        while room.revision < until:
            with reading(self._engine) as connection:
                missed = changes_since(connection, room.scene_id, room.revision, min(until - room.revision, 200))
            if not missed:
                return
            for applied in missed:
                self._tell_change(room, applied, None)

    def _state(self, scene_id: int) -> tuple[int, Storage] | None:
        version = func.coalesce(select(func.max(schemas.c.version)).scalar_subquery(), default_schema().version)
        columns = (scenes.c.revision, scenes.c.generation, scenes.c.state, scenes.c.ready_frame_count, version)
        with reading(self._engine) as connection:
            row = connection.execute(select(*columns).where(scenes.c.id == scene_id)).one_or_none()
        return None if row is None else (row[0], (row[1], row[2], row[3], row[4]))

    def _ready_text(self, room: Room) -> str:
        generation, state, count, schema_version = room.storage
        return _text(
            {
                "type": "ready",
                "ready_frame_count": count,
                "state": "ready" if state == "ready" else "growing",  # an interrupted one may grow on
                "generation": generation,
                "revision": room.revision,
                "schema_version": schema_version,
            }
        )

    def _tell_change(self, room: Room, applied: Applied, client: str | None) -> None:
        room.revision = applied.revision
        self._tell(room, applied_json(applied, type="change", client=client))

    def _tell_presence(self, room: Room) -> None:
        self._tell(room, _text({"type": "presence", "people": [each.person.document() for each in room.connections]}))

    def _tell(self, room: Room, text: str) -> None:
        for connection in room.connections:
            self._send(connection, text)

    def _send(self, connection: Connection, text: str) -> None:
        try:
            connection.messages.put_nowait(text)
        except asyncio.QueueFull:  # it does not keep up: it comes back and reads what it missed
            self._end(connection)

    def _end(self, connection: Connection) -> None:
        while not connection.messages.empty():
            connection.messages.get_nowait()
        connection.messages.put_nowait(None)


def _text(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
