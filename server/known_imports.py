"""Which scenes were imported from what, and how those stand whose import was interrupted."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from worldline.formats.documents import canonical_json, labels_to_paths
from worldline.formats.labels import Labels

from .catalogue import SceneRow
from .database import reading, writing
from .tables import imports, scenes


@dataclass(frozen=True, slots=True)
class KnownImport:
    """An import that the catalogue knows.

    Attributes:
        scene: The scene.
        source_key: Of the source's sequence.
        labels: Digest of the labels that came with it.
        revision: Of the scene once these were entered: a later one is somebody's work.
    """

    scene: SceneRow
    source_key: str
    labels: str
    revision: int

    @property
    def is_edited(self) -> bool:
        """Whether somebody worked on it since."""
        return self.scene.revision > self.revision


_OWN = ("source_key", "labels", "revision")
_QUERY = select(
    *(scenes.c[name] for name in SceneRow.__slots__), *(imports.c[name].label(f"import_{name}") for name in _OWN)
).join(imports, imports.c.scene_id == scenes.c.id)


def find_imports(engine: Engine, source_key: str) -> list[KnownImport]:
    """The scenes that came from a sequence of a source, the oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(_QUERY.where(imports.c.source_key == source_key).order_by(scenes.c.id)).all()
    return [_known(row) for row in rows]


def import_of(engine: Engine, name: str) -> KnownImport | None:
    """What is known of the import of a scene."""
    with reading(engine) as connection:
        row = connection.execute(_QUERY.where(scenes.c.name == name)).one_or_none()
    return None if row is None else _known(row)


def remember_import(
    connection: Connection, scene_id: int, source_key: str, source: str, labels: str, revision: int | None = None
) -> None:
    """Say what a scene came from; unless a revision is given, its labels were just entered."""
    if revision is None:
        revision = connection.execute(select(scenes.c.revision).where(scenes.c.id == scene_id)).scalar_one()
    facts = {"source_key": source_key, "source": source, "labels": labels, "revision": revision}
    connection.execute(delete(imports).where(imports.c.scene_id == scene_id))
    connection.execute(insert(imports), {"scene_id": scene_id, **facts})


def interrupt_import(engine: Engine, scene_id: int, error: str | None, ready_frame_count: int) -> None:
    """Say that nobody writes a scene any more, and why."""
    with writing(engine) as connection:
        values = {"state": "interrupted", "ready_frame_count": ready_frame_count}
        connection.execute(update(scenes).where(scenes.c.id == scene_id, scenes.c.state != "ready").values(**values))
        connection.execute(update(imports).where(imports.c.scene_id == scene_id).values(error=error))


def remove_unready(engine: Engine, scene_id: int) -> None:
    """Take a scene whose import came to nothing out of the catalogue."""
    with writing(engine) as connection:
        connection.execute(delete(scenes).where(scenes.c.id == scene_id, scenes.c.state != "ready"))


def import_errors(engine: Engine) -> dict[int, str]:
    """Why imports were interrupted, by the scene's id."""
    with reading(engine) as connection:
        query = select(imports.c.scene_id, imports.c.error).where(imports.c.error.is_not(None))
        return {row.scene_id: row.error for row in connection.execute(query)}


def digest_labels(labels: Labels) -> str:
    """A digest that equal labels share."""
    text = canonical_json(dict(labels_to_paths(labels)))
    return hashlib.sha256(text.encode()).hexdigest()


def _known(row: Row) -> KnownImport:  # type: ignore[type-arg]
    count = len(SceneRow.__slots__)
    return KnownImport(SceneRow(*row[:count]), *row[count:])
