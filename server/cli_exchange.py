"""``worldline import`` and ``worldline export``."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_options import DataOption, JsonOption, data_folder, progress_bars, say_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worldline.formats.report import Loss

    from .importing import Imported


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_)
    app.command("export")(export)


def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file or folder.")],
    name: Annotated[str, typer.Option("--name", help="The scene; several sequences become NAME-<sequence>.")],
    form: Annotated[str | None, typer.Option("--format", help="Its format; without it, it is recognised.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a recording, with its labels: all of it or nothing."""
    from .database import opened_database
    from .importing import import_source
    from .services import AUTHOR

    folder = data_folder(data)
    with opened_database(folder) as engine, progress_bars(hidden=as_json) as tell:
        imported = import_source(engine, folder, path.expanduser(), name, form, AUTHOR, tell)
    if as_json:
        say_json([asdict(each) for each in imported])
        return
    for each in imported:
        _say_imported(each)


def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The scene.")],
    form: Annotated[str, typer.Option("--format", help="The format: see worldline formats.")],
    out: Annotated[Path, typer.Option("--out", help="A folder; it is made.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export a scene with its labels, and list what the format could not carry."""
    from .database import opened_database
    from .exporting import export_scene, summarise_losses

    folder = data_folder(data)
    out = out.expanduser().absolute()
    with opened_database(folder) as engine, progress_bars(hidden=as_json) as tell:
        losses = export_scene(engine, folder, name, form, out, lambda done, total: tell(name, done, total))
    if as_json:
        say_json({"scene": name, "format": form, "out": str(out), "losses": summarise_losses(losses)})
        return
    typer.echo(f"exported {name} as {form} to {out}")
    _say_losses("not carried", losses)


def _say_imported(imported: "Imported") -> None:
    typer.echo(
        f"imported {imported.name} from {imported.format}: {imported.frame_count} frames, "
        f"{imported.point_count} points, {imported.image_count} images, {imported.object_count} objects, "
        f"{imported.track_count} tracks, {imported.keyframe_count} keyframes, {imported.size_bytes / 1e6:.1f} MB"
    )
    _say_losses("skipped", imported.skipped)


def _say_losses(word: str, losses: "Sequence[Loss]") -> None:
    for loss in losses:
        typer.echo(f"  {word}: {loss.count} {loss.what} ({loss.why})")
    sys.stdout.flush()
