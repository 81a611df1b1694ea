"""``worldline link``."""

from typing import TYPE_CHECKING, Annotated

import typer

from .cli_options import DataOption, JsonOption, data_folder, say_json

if TYPE_CHECKING:
    from worldline.formats.linking import Linked


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("link")(link)


def link(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The scene.")],
    gap: Annotated[float, typer.Option(help="The longest gap that is bridged, seconds.")] = 4.0,
    noise: Annotated[
        float | None, typer.Option(help="How far a cuboid's centre is usually off, metres; else told from them.")
    ] = None,
    most_overlap: Annotated[
        float | None,
        typer.Option(help="Of two of one class that overlap by more, the one of lower quality is removed."),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Link cuboids that are seen in one frame only into tracks: labels without ids, imported detections."""
    from worldline.tracking.associate import LinkOptions

    from .database import opened_database
    from .linking import link_scene
    from .services import AUTHOR

    folder = data_folder(data)
    options = LinkOptions(noise_m=noise, long_gap_s=gap, short_gap_s=min(1.0, gap), most_overlap=most_overlap)
    with opened_database(folder) as engine:
        done = link_scene(engine, folder, name, AUTHOR, options)
    revision = done.applied.revision if done.applied else None
    if as_json:
        say_json({"scene": name, "revision": revision, **link_facts(done.linked)})
        return
    typer.echo(f"{name}: {spell_linked(done.linked)}")
    typer.echo("nothing had to be joined" if revision is None else f"one change, revision {revision}: it can be undone")


def link_facts(linked: "Linked") -> dict[str, int]:
    """What linking did, as JSON."""
    return {
        "cuboid_count": linked.cuboid_count,
        "track_count": linked.track_count,
        "left_out_count": linked.left_out_count,
        "bridged_count": linked.bridged_count,
    }


def spell_linked(linked: "Linked") -> str:
    """What linking did, for people."""
    text = f"{linked.cuboid_count} cuboids became {linked.track_count} tracks"
    if linked.bridged_count:
        text += f", {linked.bridged_count} frames in which one was missed are bridged"
    if linked.left_out_count:
        text += f", {linked.left_out_count} doubles were removed"
    return text
