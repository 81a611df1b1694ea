"""Writing one change into the journal and its folded state, inside a transaction.

Everything that can refuse the change comes before the first write.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from .change import Applied, AppliedOp, Change
from .errors import ReusedChangeIdError, StaleChangeError, UnknownSceneError
from .history import find_change
from .rules import Surroundings, check_change, parent_of
from .schemas import schema_of
from .tables import changes, entries, ops, scenes

_CHUNK = 10_000  # bound variables in one statement

_SCENE = select(scenes.c.revision, scenes.c.spaces, scenes.c.object_count).where(scenes.c.id == bindparam("scene"))
_ENTRIES = select(entries.c.path, entries.c.value, entries.c.revision, entries.c.author).where(
    entries.c.scene_id == bindparam("scene"), entries.c.path.in_(bindparam("paths", expanding=True))
)
_CHILDREN = select(entries.c.path).where(entries.c.scene_id == bindparam("scene"), entries.c.parent == bindparam("up"))
_NUMBERS = select(entries.c.number, entries.c.path).where(
    entries.c.scene_id == bindparam("scene"), entries.c.number.in_(bindparam("numbers", expanding=True))
)
_LAST_NUMBER = select(func.max(entries.c.number)).where(entries.c.scene_id == bindparam("scene"))
_LAST_TOUCHES = (
    select(ops.c.path, func.max(ops.c.revision))
    .where(ops.c.scene_id == bindparam("scene"), ops.c.path.in_(bindparam("paths", expanding=True)))
    .group_by(ops.c.path)
)
_REMOVE = delete(entries).where(entries.c.scene_id == bindparam("scene"), entries.c.path == bindparam("gone"))
_ADVANCE = (
    update(scenes)
    .where(scenes.c.id == bindparam("scene"))
    .values(revision=bindparam("next"), object_count=bindparam("objects"))
)


class StoredEntry(NamedTuple):
    """A path that exists: its canonical JSON, and who set it when."""

    value: str
    revision: int
    author: str


def commit_change(connection: Connection, scene_id: int, change: Change) -> Applied:
    """Write a change, or answer what it was answered before.

    Args:
        connection: In a writing transaction.
        scene_id: The scene's row.
        change: What its author asks for.

    Raises:
        StaleChangeError: A path was changed after the author saw it.
        ReusedChangeIdError: The id stands for another change.
        UnknownSceneError: The scene was removed.
        ChangeError, ProtectedKeyframeError, LabelError: As in `rules.check_change`.
    """
    before = find_change(connection, scene_id, change.id)
    if before is not None:
        return _checked_repeat(before, change)
    scene = connection.execute(_SCENE, {"scene": scene_id}).one_or_none()
    if scene is None:
        raise UnknownSceneError("the scene was removed")
    paths = [op.path for op in change.ops]
    stored = stored_entries(connection, scene_id, paths)
    _check_stale(connection, scene_id, change, stored)
    values = {op.path: op.value for op in change.ops}
    parents = {parent for path, value in values.items() if (parent := _parent(path, value)) is not None}
    around = Surroundings(
        before={path: row.value for path, row in {**stored_entries(connection, scene_id, parents), **stored}.items()},
        children=lambda path: children_of(connection, scene_id, path),
        spaces=json.loads(scene.spaces),
        schema=schema_of(connection),
    )
    check_change(change, around)
    values |= _free_numbers(connection, scene_id, values)
    applied = Applied(
        scene.revision + 1,
        change.id,
        change.label,
        change.author,
        change.cause,
        time.time_ns(),
        tuple(AppliedOp(path, values[path], stored[path].value if path in stored else None) for path in paths),
        change.skipped,
    )
    _write(connection, scene_id, applied, change.undoes, scene.object_count)
    return applied


def last_touches(connection: Connection, scene_id: int, paths: Sequence[str]) -> dict[str, int]:
    """The revision of the last change that set or cleared each path; 0 where none did."""
    found = dict.fromkeys(paths, 0)
    for some in chunks(paths):
        for path, revision in connection.execute(_LAST_TOUCHES, {"scene": scene_id, "paths": some}):
            found[path] = revision
    return found


def children_of(connection: Connection, scene_id: int, path: str) -> set[str]:
    """The paths that hang on a path."""
    return set(connection.scalars(_CHILDREN, {"scene": scene_id, "up": path}))


def stored_entries(connection: Connection, scene_id: int, paths: Iterable[str]) -> dict[str, StoredEntry]:
    """Those of the paths that exist."""
    found: dict[str, StoredEntry] = {}
    for some in chunks(list(paths)):
        for path, *facts in connection.execute(_ENTRIES, {"scene": scene_id, "paths": some}):
            found[path] = StoredEntry(*facts)
    return found


def chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    """Runs of items, each few enough for one statement."""
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _parent(path: str, text: str | None) -> str | None:
    is_track = path.startswith("tracks/") and path.count("/") == 1
    return parent_of(path, json.loads(text) if is_track and text is not None else None)


def _checked_repeat(before: Applied, change: Change) -> Applied:
    if before.cause != change.cause or {op.path for op in before.ops} != {op.path for op in change.ops}:
        raise ReusedChangeIdError(
            f"change id {change.id} stands for another change ({before.label!r}, revision {before.revision}): "
            "make a new id for every change",
            revision=before.revision,
        )
    return before


def _check_stale(connection: Connection, scene_id: int, change: Change, stored: Mapping[str, StoredEntry]) -> None:
    conflicts = []
    for op in change.ops:
        row = stored.get(op.path)
        if op.based_on != (row.revision if row else 0):
            conflicts.append(
                {
                    "path": op.path,
                    "yours": None if op.value is None else json.loads(op.value),
                    "theirs": json.loads(row.value) if row else None,
                    "revision": row.revision if row else 0,
                    "author": row.author if row else _who_cleared(connection, scene_id, op.path),
                }
            )
    if conflicts:
        first = conflicts[0]["path"]
        raise StaleChangeError(
            f"{len(conflicts)} of {len(change.ops)} paths were changed since you saw them ({first})",
            conflicts=conflicts,
        )


def _who_cleared(connection: Connection, scene_id: int, path: str) -> str | None:
    revision = last_touches(connection, scene_id, [path])[path]
    query = select(changes.c.author).where(changes.c.scene_id == scene_id, changes.c.revision == revision)
    return connection.execute(query).scalar()


def _free_numbers(connection: Connection, scene_id: int, values: Mapping[str, str | None]) -> dict[str, str | None]:
    """Objects whose number another object has, with the next free number: two people may create at once."""
    asked = {
        path: json.loads(value)
        for path, value in values.items()
        if path.startswith("objects/") and value is not None and path.count("/") == 1
    }
    if not asked:
        return {}
    taken: set[int] = set()
    numbers = [document["number"] for document in asked.values()]
    for start in range(0, len(numbers), _CHUNK):
        some = numbers[start : start + _CHUNK]
        rows = connection.execute(_NUMBERS, {"scene": scene_id, "numbers": some})
        taken |= {row.number for row in rows if row.path not in values}
    following = max([connection.execute(_LAST_NUMBER, {"scene": scene_id}).scalar() or 0, *numbers]) + 1
    renumbered: dict[str, str | None] = {}
    for path, document in asked.items():
        if document["number"] in taken:
            document["number"] = following
            renumbered[path] = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            following += 1
        taken.add(document["number"])
    return renumbered


def _write(connection: Connection, scene_id: int, applied: Applied, undoes: str | None, objects: int) -> None:
    connection.execute(
        insert(changes),
        {
            "scene_id": scene_id,
            "revision": applied.revision,
            "id": applied.id,
            "label": applied.label,
            "author": applied.author,
            "cause": applied.cause,
            "time_ns": applied.time_ns,
            "undoes": undoes,
            "skipped": json.dumps(applied.skipped) if applied.skipped else None,
        },
    )
    connection.execute(
        insert(ops),
        [
            {
                "scene_id": scene_id,
                "revision": applied.revision,
                "position": position,
                "path": op.path,
                "value": op.value,
                "before": op.before,
            }
            for position, op in enumerate(applied.ops)
        ],
    )
    gone = [{"scene": scene_id, "gone": op.path} for op in applied.ops if op.before is not None]
    if gone:
        connection.execute(_REMOVE, gone)
    rows = [
        entry_row(scene_id, op.path, op.value, applied.revision, applied.author)
        for op in applied.ops
        if op.value is not None
    ]
    if rows:
        connection.execute(insert(entries), rows)
    for op in applied.ops:
        if op.path.startswith("objects/") and op.path.count("/") == 1:
            objects += (op.value is not None) - (op.before is not None)
    connection.execute(_ADVANCE, {"scene": scene_id, "next": applied.revision, "objects": objects})


def entry_row(scene_id: int, path: str, value: str, revision: int, author: str) -> dict[str, Any]:
    """A path of the folded state as it is stored."""
    is_object = path.startswith("objects/") and path.count("/") == 1
    return {
        "scene_id": scene_id,
        "path": path,
        "value": value,
        "revision": revision,
        "author": author,
        "parent": _parent(path, value),
        "number": json.loads(value)["number"] if is_object else None,
    }
