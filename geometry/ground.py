"""Ground: how high the street lies under and around a place.

A sweep is cut into square cells. The low points of each cell are candidates; what rises faster
than a street can above its lower neighbours (a car's roof, a wall) is no ground, nor what lies above
the plane of its neighbours (a car's underside); planes through the cells that remain smooth the rest,
level by level so that a kerb stays a step, and fill the holes under objects.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numba import njit

from .arrays import Bools, Float64s, Floats
from .inside import check_points
from .relief import fill_heights
from .terrain import bound_grid, find_street

CELL_M = 1.0
_WIDEST_CELLS = 512


@dataclass(frozen=True, slots=True)
class GroundGrid:
    """Ground heights at the centres of square cells.

    Attributes:
        left_m: Smallest x of the grid, the points' frame, z up.
        bottom_m: Smallest y of the grid.
        cell_m: Side of a cell.
        heights: (X, Y) float64, metres, NaN where no ground is known.
    """

    left_m: float
    bottom_m: float
    cell_m: float
    heights: Float64s

    @classmethod
    def from_points(cls, points: Floats, cell_m: float = CELL_M) -> Self:
        """Find the ground of a sweep.

        Args:
            points: (N, 3) a frame with z up, metres. Points further than 256 cells from the median
                place are left out.
            cell_m: Side of a cell.

        Returns:
            The grid; `is_empty` when there is no ground in the points.
        """
        cloud = check_points(points)
        sample = cloud[:: max(1, len(cloud) // 4096)]
        sample = sample[np.isfinite(sample).all(axis=1)]
        if len(sample) == 0:
            return cls(0.0, 0.0, cell_m, np.full((1, 1), np.nan))
        middle = np.median(sample[:, :2], axis=0).astype(np.float64)
        reach = _WIDEST_CELLS // 2 * cell_m
        left, bottom, columns, rows = bound_grid(cloud, middle[0], middle[1], reach, cell_m)
        low, trust = find_street(cloud, left, bottom, cell_m, (columns, rows))
        heights = np.full((columns, rows), np.nan)
        fill_heights(low, trust, heights)
        return cls(float(left), float(bottom), cell_m, heights)

    @property
    def is_empty(self) -> bool:
        """Whether no ground is known anywhere."""
        return bool(np.isnan(self.heights).all())

    def height_m(self, x_m: float, y_m: float) -> float:
        """Ground height at a place, bilinear between cell centres; NaN where none is known."""
        return float(self.heights_m(np.array([[x_m, y_m]]))[0])

    def heights_m(self, places: Floats) -> Float64s:
        """Ground height at each place.

        Args:
            places: (N, 2) or (N, 3) places, of which x and y count.

        Returns:
            (N,) float64 metres, NaN where no ground is known.
        """
        heights = np.empty(len(places))
        kind = np.float32 if places.dtype == np.float32 else np.float64
        places = np.require(places, kind, ["C", "W"])
        _interpolate_heights(places, self.left_m, self.bottom_m, self.cell_m, self.heights, heights)
        return heights

    def ground_mask(self, points: Floats, tolerance_m: float = 0.15) -> Bools:
        """Which points lie on the ground or below it.

        Args:
            points: (N, 3) the grid's frame, metres.
            tolerance_m: How far above the ground still counts as ground.

        Returns:
            (N,) bool, False where no ground is known.
        """
        with np.errstate(invalid="ignore"):
            mask: Bools = points[:, 2] - self.heights_m(points) <= tolerance_m
        return mask


@njit(cache=True, nogil=True)
def _interpolate_heights(places, left, bottom, cell_m, heights, out):  # type: ignore[no-untyped-def]
    columns, rows = heights.shape
    for p in range(len(places)):
        out[p] = np.nan
        x, y = (places[p, 0] - left) / cell_m, (places[p, 1] - bottom) / cell_m
        if not (0 <= x <= columns and 0 <= y <= rows):
            continue
        x, y = x - 0.5, y - 0.5
        i, j = math.floor(x), math.floor(y)
        weight_sum, height_sum = 0.0, 0.0
        for k in range(i, i + 2):
            for m in range(j, j + 2):
                inner_k, inner_m = min(max(k, 0), columns - 1), min(max(m, 0), rows - 1)
                weight = (1 - abs(x - k)) * (1 - abs(y - m))
                if weight > 0 and not np.isnan(heights[inner_k, inner_m]):
                    weight_sum += weight
                    height_sum += weight * heights[inner_k, inner_m]
        if weight_sum > 0:
            out[p] = height_sum / weight_sum
