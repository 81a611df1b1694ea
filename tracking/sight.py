"""Sight: what one frame shows of an object of known size and heading.

Kernels over the points above the street around an object: `seek` puts a footprint where the points are, `gauge` says
how far the points in it reach along and across, `place_center` where that puts the centre. All look from above;
heights were taken over the street before.

Footprint: (5,) float64, x, y, yaw of its centre, half its length, half its width.
"""

import math

import numpy as np
from numba import njit

from worldline.geometry.arrays import Float32s, Float64s, Int64s

GROWN_M = 0.12
RING_M = 0.4
FACE_M = 0.2
"""How near to a visible side a point speaks for it."""

FAR_COST = 0.5
"""What the end of the reach costs, in shares of the points expected."""

_PLAIN = 0.4
"""What a point in the footprint counts that is on no visible side."""

_STRAY = 0.8
"""What a point in the ring around the footprint counts against it."""

ROUND_M = 0.08
"""How far behind the mean of a person's points the middle is."""

RIDER_M, WAIST_M = 0.1, 0.05
"""The same of a rider seen along his way, and of one seen from the side."""

BROAD_SHARE = 0.4
"""Seen from less far aside than this share of its distance, a side shows both its ends."""

GAUGES = 8
"""Numbers in a gauge: points inside, points in the ring, least and greatest along, least and greatest across,
mean along, mean across; the last six in the footprint's frame."""


