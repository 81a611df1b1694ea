"""Effort: how many actions it takes to label an object, measured with an annotator who knows the truth.

An object's truth is a `Target`. A `Hand` sets keyframes near it as a person's hand does, and `find_right`
says which frames of a track are good enough. What a rule of labelling costs one object is an `Outcome`. The
protocol is in ``docs/effort.md``; the rules that use no points are in `effort_rules`, ours in `effort_ours`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from worldline.geometry import Cuboid, Pose
from worldline.geometry.arrays import Bools, Float64s, Int64s
from worldline.geometry.overlap import cuboid_of_row, overlap_matrix_3d
from worldline.geometry.pose import Vector

from .errors import SpanError
from .span import Span

LOOSE_CLASSES = frozenset(
    {"pedestrian", "person_sitting", "animal", "cyclist", "bicycle", "motorcycle", "traffic_cone"}
)
"""People, cycles and things as small: right from IoU `LOOSE_IOU` on; all others from `STRICT_IOU`."""

HEADLESS_CLASSES = frozenset({"traffic_cone", "barrier"})
"""Things without a front: their heading is not judged."""

STRICT_IOU, LOOSE_IOU = 0.7, 0.5
HEADING_RAD = math.radians(10)

STILL_M = 0.5
STILL_RAD = math.radians(20)
"""An object whose centre and heading never leave these around its first frame's stands still."""

CLICK_POINTS = 20
"""Points that the annotator wants to see before the first click."""

HAND_M = 0.03
HAND_RAD = math.radians(1)


@dataclass(frozen=True, slots=True)
class Target:
    """The truth about one object, in the frames that are judged.

    Attributes:
        object_id: Which object.
        class_name: Its class.
        frames: (F,) the frames judged, increasing, at least one.
        rows: (F, 7) x, y, z of the centre, length, width, height, yaw in each: world, metres, radians.
        point_counts: (F,) lidar points in the true cuboid.
        spans: Where the object is present, judged or not.
        click_points: The click goes into the first frame with so many points, else into that with the most.

    Raises:
        SpanError: There is no frame, or the arrays are of other lengths.
    """

    object_id: str
    class_name: str
    frames: Int64s
    rows: Float64s
    point_counts: Int64s
    spans: tuple[Span, ...]
    click_points: int = CLICK_POINTS

    def __post_init__(self) -> None:
        """Check the lengths."""
        count = len(self.frames)
        if count == 0 or self.rows.shape != (count, 7) or self.point_counts.shape != (count,):
            raise SpanError(
                f"object {self.object_id}: {count} judged frames with rows {self.rows.shape} and point counts "
                f"{self.point_counts.shape}; give one frame or more, and a row and a count for each"
            )

    @property
    def size_m(self) -> Vector:
        """The true length, width and height."""
        length, width, height = self.rows[0, 3:6].tolist()
        return (length, width, height)

    @property
    def is_still(self) -> bool:
        """Whether it stands in one place all the time."""
        away_m = np.hypot(*(self.rows[:, :2] - self.rows[0, :2]).T)
        turned_rad = turned(self.rows[:, 6], self.rows[0, 6])
        return bool(away_m.max() <= STILL_M and turned_rad.max() <= STILL_RAD)

    @property
    def click_index(self) -> int:
        """Index into `frames` of the frame that is clicked in."""
        enough = np.flatnonzero(self.point_counts >= self.click_points)
        return int(enough[0] if len(enough) else np.argmax(self.point_counts))

    def cuboid(self, index: int) -> Cuboid:
        """The truth in a judged frame."""
        return cuboid_of_row(self.rows[index])


class Hand:
    """A hand that puts cuboids almost where they belong: each coordinate and the yaw off by normal noise."""

    def __init__(self, seed: int, object_id: str) -> None:
        """The same seed and object give the same noise.

        Args:
            seed: Of the whole run.
            object_id: Whose cuboids it draws.
        """
        self.random = np.random.default_rng([seed, *object_id.encode()])

    def draw(self, truth: Cuboid) -> Cuboid:
        """A cuboid drawn anew: place, heading and size."""
        size = np.maximum(np.array(truth.size_m) + self.random.normal(0, HAND_M, 3), HAND_M).tolist()
        return Cuboid(self.place(truth), (size[0], size[1], size[2]))

    def place(self, truth: Cuboid) -> Pose:
        """A cuboid put into place and turned; its size stays what it is."""
        x, y, z = (np.array(truth.center_m) + self.random.normal(0, HAND_M, 3)).tolist()
        return Pose.from_yaw(truth.yaw_rad + self.random.normal(0, HAND_RAD), (x, y, z))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one object cost by one rule.

    Attributes:
        actions: Clicks and keyframes set by hand.
        looked: How often a frame was looked at; one whose cuboid changed has to be looked at again.
        commands: Propagations asked for: one key each.
        seconds: What the tool computed, the truth and the judging aside.
        causes: Why the actions after the first were needed, and how often.
    """

    actions: int
    looked: int
    commands: int = 0
    seconds: float = 0.0
    causes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def find_right(target: Target, rows: Float64s) -> tuple[Bools, Float64s]:
    """Which frames are good enough, and how much each overlaps with the truth.

    Args:
        target: The truth.
        rows: (F, 7) what the tool shows in the frames judged; NaN where it shows nothing.

    Returns:
        (F,) whether the frame is right; (F,) the overlap in space, 0 to 1.
    """
    overlaps = np.zeros(len(rows))
    for index in np.flatnonzero(np.isfinite(rows).all(axis=1)).tolist():
        overlaps[index] = overlap_matrix_3d(rows[index : index + 1], target.rows[index : index + 1])[0, 0]
    right_mask = overlaps >= (LOOSE_IOU if target.class_name in LOOSE_CLASSES else STRICT_IOU)
    if target.class_name not in HEADLESS_CLASSES:
        right_mask &= turned(rows[:, 6], target.rows[:, 6]) <= HEADING_RAD
    return right_mask, overlaps


def explain_fault(target: Target, index: int, rows: Float64s) -> str | None:
    """What is wrong with what is shown in a judged frame: the other way round, heading, or place or size.

    Args:
        target: The truth.
        index: Of the frame among those judged.
        rows: (1, 7) what is shown.

    Returns:
        None when nothing is.
    """
    only = slice(index, index + 1)
    one = replace(target, frames=target.frames[only], rows=target.rows[only], point_counts=target.point_counts[only])
    if find_right(one, rows)[0][0]:
        return None
    apart_rad = float(turned(rows[:, 6], one.rows[:, 6])[0])
    if apart_rad > math.pi / 2:
        return "other way round"
    exact = np.column_stack([rows[:, :6], one.rows[:, 6:]])
    is_turn = apart_rad > HEADING_RAD and bool(find_right(one, exact)[0][0])
    return "heading" if is_turn else "place or size"


def turned(a_rad: Float64s, b_rad: Float64s | float) -> Float64s:
    """(N,) How far apart headings are, 0 to pi."""
    apart: Float64s = np.abs((a_rad - b_rad + np.pi) % (2 * np.pi) - np.pi)
    return apart
