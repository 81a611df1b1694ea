"""``worldline scenes``, ``formats``, ``remove`` and ``openapi``."""

import sys
from typing import Annotated

import typer

from .cli_options import DataOption, JsonOption, data_folder, say_json


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("scenes")(show_scenes)
    app.command("formats")(show_formats)
    app.command("remove")(remove)
    app.command("openapi")(show_openapi)


def show_scenes(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the scenes of the data folder."""
    from .api_scenes import summarise
    from .catalogue import list_scenes
    from .database import opened_database

    with opened_database(data_folder(data)) as engine:
        rows = list_scenes(engine)
    if as_json:
        say_json([summarise(row).model_dump() for row in rows])
        return
    if not rows:
        typer.echo("no scenes yet: worldline import PATH --name NAME, or worldline simulate --name NAME")
    for row in rows:
        count = f"{row.frame_count}" if row.state == "ready" else f"{row.ready_frame_count} of {row.frame_count}"
        count = f"interrupted, {count}" if row.state == "interrupted" else count
        sensors = f"{row.lidar_count} lidars, {row.camera_count} cameras"
        typer.echo(f"{row.name}\t{count} frames\t{sensors}\t{row.object_count} objects\t{row.source_format}")


def show_formats(as_json: JsonOption = False) -> None:
    """List the formats that can be imported and exported."""
    from worldline.formats.registry import FORMATS

    if as_json:
        say_json([{"name": f.name, "title": f.title, "reads": f.reads, "writes": f.writes} for f in FORMATS])
        return
    for form in FORMATS:
        abilities = " and ".join(word for word, able in (("import", form.reads), ("export", form.writes)) if able)
        typer.echo(f"{form.name:16}{abilities:20}{form.title}")


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The scene.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove a scene with its labels and their history."""
    from .catalogue import remove_scene
    from .database import opened_database
    from .sweeping import sweep

    folder = data_folder(data)
    with opened_database(folder) as engine:
        row = remove_scene(engine, name)
        sweep(engine, folder)
    if as_json:
        say_json({"removed": name, "object_count": row.object_count, "revision": row.revision})
    else:
        typer.echo(f"removed {name}: {row.frame_count} frames, {row.object_count} objects, {row.revision} changes")


def show_openapi() -> None:
    """Print the description of the HTTP interface."""
    from .openapi import interface_text

    sys.stdout.write(interface_text())
