"""Registration: where an object stands, by laying its points over its likelihood field.

A stand is (x, y, yaw) in the world; heights were taken over the ground before. `search` rates a lattice
of stands around a guess and keeps the best few that differ, `refine` moves one to the best fit by
Gauss-Newton with the robust loss of Geman and McClure, whose width shrinks step by step, and with a
weak pull towards the guess, which counts only where points are few.

The kernels share three bundles:
    cloud: What `bin_points` makes of the points above the ground around the object.
    surface: (field, corner_m, layer_m) of a `SurfaceField`.
    object: (5,) float64, half length and half width of the footprint, a little grown; how many points it
        should have at a distance of one metre; the sensor's x and y, NaN where it is unknown and the count
        is the same at any distance.
"""

import math
from typing import TypeAlias

import numpy as np
from numba import njit

from worldline.geometry.arrays import Float32s, Float64s

from .bins import Cloud, cells_around
from .field import CELL_M, FAR_M

Surface: TypeAlias = tuple[Float32s, Float64s, float]

EXPLAINED_M = 0.25
"""A point as near to the surface as this is explained by it."""

RING_M = 0.5
"""Points this near around the footprint belong to something the stand leaves out, and count against it."""

SCALE_M = 0.15
"""Width of the robust loss at the end, and of the rating."""

_WIDTHS_M = (0.5, 0.4, 0.3, 0.25, 0.2, 0.2, SCALE_M, SCALE_M, SCALE_M, SCALE_M, SCALE_M, SCALE_M)


