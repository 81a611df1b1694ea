"""``worldline schema``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .cli_options import DataOption, JsonOption, data_folder, say_json

_STANDARD_INPUT = Path("-")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command("show")(show)
    group.command("set")(set_schema)
    app.add_typer(group, name="schema", help="The project's classes: names, colours, usual sizes.")


def show(
    version: Annotated[int | None, typer.Option(help="An older version; else the one now.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the label schema as YAML, to be edited and set again."""
    from worldline.formats.schema_text import schema_text

    from .database import opened_database
    from .schemas import project_schema, schema_version

    with opened_database(data_folder(data)) as engine:
        schema = project_schema(engine) if version is None else schema_version(engine, version)
    if as_json:
        say_json(schema.model_dump(mode="json"))
    else:
        sys.stdout.write(schema_text(schema))


def set_schema(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML as `worldline schema show` prints; - reads it.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a file the label schema; its version is the one that it is based on.

    Refused where someone changed the schema meanwhile, or objects have a class that it lacks.
    """
    from worldline.formats.schema_text import parse_schema

    from .database import opened_database
    from .schemas import change_schema
    from .services import AUTHOR

    text = sys.stdin.buffer.read() if file == _STANDARD_INPUT else file.read_bytes()
    asked = parse_schema(text, source=str(file))
    with opened_database(data_folder(data)) as engine:
        made = change_schema(engine, asked, AUTHOR)
    if as_json:
        say_json({"version": made.version, "class_count": len(made.classes)})
    else:
        typer.echo(f"the label schema is at version {made.version}: {len(made.classes)} classes")
