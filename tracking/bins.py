"""Bins: points sorted into square cells seen from above, so that a footprint looks only at what is near."""

import math
from typing import TypeAlias

import numpy as np
from numba import njit

from worldline.geometry.arrays import Float32s, Int64s

BIN_M = 1.0

Cloud: TypeAlias = tuple[Float32s, Int64s, float, float]


def bin_points(points: Float32s) -> Cloud:
    """Points sorted into cells.

    Args:
        points: (N, 3) float32, finite, N above 0: world x and y, and height over an object's underside.

    Returns:
        The points in the order of cells; (X, Y + 1) int64, where each cell's points start, the last of a
        row of cells being where the row ends; left and bottom of the cells.
    """
    left, bottom = (float(np.floor(each)) for each in points[:, :2].min(axis=0))
    columns, rows = ((points[:, :2].max(axis=0) - (left, bottom)) / BIN_M).astype(np.int64) + 1
    sorted_points, first = np.empty_like(points), np.zeros((columns, rows + 1), dtype=np.int64)
    _sort_points(points, left, bottom, sorted_points, first)
    return sorted_points, first, left, bottom


@njit(cache=True, nogil=True)
def _sort_points(points: Float32s, left: float, bottom: float, out: Float32s, first: Int64s) -> None:
    columns, rows = first.shape[0], first.shape[1] - 1
    place = np.zeros((columns, rows), dtype=np.int64)
    for n in range(points.shape[0]):
        place[int((points[n, 0] - left) / BIN_M), int((points[n, 1] - bottom) / BIN_M)] += 1
    start = 0
    for i in range(columns):
        for j in range(rows):
            first[i, j] = start
            start += place[i, j]
            place[i, j] = first[i, j]
        first[i, rows] = start
    for n in range(points.shape[0]):
        i, j = int((points[n, 0] - left) / BIN_M), int((points[n, 1] - bottom) / BIN_M)
        out[place[i, j]] = points[n]
        place[i, j] += 1


@njit(cache=True, nogil=True)
def cells_around(cloud: Cloud, x: float, y: float, reach_m: float) -> tuple[int, int, int, int]:
    """The columns and rows of cells within reach of a place, ends not included."""
    _, first, left, bottom = cloud
    a = max(math.floor((x - reach_m - left) / BIN_M), 0)
    b = min(math.floor((x + reach_m - left) / BIN_M) + 1, first.shape[0])
    c = max(math.floor((y - reach_m - bottom) / BIN_M), 0)
    d = min(math.floor((y + reach_m - bottom) / BIN_M) + 1, first.shape[1] - 1)
    return a, b, c, d
