"""Standing: one cuboid for an object that never moves, from all frames' points at once in the world."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from worldline.geometry import wrap_angle
from worldline.geometry.arrays import Bools, Float32s, Float64s
from worldline.geometry.pose import Vector
from worldline.geometry.prior import SizePrior

CELL_M = 0.06
LINK_M = 0.36
EDGE_M = 0.1
"""How near to an edge a cell of points speaks for it."""

WINDOW_M = 0.15
DENSE_SHARE, LOOSE_SHARE = 0.25, 0.06
"""An edge is where a window of cells holds this share of the fullest one on its half."""

_TRIM = 0.004
_BEYOND_M = 0.4
_FEWEST_CELLS = 12
_LONGEST_MORE_M = 1.8
_ROOF_SHARE = 0.75
_ROOF_OFFSET_SHARE = 0.04
_CAR_LENGTHS_M = (3.0, 6.5)
_CAR_HEIGHT_M = 2.1
_FINE_RAD = math.radians(0.25)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an object stands.

    Attributes:
        x_m: Of its centre.
        y_m: Of its centre.
        yaw_rad: Its heading.
        size_m: Its size.
        seen: (4,) whether its front, back, left and right were.
        point_count: Points it rests on.
    """

    x_m: float
    y_m: float
    yaw_rad: float
    size_m: Vector
    seen: tuple[bool, bool, bool, bool]
    point_count: int


