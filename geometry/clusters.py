"""Clusters: which points hang together.

Both kernels look into a hash of cubic cells, so their time grows with the number of points and
not with the space between them.
"""

import math

import numpy as np
from numba import njit

from .arrays import Bools, Float64s, Floats, Int32s
from .errors import CloudError
from .inside import check_points
from .pose import Vector

_PRIMES = (73856093, 19349663, 83492791)
_FARTHEST_M = 1e6


def cluster(points: Floats, cell_m: float, *, growth: float = 0.0, fewest: int = 2) -> Int32s:
    """Label the points by chains of occupied cells that touch by a face, an edge or a corner.

    Args:
        points: (N, 3) the sensor's frame when `growth` is used, metres.
        cell_m: Side of a cell at the origin.
        growth: Metres by which a cell grows for each metre from the origin: sweeps thin out with
            range, about 0.01 for a spinning lidar.
        fewest: Clusters of fewer points are no clusters.

    Returns:
        (N,) int32 labels from 0, in the order of each cluster's first point; -1 for a point of
        no cluster, one with a NaN among them.

    Raises:
        CloudError: The shape is another, `cell_m` is not above 0 or `growth` is below 0.
    """
    _check_lengths(cell_m, growth)
    cloud = check_points(points)
    labels = np.full(len(cloud), -1, dtype=np.int32)
    _label_cells(_cells(cloud, cell_m, growth), fewest, labels)
    return labels


def grow_cluster(
    points: Floats, place_m: Vector, radius_m: float, *, growth: float = 0.0, reach_m: float = math.inf
) -> Bools:
    """The points that a chain of short steps joins to the point nearest to a place.

    Args:
        points: (N, 3) the sensor's frame when `growth` is used, metres.
        place_m: Where the chain starts: at the nearest point, should it lie within `radius_m`.
        radius_m: The longest step at the origin.
        growth: Metres by which a step may grow for each metre from the origin.
        reach_m: How far from the place, seen from above, the chain may lead.

    Returns:
        (N,) bool, all False when no point is near the place.

    Raises:
        CloudError: The shape is another, `radius_m` is not above 0 or `growth` is below 0.
    """
    _check_lengths(radius_m, growth)
    cloud = check_points(points)
    mask = np.zeros(len(cloud), dtype=np.bool_)
    if len(cloud):
        place = np.asarray(place_m, dtype=np.float64)
        _grow(cloud, place, radius_m, growth, reach_m, mask)
    return mask


def _check_lengths(cell_m: float, growth: float) -> None:
    if not (math.isfinite(cell_m) and cell_m > 0 and math.isfinite(growth) and growth >= 0):
        raise CloudError(f"a cell must be above 0 m and its growth at least 0, not {cell_m} m and {growth}")


def _cells(cloud: Floats, cell_m: float, growth: float) -> Float64s:
    """(N, 3) whole numbers as float64: the cell of each point, NaN where it has none.

    A cell that grows with range is a fixed cell of a space shrunk towards the origin: the range r
    becomes the integral of dr / (1 + growth r / cell).
    """
    wide = cloud.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        if growth > 0:
            span = np.linalg.norm(wide, axis=1)
            rate = growth / cell_m
            wide *= np.where(span > 0, np.log1p(rate * span) / (rate * np.where(span > 0, span, 1.0)), 1.0)[:, None]
        wide[~(np.abs(wide) < _FARTHEST_M).all(axis=1)] = np.nan
        cells: Float64s = np.floor(wide / cell_m)
    return cells


@njit(cache=True, nogil=True)
def _bucket(i, j, k, mask):  # type: ignore[no-untyped-def]
    return (i * _PRIMES[0] ^ j * _PRIMES[1] ^ k * _PRIMES[2]) & mask


