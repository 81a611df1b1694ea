"""From low points of cells to the surface of the street: what stands on it rejected, kerbs kept, holes filled.

Planes are fitted by iterated weights. To fill a hole, and to tell what is no street, the weights forgive what lies
below and not what lies above: under a car the street is where its lower neighbours say. A cell that is street
itself is smoothed with neighbours on its own level only, so that a kerb stays a step.
"""

import numpy as np
from numba import njit

COVERED_TRUST = 0.2
"""Weight of a cell with more above its low points than among them: a car's underside may be all that was seen."""

_REJECT_CELLS = 3
_SMOOTH_CELLS = 2
_FILL_CELLS = (2, 4, 8)
_COARSE_CELLS = 5
_COVERED_RISE_M = 0.08
_CLEAR_RISE_M = 0.2
_ABOVE_M = 0.05
_LEVEL_M = 0.06
_ROUNDS = 3
_SETTLED_M = 0.003
_FEWEST = 3
_RIDGE = 0.1


@njit(cache=True, nogil=True)
def fill_heights(low, trust, heights):  # type: ignore[no-untyped-def]
    """Fill the heights of all cells near a known low one.

    Args:
        low: (X, Y) low heights, NaN where unknown; those that are no street become NaN.
        trust: (X, Y) weights.
        heights: (X, Y) NaN, filled.
    """
    columns, rows = low.shape
    near = np.empty((4, (2 * _FILL_CELLS[-1] + 1) ** 2))
    kept = low.copy()
    for i in range(columns):
        for j in range(rows):
            if not np.isnan(low[i, j]):
                street, _, _ = fit_plane(low, trust, i, j, _REJECT_CELLS, np.nan, 0.0, 0.0, near)
                most = _COVERED_RISE_M if trust[i, j] < 1 else _CLEAR_RISE_M
                if low[i, j] - street > most:
                    kept[i, j] = np.nan
    low[:] = kept
    for i in range(columns):
        for j in range(rows):
            if not np.isnan(low[i, j]):
                _, u, v = fit_plane(low, trust, i, j, _SMOOTH_CELLS, np.nan, 0.0, 0.0, near)
                heights[i, j], _, _ = fit_plane(low, trust, i, j, _SMOOTH_CELLS, low[i, j], u, v, near)
    sums = _sum_known(low)
    for i in range(columns):
        for j in range(rows):
            if np.isnan(heights[i, j]):
                for reach in _FILL_CELLS:
                    left, right, bottom, top = i - reach, i + reach + 1, j - reach, j + reach + 1
                    left, right, bottom, top = max(left, 0), min(right, columns), max(bottom, 0), min(top, rows)
                    count = sums[right, top] - sums[left, top] - sums[right, bottom] + sums[left, bottom]
                    if count >= _FEWEST:
                        heights[i, j], _, _ = fit_plane(low, trust, i, j, reach, np.nan, 0.0, 0.0, near)
                        break


@njit(cache=True, nogil=True)
def _sum_known(low):  # type: ignore[no-untyped-def]
    """(X + 1, Y + 1) how many known cells lie before each corner."""
    columns, rows = low.shape
    sums = np.zeros((columns + 1, rows + 1), dtype=np.int32)
    for i in range(columns):
        for j in range(rows):
            known = 0 if np.isnan(low[i, j]) else 1
            sums[i + 1, j + 1] = sums[i, j + 1] + sums[i + 1, j] - sums[i, j] + known
    return sums


@njit(cache=True, nogil=True)
def fit_plane(low, trust, i, j, reach, own, slope_u, slope_v, near):  # type: ignore[no-untyped-def]
    """Height and slopes (a cell) at a cell, from the known cells around it; NaN when there are fewer than 3.

    Starting from a NaN, what lies above the plane loses weight; starting from the cell's own height and slopes, all
    that lies on another level does. `near` (4, K) is room to work in.
    """
    columns, rows = low.shape
    count = 0
    step = 1 + reach // _COARSE_CELLS  # far around a hole every second cell will do
    for k in range(i - reach, i + reach + 1, step):
        for m in range(j - reach, j + reach + 1, step):
            if not (0 <= k < columns and 0 <= m < rows):
                continue
            if not np.isnan(low[k, m]):
                near[0, count], near[1, count], near[2, count], near[3, count] = k - i, m - j, low[k, m], trust[k, m]
                count += 1
    height, is_own = own, not np.isnan(own)
    if count < _FEWEST:
        return own, 0.0, 0.0
    for turn in range(_ROUNDS):
        total, su, sv, sz = 0.0, 0.0, 0.0, 0.0
        suu, suv, svv, suz, svz = 0.0, 0.0, 0.0, 0.0, 0.0
        for n in range(count):
            u, v, z, weight = near[0, n], near[1, n], near[2, n], near[3, n]
            if is_own or turn > 0:
                off = z - height - slope_u * u - slope_v * v
                if is_own:
                    share = off * off / _LEVEL_M**2
                    weight /= 1 + share * share
                elif off > _ABOVE_M:
                    weight *= _ABOVE_M * _ABOVE_M / (off * off)
            weight_u, weight_v = weight * u, weight * v
            total += weight
            su, sv, sz = su + weight_u, sv + weight_v, sz + weight * z
            suu, suv, svv = suu + weight_u * u, suv + weight_u * v, svv + weight_v * v
            suz, svz = suz + weight_u * z, svz + weight_v * z
        mean_u, mean_v, mean_z = su / total, sv / total, sz / total
        uu, uv, vv = suu / total - mean_u**2 + _RIDGE, suv / total - mean_u * mean_v, svv / total - mean_v**2 + _RIDGE
        uz, vz = suz / total - mean_u * mean_z, svz / total - mean_v * mean_z
        determinant = uu * vv - uv * uv
        slope_u, slope_v = (uz * vv - vz * uv) / determinant, (vz * uu - uz * uv) / determinant
        before, height = height, mean_z - slope_u * mean_u - slope_v * mean_v
        if abs(height - before) < _SETTLED_M:
            break
    return height, slope_u, slope_v
