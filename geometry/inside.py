"""Points in a cuboid, and the rule for it everywhere. A point exactly on a face is inside, a NaN is in nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from .arrays import Bools, Float64s, Floats
from .errors import CloudError

if TYPE_CHECKING:
    from .cuboid import Cuboid


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
        _mark_inside(cloud, *cuboid_arrays([cuboid]), mask)
    return mask


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


def cuboid_arrays(cuboids: "Sequence[Cuboid]") -> tuple[Float64s, Float64s, Float64s]:
    """Centres (C, 3), rotations (C, 3, 3) and half sizes (C, 3)."""
    return (
        np.array([cuboid.center_m for cuboid in cuboids], dtype=np.float64),
        np.array([cuboid.pose.rotation for cuboid in cuboids], dtype=np.float64),
        np.array([cuboid.size_m for cuboid in cuboids], dtype=np.float64) / 2,
    )


@njit(cache=True, nogil=True)
def is_inside(x, y, z, center, rotation, half):  # type: ignore[no-untyped-def]
    """Whether a point lies in a cuboid or on its faces; the one rule that all kernels share.

    Without branches (``&``, not ``and``): of the points near a cuboid so many lie in it that guesses fail.
    """
    x, y, z = x - center[0], y - center[1], z - center[2]
    return (
        (abs(x * rotation[0, 0] + y * rotation[1, 0] + z * rotation[2, 0]) <= half[0])
        & (abs(x * rotation[0, 1] + y * rotation[1, 1] + z * rotation[2, 1]) <= half[1])
        & (abs(x * rotation[0, 2] + y * rotation[1, 2] + z * rotation[2, 2]) <= half[2])
    )


@njit(cache=True, nogil=True)
def _mark_inside(points, centers, rotations, halves, mask):  # type: ignore[no-untyped-def]
    center, rotation, half = centers[0], rotations[0], halves[0]
    reach = np.sqrt((half**2).sum()) * 1.001
    for i in range(len(points)):
        x, y, z = np.float64(points[i, 0]), np.float64(points[i, 1]), np.float64(points[i, 2])
        mask[i] = abs(x - center[0]) <= reach and is_inside(x, y, z, center, rotation, half)
