"""Rows of KITTI's label files.

| set | columns |
|---|---|
| object | type truncated occluded alpha left top right bottom height width length x y z rotation_y [score] |
| tracking | frame track_id and the same |

Both write DontCare with numbers that mean nothing but the box, in orders of their own.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from worldline.geometry import Box, GeometryError
from worldline.geometry.pose import Vector

from ..errors import LabelError
from ..labels import LARGEST_NUMBER
from .classes import CLASS_NAMES, DONT_CARE, Dialect

FARTHEST_M = 10_000.0
"""A box farther from the camera than this is a mistake, not a thing that was seen."""

LARGEST_ROTATION_RAD = 10.0
"""A rotation above this is in degrees."""

LARGEST_M = 100.0
"""A side longer than this is a mistake, not a thing in traffic."""

_COLUMNS = {"kitti-object": 15, "kitti-tracking": 17}
_UNKNOWN_OCCLUSION = 3
_DIGITS = 6
_NOWHERE: dict[Dialect, tuple[float, ...]] = {
    "kitti-object": (-1.0, -1.0, -1.0, -1000.0, -1000.0, -1000.0, -10.0),
    "kitti-tracking": (-1000.0, -1000.0, -1000.0, -10.0, -1.0, -1.0, -1.0),
}
"""What stands in the place of DontCare's size, place and rotation."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled box, or a DontCare region.

    Attributes:
        frame: Frame number; the object set's file name is its frame.
        track_id: KITTI's track id; -1 for DontCare and in the object set.
        name: KITTI's class.
        truncated: As written: a share in the object set, 0, 1 or 2 in the tracking set.
        occlusion: 0 visible, 1 partly, 2 largely hidden, 3 unknown.
        alpha_rad: Observation angle.
        box: On the image.
        size_m: Length, width, height.
        bottom_m: Centre of the bottom, rectified frame.
        rotation_y_rad: About the rectified frame's +y.
        line: Line of the file, from 1.
    """

    frame: int
    track_id: int
    name: str
    truncated: float
    occlusion: int
    alpha_rad: float
    box: Box
    size_m: Vector = (-1.0, -1.0, -1.0)
    bottom_m: Vector = (-1000.0, -1000.0, -1000.0)
    rotation_y_rad: float = -10.0
    line: int = 0

    @property
    def is_dont_care(self) -> bool:
        """Whether it is a region that nobody labelled."""
        return self.name == DONT_CARE


def read_rows(path: Path, dialect: Dialect, frame: int = 0) -> list[Row]:
    """The rows of a label file.

    Args:
        path: The file.
        dialect: Which columns it has.
        frame: The frame of an object file.

    Raises:
        LabelError: A row is cut off, has an unknown class, an impossible size, or an id twice in one frame.
    """
    if not path.is_file():
        raise LabelError("expected a file", path=path, fix="remove it, or copy KITTI's label file here")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise LabelError(f"expected text: {error}", path=path, place=f"byte {error.start}") from error
    rows: list[Row] = []
    seen: dict[tuple[int, int], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        try:
            row = _parse(words, number, dialect, frame)
        except (ValueError, GeometryError) as error:
            raise LabelError(str(error), path=path, place=f"line {number}", fix="correct or remove the row") from error
        if dialect == "kitti-tracking" and not row.is_dont_care:
            first = seen.setdefault((row.frame, row.track_id), number)
            if first != number:
                raise LabelError(
                    f"track {row.track_id} stands twice in frame {row.frame}, first in line {first}",
                    path=path, place=f"line {number}", fix="give one of them another track id",
                )  # fmt: skip
        rows.append(row)
    return rows


def format_rows(rows: Iterable[Row], dialect: Dialect) -> str:
    """The text of a label file: six decimals, more than the official files of the object set have."""
    return "".join(_format(row, dialect) + "\n" for row in rows)


def _parse(words: list[str], line: int, dialect: Dialect, frame: int) -> Row:
    columns = _COLUMNS[dialect]
    if len(words) not in (columns, columns + 1):
        raise ValueError(f"expected {columns} columns (or one more, a score), found {len(words)}")
    track_id = -1
    if dialect == "kitti-tracking":
        frame, track_id = _whole(words[0], "frame", 0), _whole(words[1], "track id", -1)
        words = words[2:]
    name = words[0]
    values = [float(word) for word in words[1:15]]
    if not all(map(math.isfinite, values)):
        raise ValueError(f"every number must be finite, found {' '.join(words[1:15])}")
    truncated, occluded, alpha_rad, left, top, right, bottom, height, width, length, x, y, z, rotation_y = values
    box = Box(left, top, right, bottom)
    if name == DONT_CARE:
        return Row(frame, -1, name, truncated, _UNKNOWN_OCCLUSION, alpha_rad, box, line=line)
    if name not in CLASS_NAMES:
        raise ValueError(f"unknown class {name!r}, expected one of {', '.join(CLASS_NAMES)} or {DONT_CARE}")
    if dialect == "kitti-tracking" and track_id < 0:
        raise ValueError(f"a {name} has a track id of 0 or more, found {track_id}")
    if not all(0 < side <= LARGEST_M for side in (height, width, length)):
        raise ValueError(
            f"impossible size: height, width, length must be above 0 and at most {LARGEST_M:g} m, "
            f"found {height:g} {width:g} {length:g}"
        )
    if max(abs(x), abs(y), abs(z)) > FARTHEST_M:
        raise ValueError(
            f"impossible place: x, y, z must be within {FARTHEST_M:g} m of the camera, found {x:g} {y:g} {z:g}"
        )
    if abs(rotation_y) > LARGEST_ROTATION_RAD:
        raise ValueError(f"rotation_y must be in radians, found {rotation_y:g}")
    if occluded not in (-1, 0, 1, 2, 3):
        raise ValueError(f"occluded must be 0, 1, 2 or 3 (or -1), found {occluded:g}")
    if not -1 <= truncated <= (1 if dialect == "kitti-object" else 2):
        raise ValueError(f"truncated is out of range: {truncated:g}")
    occlusion = _UNKNOWN_OCCLUSION if occluded < 0 else int(occluded)
    return Row(
        frame, track_id, name, truncated, occlusion, alpha_rad, box, (length, width, height), (x, y, z), rotation_y,
        line,
    )  # fmt: skip


def _whole(word: str, what: str, least: int) -> int:
    try:
        value = int(word)
    except ValueError:
        raise ValueError(f"{what} must be a whole number, found {word!r}") from None
    if value < least:
        raise ValueError(f"{what} must be {least} or more, found {value}")
    if value > LARGEST_NUMBER:
        raise ValueError(f"{what} must be at most {LARGEST_NUMBER}, found {value}")
    return value


def _format(row: Row, dialect: Dialect) -> str:
    tracking = dialect == "kitti-tracking"
    head = f"{row.frame} {row.track_id} " if tracking else ""
    box = (row.box.left_px, row.box.top_px, row.box.right_px, row.box.bottom_px)
    if row.is_dont_care:
        rest = (
            (-1000.0, -1000.0, -1000.0, -10.0, -1.0, -1.0, -1.0)
            if tracking
            else (-1.0,) * 3 + (-1000.0,) * 3 + (-10.0,)
        )
        return f"{head}{DONT_CARE} -1 -1 {_numbers((-10.0, *box, *rest))}"
    length, width, height = row.size_m
    truncated = str(round(row.truncated)) if tracking else f"{row.truncated:.2f}"
    numbers = (row.alpha_rad, *box, height, width, length, *row.bottom_m, row.rotation_y_rad)
    return f"{head}{row.name} {truncated} {row.occlusion} {_numbers(numbers)}"


def rounded(bottom_m: Vector, rotation_y_rad: float) -> tuple[Vector, float]:
    """A place and rotation as a row says them, so that what follows from them is the same for who reads it."""
    x, y, z = (round(value, _DIGITS) for value in bottom_m)
    return (x, y, z), round(rotation_y_rad, _DIGITS)


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{round(value, _DIGITS) + 0.0:.{_DIGITS}f}" for value in values)
