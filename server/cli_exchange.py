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


_OUTCOMES = {
    "imported": "imported",
    "continued": "went on where an import was interrupted: imported",
    "recognised": "already imported as",
    "named": "already imported, not written again: second name",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_)
    app.command("export")(export)


def import_(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A file, a folder, a zip or tar file, or s3://bucket/prefix.")
    ],
    name: Annotated[str, typer.Option("--name", help="The scene; several sequences become NAME-<sequence>.")],
    form: Annotated[str | None, typer.Option("--format", help="Its format; without it, it is recognised.")] = None,
    estimate_poses: Annotated[
        bool, typer.Option("--estimate-poses", help="Estimate ego poses from the lidar where the source has none.")
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Link cuboids without ids, one frame each, into tracks.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a recording, with its labels; the same source again goes on where it was cut short, or is recognised."""
    from .database import opened_database
    from .importing import import_source
    from .preparing import Preparation
    from .services import AUTHOR

    folder = data_folder(data)
    source = path if path.startswith("s3://") else Path(path).expanduser()
    with opened_database(folder) as engine, progress_bars(hidden=as_json) as tell:
        imported = import_source(engine, folder, source, name, form, AUTHOR, tell, Preparation(estimate_poses, link))
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
    done = _OUTCOMES[imported.outcome]
    typer.echo(
        f"{done} {imported.name} ({imported.generation}) from {imported.format}: {imported.frame_count} frames, "
        f"{imported.point_count} points, {imported.image_count} images, {imported.object_count} objects, "
        f"{imported.track_count} tracks, {imported.keyframe_count} keyframes, {imported.size_bytes / 1e6:.1f} MB"
    )
    _say_losses("skipped", imported.skipped)
    if imported.ego_poses == "unknown":
        typer.echo("  hint: the ego seems to stand still; if it drove, import with --estimate-poses")
    elif imported.ego_poses != "given":
        typer.echo(f"  ego poses: {imported.ego_poses}")


def _say_losses(word: str, losses: "Sequence[Loss]") -> None:
    for loss in losses:
        typer.echo(f"  {word}: {loss.count} {loss.what} ({loss.why})")
    sys.stdout.flush()
