"""Curves through keyframes: centres by cubic Hermite, rotations by slerp, box sides by straight lines.

Times are int64 nanoseconds and only their differences are used. Velocities are metres per second.
Centres do not depend on the axes: turning or moving the world turns or moves the curve. The exact
formulae, for whoever writes a twin, are in ``docs/interpolation.md``.

Sources: F. N. Fritsch and R. E. Carlson, Monotone Piecewise Cubic Interpolation, SIAM J. Numer. Anal.
1980; F. N. Fritsch and J. Butland, A Method for Constructing Local Monotone Piecewise Cubic
Interpolants, SIAM J. Sci. Stat. Comput. 1984, of which `fill_velocities` is the form for vectors.
"""

import math

import numpy as np
from numba import njit

from worldline.geometry.arrays import Bools, Float64s, Int64s

SECOND_PER_NS = 1e-9

HALF_TURN_TIE = 1e-9
"""Two rotations half a turn apart within this much of cos(angle / 2) turn counter-clockwise about their own +z."""

SMALL_SINE = 1e-12


@njit(cache=True, nogil=True)
def fill_velocities(key_ns: Int64s, key_m: Float64s, joined_mask: Bools, out_mps: Float64s) -> None:
    """Velocity at each keyframe.

    Args:
        key_ns: (K,) Keyframe times, strictly increasing.
        key_m: (K, 3) Centres.
        joined_mask: (K - 1,) Whether keyframes k and k + 1 are of one unbroken presence.
        out_mps: (K, 3) Filled: the mean of the directions before and after times the harmonic mean of
            the speeds; at the ends of a presence, what makes the last stretch a parabola.
    """
    count = key_ns.size
    for k in range(1, count - 1):
        out_mps[k] = 0.0
        if not (joined_mask[k - 1] and joined_mask[k]):
            continue
        before_s = (key_ns[k] - key_ns[k - 1]) * SECOND_PER_NS
        after_s = (key_ns[k + 1] - key_ns[k]) * SECOND_PER_NS
        before_mps = _mean_speed(key_m, k - 1, before_s)
        after_mps = _mean_speed(key_m, k, after_s)
        if before_mps == 0.0 or after_mps == 0.0:
            continue
        before_weight = 2 * after_s + before_s
        after_weight = after_s + 2 * before_s
        speed = (before_weight + after_weight) / (before_weight / before_mps + after_weight / after_mps)
        for axis in range(3):
            before = (key_m[k, axis] - key_m[k - 1, axis]) / before_s / before_mps
            after = (key_m[k + 1, axis] - key_m[k, axis]) / after_s / after_mps
            out_mps[k, axis] = speed * (before + after) / 2
    for k in range(count):
        opens = k < count - 1 and joined_mask[k]
        closes = k > 0 and joined_mask[k - 1]
        if opens and closes:
            continue
        out_mps[k] = 0.0
        if not opens and not closes:
            continue
        near = k if opens else k - 1
        other = k + 1 if opens else k - 1
        step_s = (key_ns[near + 1] - key_ns[near]) * SECOND_PER_NS
        other_is_end = not (0 < other < count - 1 and joined_mask[other - 1] and joined_mask[other])
        _fill_end_velocity(key_m, near, step_s, other, other_is_end, out_mps, k)


@njit(cache=True, nogil=True)
def _mean_speed(key_m: Float64s, k: int, step_s: float) -> float:
    x = (key_m[k + 1, 0] - key_m[k, 0]) / step_s
    y = (key_m[k + 1, 1] - key_m[k, 1]) / step_s
    z = (key_m[k + 1, 2] - key_m[k, 2]) / step_s
    return math.sqrt(x * x + y * y + z * z)


@njit(cache=True, nogil=True)
def _fill_end_velocity(
    key_m: Float64s, near: int, step_s: float, other: int, other_is_end: bool, out_mps: Float64s, k: int
) -> None:
    mean_mps = _mean_speed(key_m, near, step_s)
    if mean_mps == 0.0:
        return
    along = 0.0
    for axis in range(3):
        mean = (key_m[near + 1, axis] - key_m[near, axis]) / step_s
        out_mps[k, axis] = mean if other_is_end else 2 * mean - out_mps[other, axis]
        along += out_mps[k, axis] * mean / mean_mps
    if along < 0:
        for axis in range(3):
            mean = (key_m[near + 1, axis] - key_m[near, axis]) / step_s
            out_mps[k, axis] -= along * mean / mean_mps


