"""The kernels that find the street in a grid of low points; `ground` holds the result, `relief` smooths it."""

import math

import numpy as np
from numba import njit

from .arrays import Float64s, Floats
from .relief import COVERED_TRUST

Relief = tuple[Float64s, Float64s]

STEEPEST = 0.3
"""Rise over run of the steepest street; above it a surface is an object."""

_STEP_M = 0.25
_SLAB_M = 0.15
_TALL_M = 4.0
_COVERED_SHARE = 0.3
_DEEP_M = 0.9
_FEWEST_CELLS = 6


@njit(cache=True, nogil=True)
def bound_grid(points, middle_x, middle_y, reach, cell_m):  # type: ignore[no-untyped-def]
    """Corner and size in cells of the grid around the points within reach of the middle."""
    left, right, bottom, top = middle_x, middle_x, middle_y, middle_y
    for i in range(len(points)):
        x, y = np.float64(points[i, 0]), np.float64(points[i, 1])
        if abs(x - middle_x) < reach and abs(y - middle_y) < reach and np.isfinite(points[i, 2]):
            left, right = min(left, x), max(right, x)
            bottom, top = min(bottom, y), max(top, y)
    left, bottom = math.floor(left / cell_m) * cell_m, math.floor(bottom / cell_m) * cell_m
    return left, bottom, int((right - left) / cell_m) + 1, int((top - bottom) / cell_m) + 1


def find_street(points: Floats, left: float, bottom: float, cell_m: float, shape: tuple[int, int]) -> Relief:
    """Low heights of the cells that a street may reach.

    Args:
        points: (N, 3) z up, metres.
        left: Smallest x of the grid.
        bottom: Smallest y.
        cell_m: Side of a cell.
        shape: Cells along x and y.

    Returns:
        (X, Y) float64 heights, NaN where there is no street, and (X, Y) float64 how far to trust each.
    """
    low, trust = np.empty(shape), np.ones(shape)
    _low_heights(points, left, bottom, cell_m, low)
    _drop_deep_cells(low)
    _drop_steep_cells(low, cell_m)
    if np.isfinite(low).sum() < _FEWEST_CELLS:
        low[:] = np.nan
    _average_slabs(points, left, bottom, cell_m, low, trust)
    return low, trust


@njit(cache=True, nogil=True)
def _drop_steep_cells(low, cell_m):  # type: ignore[no-untyped-def]
    """Forget cells that rise faster than a street can."""
    columns, rows = low.shape
    envelope = low.copy()
    _limit_slope(envelope, STEEPEST * cell_m)
    for i in range(columns):
        for j in range(rows):
            if not low[i, j] - envelope[i, j] <= _STEP_M:
                low[i, j] = np.nan


@njit(cache=True, nogil=True)
def _low_heights(points, left, bottom, cell_m, low):  # type: ignore[no-untyped-def]
    """A low height of each cell that a single stray point below the street does not pull down."""
    columns, rows = low.shape
    lowest = np.full((columns, rows, 3), np.inf)
    counts = np.zeros((columns, rows), dtype=np.int32)
    for p in range(len(points)):
        i, j = _cell_of(points, p, left, bottom, cell_m, columns, rows)
        if i < 0:
            continue
        counts[i, j] += 1
        z = np.float64(points[p, 2])
        if z < lowest[i, j, 0]:
            lowest[i, j, 2], lowest[i, j, 1], lowest[i, j, 0] = lowest[i, j, 1], lowest[i, j, 0], z
        elif z < lowest[i, j, 1]:
            lowest[i, j, 2], lowest[i, j, 1] = lowest[i, j, 1], z
        elif z < lowest[i, j, 2]:
            lowest[i, j, 2] = z
    for i in range(columns):
        for j in range(rows):
            low[i, j] = np.nan
            if counts[i, j] > 0:
                low[i, j] = lowest[i, j, 2 if counts[i, j] >= 10 else (1 if counts[i, j] >= 3 else 0)]


@njit(cache=True, nogil=True)
def _cell_of(points, p, left, bottom, cell_m, columns, rows):  # type: ignore[no-untyped-def]
    x, y = (points[p, 0] - left) / cell_m, (points[p, 1] - bottom) / cell_m
    if not (0 <= x < columns and 0 <= y < rows) or not np.isfinite(points[p, 2]):
        return -1, -1
    return int(x), int(y)


@njit(cache=True, nogil=True)
def _drop_deep_cells(low):  # type: ignore[no-untyped-def]
    """Forget cells that stand alone or far below most of their neighbours: echoes of mirrors and wet streets."""
    columns, rows = low.shape
    before = low.copy()
    for i in range(columns):
        for j in range(rows):
            if np.isnan(before[i, j]):
                continue
            above, level = 0, 0
            for k in range(max(i - 2, 0), min(i + 3, columns)):
                for m in range(max(j - 2, 0), min(j + 3, rows)):
                    if (k != i or m != j) and not np.isnan(before[k, m]):
                        rise = before[k, m] - before[i, j]
                        above += rise > _DEEP_M
                        level += abs(rise) <= _DEEP_M
            if level < 2 or above > 5 * level:
                low[i, j] = np.nan


@njit(cache=True, nogil=True)
def _limit_slope(heights, rise):  # type: ignore[no-untyped-def]
    """Lower the heights to the lower envelope of cones of the steepest slope, in two sweeps.

    Source: G. Borgefors, Distance transformations in digital images, CVGIP 1986.
    """
    columns, rows = heights.shape
    for i in range(columns):
        for j in range(rows):
            if np.isnan(heights[i, j]):
                heights[i, j] = np.inf
    for direction in (1, -1):
        for a in range(columns):
            i = a if direction == 1 else columns - 1 - a
            for b in range(rows):
                j = b if direction == 1 else rows - 1 - b
                best = heights[i, j]
                k = i - direction
                if 0 <= k < columns:
                    best = min(best, heights[k, j] + rise)
                    if j > 0:
                        best = min(best, heights[k, j - 1] + 1.4142 * rise)
                    if j < rows - 1:
                        best = min(best, heights[k, j + 1] + 1.4142 * rise)
                m = j - direction
                if 0 <= m < rows:
                    best = min(best, heights[i, m] + rise)
                heights[i, j] = best


@njit(cache=True, nogil=True)
def _average_slabs(points, left, bottom, cell_m, low, trust):  # type: ignore[no-untyped-def]
    """Replace each low height by the mean of the points in a thin slab about it; trust less where more stands above."""
    columns, rows = low.shape
    sums, counts = np.zeros((columns, rows)), np.zeros((columns, rows), dtype=np.int32)
    above = np.zeros((columns, rows), dtype=np.int32)
    for p in range(len(points)):
        i, j = _cell_of(points, p, left, bottom, cell_m, columns, rows)
        if i < 0:
            continue
        rise = points[p, 2] - low[i, j]
        if abs(rise) <= _SLAB_M:
            sums[i, j] += points[p, 2]
            counts[i, j] += 1
        elif _SLAB_M < rise < _TALL_M:
            above[i, j] += 1
    for i in range(columns):
        for j in range(rows):
            if counts[i, j] > 0:
                low[i, j] = sums[i, j] / counts[i, j]
                if above[i, j] > _COVERED_SHARE * counts[i, j]:
                    trust[i, j] = COVERED_TRUST
