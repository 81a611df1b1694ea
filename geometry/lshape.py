"""The rectangle that a sensor sees as an L.

Source: X. Zhang, W. Xu, C. Dong, J. M. Dolan, Efficient L-Shape Fitting for Vehicle Detection
Using Laser Scanners, IV 2017: every direction is tried, and the one whose two sides lie closest
to the points wins. Here the two sides are those that face the sensor, distances are capped so
that roofs and mirrors do not decide, and a rectangle that would be larger than its class can be
pays for it. In a cloud that was seen from many places all four sides count.
"""

import numpy as np
from numba import njit

from .arrays import Float64s

STEP_RAD = np.pi / 180
_CAP_M = 0.35
_OVERSIZE_COST = 0.02
_TRIM = 0.01
_ON_SIDE_M = 0.15
_MOST_STRAY = 8
MOST_POINTS = 400


def search_rectangles(
    places: Float64s,
    origin: Float64s,
    mean_m: Float64s,
    std_m: Float64s,
    *,
    is_thin: bool = False,
    is_around: bool = False,
) -> Float64s:
    """Score every direction of a rectangle's length.

    Args:
        places: (N, 2) points from above, metres.
        origin: (2,) the sensor.
        mean_m: (2,) the usual length and width; NaN when nothing is known.
        std_m: (2,) their standard deviations.
        is_thin: A thing like a bicycle has a middle line and no sides.
        is_around: The points were seen from many places: all four sides may have points.

    Returns:
        (180, 2) float64, a row for each degree from 0 to 179: the cost, and the share of points
        on the sides that face the sensor (or on the line).
    """
    rows = np.empty((180, 2))
    few = np.ascontiguousarray(places[:: 1 + len(places) // MOST_POINTS], dtype=np.float64)
    _search(few, origin, mean_m, std_m, is_thin, is_around, rows)
    return rows


def reach_of(values: Float64s) -> tuple[float, float]:
    """Where values begin and end, but for a stray hundredth at each end.

    Args:
        values: (N,) at least one.

    Returns:
        Lower and upper end.
    """
    low, high = _reach(values)
    return float(low), float(high)


@njit(cache=True, nogil=True)
def _search(places, origin, mean_m, std_m, is_thin, is_around, rows):  # type: ignore[no-untyped-def]
    count = len(places)
    along, across = np.empty(count), np.empty(count)
    for step in range(len(rows)):
        cosine, sine = np.cos(step * STEP_RAD), np.sin(step * STEP_RAD)
        for i in range(count):
            along[i] = cosine * places[i, 0] + sine * places[i, 1]
            across[i] = cosine * places[i, 1] - sine * places[i, 0]
        eye_along, eye_across = cosine * origin[0] + sine * origin[1], cosine * origin[1] - sine * origin[0]
        low_along, high_along = _reach(along)
        low_across, high_across = _reach(across)
        face_along = low_along if abs(eye_along - low_along) < abs(eye_along - high_along) else high_along
        face_across = low_across if abs(eye_across - low_across) < abs(eye_across - high_across) else high_across
        middle = np.median(across) if is_thin else 0.0
        cost, on_sides = 0.0, 0
        for i in range(count):
            gap = min(abs(along[i] - face_along), abs(across[i] - face_across))
            if is_around:
                gap = min(abs(along[i] - low_along), abs(along[i] - high_along))
                gap = min(gap, abs(across[i] - low_across), abs(across[i] - high_across))
            if is_thin:
                gap = abs(across[i] - middle)
            on_sides += gap <= _ON_SIDE_M
            cost += min(gap, _CAP_M) ** 2
        cost = cost / count / _CAP_M**2
        long = max(high_along - low_along - mean_m[0], 0.0) / std_m[0]
        wide = max(high_across - low_across - mean_m[1], 0.0) / std_m[1]
        if np.isfinite(long + wide):
            cost += _OVERSIZE_COST * (long * long + wide * wide)
        rows[step, 0] = cost
        rows[step, 1] = on_sides / count


@njit(cache=True, nogil=True)
def _reach(values):  # type: ignore[no-untyped-def]
    """Where the values begin and end, but for a stray hundredth at each end."""
    stray = int(_TRIM * len(values))
    if stray > _MOST_STRAY:
        ordered = np.sort(values)
        return ordered[stray], ordered[len(values) - 1 - stray]
    low, high = np.full(_MOST_STRAY + 1, np.inf), np.full(_MOST_STRAY + 1, -np.inf)
    for value in values:
        if value < low[stray]:
            k = stray
            while k > 0 and low[k - 1] > value:
                low[k] = low[k - 1]
                k -= 1
            low[k] = value
        if value > high[stray]:
            k = stray
            while k > 0 and high[k - 1] < value:
                high[k] = high[k - 1]
                k -= 1
            high[k] = value
    return low[stray], high[stray]
