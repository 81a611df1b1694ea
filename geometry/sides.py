"""The sides of an object: candidate headings, and how far it reaches under each."""

import math
from dataclasses import dataclass

import numpy as np

from .arrays import Bools, Float64s
from .extent import Reach, Scene, place_reach
from .lshape import STEP_RAD, reach_of, search_rectangles
from .prior import SizePrior
from .seed import SMALL_M

_THIN_RATIO = 1.6
_LEAST_SIDE_M = 0.1
_LINE_COST = 30.0
_CUT_COST = 30.0
_APART_DEG = 15
_MOST_DIPS = 2


@dataclass(frozen=True, slots=True)
class Sides:
    """A heading and what it would mean.

    Attributes:
        yaw_rad: Direction of the length, one of two.
        along: Where the object begins and ends along it, in axes turned by the yaw.
        across: Where it begins and ends across it.
        cost: Comparable between headings of the same points.
        on_sides: Share of the points on the sides that face the sensor, or on any where there is none.
        seen: Share of the outline that the points cover, 0 to 1.
    """

    yaw_rad: float
    along: Reach
    across: Reach
    cost: float
    on_sides: float
    seen: float

    @property
    def center(self) -> Float64s:
        """(2,) the middle, in the points' own axes."""
        middle = np.array([[sum(self.along) / 2, sum(self.across) / 2]])
        center: Float64s = turned(middle, -self.yaw_rad)[0]
        return center

    @property
    def length_m(self) -> float:
        """Side along the heading."""
        return max(self.along[1] - self.along[0], _LEAST_SIDE_M)

    @property
    def width_m(self) -> float:
        """Side across the heading."""
        return max(self.across[1] - self.across[0], _LEAST_SIDE_M)

    def contain(self, points: Float64s) -> Bools:
        """Which points lie within the sides, or a hand's breadth outside.

        Args:
            points: (N, 2) or (N, 3), seen from above.

        Returns:
            (N,) bool.
        """
        along, across = turned(points[:, :2], self.yaw_rad).T
        inside: Bools = (
            (along >= self.along[0] - _LEAST_SIDE_M)
            & (along <= self.along[1] + _LEAST_SIDE_M)
            & (across >= self.across[0] - _LEAST_SIDE_M)
            & (across <= self.across[1] + _LEAST_SIDE_M)
        )
        return inside


@dataclass(frozen=True, slots=True)
class Sight:
    """What a sensor saw around one object, or many sensors, or one that went around it.

    Attributes:
        body: (N, 3) points above the ground.
        rays: (R, 3) ends of the rays that may have passed where the object is.
        origin: (3,) the sensor.
        ground_m: Height of the ground under the object.
        size: The usual size of its class, None when nothing is known.
        ray_weight: How many rays each of the rays stands for, for each point that a point stands for.
        is_around: The points were seen from many places: any side may have points, and none faces the origin.
    """

    body: Float64s
    rays: Float64s
    origin: Float64s
    ground_m: float
    size: SizePrior | None
    ray_weight: float = 1.0
    is_around: bool = False


def find_sides(own: Float64s, sight: Sight, near_yaw_rad: float, within_rad: float) -> Sides:
    """The heading and the reach that explain an object's points best.

    Args:
        own: (N, 3) the object's points.
        sight: What was seen around it.
        near_yaw_rad: About which direction to look, either way round.
        within_rad: How far from it; a quarter turn or more looks everywhere.

    Returns:
        The cheapest sides.
    """
    return find_all_sides(own, sight, near_yaw_rad, within_rad)[0]


def find_all_sides(own: Float64s, sight: Sight, near_yaw_rad: float, within_rad: float) -> list[Sides]:
    """As `find_sides`: all headings worth a closer look, the cheapest first."""
    candidates = _search_yaws(own, sight, near_yaw_rad, within_rad)
    return sorted((_place_sides(own, sight, *candidate) for candidate in candidates), key=lambda sides: sides.cost)