@njit(cache=True, nogil=True)
def fill_poses(
    at_ns: Int64s,
    key_ns: Int64s,
    key_m: Float64s,
    key_wxyz: Float64s,
    key_mps: Float64s,
    joined_mask: Bools,
    out_m: Float64s,
    out_wxyz: Float64s,
) -> None:
    """Centre and rotation at each time.

    Args:
        at_ns: (N,) Times asked for.
        key_ns: (K,) Keyframe times, strictly increasing, at least one.
        key_m: (K, 3) Centres.
        key_wxyz: (K, 4) Unit quaternions.
        key_mps: (K, 3) Velocities, from `fill_velocities`.
        joined_mask: (K - 1,) Straight instead of curved where False.
        out_m: (N, 3) Filled.
        out_wxyz: (N, 4) Filled, the first number that is not 0 above 0.
    """
    for n in range(at_ns.size):
        k = _segment(at_ns[n], key_ns)
        if k < 0 or k == key_ns.size - 1 or at_ns[n] == key_ns[k]:
            k = max(k, 0)
            out_m[n] = key_m[k]
            out_wxyz[n] = key_wxyz[k]
            continue
        step_ns = key_ns[k + 1] - key_ns[k]
        u = (at_ns[n] - key_ns[k]) / step_ns
        step_s = step_ns * SECOND_PER_NS
        for axis in range(3):
            start = key_m[k, axis]
            way = key_m[k + 1, axis] - start
            if joined_mask[k]:
                bend = (1 - u) * key_mps[k, axis] - u * key_mps[k + 1, axis]
                out_m[n, axis] = start + way * (u * u * (3 - 2 * u)) + step_s * (u * (1 - u)) * bend
            else:
                out_m[n, axis] = start + way * u
        _slerp(key_wxyz[k], key_wxyz[k + 1], u, out_wxyz[n])


@njit(cache=True, nogil=True)
def fill_boxes(at_ns: Int64s, key_ns: Int64s, key_px: Float64s, out_px: Float64s) -> None:
    """Left, top, right and bottom at each time, each on straight lines.

    Args:
        at_ns: (N,) Times asked for.
        key_ns: (K,) Keyframe times, strictly increasing, at least one.
        key_px: (K, 4) Left, top, right, bottom.
        out_px: (N, 4) Filled.
    """
    for n in range(at_ns.size):
        k = _segment(at_ns[n], key_ns)
        if k < 0 or k == key_ns.size - 1 or at_ns[n] == key_ns[k]:
            out_px[n] = key_px[max(k, 0)]
            continue
        u = (at_ns[n] - key_ns[k]) / (key_ns[k + 1] - key_ns[k])
        for side in range(4):
            out_px[n, side] = key_px[k, side] + (key_px[k + 1, side] - key_px[k, side]) * u


@njit(cache=True, nogil=True)
def _segment(at_ns: int, key_ns: Int64s) -> int:
    """The last keyframe not after a time; -1 before the first."""
    return int(np.searchsorted(key_ns, at_ns, side="right")) - 1


@njit(cache=True, nogil=True)
def _slerp(a: Float64s, b: Float64s, u: float, out: Float64s) -> None:
    # The turn from a to b in a's own frame: conj(a) * b.
    w = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]
    x = a[0] * b[1] - a[1] * b[0] - a[2] * b[3] + a[3] * b[2]
    y = a[0] * b[2] + a[1] * b[3] - a[2] * b[0] - a[3] * b[1]
    z = a[0] * b[3] - a[1] * b[2] + a[2] * b[1] - a[3] * b[0]
    turns_back = w < 0
    if abs(w) < HALF_TURN_TIE:
        if abs(z) > HALF_TURN_TIE:
            turns_back = z < 0
        elif abs(y) > HALF_TURN_TIE:
            turns_back = y < 0
        else:
            turns_back = x < 0
    if turns_back:
        w, x, y, z = -w, -x, -y, -z
    sine = math.sqrt(x * x + y * y + z * z)
    half = math.atan2(sine, w) * u
    scale = math.sin(half) / sine if sine > SMALL_SINE else u
    w, x, y, z = math.cos(half), x * scale, y * scale, z * scale
    out[0] = a[0] * w - a[1] * x - a[2] * y - a[3] * z
    out[1] = a[0] * x + a[1] * w + a[2] * z - a[3] * y
    out[2] = a[0] * y - a[1] * z + a[2] * w + a[3] * x
    out[3] = a[0] * z + a[1] * y - a[2] * x + a[3] * w
    for i in range(4):
        if out[i] != 0.0:
            if out[i] < 0:
                for j in range(4):
                    out[j] = -out[j]
            break
