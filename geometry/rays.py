"""Rays of a sensor that pass through a place: where they do, nothing stands."""

import numpy as np
from numba import njit

from .arrays import Float64s, Floats, Int64s

_HAIR_M = 1e-12


def count_through(points: Float64s, origin: Float64s, boxes: Float64s) -> Int64s:
    """How many rays pass all the way through each box and end behind it.

    Args:
        points: (N, 3) where rays ended, metres; a NaN is no ray.
        origin: (3,) where they began.
        boxes: (B, 6) x, y, z of the centre, and the sizes along the axes.

    Returns:
        (B,) int64.
    """
    counts = np.zeros(len(boxes), dtype=np.int64)
    _count_through(np.ascontiguousarray(points, dtype=np.float64), origin, boxes, counts)
    return counts


def split_cloud(points: Floats, place: Float64s, origin: Float64s, reach_m: float) -> tuple[Float64s, Float64s]:
    """The points around a place, and those behind it as the sensor sees it.

    Args:
        points: (N, 3) metres; a point with a NaN is in neither.
        place: (3,) the middle.
        origin: (3,) the sensor.
        reach_m: How far from the middle, seen from above, still counts as around it.

    Returns:
        (K, 3) float64 around the place, and (R, 3) float64 whose rays may have passed it.
    """
    kinds = np.zeros(len(points), dtype=np.uint8)
    _split(points, place, origin, reach_m, kinds)
    return points[kinds & 1 > 0].astype(np.float64), points[kinds & 2 > 0].astype(np.float64)


@njit(cache=True, nogil=True)
def _split(points, place, origin, reach_m, kinds):  # type: ignore[no-untyped-def]
    toward_x, toward_y = place[0] - origin[0], place[1] - origin[1]
    span = np.sqrt(toward_x * toward_x + toward_y * toward_y)
    for p in range(len(points)):
        dx, dy = points[p, 0] - place[0], points[p, 1] - place[1]
        if not np.isfinite(dx + dy + points[p, 2]):
            continue
        kinds[p] |= dx * dx + dy * dy <= reach_m * reach_m
        x, y = points[p, 0] - origin[0], points[p, 1] - origin[1]
        along = x * toward_x + y * toward_y
        across = abs(y * toward_x - x * toward_y)
        if span <= reach_m or (across <= reach_m * along / span and along >= (span - reach_m) * span):
            kinds[p] |= 2


@njit(cache=True, nogil=True)
def _count_through(points, origin, boxes, counts):  # type: ignore[no-untyped-def]
    """Slabs (T. Kay and J. Kajiya 1986); a ray is origin + share * (point - origin), a hair off an axis it follows."""
    low, high = np.empty((len(boxes), 3)), np.empty((len(boxes), 3))
    for b in range(len(boxes)):
        for d in range(3):
            low[b, d] = boxes[b, d] - boxes[b, 3 + d] / 2 - origin[d]
            high[b, d] = boxes[b, d] + boxes[b, 3 + d] / 2 - origin[d]
    per_step = np.empty(3)
    for p in range(len(points)):
        for d in range(3):
            step = points[p, d] - origin[d]
            per_step[d] = 1.0 / (step if step != 0.0 else _HAIR_M)
        for b in range(len(boxes)):
            enter, leave = 0.0, 1.0
            for d in range(3):
                one, two = low[b, d] * per_step[d], high[b, d] * per_step[d]
                near, far = (one, two) if one < two else (two, one)
                enter, leave = near if near > enter else enter, far if far < leave else leave
            counts[b] += enter < leave and leave < 1.0
