"""How much two cuboids overlap: intersection over union in bird's-eye view and in space.

The footprint of a cuboid is the rectangle of its length and width, turned by its yaw about its
centre; its vertical extent is its height about its centre. A small pitch or roll is thereby
ignored, as every benchmark of driving data does.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit

from .arrays import Float64s
from .cuboid import Cuboid
from .errors import CuboidError
from .pose import Pose


def overlap_bev(a: Cuboid, b: Cuboid) -> float:
    """Intersection over union of two footprints, 0 to 1."""
    return float(overlap_matrix_bev(overlap_rows([a]), overlap_rows([b]))[0, 0])


def overlap_3d(a: Cuboid, b: Cuboid) -> float:
    """Intersection over union of two upright cuboids, 0 to 1."""
    return float(overlap_matrix_3d(overlap_rows([a]), overlap_rows([b]))[0, 0])


def overlap_rows(cuboids: Sequence[Cuboid]) -> Float64s:
    """Cuboids as rows for the matrix kernels.

    Returns:
        (N, 7) float64: x, y, z of the centre, length, width, height, yaw.
    """
    rows = [(*cuboid.center_m, *cuboid.size_m, cuboid.yaw_rad) for cuboid in cuboids]
    return np.array(rows, dtype=np.float64).reshape(-1, 7)


def cuboid_of_row(row: Float64s) -> Cuboid:
    """The upright cuboid of a row of `overlap_rows`.

    Raises:
        CuboidError: A size is not above zero.
    """
    x, y, z, length, width, height, yaw = row.tolist()
    return Cuboid(Pose.from_yaw(yaw, (x, y, z)), (length, width, height))


def overlap_matrix_bev(a: Float64s, b: Float64s) -> Float64s:
    """Bird's-eye overlap of each pair.

    Args:
        a: (N, 7) x, y, z of the centre, length, width, height, yaw.
        b: (M, 7) the same, in the same frame.

    Returns:
        (N, M) float64, 0 to 1.

    Raises:
        CuboidError: A shape is another, a number is not finite, or a size is not above zero.
    """
    out = np.empty((len(a), len(b)))
    _fill_overlap(check_rows(a), check_rows(b), False, out)
    return out


def overlap_matrix_3d(a: Float64s, b: Float64s) -> Float64s:
    """Overlap in space of each pair; arguments and errors as in `overlap_matrix_bev`."""
    out = np.empty((len(a), len(b)))
    _fill_overlap(check_rows(a), check_rows(b), True, out)
    return out


def check_rows(rows: Float64s) -> Float64s:
    """The rows as kernels take them.

    Raises:
        CuboidError: A shape is another, a number is not finite, or a size is not above zero.
    """
    checked: Float64s = np.require(rows, np.float64, ["C", "W"])
    if checked.ndim != 2 or checked.shape[1] != 7:
        raise CuboidError(f"cuboid rows are N x 7 (x, y, z, length, width, height, yaw), not {checked.shape}")
    if not np.isfinite(checked).all() or (checked[:, 3:6] <= 0).any():
        raise CuboidError("cuboid rows must be finite, with length, width and height above 0")
    return checked


@njit(cache=True, nogil=True)
def _fill_overlap(a, b, in_space, out):  # type: ignore[no-untyped-def]
    polygon, clipped = np.empty((8, 2)), np.empty((8, 2))
    reach = half_diagonals(b)
    for i in range(len(a)):
        x, y, own = a[i, 0], a[i, 1], np.sqrt(a[i, 3] ** 2 + a[i, 4] ** 2) / 2
        for j in range(len(b)):
            dx, dy, apart = b[j, 0] - x, b[j, 1] - y, own + reach[j]
            out[i, j] = 0.0
            if dx * dx + dy * dy <= apart * apart:
                out[i, j] = overlap_near(a[i], b[j], in_space, polygon, clipped)


@njit(cache=True, nogil=True)
def half_diagonals(rows):  # type: ignore[no-untyped-def]
    """How far each footprint reaches from its centre."""
    reach = np.empty(len(rows))
    for k in range(len(rows)):
        reach[k] = np.sqrt(rows[k, 3] ** 2 + rows[k, 4] ** 2) / 2
    return reach


@njit(cache=True, nogil=True)
def overlap_near(a, b, in_space, polygon, clipped):  # type: ignore[no-untyped-def]
    """The overlap of two rows that reach each other; `polygon` and `clipped` are (8, 2) to work in."""
    size_a, size_b = a[3] * a[4], b[3] * b[4]
    shared = _shared_area(a, b, polygon, clipped)
    if in_space:
        top = min(a[2] + a[5] / 2, b[2] + b[5] / 2)
        bottom = max(a[2] - a[5] / 2, b[2] - b[5] / 2)
        shared *= max(top - bottom, 0.0)
        size_a, size_b = size_a * a[5], size_b * b[5]
    shared = min(shared, size_a, size_b)
    return shared / (size_a + size_b - shared)


@njit(cache=True, nogil=True)
def _shared_area(a, b, polygon, clipped):  # type: ignore[no-untyped-def]
    """Area that two footprints share: b in a's own frame, cut at a's four sides (Sutherland and Hodgman 1974)."""
    cosine, sine = np.cos(a[6]), np.sin(a[6])
    dx, dy = b[0] - a[0], b[1] - a[1]
    x, y = cosine * dx + sine * dy, cosine * dy - sine * dx
    along_x, along_y = np.cos(b[6] - a[6]) * b[3] / 2, np.sin(b[6] - a[6]) * b[3] / 2
    across_x, across_y = -np.sin(b[6] - a[6]) * b[4] / 2, np.cos(b[6] - a[6]) * b[4] / 2
    polygon[0, 0], polygon[0, 1] = x + along_x + across_x, y + along_y + across_y
    polygon[1, 0], polygon[1, 1] = x - along_x + across_x, y - along_y + across_y
    polygon[2, 0], polygon[2, 1] = x - along_x - across_x, y - along_y - across_y
    polygon[3, 0], polygon[3, 1] = x + along_x - across_x, y + along_y - across_y
    count = 4
    for side in range(4):
        axis, sign = side // 2, 1.0 - 2.0 * (side % 2)
        half = a[3 + axis] / 2
        kept = 0
        for k in range(count):
            before = (k + count - 1) % count
            depth = half - sign * polygon[k, axis]
            depth_before = half - sign * polygon[before, axis]
            if (depth >= 0) != (depth_before >= 0):
                share = depth_before / (depth_before - depth)
                for d in range(2):
                    clipped[kept, d] = polygon[before, d] + share * (polygon[k, d] - polygon[before, d])
                kept += 1
            if depth >= 0:
                clipped[kept, 0], clipped[kept, 1] = polygon[k, 0], polygon[k, 1]
                kept += 1
        polygon, clipped = clipped, polygon
        count = kept
    area = 0.0
    for k in range(count):
        after = (k + 1) % count
        area += polygon[k, 0] * polygon[after, 1] - polygon[after, 0] * polygon[k, 1]
    return max(area / 2, 0.0)
