"""How well a rectangle seen from above explains what a sensor saw, as a cost: a negative log likelihood.

Four things speak: the object's points lie on the sides that face the sensor, and none outside; rays that
passed through a place say that it is empty; the class has a usual size. What points say is a mean over them,
because neighbours on one surface err together.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from .arrays import Float64s

FACE_COST = 10.0
"""Cost of points that all lie deep inside or off the sides that face the sensor."""

OUTSIDE_COST = 1600.0
"""Cost of an object's points that all lie outside."""

THROUGH_COST = 50.0
"""Cost of a place that every ray passes through."""

_CAP_M = 0.35
_OUT_CAP_M = 0.1
_SLACK_M = 0.1
_BAND_SHARES = (0.15, 0.48)
_OFF_BAND_WEIGHT = 0.05
_HAIR_M = 1e-12
_FEW = 4.0


class Evidence(NamedTuple):
    """What was seen, as kernels take it.

    Attributes:
        points: (N, 3) the object's own first, then others above the ground.
        own_count: How many are its own.
        rays: (R, 3) ends of rays that may have passed.
        ray_weight: How many each stands for, for each point that a point stands for.
        origin: (3,) the sensor.
        ground_m: Height of the ground.
        size: (3,) usual size.
        spread: (3,) standard deviations.
        is_around: The points were seen from many places: all four sides may have points.
    """

    points: Float64s
    own_count: int
    rays: Float64s
    ray_weight: float
    origin: Float64s
    ground_m: float
    size: Float64s
    spread: Float64s
    is_around: bool = False


@njit(cache=True, nogil=True)
def rate_rectangle(box, seen, ahead):  # type: ignore[no-untyped-def]
    """The cost of one rectangle.

    Args:
        box: (5,) x, y, yaw, length, width.
        seen: `Evidence`.
        ahead: (2,) direction along which things of the class mostly stand, either way, and the cost of standing across.
    """
    points, own_count, rays, origin = seen.points, seen.own_count, seen.rays, seen.origin
    ground_m, size, spread = seen.ground_m, seen.size, seen.spread
    x, y, half_l, half_w = box[0], box[1], box[3] / 2, box[4] / 2
    cosine, sine = np.cos(box[2]), np.sin(box[2])
    eye_a = cosine * (origin[0] - x) + sine * (origin[1] - y)
    eye_b = cosine * (origin[1] - y) - sine * (origin[0] - x)
    face_a, face_b = (half_l if eye_a > 0 else -half_l), (half_w if eye_b > 0 else -half_w)
    low, high = ground_m + _BAND_SHARES[0] * size[2], ground_m + _BAND_SHARES[1] * size[2]
    faces, outside, total, hits = 0.0, 0.0, 0.0, 0.0
    for p in range(len(points)):
        a = cosine * (points[p, 0] - x) + sine * (points[p, 1] - y)
        b = cosine * (points[p, 1] - y) - sine * (points[p, 0] - x)
        out_a, out_b = abs(a) - half_l, abs(b) - half_w
        is_in = out_a <= 0 and out_b <= 0
        in_band = low <= points[p, 2] <= high
        hits += is_in and in_band
        if p >= own_count:
            continue
        weight = 1.0 if in_band else _OFF_BAND_WEIGHT
        total += weight
        if is_in:
            gap = min(abs(a - face_a), abs(b - face_b), _CAP_M)
            if seen.is_around:
                gap = min(gap, -out_a, -out_b)
            faces += weight * gap * gap
        else:
            out_a, out_b = max(out_a, 0.0), max(out_b, 0.0)
            outside += min(np.sqrt(out_a * out_a + out_b * out_b), _OUT_CAP_M)
    cost = FACE_COST * faces / (max(total, 1.0) * _CAP_M**2) + OUTSIDE_COST * outside / own_count
    length, width = (box[3] - size[0]) / spread[0], (box[4] - size[1]) / spread[1]
    cost += 0.5 * (length * length + width * width)
    cost += ahead[1] * np.sin(box[2] - ahead[0]) ** 2
    through = 0.0
    if len(rays):
        inner_l, inner_w = max(half_l - _SLACK_M, 0.02), max(half_w - _SLACK_M, 0.02)
        for p in range(len(rays)):
            through += _passes(rays[p], origin, x, y, cosine, sine, eye_a, eye_b, inner_l, inner_w, low, high)
    through *= seen.ray_weight
    return cost + THROUGH_COST * through / (through + hits + _FEW)


