"""Journals to test on: a database with one scene that has no data."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from worldline.server.change import Applied, Change, checked_op
from worldline.server.database import open_database, reading, writing
from worldline.server.history import changes_since, state_rows
from worldline.server.journal import Journal
from worldline.server.tables import scenes

FRAME_COUNT = 50
SPACES = {"world": FRAME_COUNT, "lidar": FRAME_COUNT, "front": FRAME_COUNT}


def add_scene(engine: Engine, name: str = "street") -> int:
    with writing(engine) as connection:
        row = {
            "name": name,
            "generation": "0" * 32,
            "folder": "scenes/none",
            "state": "ready",
            "frame_count": FRAME_COUNT,
            "ready_frame_count": FRAME_COUNT,
            "duration_s": 5.0,
            "lidar_count": 1,
            "camera_count": 1,
            "object_count": 0,
            "revision": 0,
            "source_format": "test",
            "created_ns": 0,
            "spaces": json.dumps(SPACES),
        }
        return int(connection.execute(insert(scenes).returning(scenes.c.id), row).scalar_one())


class Desk:
    """A journal with one scene, and an author's short hand."""

    def __init__(self, data: Path) -> None:
        self.engine = open_database(data)
        self.scene = add_scene(self.engine)
        self.heard: list[Applied] = []
        self.journal = Journal(self.engine, lambda _scene, applied, _client: self.heard.append(applied))

    def close(self) -> None:
        """End it."""
        self.journal.close()
        self.engine.dispose()

    def state(self, at: int | None = None) -> dict[str, tuple[str, int]]:
        """Canonical JSON and revision of each path, now or at a revision."""
        with reading(self.engine) as connection:
            rows = state_rows(connection, self.scene, at)
        return {path: (value, revision) for path, value, revision, _ in rows}

    def text(self, at: int | None = None) -> str:
        """The state as one text."""
        return "\n".join(f"{path} {value}" for path, (value, _) in self.state(at).items())

    def history(self) -> list[Applied]:
        """Every change."""
        with reading(self.engine) as connection:
            return changes_since(connection, self.scene, 0, 1_000_000)

    def change(
        self,
        values: dict[str, Any],
        *,
        cause: Any = "manual",
        author: str = "ann",
        id: str | None = None,  # noqa: A002
        based_on: dict[str, int] | None = None,
    ) -> Applied:
        """Append a change; unless said, it is based on what is there now."""
        now = self.state()
        seen = based_on if based_on is not None else {path: revision for path, (_, revision) in now.items()}
        ops = tuple(checked_op(path, value, seen.get(path, 0)) for path, value in values.items())
        change = Change(id or str(uuid.uuid4()), "test", cause, author, ops)
        return self.journal.append(self.scene, change).result(20)

    def undo(self, change_id: str, id: str | None = None) -> Applied:  # noqa: A002
        """Undo a change."""
        return self.journal.undo(self.scene, change_id, id or str(uuid.uuid4()), "ann").result(20)


@contextmanager
def opened_desk(data: Path) -> Iterator[Desk]:
    desk = Desk(data)
    try:
        yield desk
    finally:
        desk.close()


def car(number: int = 1) -> dict[str, Any]:
    return {"class_name": "car", "number": number}


def track(object_id: str) -> dict[str, Any]:
    return {"object": object_id, "kind": "cuboid", "space": "world", "size_m": [4.2, 1.8, 1.5]}


def keyframe(x: float, source: str = "human", verified_by: str | None = None) -> dict[str, Any]:
    shape = {"center_m": [x, 0.0, 0.0], "rotation_wxyz": [1.0, 0.0, 0.0, 0.0]}
    return {"shape": shape, "source": source, "verified_by": verified_by, "quality": None}
