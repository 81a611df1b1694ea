"""Reading the journal: one change, the changes since, the state now and the state then."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from worldline.formats.documents import Paths

from .change import Applied, AppliedOp
from .errors import UnknownRevisionError
from .tables import changes, entries, ops, scenes

_CHANGE = select(changes).where(changes.c.scene_id == bindparam("scene"), changes.c.id == bindparam("change"))
_SINCE = (
    select(changes)
    .where(changes.c.scene_id == bindparam("scene"), changes.c.revision > bindparam("since"))
    .order_by(changes.c.revision)
    .limit(bindparam("limit"))
)
_OPS = (
    select(ops.c.revision, ops.c.path, ops.c.value, ops.c.before)
    .where(ops.c.scene_id == bindparam("scene"), ops.c.revision.between(bindparam("first"), bindparam("last")))
    .order_by(ops.c.revision, ops.c.position)
)
_NOW = (
    select(entries.c.path, entries.c.value, entries.c.revision, entries.c.author)
    .where(entries.c.scene_id == bindparam("scene"))
    .order_by(entries.c.path)
)
_THEN = (
    select(ops.c.path, ops.c.value, ops.c.revision, changes.c.author)
    .join(changes, (changes.c.scene_id == ops.c.scene_id) & (changes.c.revision == ops.c.revision))
    .where(ops.c.scene_id == bindparam("scene"), ops.c.revision <= bindparam("at"))
    .order_by(ops.c.revision, ops.c.position)
)


def find_change(connection: Connection, scene_id: int, change_id: str) -> Applied | None:
    """The change of an id, as it was applied."""
    row = connection.execute(_CHANGE, {"scene": scene_id, "change": change_id}).one_or_none()
    return None if row is None else next(_applied(connection, scene_id, [row]))


def changes_since(connection: Connection, scene_id: int, since: int, limit: int) -> list[Applied]:
    """The changes after a revision, oldest first, at most so many."""
    rows = connection.execute(_SINCE, {"scene": scene_id, "since": since, "limit": limit}).all()
    return list(_applied(connection, scene_id, rows))


def revision_of(connection: Connection, scene_id: int) -> int:
    """The scene's newest revision."""
    return connection.execute(select(scenes.c.revision).where(scenes.c.id == scene_id)).scalar() or 0


def state_rows(connection: Connection, scene_id: int, at: int | None = None) -> Sequence[tuple[str, str, int, str]]:
    """Path, canonical JSON, revision and author of every entry in order of path, now or at a revision.

    Raises:
        UnknownRevisionError: The scene has not come to that revision.
    """
    newest = revision_of(connection, scene_id)
    if at is None or at == newest:
        return [tuple(row) for row in connection.execute(_NOW, {"scene": scene_id})]
    if not 0 <= at <= newest:
        raise UnknownRevisionError(f"the scene is at revision {newest}, there is no {at} yet", revision=newest)
    state: dict[str, tuple[str, str, int, str]] = {}
    for path, value, revision, author in connection.execute(_THEN, {"scene": scene_id, "at": at}):
        if value is None:
            state.pop(path, None)
        else:
            state[path] = (path, value, revision, author)
    return [state[path] for path in sorted(state)]


def track_rows(connection: Connection, scene_id: int, track_id: str) -> Sequence[tuple[str, str, int, str]]:
    """Path, canonical JSON, revision and author of a track and what hangs on it."""
    root = f"tracks/{track_id}"
    query = _NOW.where(or_(entries.c.path == root, entries.c.parent == root))
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query, {"scene": scene_id})]


def path_rows(connection: Connection, scene_id: int, path: str) -> Sequence[tuple[str, str, int, str]]:
    """One path as it is now: at most one row, as `state_rows`."""
    rows = connection.execute(_NOW.where(entries.c.path == path), {"scene": scene_id})
    return [(str(row[0]), str(row[1]), int(row[2]), str(row[3])) for row in rows]


def state_paths(rows: Sequence[tuple[str, str, int, str]]) -> Paths:
    """The state as the map that `labels_from_paths` reads."""
    return {path: json.loads(value) for path, value, _, _ in rows}


def _applied(connection: Connection, scene_id: int, rows: Sequence[Row[Any]]) -> Iterator[Applied]:
    if not rows:
        return
    bounds = {"scene": scene_id, "first": rows[0].revision, "last": rows[-1].revision}
    by_revision: dict[int, list[AppliedOp]] = {}
    for revision, path, value, before in connection.execute(_OPS, bounds):
        by_revision.setdefault(revision, []).append(AppliedOp(path, value, before))
    for row in rows:
        yield Applied(
            row.revision,
            row.id,
            row.label,
            row.author,
            row.cause,
            row.time_ns,
            tuple(by_revision.get(row.revision, ())),
            tuple(json.loads(row.skipped)) if row.skipped else (),
            is_repeat=True,
        )
