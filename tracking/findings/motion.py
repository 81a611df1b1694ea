"""Motion of tracks: velocity and acceleration by local parabolas, whatever the frames' times are.

A. Savitzky and M. Golay 1964, without their even spacing: in a window about each frame a parabola is fitted by least
squares to each coordinate; its slope and curvature are the velocity and the acceleration. A hand's noise of a few
centimetres is averaged away, which differences between neighbours would magnify.
"""

import numpy as np
from numba import njit

from worldline.geometry.arrays import Float64s, Int64s

_HALF_WINDOW_S = 0.5
_FEWEST = 4


@njit(cache=True, nogil=True)
def _fill(times_s: Float64s, runs: Int64s, values: Float64s, half_s: float, slopes: Float64s, bends: Float64s) -> None:
    count, width = values.shape
    for n in range(count):
        low, high = n, n
        while low > 0 and runs[low - 1] == runs[n] and times_s[n] - times_s[low - 1] <= half_s:
            low -= 1
        while high + 1 < count and runs[high + 1] == runs[n] and times_s[high + 1] - times_s[n] <= half_s:
            high += 1
        used = high - low + 1
        if used < 2:
            continue
        normal, right = np.zeros((3, 3)), np.zeros((3, width))
        for k in range(low, high + 1):
            t = times_s[k] - times_s[n]
            powers = (1.0, t, t * t)
            for i in range(3):
                for j in range(3):
                    normal[i, j] += powers[i] * powers[j]
                for d in range(width):
                    right[i, d] += powers[i] * (values[k, d] - values[n, d])
        if used >= _FEWEST:
            solved = np.linalg.solve(normal, right)
            slopes[n] = solved[1]
            bends[n] = 2.0 * solved[2]
        else:
            slopes[n] = np.linalg.solve(normal[:2, :2].copy(), right[:2].copy())[1]


def derivatives(
    times_s: Float64s, runs: Int64s, values: Float64s, half_window_s: float = _HALF_WINDOW_S
) -> tuple[Float64s, Float64s]:
    """First and second derivatives of values over time.

    Args:
        times_s: (N,) strictly increasing within a run.
        runs: (N,) which run each belongs to; windows never cross from one run into another.
        values: (N, D).
        half_window_s: How far a window reaches to each side.

    Returns:
        (N, D) and (N, D) float64; NaN where too few values say anything: fewer than 2 for the first, than 4 for
        the second.
    """
    slopes, bends = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    _fill(times_s, runs, np.ascontiguousarray(values, dtype=np.float64), half_window_s, slopes, bends)
    return slopes, bends
