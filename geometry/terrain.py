"""The kernels that find the street in a grid of low points; `ground` holds the result."""

import math

import numpy as np
from numba import njit

STEEPEST = 0.3
"""Rise over run of the steepest street; above it a surface is an object."""

_STEP_M = 0.25
_SLAB_M = 0.15
_DEEP_M = 0.9
_SMOOTH_CELLS = 2
_FILL_CELLS = 6
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


@njit(cache=True, nogil=True)
def find_ground(points, left, bottom, cell_m, heights):  # type: ignore[no-untyped-def]
    """Fill the heights of the cells under which there is a street, leave NaN elsewhere."""
    columns, rows = heights.shape
    low = _low_heights(points, left, bottom, cell_m, columns, rows)
    _drop_deep_cells(low)
    envelope = low.copy()
    _limit_slope(envelope, STEEPEST * cell_m)
    accepted = 0
    for i in range(columns):
        for j in range(rows):
            if low[i, j] - envelope[i, j] <= _STEP_M:
                accepted += 1
            else:
                low[i, j] = np.nan
    if accepted >= _FEWEST_CELLS:
        _average_slabs(points, left, bottom, cell_m, low)
        _fit_planes(low, _SMOOTH_CELLS, heights)
        _fit_planes(low, _FILL_CELLS, heights)


@njit(cache=True, nogil=True)
def _low_heights(points, left, bottom, cell_m, columns, rows):  # type: ignore[no-untyped-def]
    """A low height of each cell that a single stray point below the street does not pull down."""
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
    low = np.full((columns, rows), np.nan)
    for i in range(columns):
        for j in range(rows):
            if counts[i, j] > 0:
                low[i, j] = lowest[i, j, 2 if counts[i, j] >= 10 else (1 if counts[i, j] >= 3 else 0)]
    return low


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
def _average_slabs(points, left, bottom, cell_m, low):  # type: ignore[no-untyped-def]
    """Replace each low height by the mean of the points in a thin slab about it."""
    columns, rows = low.shape
    sums, counts = np.zeros((columns, rows)), np.zeros((columns, rows), dtype=np.int32)
    for p in range(len(points)):
        i, j = _cell_of(points, p, left, bottom, cell_m, columns, rows)
        if i >= 0 and abs(points[p, 2] - low[i, j]) <= _SLAB_M:
            sums[i, j] += points[p, 2]
            counts[i, j] += 1
    for i in range(columns):
        for j in range(rows):
            if counts[i, j] > 0:
                low[i, j] = sums[i, j] / counts[i, j]


@njit(cache=True, nogil=True)
def _fit_planes(low, reach, heights):  # type: ignore[no-untyped-def]
    """Fill each unknown height from the plane through the known cells around it."""
    columns, rows = low.shape
    for i in range(columns):
        for j in range(rows):
            if not np.isnan(heights[i, j]):
                continue
            n, su, sv, sz = 0, 0.0, 0.0, 0.0
            suu, suv, svv, suz, svz = 0.0, 0.0, 0.0, 0.0, 0.0
            for k in range(max(i - reach, 0), min(i + reach + 1, columns)):
                for m in range(max(j - reach, 0), min(j + reach + 1, rows)):
                    z = low[k, m]
                    if not np.isnan(z):
                        u, v = float(k - i), float(m - j)
                        n += 1
                        su, sv, sz = su + u, sv + v, sz + z
                        suu, suv, svv = suu + u * u, suv + u * v, svv + v * v
                        suz, svz = suz + u * z, svz + v * z
            if n < 3:
                continue
            mean_u, mean_v, mean_z = su / n, sv / n, sz / n
            uu, uv, vv = suu / n - mean_u**2 + 0.1, suv / n - mean_u * mean_v, svv / n - mean_v**2 + 0.1
            uz, vz = suz / n - mean_u * mean_z, svz / n - mean_v * mean_z
            determinant = uu * vv - uv * uv
            slope_u, slope_v = (uz * vv - vz * uv) / determinant, (vz * uu - uz * uv) / determinant
            heights[i, j] = mean_z - slope_u * mean_u - slope_v * mean_v
