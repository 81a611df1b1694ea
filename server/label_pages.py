"""Labels in pages: some entries after a path, of one revision, so that nobody has to hold all of them at once.

Every page is read by itself. The pages of a revision are the whole of that revision, whatever was changed
while they were asked for: the journal has every value that ever was.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, bindparam, func, select

from .database import reading
from .errors import UnknownRevisionError
from .history import revision_of
from .tables import changes, entries, ops

PAGE = 5000
"""Entries that are read and written at a time."""

EntryRow = tuple[str, str, int, str]

_NOW = (
    select(entries.c.path, entries.c.value, entries.c.revision, entries.c.author)
    .where(entries.c.scene_id == bindparam("scene"), entries.c.path > bindparam("after"))
    .order_by(entries.c.path)
    .limit(bindparam("limit"))
)
_later = ops.alias("later")
_last = (
    select(func.max(_later.c.revision))
    .where(_later.c.scene_id == ops.c.scene_id, _later.c.path == ops.c.path, _later.c.revision <= bindparam("at"))
    .scalar_subquery()
)
_THEN = (
    select(ops.c.path, ops.c.value, ops.c.revision, changes.c.author)
    .join(changes, (changes.c.scene_id == ops.c.scene_id) & (changes.c.revision == ops.c.revision))
    .where(ops.c.scene_id == bindparam("scene"), ops.c.path > bindparam("after"))
    .where(ops.c.revision == _last, ops.c.value.is_not(None))
    .order_by(ops.c.path)
    .limit(bindparam("limit"))
)
_LAST_CHANGE = select(changes.c.id).where(
    changes.c.scene_id == bindparam("scene"), changes.c.revision == bindparam("revision")
)


def page_rows(
    connection: Connection, scene_id: int, revision: int, after: str = "", limit: int = PAGE
) -> Sequence[EntryRow]:
    """Path, canonical JSON, revision and author of at most so many entries after a path, in order of path.

    Raises:
        UnknownRevisionError: The scene has not come to that revision.
    """
    newest = revision_of(connection, scene_id)
    if revision > newest:
        raise UnknownRevisionError(f"the scene is at revision {newest}, there is no {revision} yet", revision=newest)
    asked: dict[str, object] = {"scene": scene_id, "after": after, "limit": limit}
    found = (
        connection.execute(_NOW, asked) if revision == newest else connection.execute(_THEN, asked | {"at": revision})
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


def labels_tag(connection: Connection, scene_id: int, generation: str, revision: int) -> str:
    """The ETag of the labels at a revision: another history behind the same address has another."""
    change = connection.execute(_LAST_CHANGE, {"scene": scene_id, "revision": revision}).scalar() or ""
    digest = hashlib.sha256(f"{generation}\n{revision}\n{change}".encode()).hexdigest()
    return f'"{digest[:32]}"'


def rows_text(rows: Sequence[EntryRow]) -> str:
    """Entries as JSON, put together from the stored texts, with commas between."""
    return ",".join(
        f'{{"path":{json.dumps(path, ensure_ascii=False)},"value":{value},"revision":{changed},'
        f'"author":{json.dumps(author, ensure_ascii=False)}}}'
        for path, value, changed, author in rows
    )


def labels_text(engine: Engine, scene_id: int, revision: int, first: Sequence[EntryRow]) -> Iterator[str]:
    """The whole answer in pieces, the first page of which is at hand."""
    rows = first
    yield f'{{"revision":{revision},"entries":[{rows_text(rows)}'
    while len(rows) == PAGE:
        with reading(engine) as connection:
            rows = page_rows(connection, scene_id, revision, rows[-1][0])
        if rows:
            yield "," + rows_text(rows)
    yield "]}"