def fit_standing(points: Float32s, more: Float32s, eyes: Float64s, seed: Float64s, prior: SizePrior) -> Stand | None:
    """The cuboid around points that never moved.

    Args:
        points: (N, 3) world x and y, height over the street: all frames', of what stood there most of the time.
        more: (M, 3) the same and what was there at times: parts seen for a short while, and what passed by.
        eyes: (F, 2) where the sensor was when it saw them.
        seed: (5,) a footprint about there: x, y, yaw and half sizes.
        prior: The usual size of its class.

    Returns:
        The cuboid; None when there is too little to tell.
    """
    cells = _own_cells(points, seed, prior)
    if len(cells) < _FEWEST_CELLS:
        return None
    middle = cells.mean(axis=0)
    flat = cells - middle
    best, yaw = -1.0, 0.0
    extents = np.empty(4)
    coarse = np.arange(0, math.pi / 2, math.radians(1))
    for angle in coarse.tolist():
        worth = rate_rectangle(flat, angle, _TRIM, EDGE_M, extents)
        if worth > best:
            best, yaw = worth, angle
    for angle in np.arange(yaw - math.radians(1), yaw + math.radians(1), _FINE_RAD).tolist():
        worth = rate_rectangle(flat, angle, _TRIM, EDGE_M, extents)
        if worth > best:
            best, yaw = worth, angle
    rate_rectangle(flat, yaw, _TRIM, EDGE_M, extents)
    loose = np.empty(4)
    rate_rectangle(flat, yaw, _TRIM, EDGE_M, loose, LOOSE_SHARE)
    # A bonnet is thin beside the cabin, and a lamp post is thin too; a bonnet is seen for a short while, and so is a
    # passer-by: what makes the usual size of it is taken.
    others = [loose, _corridor(more, middle, yaw, extents)]
    for k in (0, 2):
        for other in others:
            if _misfit(other[k + 1] - other[k], prior) < _misfit(extents[k + 1] - extents[k], prior):
                extents[k : k + 2] = other[k : k + 2]
    cos, sin = math.cos(yaw), math.sin(yaw)
    own_eyes = (eyes - middle) @ np.array([[cos, -sin], [sin, cos]])
    seen = [
        bool((own_eyes[:, k // 2] * (1 if k % 2 else -1) > extents[k] * (1 if k % 2 else -1) + _BEYOND_M).sum() >= 1)
        for k in range(4)
    ]
    sides = [(extents[0], extents[1], seen[0], seen[1]), (extents[2], extents[3], seen[2], seen[3])]
    if _is_across(sides, prior, yaw, float(seed[2])):
        yaw, sides = yaw + math.pi / 2, [sides[1], (-sides[0][1], -sides[0][0], sides[0][3], sides[0][2])]
    (low_a, high_a), (low_b, high_b) = (_span(side, prior.mean_m[k], prior.std_m[k]) for k, side in enumerate(sides))
    cos, sin = math.cos(yaw), math.sin(yaw)
    a, b = (low_a + high_a) / 2, (low_b + high_b) / 2
    x, y = middle[0] + cos * a - sin * b, middle[1] + sin * a + cos * b
    length, width = high_a - low_a, high_b - low_b
    offset = points[:, :2] - (x, y)
    own_a, own_b = offset[:, 0] * cos + offset[:, 1] * sin, offset[:, 1] * cos - offset[:, 0] * sin
    inside = (np.abs(own_a) <= length / 2 + 0.1) & (np.abs(own_b) <= width / 2 + 0.1)
    height = height_from(points[inside, 2], prior)
    front = _is_ahead(own_a[inside], points[inside, 2], length, height)
    if front is None:
        front = math.cos(yaw - float(seed[2])) >= 0
    seen_sides = (sides[0][3], sides[0][2], sides[1][3], sides[1][2])
    if not front:
        yaw, seen_sides = yaw + math.pi, (seen_sides[1], seen_sides[0], seen_sides[3], seen_sides[2])
    return Stand(x, y, wrap_angle(yaw), (length, width, height), seen_sides, int(inside.sum()))


def height_from(heights_m: Float32s, prior: SizePrior) -> float:
    """How high something is whose points reach to these heights over the street.

    The top lies between the highest points and where the next ring would have hit; few points leave it to the prior.
    """
    mean, std = prior.mean_m[2], prior.std_m[2]
    if len(heights_m) < 5:
        return mean
    count = len(heights_m)
    skip = min(count // 400, 5)
    seen = float(np.partition(heights_m, count - 1 - skip)[count - 1 - skip])
    doubt = 0.02 + 0.6 / math.sqrt(count)
    weight = std**2 / (std**2 + doubt**2)
    return float(max(seen * weight + mean * (1 - weight), min(seen, mean + 3 * std), 0.1))


def _own_cells(points: Float32s, seed: Float64s, prior: SizePrior) -> Float64s:
    """(C, 2) cells, seen from above, that hang together with the points in the seed."""
    if len(points) == 0:
        return np.empty((0, 2))
    reach = math.hypot(prior.mean_m[0] + 2 * prior.std_m[0], prior.mean_m[1] + 2 * prior.std_m[1]) / 2 + 0.5
    near = points[np.hypot(points[:, 0] - seed[0], points[:, 1] - seed[1]) < reach]
    if len(near) == 0:
        return np.empty((0, 2))
    keys = np.unique(np.floor((near[:, :2] - seed[:2].astype(np.float32)) / CELL_M).astype(np.int64), axis=0)
    cells: Float64s = (keys + 0.5) * CELL_M
    cos, sin = math.cos(seed[2]), math.sin(seed[2])
    own_a, own_b = cells[:, 0] * cos + cells[:, 1] * sin, cells[:, 1] * cos - cells[:, 0] * sin
    core = (np.abs(own_a) <= seed[3]) & (np.abs(own_b) <= seed[4])
    mask = link_cells(cells, core, LINK_M)
    return cells[mask] + seed[:2]


@njit(cache=True, nogil=True)
def link_cells(cells: Float64s, core_mask: Bools, link_m: float) -> Bools:
    """(C,) which cells hang together with the largest part of the core, steps up to `link_m`."""
    count = cells.shape[0]
    part = np.full(count, -1)
    best, best_count, number = -1, 0, 0
    stack = np.empty(count, dtype=np.int64)
    for start in range(count):
        if part[start] >= 0 or not core_mask[start]:
            continue
        stack[0], top, core_count = start, 1, 0
        part[start] = number
        while top > 0:
            top -= 1
            c = stack[top]
            core_count += int(core_mask[c])
            for other in range(count):
                if part[other] < 0:
                    dx, dy = cells[other, 0] - cells[c, 0], cells[other, 1] - cells[c, 1]
                    if dx * dx + dy * dy <= link_m * link_m:
                        part[other] = number
                        stack[top] = other
                        top += 1
        if core_count > best_count:
            best, best_count = number, core_count
        number += 1
    return part == best if best >= 0 else np.zeros(count, dtype=np.bool_)


@njit(cache=True, nogil=True)
def rate_rectangle(
    cells: Float64s, yaw: float, trim: float, edge_m: float, extents: Float64s, share: float = DENSE_SHARE
) -> float:
    """How well cells lie on the edges of the rectangle around them.

    Args:
        cells: (C, 2).
        yaw: Of one side.
        trim: This share of the cells is beyond each edge.
        edge_m: How near to an edge a cell speaks for it.
        extents: (4,) filled: least and greatest along yaw, least and greatest across.
        share: An edge is where a window of cells holds this share of the fullest one on its half.

    Returns:
        0 to 1, less a little for a large rectangle.
    """
    cos, sin = math.cos(yaw), math.sin(yaw)
    count = cells.shape[0]
    a, b = cells[:, 0] * cos + cells[:, 1] * sin, cells[:, 1] * cos - cells[:, 0] * sin
    skip = int(trim * count)
    for k in range(2):
        values = np.sort(a if k == 0 else b)
        extents[2 * k] = _find_edge(values, skip, share)
        extents[2 * k + 1] = -_find_edge(-values[::-1], skip, share)
    worth = 0.0
    for c in range(count):
        away = min(abs(a[c] - extents[0]), abs(extents[1] - a[c]), abs(b[c] - extents[2]), abs(extents[3] - b[c]))
        worth += 1 / (1 + (away / edge_m) ** 2)
    area = (extents[1] - extents[0]) * (extents[3] - extents[2])
    return float(worth / count - 0.01 * area)


@njit(cache=True, nogil=True)
def _find_edge(values: Float64s, skip: int, share: float) -> float:
    """Where sorted values begin in earnest: the first window with a share of the fullest near an end."""
    count = len(values)
    middle = (values[0] + values[count - 1]) / 2
    fullest, end = 0, 0
    for k in range(count):
        if values[k] > middle:
            break
        while end < count and values[end] < values[k] + WINDOW_M:
            end += 1
        fullest = max(fullest, end - k)
    end = 0
    for k in range(count):
        while end < count and values[end] < values[k] + WINDOW_M:
            end += 1
        if end - k >= max(share * fullest, 2):
            return float(values[min(k + skip, count - 1)])
    return float(values[0])


def _misfit(span_m: float, prior: SizePrior) -> float:
    """How unusual a side is, as length or as width."""
    return min(abs(span_m - prior.mean_m[k]) / prior.std_m[k] for k in range(2))


def _corridor(more: Float32s, middle: Float64s, yaw: float, extents: Float64s) -> Float64s:
    """Edges along the longer side of all that was ever there in front of and behind what stands: (4,) as extents."""
    cos, sin = math.cos(yaw), math.sin(yaw)
    offset = more[:, :2] - middle
    own = np.column_stack([offset[:, 0] * cos + offset[:, 1] * sin, offset[:, 1] * cos - offset[:, 0] * sin])
    k = 0 if extents[1] - extents[0] >= extents[3] - extents[2] else 1
    low, high = extents[2 - 2 * k : 4 - 2 * k]
    near = (own[:, 1 - k] > low - 0.1) & (own[:, 1 - k] < high + 0.1)
    near &= (own[:, k] > extents[2 * k] - _LONGEST_MORE_M) & (own[:, k] < extents[2 * k + 1] + _LONGEST_MORE_M)
    found, out = extents.copy(), np.empty(4)
    if near.sum() >= _FEWEST_CELLS:
        cells = (np.unique(np.floor(own[near] / CELL_M), axis=0) + 0.5) * CELL_M
        rate_rectangle(cells, 0.0, _TRIM, EDGE_M, out)
        found[2 * k : 2 * k + 2] = out[2 * k : 2 * k + 2]
    return found


def _is_across(sides: list[tuple[float, float, bool, bool]], prior: SizePrior, yaw: float, seed_yaw: float) -> bool:
    """Whether the second pair of sides is the length."""

    def misfit(side: tuple[float, float, bool, bool], mean: float, std: float) -> float:
        span = side[1] - side[0]
        is_whole = side[2] and side[3]
        short = (span - mean) / std
        return short**2 if is_whole or short > 0 else 0.05 * short**2

    costs = [
        misfit(sides[k], prior.mean_m[0], max(prior.std_m[0], 0.3))
        + misfit(sides[1 - k], prior.mean_m[1], max(prior.std_m[1], 0.15))
        + 0.5 * math.sin(yaw + k * math.pi / 2 - seed_yaw) ** 2
        for k in range(2)
    ]
    return costs[1] < costs[0]


def _span(side: tuple[float, float, bool, bool], mean: float, std: float) -> tuple[float, float]:
    """Both ends of a side: those seen stand, the other is as far as usual."""
    low, high, low_seen, high_seen = side
    span = high - low
    if low_seen and high_seen:
        wanted = min(max(span, mean - 2.5 * std), mean + 3 * std)
        return (low + high - wanted) / 2, (low + high + wanted) / 2
    wanted = mean if span > mean + 1.5 * std else max(span, mean)
    if high_seen and not low_seen:
        return high - wanted, high
    if low_seen and not high_seen:
        return low, low + wanted
    return (low + high - wanted) / 2, (low + high + wanted) / 2


def _is_ahead(own_a: Float64s, heights_m: Float32s, length_m: float, height_m: float) -> bool | None:
    """Whether a car's roof lies behind its middle along +a; None when it does not tell."""
    is_car = _CAR_LENGTHS_M[0] <= length_m <= _CAR_LENGTHS_M[1] and height_m <= _CAR_HEIGHT_M
    top = own_a[heights_m > _ROOF_SHARE * height_m]
    if not is_car or len(top) < 8:
        return None
    low, high = np.percentile(top, [3, 97])
    offset = (low + high) / 2 / length_m
    return None if abs(offset) < _ROOF_OFFSET_SHARE else bool(offset < 0)