@njit(cache=True, nogil=True)
def _distance(surface: Surface, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Distance and its slopes along x and y, between the cells' centres; `FAR_M` outside the field."""
    field, corner_m, layer_m = surface
    layer = min(max(math.floor(z / layer_m), 0), field.shape[0] - 1)
    u, v = (x - corner_m[0]) / CELL_M, (y - corner_m[1]) / CELL_M
    i, j = math.floor(u), math.floor(v)
    if i < 0 or j < 0 or i >= field.shape[1] - 1 or j >= field.shape[2] - 1:
        return FAR_M, 0.0, 0.0
    u, v = u - i, v - j
    a, b = float(field[layer, i, j]), float(field[layer, i, j + 1])
    c, d = float(field[layer, i + 1, j]), float(field[layer, i + 1, j + 1])
    low, high = a + (c - a) * u, b + (d - b) * u
    return low + (high - low) * v, ((c - a) * (1 - v) + (d - b) * v) / CELL_M, (high - low) / CELL_M


@njit(cache=True, nogil=True)
def expect_count(thing: Float64s, x: float, y: float) -> float:
    """How many points the object should have at a place, at least 1."""
    square = 1.0 if math.isnan(thing[3]) else (x - thing[3]) ** 2 + (y - thing[4]) ** 2
    return float(max(thing[2] / max(square, 1.0), 1.0))


@njit(cache=True, nogil=True)
def rate(cloud: Cloud, stride: int, surface: Surface, thing: Float64s, x: float, y: float, yaw: float) -> float:
    """How well a stand explains what lies over its footprint and close around it, from 0 to 1.

    Each point over the footprint is explained from 0 to 1 by its distance to the surface. The rating is
    the share of the points that is explained, times the share of the points expected that is.

    Args:
        cloud: What stands around.
        stride: Every so many points are used.
        surface: The object's.
        thing: The object.
        x: World.
        y: World.
        yaw: Radians.

    Returns:
        The rating.
    """
    points, first, _, _ = cloud
    cos, sin = math.cos(yaw), math.sin(yaw)
    total, count = 0.0, 0
    a, b, c, d = cells_around(cloud, x, y, math.hypot(thing[0], thing[1]) + RING_M)
    if c >= d:
        return 0.0
    for i in range(a, b):
        start = first[i, c] + (-first[i, c]) % stride
        for n in range(start, first[i, d], stride):
            dx, dy = points[n, 0] - x, points[n, 1] - y
            forward, left = cos * dx + sin * dy, cos * dy - sin * dx
            if abs(forward) > thing[0] + RING_M or abs(left) > thing[1] + RING_M:
                continue
            count += 1
            if abs(forward) > thing[0] or abs(left) > thing[1]:
                continue
            away, _, _ = _distance(surface, forward, left, points[n, 2])
            total += 1 / (1 + (away / SCALE_M) ** 2)
    return total / max(count, 1) * min(total * stride / expect_count(thing, x, y), 1.0)


@njit(cache=True, nogil=True)
def search(
    cloud: Cloud,
    sample_count: int,
    surface: Surface,
    thing: Float64s,
    guess: Float64s,
    reach: Float64s,
    step: Float64s,
    out: Float64s,
) -> int:
    """The best stands of a lattice along and across the guess's heading that differ by two steps.

    Args:
        cloud: What stands around.
        sample_count: About how many of the points near a stand are used.
        surface: The object's.
        thing: The object.
        guess: (3,) x, y, yaw.
        reach: (3,) How far along, across and in yaw.
        step: (3,) Steps of the lattice.
        out: (S, 4) Filled with x, y, yaw and rating, best first. The rating falls a little towards the
            end of the reach, see `likelihood`.

    Returns:
        How many stands were found.
    """
    first = cloud[1]
    count_a, count_b, count_c = (
        math.ceil(reach[0] / step[0]),
        math.ceil(reach[1] / step[1]),
        math.ceil(reach[2] / step[2]),
    )
    cos, sin = math.cos(guess[2]), math.sin(guess[2])
    found = 0
    stand = np.empty(3)
    for a in range(-count_a, count_a + 1):
        for b in range(-count_b, count_b + 1):
            x = guess[0] + cos * a * step[0] - sin * b * step[1]
            y = guess[1] + sin * a * step[0] + cos * b * step[1]
            near = 0
            left, right, low, high = cells_around(cloud, x, y, math.hypot(thing[0], thing[1]))
            for i in range(left, right):
                if low < high:
                    near += first[i, high] - first[i, low]
            if near < 0.1 * expect_count(thing, x, y):
                continue
            stride = max(1, near // sample_count)
            for c in range(-count_c, count_c + 1):
                stand[0], stand[1], stand[2] = x, y, guess[2] + c * step[2]
                rating = rate(cloud, stride, surface, thing, x, y, stand[2]) * likelihood(stand, guess, reach)
                if rating > 0:
                    found = _keep_best(x, y, stand[2], rating, step, out, found)
    return found


@njit(cache=True, nogil=True)
def distance_apart(stand: Float64s, guess: Float64s, reach: Float64s) -> float:
    """How far a stand is from the guess, squared, each of along, across and yaw in units of its reach."""
    cos, sin = math.cos(guess[2]), math.sin(guess[2])
    dx, dy = stand[0] - guess[0], stand[1] - guess[1]
    along, across = (cos * dx + sin * dy) / reach[0], (cos * dy - sin * dx) / reach[1]
    turn = (stand[2] - guess[2]) / reach[2]
    return float(along * along + across * across + turn * turn)


@njit(cache=True, nogil=True)
def likelihood(stand: Float64s, guess: Float64s, reach: Float64s) -> float:
    """How likely motion makes a stand, beside which its rating counts: from 1 down to 0.8."""
    return 1 - min(distance_apart(stand, guess, reach), 3.0) / 15


@njit(cache=True, nogil=True)
def _keep_best(x: float, y: float, yaw: float, rating: float, step: Float64s, out: Float64s, found: int) -> int:
    near = 2.2 * max(step[0], step[1])
    for s in range(found):
        is_near = math.hypot(out[s, 0] - x, out[s, 1] - y) < near and abs(out[s, 2] - yaw) < 2.2 * step[2]
        if is_near:
            if out[s, 3] >= rating:
                return found
            for later in range(s, found - 1):
                out[later] = out[later + 1]
            found -= 1
            break
    if found == out.shape[0]:
        if out[found - 1, 3] >= rating:
            return found
        found -= 1
    place = found
    while place > 0 and out[place - 1, 3] < rating:
        out[place] = out[place - 1]
        place -= 1
    out[place, 0], out[place, 1], out[place, 2], out[place, 3] = x, y, yaw, rating
    return found + 1


@njit(cache=True, nogil=True)
def refine(
    cloud: Cloud,
    stride: int,
    surface: Surface,
    thing: Float64s,
    guess: Float64s,
    pull: Float64s,
    stand: Float64s,
) -> None:
    """Move a stand to the best fit.

    Args:
        cloud: What stands around.
        stride: Every so many points are used.
        surface: The object's.
        thing: The object.
        guess: (3,) x, y, yaw that motion leads to expect.
        pull: (3,) Standard deviation of the guess along, across and in yaw.
        stand: (3,) x, y, yaw, changed.
    """
    points, first, _, _ = cloud
    normal, right = np.empty((3, 3)), np.empty(3)
    for width in _WIDTHS_M:
        cos, sin = math.cos(stand[2]), math.sin(stand[2])
        normal[:], right[:] = 0.0, 0.0
        a, b, c, d = cells_around(cloud, stand[0], stand[1], math.hypot(thing[0], thing[1]) + 0.5)
        for i in range(a, b):
            if c >= d:
                continue
            start = first[i, c] + (-first[i, c]) % stride
            for n in range(start, first[i, d], stride):
                dx, dy = points[n, 0] - stand[0], points[n, 1] - stand[1]
                x, y = cos * dx + sin * dy, cos * dy - sin * dx
                away, slope_x, slope_y = _distance(surface, x, y, points[n, 2])
                if away >= FAR_M:
                    continue
                weight = 1 / (1 + (away / width) ** 2) ** 2
                # A step (along, across, turn) of the stand moves the point the other way in the object's frame.
                j0, j1, j2 = -slope_x, -slope_y, slope_x * y - slope_y * x
                normal[0, 0] += weight * j0 * j0
                normal[0, 1] += weight * j0 * j1
                normal[0, 2] += weight * j0 * j2
                normal[1, 1] += weight * j1 * j1
                normal[1, 2] += weight * j1 * j2
                normal[2, 2] += weight * j2 * j2
                right[0] -= weight * j0 * away
                right[1] -= weight * j1 * away
                right[2] -= weight * j2 * away
        gx, gy = guess[0] - stand[0], guess[1] - stand[1]
        apart = (cos * gx + sin * gy, cos * gy - sin * gx, guess[2] - stand[2])
        for k in range(3):
            tie = (SCALE_M / pull[k]) ** 2
            normal[k, k] += tie + 1e-6
            right[k] += tie * apart[k]
        normal[1, 0], normal[2, 0], normal[2, 1] = normal[0, 1], normal[0, 2], normal[1, 2]
        move = np.linalg.solve(normal, right)
        along, across = min(max(move[0], -0.3), 0.3), min(max(move[1], -0.3), 0.3)
        stand[0] += cos * along - sin * across
        stand[1] += sin * along + cos * across
        stand[2] += min(max(move[2], -0.15), 0.15)


@njit(cache=True, nogil=True)
def judge(cloud: Cloud, surface: Surface, thing: Float64s, stand: Float64s) -> tuple[int, int, float]:
    """How well a stand explains what lies over its footprint, in numbers to tell a person.

    Args:
        cloud: What stands around.
        surface: The object's.
        thing: The object.
        stand: (3,) x, y, yaw.

    Returns:
        How many points lie inside, how many of them are explained, and the root mean square distance
        of those to the surface, metres.
    """
    points = cloud[0]
    cos, sin = math.cos(stand[2]), math.sin(stand[2])
    inside_count, explained_count, squares = 0, 0, 0.0
    for n in range(points.shape[0]):
        dx, dy = points[n, 0] - stand[0], points[n, 1] - stand[1]
        x, y = cos * dx + sin * dy, cos * dy - sin * dx
        if abs(x) > thing[0] or abs(y) > thing[1]:
            continue
        inside_count += 1
        away, _, _ = _distance(surface, x, y, points[n, 2])
        if away < EXPLAINED_M:
            explained_count += 1
            squares += away * away
    return inside_count, explained_count, math.sqrt(squares / max(explained_count, 1))
