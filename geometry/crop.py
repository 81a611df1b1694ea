"""Cropping: the points around a place, moved to another frame, in one pass over a sweep."""

import math

import numpy as np
from numba import njit

from .arrays import Float32s, Floats
from .inside import check_points
from .pose import Pose, Vector


def move_points(
    points: Floats, a_from_b: Pose, around_m: Vector = (0.0, 0.0, 0.0), radius_m: float = math.inf
) -> Float32s:
    """The finite points around a place, in another frame.

    Args:
        points: (N, 3) b, metres; a point that is not finite is left out.
        a_from_b: Where b stands in a.
        around_m: A place in a.
        radius_m: Points further than this from it, along a's x and y, are left out.

    Returns:
        (K, 3) float32, a, metres, in the order of the sweep.

    Raises:
        CloudError: The points are not N x 3.
    """
    cloud = check_points(points)
    moved = np.empty((len(cloud), 3), dtype=np.float32)
    count = _move(cloud, a_from_b.rotation, np.array(a_from_b.translation_m), around_m[0], around_m[1], radius_m, moved)
    return moved if count == len(moved) else moved[:count].copy()


@njit(cache=True, nogil=True)
def _move(points, rotation, translation, around_x, around_y, radius, moved):  # type: ignore[no-untyped-def]
    count = 0
    for p in range(len(points)):
        x, y, z = np.float64(points[p, 0]), np.float64(points[p, 1]), np.float64(points[p, 2])
        if not np.isfinite(x + y + z):
            continue
        a = rotation[0, 0] * x + rotation[0, 1] * y + rotation[0, 2] * z + translation[0]
        b = rotation[1, 0] * x + rotation[1, 1] * y + rotation[1, 2] * z + translation[1]
        dx, dy = a - around_x, b - around_y
        if dx * dx + dy * dy > radius * radius:
            continue
        moved[count, 0], moved[count, 1] = a, b
        moved[count, 2] = rotation[2, 0] * x + rotation[2, 1] * y + rotation[2, 2] * z + translation[2]
        count += 1
    return count
