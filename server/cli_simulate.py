"""``worldline simulate``."""

from enum import StrEnum
from typing import Annotated

import typer

from .cli_options import DataOption, JsonOption, data_folder, progress_bars, say_json


class Labelled(StrEnum):
    """How much of the ground truth becomes labels."""

    TRUTH = "truth"
    SOME = "some"
    NONE = "none"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    name: Annotated[str, typer.Option("--name", help="The scene.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same street.")] = 1,
    seconds: Annotated[float, typer.Option(help="How long the drive is.")] = 20.0,
    rate: Annotated[float, typer.Option(help="Frames a second.")] = 10.0,
    beams: Annotated[int, typer.Option(help="Beams of the lidar.")] = 64,
    columns: Annotated[int, typer.Option(help="Firings of the lidar in a turn.")] = 1800,
    cameras: Annotated[bool, typer.Option(help="Render the cameras too.")] = True,
    rolling: Annotated[
        bool, typer.Option("--rolling", help="Fire each ray at its own time, while everyone moves.")
    ] = False,
    pace: Annotated[float, typer.Option(help="How fast vehicles are, as a multiple of 8 to 11 m/s.")] = 1.0,
    labels: Annotated[Labelled, typer.Option(help="What is labelled: all, every second object, nothing.")] = (
        Labelled.TRUTH
    ),
    quiet: Annotated[bool, typer.Option(help="No progress bar.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a simulated street with a lidar, cameras and exact ground truth."""
    from worldline.formats.synthetic import SimulationOptions, simulate_scene

    from .catalogue import check_free
    from .database import opened_database
    from .growing import grow_scene
    from .services import AUTHOR

    folder = data_folder(data)
    options = SimulationOptions(
        seed=seed,
        duration_s=seconds,
        rate_hz=rate,
        beams=beams,
        columns=columns,
        cameras=cameras,
        labels=labels.value,
        rolling=rolling,
        pace=pace,
    )
    with opened_database(folder) as engine:
        check_free(engine, name)
        scene = simulate_scene(name, options)
        with progress_bars(hidden=quiet or as_json) as tell:
            published = grow_scene(
                engine, folder, scene, "synthetic", AUTHOR, lambda done, total: tell(name, done, total)
            )
    objects = len(scene.labels.objects)
    if as_json:
        facts = {"name": name, "frame_count": scene.frame_count, "object_count": objects}
        say_json(facts | {"generation": published.generation, "size_bytes": published.size_bytes})
    elif not quiet:
        size = f"{published.size_bytes / 1e6:.1f} MB"
        typer.echo(f"simulated {name}: {scene.frame_count} frames, {objects} objects, {size}")