@njit(cache=True, nogil=True)
def _table_size(count):  # type: ignore[no-untyped-def]
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@njit(cache=True, nogil=True)
def _root(parents, node):  # type: ignore[no-untyped-def]
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@njit(cache=True, nogil=True)
def _label_cells(cells, fewest, labels):  # type: ignore[no-untyped-def]
    """Union the occupied cells that touch, then number the unions in the order of their first point."""
    size = _table_size(len(cells))
    mask = size - 1
    slots = np.full(size, -1, dtype=np.int32)
    keys = np.empty((len(cells), 3), dtype=np.int64)
    cell_of = np.full(len(cells), -1, dtype=np.int32)
    count = 0
    for p in range(len(cells)):
        if np.isnan(cells[p, 0]):
            continue
        i, j, k = np.int64(cells[p, 0]), np.int64(cells[p, 1]), np.int64(cells[p, 2])
        slot = _find_slot(slots, keys, i, j, k, mask)
        if slots[slot] < 0:
            keys[count, 0], keys[count, 1], keys[count, 2] = i, j, k
            slots[slot] = count
            count += 1
        cell_of[p] = slots[slot]
    parents = np.arange(count)
    for c in range(count):
        for step in range(14, 27):  # the 13 neighbours after the cell itself: each pair is met once
            di, dj, dk = step // 9 - 1, step // 3 % 3 - 1, step % 3 - 1
            other = slots[_find_slot(slots, keys, keys[c, 0] + di, keys[c, 1] + dj, keys[c, 2] + dk, mask)]
            if other >= 0:
                parents[_root(parents, c)] = _root(parents, other)
    sizes = np.zeros(count, dtype=np.int64)
    for p in range(len(cells)):
        if cell_of[p] >= 0:
            cell_of[p] = _root(parents, cell_of[p])
            sizes[cell_of[p]] += 1
    names = np.full(count, -1, dtype=np.int32)
    used = 0
    for p in range(len(cells)):
        c = cell_of[p]
        if c >= 0 and sizes[c] >= fewest:
            if names[c] < 0:
                names[c] = used
                used += 1
            labels[p] = names[c]


@njit(cache=True, nogil=True)
def _find_slot(slots, keys, i, j, k, mask):  # type: ignore[no-untyped-def]
    """The slot that holds a cell, or the free one where it would stand."""
    slot = _bucket(i, j, k, mask)
    while slots[slot] >= 0:
        c = slots[slot]
        if keys[c, 0] == i and keys[c, 1] == j and keys[c, 2] == k:
            break
        slot = (slot + 1) & mask
    return slot


@njit(cache=True, nogil=True)
def _step_at(points, p, radius_m, growth):  # type: ignore[no-untyped-def]
    x, y, z = np.float64(points[p, 0]), np.float64(points[p, 1]), np.float64(points[p, 2])
    return radius_m + growth * np.sqrt(x * x + y * y + z * z)


@njit(cache=True, nogil=True)
def _cell_at(points, p, place, cell_m):  # type: ignore[no-untyped-def]
    return (
        int((points[p, 0] - place[0]) // cell_m),
        int((points[p, 1] - place[1]) // cell_m),
        int((points[p, 2] - place[2]) // cell_m),
    )


@njit(cache=True, nogil=True)
def _grow(points, place, radius_m, growth, reach_m, mask):  # type: ignore[no-untyped-def]
    count = len(points)
    seed, nearest, cell_m = -1, np.inf, radius_m
    near = np.zeros(count, dtype=np.bool_)
    for p in range(count):
        dx, dy, dz = points[p, 0] - place[0], points[p, 1] - place[1], points[p, 2] - place[2]
        flat = dx * dx + dy * dy
        if flat <= reach_m * reach_m and abs(dz) < _FARTHEST_M and flat < _FARTHEST_M**2:
            near[p] = True
            step = _step_at(points, p, radius_m, growth)
            cell_m = max(cell_m, step)
            away = flat + dz * dz
            if away < nearest and away <= step * step:
                seed, nearest = p, away
    if seed < 0:
        return
    size_mask = _table_size(count) - 1
    heads, following = np.full(size_mask + 1, -1, dtype=np.int32), np.full(count, -1, dtype=np.int32)
    for p in range(count):
        if near[p]:
            i, j, k = _cell_at(points, p, place, cell_m)
            bucket = _bucket(i, j, k, size_mask)
            following[p], heads[bucket] = heads[bucket], p
    queue = np.empty(count, dtype=np.int32)
    queue[0] = seed
    mask[seed] = True
    first, last = 0, 1
    while first < last:
        p = queue[first]
        first += 1
        x, y, z = np.float64(points[p, 0]), np.float64(points[p, 1]), np.float64(points[p, 2])
        step = _step_at(points, p, radius_m, growth)
        i, j, k = _cell_at(points, p, place, cell_m)
        for neighbour in range(27):
            bucket = _bucket(i + neighbour // 9 - 1, j + neighbour // 3 % 3 - 1, k + neighbour % 3 - 1, size_mask)
            before, other = -1, heads[bucket]
            while other >= 0:
                after = following[other]
                longest = max(step, _step_at(points, other, radius_m, growth))
                dx, dy, dz = points[other, 0] - x, points[other, 1] - y, points[other, 2] - z
                if mask[other] or dx * dx + dy * dy + dz * dz <= longest * longest:
                    if not mask[other]:
                        mask[other] = True
                        queue[last] = other
                        last += 1
                    if before < 0:  # whoever is in the cluster leaves the bucket: each is met few times
                        heads[bucket] = after
                    else:
                        following[before] = after
                else:
                    before = other
                other = after
