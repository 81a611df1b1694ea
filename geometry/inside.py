"""Points in cuboids: which, and how many. A point exactly on a face is inside, a NaN is in nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from .arrays import Bools, Float64s, Floats, Int64s
from .errors import CloudError

if TYPE_CHECKING:
    from .cuboid import Cuboid

_RUN = 32


def inside_mask(points: Floats, cuboid: "Cuboid") -> Bools:
    """Which points lie in a cuboid.

    Args:
        points: (N, 3) the cuboid's frame, metres.
        cuboid: Any rotation.

    Returns:
        (N,) bool.
    """
    cloud = check_points(points)
    mask = np.empty(len(cloud), dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        _mark_inside(cloud, *_rows([cuboid]), mask)
    return mask


def points_inside(points: Floats, cuboids: "Sequence[Cuboid]") -> Int64s:
    """How many points lie in each cuboid; a point in two cuboids counts in both.

    Args:
        points: (N, 3) the cuboids' frame, metres. Neighbours in space that are neighbours in the
            array, as in a sweep, make it fast.
        cuboids: C cuboids of any rotation.

    Returns:
        (C,) int64.
    """
    cloud = check_points(points)
    counts = np.zeros(len(cuboids), dtype=np.int64)
    if len(cuboids) and len(cloud):
        with np.errstate(invalid="ignore"):
            _count_inside(cloud, *_rows(cuboids), counts)
    return counts


def check_points(points: Floats) -> Floats:
    """The points as (N, 3) float32 or float64 rows that lie one after another and could be written to.

    Kernels are compiled for such arrays; another layout or a read-only buffer, as a file mapped into
    memory is, would make each of them compile again.

    Raises:
        CloudError: The shape is another.
    """
    cloud = np.asarray(points)
    if cloud.ndim != 2 or cloud.shape[1] != 3:
        raise CloudError(f"points must be an array of N rows x, y, z, not of shape {cloud.shape}")
    if cloud.dtype == np.float32:
        return np.require(cloud, np.float32, ["C", "W"])
    return np.require(cloud, np.float64, ["C", "W"])


def _rows(cuboids: "Sequence[Cuboid]") -> tuple[Float64s, Float64s, Float64s]:
    """Centres (C, 3), rotations (C, 3, 3) and half sizes (C, 3)."""
    return (
        np.array([cuboid.center_m for cuboid in cuboids], dtype=np.float64),
        np.array([cuboid.pose.rotation for cuboid in cuboids], dtype=np.float64),
        np.array([cuboid.size_m for cuboid in cuboids], dtype=np.float64) / 2,
    )


@njit(cache=True, nogil=True)
def _is_inside(x, y, z, center, rotation, half):  # type: ignore[no-untyped-def]
    x, y, z = x - center[0], y - center[1], z - center[2]
    return (
        abs(x * rotation[0, 0] + y * rotation[1, 0] + z * rotation[2, 0]) <= half[0]
        and abs(x * rotation[0, 1] + y * rotation[1, 1] + z * rotation[2, 1]) <= half[1]
        and abs(x * rotation[0, 2] + y * rotation[1, 2] + z * rotation[2, 2]) <= half[2]
    )


@njit(cache=True, nogil=True)
def _mark_inside(points, centers, rotations, halves, mask):  # type: ignore[no-untyped-def]
    center, rotation, half = centers[0], rotations[0], halves[0]
    reach = np.sqrt((half**2).sum()) * 1.001
    for i in range(len(points)):
        x, y, z = np.float64(points[i, 0]), np.float64(points[i, 1]), np.float64(points[i, 2])
        mask[i] = abs(x - center[0]) <= reach and _is_inside(x, y, z, center, rotation, half)


@njit(cache=True, nogil=True)
def _count_inside(points, centers, rotations, halves, counts):  # type: ignore[no-untyped-def]
    """Bound each run of neighbouring points once, then look only into the runs a cuboid's sphere meets."""
    run_count = (len(points) + _RUN - 1) // _RUN
    bounds = np.empty((run_count, 6))
    for run in range(run_count):
        lowest_x, lowest_y, lowest_z = np.inf, np.inf, np.inf
        highest_x, highest_y, highest_z = -np.inf, -np.inf, -np.inf
        for i in range(run * _RUN, min(len(points), (run + 1) * _RUN)):
            x, y, z = np.float64(points[i, 0]), np.float64(points[i, 1]), np.float64(points[i, 2])
            lowest_x, highest_x = x if x < lowest_x else lowest_x, x if x > highest_x else highest_x
            lowest_y, highest_y = y if y < lowest_y else lowest_y, y if y > highest_y else highest_y
            lowest_z, highest_z = z if z < lowest_z else lowest_z, z if z > highest_z else highest_z
        bounds[run, 0], bounds[run, 1] = lowest_x, highest_x
        bounds[run, 2], bounds[run, 3] = lowest_y, highest_y
        bounds[run, 4], bounds[run, 5] = lowest_z, highest_z
    for c in range(len(centers)):
        reach = np.sqrt((halves[c] ** 2).sum()) * 1.001
        x, y, z = centers[c, 0], centers[c, 1], centers[c, 2]
        center, rotation, half = centers[c], rotations[c], halves[c]
        count = 0
        for run in range(run_count):
            if (
                bounds[run, 0] > x + reach or bounds[run, 1] < x - reach
                or bounds[run, 2] > y + reach or bounds[run, 3] < y - reach
                or bounds[run, 4] > z + reach or bounds[run, 5] < z - reach
            ):  # fmt: skip
                continue
            for i in range(run * _RUN, min(len(points), (run + 1) * _RUN)):
                if _is_inside(
                    np.float64(points[i, 0]), np.float64(points[i, 1]), np.float64(points[i, 2]),
                    center, rotation, half,
                ):  # fmt: skip
                    count += 1
        counts[c] = count
