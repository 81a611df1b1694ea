"""Kernels of the octree: cells and octants of points, and one point of each cell.

A cube is its least corner and its side, a power of two, the corner a multiple of a part of it: so that cells
are exact in float64 and a point is in the same cube whoever computes it. Cubes are half-open.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from worldline.geometry.arrays import Float32s, Float64s, Int32s, Int64s


@njit(cache=True, nogil=True)
def count_cells(
    xyz_m: Float32s, corner_m: Float64s, cell_m: float, side: int, counts: Int64s
) -> None:  # pragma: no cover - compiled
    """Count points in each cell of a cube: counts is (side**3,), x slowest."""
    for n in range(len(xyz_m)):
        x = int((np.float64(xyz_m[n, 0]) - corner_m[0]) / cell_m)
        y = int((np.float64(xyz_m[n, 1]) - corner_m[1]) / cell_m)
        z = int((np.float64(xyz_m[n, 2]) - corner_m[2]) / cell_m)
        counts[(x * side + y) * side + z] += 1


@njit(cache=True, nogil=True)
def sort_by_bucket(
    xyz_m: Float32s,
    corner_m: Float64s,
    cell_m: float,
    side: int,
    bucket_of: Int32s,
    starts: Int64s,
    order: Int32s,
) -> None:  # pragma: no cover - compiled
    """Numbers of points, bucket by bucket, in their own order within each; starts is (buckets + 1,)."""
    found = np.empty(len(xyz_m), dtype=np.int32)
    starts[:] = 0
    for n in range(len(xyz_m)):
        x = int((np.float64(xyz_m[n, 0]) - corner_m[0]) / cell_m)
        y = int((np.float64(xyz_m[n, 1]) - corner_m[1]) / cell_m)
        z = int((np.float64(xyz_m[n, 2]) - corner_m[2]) / cell_m)
        found[n] = bucket_of[(x * side + y) * side + z]
        starts[found[n] + 1] += 1
    for bucket in range(1, len(starts)):
        starts[bucket] += starts[bucket - 1]
    cursor = starts[:-1].copy()
    for n in range(len(xyz_m)):
        order[cursor[found[n]]] = n
        cursor[found[n]] += 1


@njit(cache=True, nogil=True)
def sort_by_octant(
    xyz_m: Float32s, center_m: Float64s, order: Int32s, scratch: Int32s, starts: Int64s
) -> None:  # pragma: no cover - compiled
    """Sort the numbers of points by octant (4 for x, 2 for y, 1 for z), keeping their order; starts is (9,)."""
    starts[:] = 0
    for k in range(len(order)):
        n = order[k]
        octant = 4 * (xyz_m[n, 0] >= center_m[0]) + 2 * (xyz_m[n, 1] >= center_m[1]) + 1 * (xyz_m[n, 2] >= center_m[2])
        starts[octant + 1] += 1
    for octant in range(1, 9):
        starts[octant] += starts[octant - 1]
    cursor = starts[:-1].copy()
    for k in range(len(order)):
        n = order[k]
        octant = 4 * (xyz_m[n, 0] >= center_m[0]) + 2 * (xyz_m[n, 1] >= center_m[1]) + 1 * (xyz_m[n, 2] >= center_m[2])
        scratch[cursor[octant]] = n
        cursor[octant] += 1
    order[:] = scratch[: len(order)]


@njit(cache=True, nogil=True)
def choose_sample(
    xyz_m: Float32s, corner_m: Float64s, cell_m: float, side: int, best: Int32s, chosen: NDArray[np.bool_]
) -> int:  # pragma: no cover - compiled
    """Mark the point nearest to the middle of each cell of a cube; of two equally near, the first.

    Args:
        xyz_m: (N, 3) points in the cube.
        corner_m: (3,) the cube's.
        cell_m: Side of a cell.
        side: Cells along the cube's side.
        best: (side**3 or more,) -1 everywhere, and again at the end.
        chosen: (N,) filled.

    Returns:
        How many are marked.
    """
    count = 0
    nearest = np.empty(len(xyz_m), dtype=np.float64)
    for n in range(len(xyz_m)):
        chosen[n] = False
        px = (np.float64(xyz_m[n, 0]) - corner_m[0]) / cell_m
        py = (np.float64(xyz_m[n, 1]) - corner_m[1]) / cell_m
        pz = (np.float64(xyz_m[n, 2]) - corner_m[2]) / cell_m
        x, y, z = int(px), int(py), int(pz)
        away = (px - x - 0.5) ** 2 + (py - y - 0.5) ** 2 + (pz - z - 0.5) ** 2
        nearest[n] = away
        cell = (x * side + y) * side + z
        other = best[cell]
        if other < 0:
            best[cell] = n
            chosen[n] = True
            count += 1
        elif away < nearest[other]:
            chosen[other] = False
            chosen[n] = True
            best[cell] = n
    for n in range(len(xyz_m)):
        if chosen[n]:
            x = int((np.float64(xyz_m[n, 0]) - corner_m[0]) / cell_m)
            y = int((np.float64(xyz_m[n, 1]) - corner_m[1]) / cell_m)
            z = int((np.float64(xyz_m[n, 2]) - corner_m[2]) / cell_m)
            best[(x * side + y) * side + z] = -1
    return count