@njit(cache=True, nogil=True)
def seek(
    points: Float32s,
    foot: Float64s,
    eye: Float64s,
    reach: Float64s,
    step_m: float,
    form: int,
    expected: float,
    out: Float64s,
) -> float:
    """Move a footprint to where most points are on its visible sides and few around it.

    Args:
        points: (N, 3) above the street.
        foot: (5,) the footprint expected.
        eye: (2,) the sensor, world.
        reach: (2,) how far along and across it may be.
        step_m: Of the lattice of places tried.
        form: Of its habit; unless it is a box points count alike wherever they are inside.
        expected: How many points it should have; more do not speak for a place.
        out: (2,) filled with the centre.

    Returns:
        What speaks for it: points, the sides' in full, less those around it, as a share of those expected, at
        most 1; less where it is not expected.
    """
    x, y, yaw, half_l, half_w = foot
    cos, sin = math.cos(yaw), math.sin(yaw)
    own = np.empty((points.shape[0], 2))
    count = 0
    far_a, far_b = half_l + RING_M + reach[0], half_w + RING_M + reach[1]
    for n in range(points.shape[0]):
        dx, dy = points[n, 0] - x, points[n, 1] - y
        a, b = cos * dx + sin * dy, cos * dy - sin * dx
        if abs(a) <= far_a and abs(b) <= far_b:
            own[count, 0], own[count, 1] = a, b
            count += 1
    eye_a, eye_b = cos * (eye[0] - x) + sin * (eye[1] - y), cos * (eye[1] - y) - sin * (eye[0] - x)
    steps_a, steps_b = math.ceil(reach[0] / step_m), math.ceil(reach[1] / step_m)
    stride = max(1, count // 300)
    best, best_a, best_b = -1e9, 0.0, 0.0
    for i in range(-steps_a, steps_a + 1):
        for j in range(-steps_b, steps_b + 1):
            ca, cb = i * step_m, j * step_m
            score = 0.0
            for n in range(0, count, stride):
                a, b = own[n, 0] - ca, own[n, 1] - cb
                beyond = max(abs(a) - half_l, abs(b) - half_w)
                if beyond > RING_M:
                    continue
                if beyond > GROWN_M:
                    score -= _STRAY
                elif form != 0:
                    score += 1.0
                else:
                    away = 1e9
                    if abs(eye_a - ca) > half_l:
                        away = half_l - a if eye_a > ca else half_l + a
                    if abs(eye_b - cb) > half_w:
                        away = min(away, half_w - b if eye_b > cb else half_w + b)
                    score += _PLAIN + (1 - _PLAIN) / (1 + (away / FACE_M) ** 2)
            square = (ca / max(reach[0], 1e-3)) ** 2 + (cb / max(reach[1], 1e-3)) ** 2
            score = min(score * stride / expected, 1.0) - FAR_COST * square
            if score > best + 1e-9:
                best, best_a, best_b = score, ca, cb
    out[0], out[1] = x + cos * best_a - sin * best_b, y + sin * best_a + cos * best_b
    return best


@njit(cache=True, nogil=True)
def gauge(points: Float32s, foot: Float64s, out: Float64s, grown_m: float = GROWN_M) -> None:
    """How far the points in a footprint reach; see `GAUGES`.

    A tenth of the points but at most two are beyond each end said, so that a stray one says nothing.

    Args:
        points: (N, 3) above the street.
        foot: (5,) the footprint.
        out: (8,) filled; the last six are 0 when nothing is inside.
        grown_m: Points up to this beyond the footprint are inside.
    """
    x, y, yaw, half_l, half_w = foot
    cos, sin = math.cos(yaw), math.sin(yaw)
    along, across = np.empty(points.shape[0]), np.empty(points.shape[0])
    count, ring = 0, 0
    for n in range(points.shape[0]):
        dx, dy = points[n, 0] - x, points[n, 1] - y
        a, b = cos * dx + sin * dy, cos * dy - sin * dx
        beyond = max(abs(a) - half_l, abs(b) - half_w)
        if beyond <= grown_m:
            along[count], across[count] = a, b
            count += 1
        elif beyond <= grown_m + RING_M:
            ring += 1
    out[:] = 0.0
    out[0], out[1] = count, ring
    if count == 0:
        return
    skip = min(count // 20, 2)
    for k in range(2):
        values = np.sort(along[:count] if k == 0 else across[:count])
        out[2 + 2 * k], out[3 + 2 * k] = values[skip], values[count - 1 - skip]
        out[6 + k] = values.mean()


@njit(cache=True, nogil=True)
def gauge_all(points: Float32s, first: Int64s, feet: Float64s, out: Float64s, grown_m: float = GROWN_M) -> None:
    """`gauge` of every frame.

    Args:
        points: (N, 3) of all frames.
        first: (F + 1,) where each frame's points begin.
        feet: (F, 5).
        out: (F, 8) filled.
        grown_m: As in `gauge`.
    """
    for f in range(feet.shape[0]):
        gauge(points[first[f] : first[f + 1]], feet[f], out[f], grown_m)


@njit(cache=True, nogil=True)
def place_center(gauged: Float64s, foot: Float64s, eye: Float64s, form: int, seen: Float64s, info: Float64s) -> None:
    """Where a gauge puts the centre, and how surely.

    On a side that faces the sensor the points end at the side; where both ends are seen the centre lies between
    them; else it may be anywhere that keeps all points inside. The points of what is round lie on its near half:
    its centre is a little behind their mean, and half way between their ends across the line of sight (its
    footprint looks along that line).

    Args:
        gauged: (8,) from `gauge`.
        foot: (5,) the footprint gauged.
        eye: (2,) the sensor.
        form: Of its habit.
        seen: (2,) filled with the centre, world.
        info: (2, 2) filled with its information, 1 / m2; zeros when nothing was seen.
    """
    info[:] = 0.0
    seen[0], seen[1] = foot[0], foot[1]
    count, ring = gauged[0], gauged[1]
    if count == 0:
        return
    x, y, yaw = foot[0], foot[1], foot[2]
    cos, sin = math.cos(yaw), math.sin(yaw)
    range_m = math.hypot(eye[0] - x, eye[1] - y)
    least = (0.04 + 0.002 * range_m) * (1 + 2 / count) * (1 + 2 * ring / (count + ring))
    center, spread = np.empty(2), np.empty(2)
    for k in range(2):
        half, low, high = foot[3 + k], gauged[2 + 2 * k], gauged[3 + 2 * k]
        ahead = cos * (eye[0] - x) + sin * (eye[1] - y) if k == 0 else cos * (eye[1] - y) - sin * (eye[0] - x)
        slack = max(2 * half - (high - low), 0.0)
        middle = (low + high) / 2
        if form == 2:
            if k == 0 and slack < 0.5 * half:
                center[k], spread[k] = middle, least + slack / 4
            else:
                center[k] = gauged[6 + k] - (RIDER_M if k == 0 else WAIST_M) * ahead / range_m
                spread[k] = (3.0 if k == 0 else 1.5) * least
        elif form == 1:
            center[k] = gauged[6] + ROUND_M if k == 0 else middle
            spread[k] = least * 1.5 if k == 0 else least + slack / 8
        elif slack < 0.3 * half or abs(ahead) <= max(half, BROAD_SHARE * range_m):
            center[k], spread[k] = middle, least + slack / 2
        else:
            center[k] = high - half if ahead > half else low + half
            spread[k] = least
    a, b = 1 / spread[0] ** 2, 1 / spread[1] ** 2
    info[0, 0], info[1, 1] = a * cos * cos + b * sin * sin, a * sin * sin + b * cos * cos
    info[0, 1] = info[1, 0] = (a - b) * cos * sin
    seen[0] = x + cos * center[0] - sin * center[1]
    seen[1] = y + sin * center[0] + cos * center[1]


@njit(cache=True, nogil=True)
def place_all(gauges: Float64s, feet: Float64s, eyes: Float64s, form: int, seen: Float64s, info: Float64s) -> None:
    """`place_center` of every frame: (F, 8), (F, 5), (F, 2) to (F, 2) and (F, 2, 2)."""
    for f in range(feet.shape[0]):
        place_center(gauges[f], feet[f], eyes[f], form, seen[f], info[f])