@njit(cache=True, nogil=True)
def _passes(ray, origin, x, y, cosine, sine, eye_a, eye_b, half_l, half_w, low, high):  # type: ignore[no-untyped-def]
    """Whether a ray goes all the way through the box and ends behind it."""
    end_a = cosine * (ray[0] - x) + sine * (ray[1] - y)
    end_b = cosine * (ray[1] - y) - sine * (ray[0] - x)
    enter, leave = 0.0, 1.0
    step = end_a - eye_a
    step = step if step != 0.0 else _HAIR_M
    one, two = (-half_l - eye_a) / step, (half_l - eye_a) / step
    enter, leave = max(enter, min(one, two)), min(leave, max(one, two))
    if enter >= leave or leave >= 1.0:
        return False
    step = end_b - eye_b
    step = step if step != 0.0 else _HAIR_M
    one, two = (-half_w - eye_b) / step, (half_w - eye_b) / step
    enter, leave = max(enter, min(one, two)), min(leave, max(one, two))
    if enter >= leave:
        return False
    step = ray[2] - origin[2]
    step = step if step != 0.0 else _HAIR_M
    one, two = (low - origin[2]) / step, (high - origin[2]) / step
    enter, leave = max(enter, min(one, two)), min(leave, max(one, two))
    return enter < leave


@njit(cache=True, nogil=True)
def descend(box, seen, ahead, steps_m, steps_rad):  # type: ignore[no-untyped-def]
    """Move sides, middle and heading of a rectangle while that lowers its cost, in ever smaller steps.

    Turns are about the corner nearest to the sensor, or about the middle. The box is changed in place; its cost is
    returned.
    """
    least, most = np.maximum(seen.size - 3 * seen.spread, 0.05), seen.size + 3 * seen.spread
    best = rate_rectangle(box, seen, ahead)
    trial = np.empty(5)
    for level in range(len(steps_m)):
        for _ in range(6):
            before = best
            for move in range(7):
                for direction in (1, -1):
                    for _ in range(3):
                        trial[:] = box
                        _move(trial, move, direction * steps_m[level], direction * steps_rad[level], seen)
                        if not (least[0] <= trial[3] <= most[0] and least[1] <= trial[4] <= most[1]):
                            break
                        cost = rate_rectangle(trial, seen, ahead)
                        if cost >= best - 1e-9:
                            break
                        best = cost
                        box[:] = trial
            if before - best < 0.02:
                break
    return best


@njit(cache=True, nogil=True)
def _move(box, move, step, turn, seen):  # type: ignore[no-untyped-def]
    """Apply a move: four sides, two shifts, a turn."""
    cosine, sine, origin = np.cos(box[2]), np.sin(box[2]), seen.origin
    if move < 4:
        axis, end = move // 2, 1 - 2 * (move % 2)
        box[3 + axis] += step
        a, b = (end * step / 2, 0.0) if axis == 0 else (0.0, end * step / 2)
    elif move < 6:
        a, b = (step, 0.0) if move == 4 else (0.0, step)
    else:
        eye_a = cosine * (origin[0] - box[0]) + sine * (origin[1] - box[1])
        eye_b = cosine * (origin[1] - box[1]) - sine * (origin[0] - box[0])
        corner_a, corner_b = (box[3] / 2 if eye_a > 0 else -box[3] / 2), (box[4] / 2 if eye_b > 0 else -box[4] / 2)
        if seen.is_around:
            corner_a, corner_b = 0.0, 0.0
        # the corner stays: middle = corner - R(new) (corner in the box)
        corner_x = box[0] + cosine * corner_a - sine * corner_b
        corner_y = box[1] + sine * corner_a + cosine * corner_b
        box[2] += turn
        cosine, sine = np.cos(box[2]), np.sin(box[2])
        box[0] = corner_x - cosine * corner_a + sine * corner_b
        box[1] = corner_y - sine * corner_a - cosine * corner_b
        return
    box[0] += cosine * a - sine * b
    box[1] += sine * a + cosine * b
