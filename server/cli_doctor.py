"""``worldline doctor``."""

from dataclasses import asdict
from typing import Annotated

import typer

from .cli_options import DataOption, JsonOption, data_folder, progress_bars, say_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    scene: Annotated[
        str | None, typer.Argument(metavar="[SCENE]", help="The scene; else all of the data folder.")
    ] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look whether everything is as it was written: database, files, indexes, and what lies around.

    The exit code is 0 when nothing is wrong (any more), 3 when something is.
    """
    from .doctor import examine

    folder = data_folder(data)
    with progress_bars(hidden=as_json) as tell:
        found = examine(folder, scene, repair=repair, tell=tell)
    if as_json:
        say_json([asdict(each) for each in found])
    for each in found if not as_json else ():
        what = f"{each.scene}: " if each.scene else ""
        end = "mended" if each.mended else f"not mended; {each.fix}" if repair else each.fix
        typer.echo(f"{each.kind}\t{what}{each.where}: {each.message}. {end}")
    if not found and not as_json:
        typer.echo("nothing is wrong")
    if any(not each.mended for each in found):
        raise typer.Exit(3)
