"""The state of a scene's labels is a fold of its journal: whether it is, and making it again.

The journal is the truth. What is folded from it (entries, the newest revision, the number of objects) only makes
reading fast, and can be made again at any time.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from .commit import entry_row
from .database import reading, writing
from .tables import changes, entries, ops, scenes

Row = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class LabelFault:
    """The folded state says something else than the journal."""

    kind: str
    where: str
    message: str


def label_faults(engine: Engine, scene_id: int) -> list[LabelFault]:
    """What the folded state of a scene has otherwise than its journal."""
    with reading(engine) as connection:
        folded, (revision, objects) = _fold(connection, scene_id)
        query = select(entries.c.path, entries.c.value, entries.c.revision, entries.c.author)
        stored = {
            path: (value, changed, author)
            for path, value, changed, author in connection.execute(query.where(entries.c.scene_id == scene_id))
        }
        row = connection.execute(select(scenes.c.revision, scenes.c.object_count).where(scenes.c.id == scene_id)).one()
    faults = []
    differing = sorted(path for path in folded.keys() | stored.keys() if folded.get(path) != stored.get(path))
    if differing:
        message = f"{len(differing)} paths differ from the journal, the first is {differing[0]}"
        faults.append(LabelFault("labels_differ", "entries", message))
    if tuple(row) != (revision, objects):
        message = f"the catalogue says revision {row[0]} and {row[1]} objects, the journal {revision} and {objects}"
        faults.append(LabelFault("counts_differ", "scenes", message))
    return faults


def refold(engine: Engine, scene_id: int) -> bool:
    """Make the folded state of a scene again from its journal.

    Returns:
        True: what the journal says is the state now.
    """
    with writing(engine) as connection:
        folded, (revision, objects) = _fold(connection, scene_id)
        connection.execute(delete(entries).where(entries.c.scene_id == scene_id))
        rows = [entry_row(scene_id, path, value, changed, author) for path, (value, changed, author) in folded.items()]
        if rows:
            connection.execute(insert(entries), rows)
        counts = {"revision": revision, "object_count": objects}
        connection.execute(update(scenes).where(scenes.c.id == scene_id).values(**counts))
    return True


def _fold(connection: Connection, scene_id: int) -> tuple[dict[str, Row], tuple[int, int]]:
    """Value, revision and author of each path; the newest revision and the number of objects."""
    state: dict[str, Row] = {}
    query = (
        select(ops.c.path, ops.c.value, ops.c.revision, changes.c.author)
        .join(changes, (changes.c.scene_id == ops.c.scene_id) & (changes.c.revision == ops.c.revision))
        .where(ops.c.scene_id == scene_id)
        .order_by(ops.c.revision, ops.c.position)
    )
    for path, value, revision, author in connection.execute(query):
        if value is None:
            state.pop(path, None)
        else:
            state[path] = (value, revision, author)
    newest = connection.execute(select(func.max(changes.c.revision)).where(changes.c.scene_id == scene_id)).scalar()
    objects = sum(path.startswith("objects/") and path.count("/") == 1 for path in state)
    return state, (newest or 0, objects)