def is_thin(size: SizePrior) -> bool:
    """Whether things of a size are small and much longer than wide, as a bicycle is."""
    return size.mean_m[0] < SMALL_M and size.mean_m[0] > _THIN_RATIO * size.mean_m[1]


def turned(places: Float64s, yaw_rad: float) -> Float64s:
    """(N, 2) places in axes turned by a yaw; no matrix product, whose threads wait for each other on a busy machine."""
    cosine, sine = math.cos(yaw_rad), math.sin(yaw_rad)
    x, y = places[:, 0], places[:, 1]
    in_axes = np.empty((len(places), 2))
    in_axes[:, 0], in_axes[:, 1] = cosine * x + sine * y, cosine * y - sine * x
    return in_axes


def _search_yaws(own: Float64s, sight: Sight, near_yaw: float, within: float) -> list[tuple[float, float, float]]:
    """Directions worth a closer look: each with its cost and the share of points on the visible sides."""
    size = sight.size
    mean = np.array(size.mean_m[:2]) if size else np.full(2, np.nan)
    std = np.array(size.std_m[:2]) if size else np.ones(2)
    thin = size is not None and is_thin(size)
    rows = search_rectangles(own[:, :2], sight.origin[:2], mean, std, is_thin=thin, is_around=sight.is_around)
    off = np.abs(np.remainder(np.arange(len(rows)) * STEP_RAD - near_yaw + np.pi / 2, np.pi) - np.pi / 2)
    cost = np.where(off <= within, rows[:, 0], np.inf)
    best = int(np.argmin(cost))
    chosen = [best]
    if within >= math.pi / 2 and size is None:
        spans = np.ptp(turned(own[:, :2], best * STEP_RAD), axis=0)
        chosen = [best if spans[0] >= spans[1] else (best + 90) % 180]
    elif within >= math.pi / 2:
        # One face alone may be a side or a back: the direction across is a candidate, as are other dips of the cost.
        crossing = (best + 90 + np.arange(-10, 11)) % 180
        chosen.append(int(crossing[np.argmin(cost[crossing])]))
        dips = np.flatnonzero((cost <= np.roll(cost, 1)) & (cost <= np.roll(cost, -1)))
        apart = [int(dip) for dip in dips if all(abs((dip - c + 90) % 180 - 90) > _APART_DEG for c in chosen)]
        chosen += sorted(apart, key=lambda dip: float(cost[dip]))[:_MOST_DIPS]
    return [(c * STEP_RAD, float(rows[c, 0]), float(rows[c, 1])) for c in chosen]


def _place_sides(own: Float64s, sight: Sight, yaw: float, cost: float, on_sides: float) -> Sides:
    """Where the object begins and ends along and across a heading."""
    flat = turned(own[:, :2], yaw)
    size = sight.size
    if size is None:
        (left, low), (right, high) = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
        return Sides(yaw, (left, right), (low, high), cost, on_sides, 1.0)
    along, across = reach_of(flat[:, 0]), reach_of(flat[:, 1])
    rays = np.column_stack([turned(sight.rays[:, :2], yaw), sight.rays[:, 2]])
    origin = np.append(turned(sight.origin[None, :2], yaw)[0], sight.origin[2])
    body, around = turned(sight.body[:, :2], yaw), sight.is_around
    scene = Scene(body, rays, origin, len(own), sight.ground_m, size.mean_m[2], sight.ray_weight, around)
    full_across, cost_across = place_reach(scene, 1, across, along, size.mean_m[1], size.std_m[1])
    full_along, cost_along = place_reach(scene, 0, along, full_across, size.mean_m[0], size.std_m[0])
    shares = [(a[1] - a[0]) / (b[1] - b[0]) for a, b in ((along, full_along), (across, full_across))]
    seen = min(max(shares), 1.0) * math.sqrt(min(min(shares), 1.0))
    total = _LINE_COST * cost + cost_along + cost_across
    if sight.is_around:  # of what was seen from many places one side at least is whole
        total += _CUT_COST * (1 - min(max(shares), 1.0))
    return Sides(yaw, full_along, full_across, total, on_sides, seen)
