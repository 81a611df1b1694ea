"""``worldline compare``."""

import math
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .cli_options import DataOption, JsonOption, data_folder, say_json

if TYPE_CHECKING:
    from worldline.tracking.agreement import Agreement, Matched, Scores

    from .comparing import Comparison


class By(StrEnum):
    """What cuboids are compared by."""

    BEV = "bev"
    SPACE = "3d"
    CENTER = "center"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare")(compare)


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="The scene to measure against: NAME or NAME@REVISION.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other scene of the recording, or another revision.")],
    by: Annotated[By, typer.Option(help="Overlap in bird's-eye view or in space, or distance of centres.")] = By.BEV,
    threshold: Annotated[
        float | None, typer.Option(help="Least overlap (0.5 unless said), or largest distance (1 m unless said).")
    ] = None,
    from_ego: Annotated[
        bool, typer.Option("--from-ego", help="Compare as seen from the ego: for scenes with other ego poses.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell how well the labels of two scenes, or of two revisions of one, agree."""
    from .comparing import compare_scenes
    from .database import opened_database

    folder = data_folder(data)
    with opened_database(folder) as engine:
        comparison = compare_scenes(engine, folder, a, b, by.value, threshold, from_ego)
    if as_json:
        say_json(describe_comparison(comparison))
    else:
        typer.echo("\n".join(_lines(comparison)))


def describe_comparison(comparison: "Comparison") -> dict[str, Any]:
    """A comparison as JSON; what has no value is null."""
    agreement = comparison.agreement
    return {
        "a": asdict(comparison.a),
        "b": asdict(comparison.b),
        "by": agreement.measure,
        "threshold": agreement.threshold,
        "frame_count": agreement.frame_count,
        "overall": _describe_scores(agreement.overall),
        "by_class": {name: _describe_scores(scores) for name, scores in agreement.by_class.items()},
        "confusions": [{"a": a, "b": b, "count": count} for (a, b), count in agreement.confusions.items()],
    }


def _describe_scores(scores: "Scores") -> dict[str, Any]:
    clear, identity, has_any = scores.clear, scores.identity, bool(scores.a_count + scores.b_count)
    return {
        "a_count": scores.a_count,
        "b_count": scores.b_count,
        "a_tracks": scores.a_tracks,
        "b_tracks": scores.b_tracks,
        "matched": [_describe_matched(each) for each in scores.matched],
        "deviation": None if scores.deviation is None else asdict(scores.deviation),
        "hota": scores.hota.hota if has_any else None,
        "det_a": scores.hota.det_a if has_any else None,
        "ass_a": scores.hota.ass_a if has_any else None,
        "loc_a": scores.hota.loc_a if scores.hota.matched.any() else None,
        "mota": clear.mota,
        "motp": clear.motp,
        "switch_count": clear.switch_count,
        "fragment_count": clear.fragment_count,
        "idf1": identity.idf1,
        "id_precision": identity.precision,
        "id_recall": identity.recall,
    }


def _describe_matched(matched: "Matched") -> dict[str, Any]:
    return {
        "threshold": matched.threshold,
        "count": matched.count,
        "precision": matched.precision,
        "recall": matched.recall,
        "f1": matched.f1,
    }


def _lines(comparison: "Comparison") -> list[str]:
    a, b, agreement = comparison.a, comparison.b, comparison.agreement
    what = {"bev": "overlap from above", "3d": "overlap in space", "center": "distance of centres"}[agreement.measure]
    at = f"up to {agreement.threshold:g} m" if agreement.measure == "center" else f"from {agreement.threshold:g}"
    lines = [
        f"A {a.scene}@{a.revision} ({a.frame_count} frames), B {b.scene}@{b.revision} ({b.frame_count} frames): "
        f"{agreement.frame_count} frames in common; {what} {at}"
    ]
    if not agreement.by_class:
        return [*lines, "neither has a cuboid there"]
    lines += _table(agreement)
    lines += [
        f"confused: {count} {a_class} of A are {b_class} of B"
        for (a_class, b_class), count in agreement.confusions.items()
    ]
    if a.left_out or b.left_out:
        lines.append(f"left out: tracks of boxes in images, {a.left_out} of A, {b.left_out} of B")
    return lines


def _table(agreement: "Agreement") -> list[str]:
    head = ["class", "A", "B", "precision", "recall"]
    head += [f"F1@{each.threshold:g}" for each in agreement.overall.matched]
    head += ["center m", "size m", "heading deg", "axis deg", "flips"]
    head += ["HOTA", "DetA", "AssA", "MOTA", "IDF1", "switches"]
    rows = [_row(name, scores, agreement.threshold) for name, scores in agreement.by_class.items()]
    if len(rows) > 1:
        rows.append(_row("all", agreement.overall, agreement.threshold))
    table = [head, *rows]
    widths = [max(len(row[k]) for row in table) for k in range(len(head))]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in table]


def _row(name: str, scores: "Scores", threshold: float) -> list[str]:
    main, off = scores.matched_at(threshold), scores.deviation
    row = [name, str(scores.a_count), str(scores.b_count), _number(main.precision), _number(main.recall)]
    row += [_number(each.f1) for each in scores.matched]
    if off is None:
        row += ["-"] * 5
    else:
        size_m = max(off.length_m.mean, off.width_m.mean, off.height_m.mean)
        row += [_number(off.center_m.mean), _number(size_m), _number(math.degrees(off.heading_rad.mean), 2)]
        row += [_number(math.degrees(off.axis_rad.mean), 2), str(off.flip_count)]
    row += [_number(each) for each in (scores.hota.hota, scores.hota.det_a, scores.hota.ass_a)]
    return [*row, _number(scores.clear.mota), _number(scores.identity.idf1), str(scores.clear.switch_count)]


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
