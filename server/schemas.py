"""The project's label schema: a document with versions in the data folder's database.

Whoever asks gets the newest version, whichever process wrote it: the text is read each time and parsed once.
"""

import time
from functools import lru_cache

from sqlalchemy import Connection, Engine, func, insert, select

from worldline.formats.schema import LabelSchema, default_schema
from worldline.formats.schema_text import parse_schema, schema_text

from .database import reading, writing
from .errors import SchemaInUseError, StaleSchemaError, UnknownSchemaVersionError
from .tables import entries, scenes, schemas

_NEWEST = select(schemas.c.text).order_by(schemas.c.version.desc()).limit(1)
_USES = (
    select(
        scenes.c.name,
        func.json_extract(entries.c.value, "$.class_name").label("class_name"),
        func.count().label("object_count"),
    )
    .join(scenes, scenes.c.id == entries.c.scene_id)
    .where(entries.c.number.is_not(None))  # objects
    .group_by(scenes.c.name, "class_name")
    .order_by(scenes.c.name, "class_name")
)
_MOST_SAID = 3


def project_schema(engine: Engine) -> LabelSchema:
    """The project's schema now; the default one where nobody changed it."""
    with reading(engine) as connection:
        return schema_of(connection)


def schema_of(connection: Connection) -> LabelSchema:
    """The project's schema as a transaction sees it."""
    text: str | None = connection.execute(_NEWEST).scalar()
    return default_schema() if text is None else _parsed(text)


def schema_version(engine: Engine, version: int) -> LabelSchema:
    """The schema as it was at a version.

    Raises:
        UnknownSchemaVersionError: It has not come to that version.
    """
    default = default_schema()
    with reading(engine) as connection:
        text = connection.execute(select(schemas.c.text).where(schemas.c.version == version)).scalar()
        if text is not None:
            return _parsed(text)
        newest = schema_of(connection).version
    if version == default.version:
        return default
    raise UnknownSchemaVersionError(
        f"the label schema has no version {version}: there are {default.version} to {newest}", version=newest
    )


def change_schema(engine: Engine, asked: LabelSchema, author: str) -> LabelSchema:
    """Make a schema the project's.

    Args:
        engine: The database.
        asked: The schema; its version is the one that it is based on.
        author: Who asks.

    Returns:
        It with its new version; as it is where its classes are the project's already.

    Raises:
        StaleSchemaError: Someone changed the schema since that version.
        SchemaInUseError: Objects have a class that it lacks.
    """
    with writing(engine) as connection:
        now = schema_of(connection)
        if asked.classes == now.classes:
            return now
        if asked.version != now.version:
            raise StaleSchemaError(
                f"the label schema is at version {now.version}, yours is based on {asked.version}: "
                "look at what changed and base yours on that",
                version=now.version,
                based_on=asked.version,
            )
        _check_unused(connection, {each.name for each in now.classes} - {each.name for each in asked.classes})
        made = asked.model_copy(update={"version": now.version + 1})
        row = {"version": made.version, "text": schema_text(made), "author": author, "time_ns": time.time_ns()}
        connection.execute(insert(schemas), row)
    return made


def _check_unused(connection: Connection, removed: set[str]) -> None:
    if not removed:
        return
    uses = [row._asdict() for row in connection.execute(_USES) if row.class_name in removed]
    if not uses:
        return
    said = [f"{each['name']} has {each['object_count']} of class {each['class_name']}" for each in uses[:_MOST_SAID]]
    if len(uses) > _MOST_SAID:
        said.append(f"and {len(uses) - _MOST_SAID} more")
    raise SchemaInUseError(
        f"{sum(each['object_count'] for each in uses)} objects have a class that the schema would lose "
        f"({', '.join(said)}): give them another class first, or keep it",
        uses=[
            {"scene": each["name"], "class_name": each["class_name"], "count": each["object_count"]} for each in uses
        ],
    )


@lru_cache(maxsize=16)
def _parsed(text: str) -> LabelSchema:
    return parse_schema(text)
