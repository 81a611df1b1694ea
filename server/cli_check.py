"""``worldline check``."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_options import DataOption, JsonOption, data_folder, say_json

if TYPE_CHECKING:
    from worldline.formats.labels import Labels
    from worldline.tracking.findings import Finding


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    scene: Annotated[str, typer.Argument(metavar="SCENE", help="The scene.")],
    points: Annotated[
        bool, typer.Option("--points/--no-points", help="Read the sweeps too: what is empty, floats or is sunk.")
    ] = True,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what in a scene's labels cannot be: too fast, turned round, in one another, floating, empty, drawn twice.

    The exit code is 0 when nothing was found, 3 when something was.
    """
    from .checking import check_scene
    from .database import opened_database
    from .opened import OpenedScenes

    folder = data_folder(data)
    with opened_database(folder) as engine:
        labels, findings = check_scene(engine, OpenedScenes(engine, folder), scene, look_at_points=points)
    if as_json:
        say_json([{**asdict(each), "object_id": _object(labels, each.track_id)} for each in findings])
    else:
        typer.echo("\n".join(_lines(labels, findings)))
    if findings:
        raise typer.Exit(3)


def _object(labels: "Labels", track_id: str) -> str:
    return next(track.object_id for track in labels.tracks if track.id == track_id)


def _lines(labels: "Labels", findings: list["Finding"]) -> list[str]:
    if not findings:
        return ["nothing found"]
    objects = {each.id: each for each in labels.objects}
    named = {}
    for track in labels.tracks:
        known = objects[track.object_id]
        named[track.id] = f"{known.class_name} {known.number}"
    lines = []
    for each in findings:
        frames = f"frame {each.start}" if each.end == each.start + 1 else f"frames {each.start} to {each.end - 1}"
        other = "" if each.other_id is None else f" ({named[each.other_id]})"
        worst = "" if each.end == each.start + 1 else f"; look at frame {each.frame}"
        lines.append(f"{named[each.track_id]}: {frames}: {each.message}{other}{worst}")
    return [*lines, f"{len(findings)} found"]
