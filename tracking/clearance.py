"""What stands on the ground around an object: a plane through the street, and the points above it."""

import math

import numpy as np
from numba import njit

from worldline.geometry.arrays import Float32s, Float64s

CELL_M = 0.5
FEWEST_CELLS = 5
_TOLERANCES_M = (0.5, 0.3, 0.15, 0.1)
_EVEN_CELLS = 4.0
"""How many cells' worth the expected slope weighs."""


@njit(cache=True, nogil=True)
def fit_plane(points: Float32s, x: float, y: float, radius_m: float, plane: Float64s) -> int:
    """The street around a place: a plane through the lowest points of cells, near the plane expected.

    Args:
        points: (N, 3) float32, the world, metres.
        x: The place.
        y: The place.
        radius_m: How far around it.
        plane: (3,) Height at the place, slope along x, slope along y: the plane expected, changed to
            the plane found; unchanged where nothing is found.

    Returns:
        How many cells agree, 0 where they are too few.
    """
    count = 2 * math.ceil(radius_m / CELL_M)
    lowest = np.full((count, count, 3), np.inf)
    for n in range(points.shape[0]):
        dx, dy = points[n, 0] - x, points[n, 1] - y
        if not dx * dx + dy * dy < radius_m * radius_m:
            continue
        expected = plane[0] + plane[1] * dx + plane[2] * dy
        if not abs(points[n, 2] - expected) < 2 * _TOLERANCES_M[0]:
            continue
        i, j = math.floor(dx / CELL_M) + count // 2, math.floor(dy / CELL_M) + count // 2
        if points[n, 2] < lowest[i, j, 2]:
            lowest[i, j, 0], lowest[i, j, 1], lowest[i, j, 2] = dx, dy, points[n, 2]
    found = plane.copy()
    agreed = 0
    normal, right = np.empty((3, 3)), np.empty(3)
    for tolerance in _TOLERANCES_M:
        normal[:], right[:] = 0.0, 0.0
        agreed = 0
        for i in range(count):
            for j in range(count):
                dx, dy, z = lowest[i, j, 0], lowest[i, j, 1], lowest[i, j, 2]
                if z == np.inf or abs(z - found[0] - found[1] * dx - found[2] * dy) > tolerance:
                    continue
                agreed += 1
                row = (1.0, dx, dy)
                for a in range(3):
                    right[a] += row[a] * z
                    for b in range(3):
                        normal[a, b] += row[a] * row[b]
        if agreed < FEWEST_CELLS:
            return 0
        for a in range(1, 3):
            weight = _EVEN_CELLS * radius_m * radius_m / 4
            normal[a, a] += weight
            right[a] += weight * plane[a]
        found[:] = np.linalg.solve(normal, right)
    plane[:] = found
    return agreed


@njit(cache=True, nogil=True)
def pick_above(
    points: Float32s,
    x: float,
    y: float,
    radius_m: float,
    plane: Float64s,
    underside_m: float,
    clear_m: float,
    top_m: float,
    out: Float32s,
) -> int:
    """The points around a place that are above the ground and below an object's top.

    Args:
        points: (N, 3) float32, the world, metres.
        x: The place.
        y: The place.
        radius_m: How far around it.
        plane: (3,) From `fit_plane`.
        underside_m: Height of the object's underside over the plane.
        clear_m: Least height over the underside.
        top_m: Greatest height over the underside.
        out: (N, 3) Filled from its start: world x and y, height over the underside.

    Returns:
        How many.
    """
    count = 0
    for n in range(points.shape[0]):
        dx, dy = points[n, 0] - x, points[n, 1] - y
        if not dx * dx + dy * dy < radius_m * radius_m:
            continue
        height = points[n, 2] - plane[0] - plane[1] * dx - plane[2] * dy - underside_m
        if clear_m <= height <= top_m:
            out[count, 0], out[count, 1], out[count, 2] = points[n, 0], points[n, 1], height
            count += 1
    return count


@njit(cache=True, nogil=True)
def pick_inside(
    points: Float32s, x: float, y: float, yaw: float, half_length_m: float, half_width_m: float, out: Float32s
) -> int:
    """The points over a footprint, in the object's frame.

    Args:
        points: (N, 3) From `pick_above`.
        x: Centre of the footprint.
        y: Centre of the footprint.
        yaw: Its heading.
        half_length_m: Half its length.
        half_width_m: Half its width.
        out: (N, 3) Filled from its start: forward, left, height over the underside.

    Returns:
        How many.
    """
    cos, sin = math.cos(yaw), math.sin(yaw)
    count = 0
    for n in range(points.shape[0]):
        dx, dy = points[n, 0] - x, points[n, 1] - y
        forward, left = cos * dx + sin * dy, cos * dy - sin * dx
        if abs(forward) <= half_length_m and abs(left) <= half_width_m:
            out[count, 0], out[count, 1], out[count, 2] = forward, left, points[n, 2]
            count += 1
    return count
