"""What stands on a path: which change's value it holds, once undone changes are taken away.

The journal only grows: an undo is a change like any other. Seen per path, each change leads from one
standing value to another, and an undo of it leads back to the one before. So a person may undo
several changes one after another, and others may undo theirs in between.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from .commit import chunks
from .tables import changes, ops

_undone = changes.alias()
_HISTORY = (
    select(ops.c.path, ops.c.revision, _undone.c.revision)
    .join(changes, (changes.c.scene_id == ops.c.scene_id) & (changes.c.revision == ops.c.revision))
    .outerjoin(_undone, (_undone.c.scene_id == changes.c.scene_id) & (_undone.c.id == changes.c.undoes))
    .where(ops.c.scene_id == bindparam("scene"), ops.c.path.in_(bindparam("paths", expanding=True)))
    .order_by(ops.c.path, ops.c.revision)
)


class Standing(NamedTuple):
    """A path's values, each named by the revision of the change that first set it; 0 is none.

    Attributes:
        now: The one that stands.
        after: By revision of a change, the one that stood right after it.
    """

    now: int
    after: dict[int, int]


def standing_values(connection: Connection, scene_id: int, paths: Sequence[str]) -> dict[str, Standing]:
    """What stands on each path."""
    found = {path: Standing(0, {}) for path in paths}
    before: dict[tuple[str, int], int] = {}
    for some in chunks(paths):
        for path, revision, undone in connection.execute(_HISTORY, {"scene": scene_id, "paths": some}):
            now, after = found[path]
            before[path, revision] = now
            after[revision] = revision if undone is None else before[path, undone]
            found[path] = Standing(after[revision], after)
    return found
