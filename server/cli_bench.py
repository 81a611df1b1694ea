"""``worldline bench effort`` and ``worldline bench fit``: what the assistants are worth on a scene with truth."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .cli_options import DataOption, JsonOption, data_folder, progress_bars, say_json

if TYPE_CHECKING:
    from .bench_effort import EffortReport
    from .bench_fit import FitReport

SceneArgument = Annotated[str, typer.Argument(metavar="SCENE", help="A scene that came with labelled cuboids.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Of the clicks and of the hand's noise.")]

_CAUSE_COUNT = 8


def register(app: typer.Typer) -> None:
    """Add the commands."""
    bench = typer.Typer(
        help="Measure the assistants on a scene with ground truth.", no_args_is_help=True, rich_markup_mode=None
    )
    bench.command("effort")(effort)
    bench.command("fit")(fit)
    app.add_typer(bench, name="bench")


def effort(
    name: SceneArgument,
    seed: SeedOption = 1,
    click_points: Annotated[
        int,
        typer.Option(min=1, help="The click goes into the first frame in which the object has so many points."),
    ] = 20,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the actions that labelling the scene takes, by us and by other tools' rules."""
    from .bench_effort import measure_effort
    from .benching import set_stage
    from .database import opened_database

    folder = data_folder(data)
    with opened_database(folder) as engine, progress_bars(hidden=as_json) as tell:
        stage = set_stage(
            engine, folder, name, lambda done, total: tell("points in the truth", done, total), click_points
        )
        _warm_up()
        report = measure_effort(stage, seed, lambda done, total: tell("labelling", done, total))
    if as_json:
        say_json(report.document())
    else:
        _show_effort(report)


def fit(
    name: SceneArgument,
    clicks: Annotated[int, typer.Option(min=1, help="Frames of each object to click in.")] = 1,
    seed: SeedOption = 1,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Click once on each object and compare the fitted cuboid with the truth."""
    from .bench_fit import measure_fits
    from .benching import set_stage
    from .database import opened_database
    from .errors import AssistError

    folder = data_folder(data)
    with opened_database(folder) as engine, progress_bars(hidden=as_json) as tell:
        stage = set_stage(engine, folder, name, lambda done, total: tell("points in the truth", done, total))
        _warm_up()
        report = measure_fits(stage, seed, clicks, lambda done, total: tell("clicking", done, total))
    if not report.clicks:
        raise AssistError(f"no object of scene {name} has enough points in any frame to be clicked on")
    if as_json:
        say_json(report.document())
    else:
        _show_fits(report)


def _warm_up() -> None:
    """Compile the kernels before time is taken."""
    from worldline.geometry import warm as geometry
    from worldline.tracking import warm as tracking

    geometry.warm_up()
    tracking.warm_up()


def _show_effort(report: "EffortReport") -> None:
    from .bench_effort import OURS, RULES

    stage, groups = report.stage, report.groups()
    every = report.summary(groups["all"]["all"])
    typer.echo(
        f"{stage.name}: {every['objects']} objects in {stage.frame_count} frames, {every['object_frames']} "
        f"object-frames with a point in the truth; labels of revision {stage.revision}, seed {report.seed}"
    )
    if stage.left_out_count:
        typer.echo(f"{stage.left_out_count} objects left out: without a cuboid, or never with a point in it")
    rows = []
    for rule in RULES:
        each = every["rules"][rule]
        rows.append(
            [
                rule,
                f"{each['actions']}",
                f"{each['actions_per_object_frame']:.4f}",
                f"{each['object_frames_per_action']:.1f}",
                f"{each['times_ours']:.2f}",
                f"{each['looked']}",
                f"{each['one_action_share']:.0%}",
                f"{report.seconds[rule]:.1f}",
            ]
        )
    heads = ["rule", "actions", "per object-frame", "object-frames per action", "times ours"]
    _show_table(None, [*heads, "looks", "one action", "s"], rows)
    ours = every["rules"][OURS]
    rate = every["object_frames"] / max(every["tool_seconds"], 1e-9)
    typer.echo(
        f"ours: {ours['commands']} propagations and interpolations asked for, "
        f"{every['tool_seconds']:.1f} s of fitting and propagating, "
        f"{rate:.0f} object-frames of the scene a second"
    )
    for by, named in groups.items():
        if by != "all":
            rows = [_effort_row(name, report.summary(numbers)) for name, numbers in named.items()]
            heads = [by, "objects", "object-frames", *RULES[1:], "one action"]
            _show_table(f"object-frames per action, by {by}", heads, rows)
    rows = [[cause, f"{count}"] for cause, count in list(every["causes"].items())[:_CAUSE_COUNT]]
    if rows:
        _show_table("what our actions after the click were for", ["cause", "actions"], rows)


def _effort_row(name: str, summary: dict[str, Any]) -> list[str]:
    from .bench_effort import OURS, RULES

    rules = summary["rules"]
    figures = [f"{rules[rule]['object_frames_per_action']:.1f}" for rule in RULES[1:]]
    share = f"{rules[OURS]['one_action_share']:.0%}"
    return [name, f"{summary['objects']}", f"{summary['object_frames']}", *figures, share]


def _show_fits(report: "FitReport") -> None:
    from .bench_fit import FITTERS, summarise

    typer.echo(f"{report.stage.name}: {len(report.clicks)} clicks, seed {report.seed}")
    heads = ["fit", "clicks", "none", "BEV", "BEV >= 0.7", "3D", "3D >= 0.7", "3D >= 0.5"]
    heads += ["axis off", "heading off", "flipped", "p50 ms", "p99 ms"]
    for named in report.groups().values():
        for name, clicks in named.items():
            rows = []
            for fitter in FITTERS:
                each = summarise(clicks, fitter)
                rows.append(
                    [
                        fitter,
                        f"{each['clicks']}",
                        f"{each['unfitted']}",
                        f"{each['bev_iou_mean']:.3f}",
                        f"{each['bev_07_share']:.0%}",
                        f"{each['iou_3d_mean']:.3f}",
                        f"{each['iou_3d_07_share']:.0%}",
                        f"{each['iou_3d_05_share']:.0%}",
                        _figure(each["axis_off_median_deg"], "{:.1f}"),
                        _figure(each["heading_off_median_deg"], "{:.1f}"),
                        _figure(each["flipped_share"], "{:.0%}"),
                        f"{each['p50_ms']:.1f}",
                        f"{each['p99_ms']:.1f}",
                    ]
                )
            _show_table(name, heads, rows)


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _show_table(title: str | None, heads: list[str], rows: list[list[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    if title is not None:
        typer.echo(f"\n{title}")
    table = Table(box=box.MARKDOWN)
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console = Console()
    if not console.is_terminal:
        console.width = 400  # whole lines for files and pipes
    console.print(table)
