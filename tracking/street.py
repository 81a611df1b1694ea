"""The street under everything, from all sweeps of a scene: where a far object stands is seen when one is near.

Heights are kept in cells of the world, seen from above: the lowest point of each cell over all sweeps, then the
mean of what lies just above it. What stands still for the whole scene hides its cells; a plane through the low
cells around answers for them.
"""

import math
from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from worldline.geometry.arrays import Bools, Float32s, Float64s, Int64s

from .clearance import fit_plane

CELL_M = 0.5
_BAND_M = 0.1
"""Points up to this over the lowest of their cell are street."""

FINER = 2
"""Fine cells along a cell: they tell what stands."""

STRETCHES = 64
STRETCH_S = 1.0
"""Time is cut into at most so many stretches, none shorter than this."""

NEAR_M = 55.0
STANDING_SHARE = 0.5
"""What is hit in so many of the stretches in which the lidar is near stands there."""

_LOW_M, _HIGH_M = 0.3, 2.2

_BROAD_M, _BROAD_CELL_M = 18.0, 4.0
"""The street at large: how far around a place, and for how large a patch it is taken as one."""

_FEWEST_CELLS = 8
_AROUND_M = (1.0, 3.0, 8.0)
"""How far around a footprint the street is looked for: wider where nothing is found."""


class Street:
    """Heights of the street in the world, and what stands on it all the time."""

    def __init__(self, low_xy_m: tuple[float, float], high_xy_m: tuple[float, float], eyes_m: Float64s) -> None:
        """An empty map.

        Args:
            low_xy_m: The corner with the least x and y.
            high_xy_m: The corner with the greatest.
            eyes_m: (T, 2) where the lidar was in the middle of each of up to 64 stretches of time.
        """
        self._corner_m = np.array([math.floor(low_xy_m[0]), math.floor(low_xy_m[1])], dtype=np.float64)
        shape = [max(math.ceil((b - a) / CELL_M), 1) for a, b in zip(self._corner_m, high_xy_m, strict=True)]
        self._lowest = np.full(shape, np.inf)
        self._sum = np.zeros(shape)
        self._count: Int64s = np.zeros(shape, dtype=np.int64)
        self._hits: NDArray[np.uint64] = np.zeros([FINER * side for side in shape], dtype=np.uint64)
        self._broad: dict[tuple[int, int], Float64s | None] = {}
        self._eyes_m = np.ascontiguousarray(eyes_m)

    @classmethod
    def from_sweeps(
        cls, sweeps: Callable[[int], Float32s], eyes_m: Float64s, time_s: Float64s, reach_m: float = 80.0
    ) -> "Street":
        """The street of a scene.

        Args:
            sweeps: The points of a frame in the world, (N, 3) float32; asked twice for each.
            eyes_m: (F, 2) where the lidar was in each frame.
            time_s: (F,) when that was.
            reach_m: Points further than this from the lidar may be left out.
        """
        low, high = eyes_m.min(axis=0) - reach_m, eyes_m.max(axis=0) + reach_m
        stretch_s = max((time_s[-1] - time_s[0]) / STRETCHES * 1.001, STRETCH_S)
        stretch = ((time_s - time_s[0]) / stretch_s).astype(np.int64)
        middle = np.array([eyes_m[stretch == each].mean(axis=0) for each in np.unique(stretch)])
        numbers = np.searchsorted(np.unique(stretch), stretch)
        street = cls((low[0], low[1]), (high[0], high[1]), middle)
        for frame in range(len(time_s)):
            add_lowest(sweeps(frame), street._corner_m, street._lowest, street._sum, street._count)
        for frame, number in enumerate(numbers.tolist()):
            add_hits(sweeps(frame), street._corner_m, street._lowest, np.uint64(number), street._hits)
        return street

    def standing(self, points: Float32s, share: float = STANDING_SHARE) -> Bools:
        """(N,) which points lie where something was hit in a share of the time that the lidar was near, and twice."""
        mask = np.zeros(len(points), dtype=np.bool_)
        find_standing(points, self._corner_m, self._hits, self._eyes_m, share, mask)
        return mask

    @property
    def nbytes(self) -> int:
        """What it takes."""
        return sum(each.nbytes for each in (self._lowest, self._sum, self._count, self._hits))

    def plane_at(self, x_m: float, y_m: float, half_m: float, plane: Float64s) -> bool:
        """The street under a footprint.

        Args:
            x_m: Its centre.
            y_m: Its centre.
            half_m: Half its diagonal.
            plane: (3,) height at the centre and slopes: what is expected, changed to what is found.

        Returns:
            Whether anything was found.
        """
        broad = self._broad_plane(x_m, y_m)
        if broad is None:
            return False
        for around_m in _AROUND_M:
            cells = self._cells(x_m, y_m, half_m + around_m)
            if len(cells) < _FEWEST_CELLS:
                continue
            guess = broad.copy()
            if fit_plane(cells, x_m, y_m, half_m + around_m, guess):
                plane[:] = guess
                return True
        plane[:] = broad
        return True

    def _broad_plane(self, x_m: float, y_m: float) -> Float64s | None:
        """The street at large around a place: (3,) height there and slopes; None where nothing is known."""
        key = (math.floor(x_m / _BROAD_CELL_M), math.floor(y_m / _BROAD_CELL_M))
        x, y = (each * _BROAD_CELL_M + _BROAD_CELL_M / 2 for each in key)
        if key not in self._broad:
            cells = self._cells(x, y, _BROAD_M)
            found: Float64s | None = None
            if len(cells) >= _FEWEST_CELLS:
                found = np.array([np.percentile(cells[:, 2], 20), 0.0, 0.0])
                fit_plane(cells, x, y, _BROAD_M, found)
            self._broad[key] = found
        plane = self._broad[key]
        if plane is None:
            return None
        return np.array([plane[0] + plane[1] * (x_m - x) + plane[2] * (y_m - y), plane[1], plane[2]])

    def _cells(self, x_m: float, y_m: float, radius_m: float) -> Float32s:
        """(N, 3) centres and heights of the cells around a place."""
        i, j = ((np.array([x_m, y_m]) - radius_m - self._corner_m) / CELL_M).astype(int).clip(0)
        k, m = ((np.array([x_m, y_m]) + radius_m - self._corner_m) / CELL_M).astype(int).clip(0) + 1
        count = self._count[i:k, j:m]
        a, b = np.nonzero(count >= 2)
        height = self._sum[i:k, j:m][a, b] / count[a, b]
        x = self._corner_m[0] + (a + i + 0.5) * CELL_M
        y = self._corner_m[1] + (b + j + 0.5) * CELL_M
        return np.column_stack([x, y, height]).astype(np.float32)


@njit(cache=True, nogil=True)
def add_lowest(points, corner, lowest, total, count):  # type: ignore[no-untyped-def]
    """Take a sweep's points into the cells; see `Street`."""
    for n in range(points.shape[0]):
        i, j = math.floor((points[n, 0] - corner[0]) / CELL_M), math.floor((points[n, 1] - corner[1]) / CELL_M)
        if not (0 <= i < lowest.shape[0] and 0 <= j < lowest.shape[1]):
            continue
        z = points[n, 2]
        if z < lowest[i, j]:
            if z < lowest[i, j] - _BAND_M:  # what was taken for the street lay on something
                total[i, j], count[i, j] = 0.0, 0
            lowest[i, j] = z
        if z <= lowest[i, j] + _BAND_M:
            total[i, j] += z
            count[i, j] += 1


@njit(cache=True, nogil=True)
def add_hits(points, corner, lowest, stretch, hits):  # type: ignore[no-untyped-def]
    """Mark the fine cells that a sweep hit above the street in a stretch of time, a bit each."""
    bit = np.uint64(1) << stretch
    fine = CELL_M / FINER
    for n in range(points.shape[0]):
        i, j = math.floor((points[n, 0] - corner[0]) / fine), math.floor((points[n, 1] - corner[1]) / fine)
        if not (0 <= i < hits.shape[0] and 0 <= j < hits.shape[1]):
            continue
        if _LOW_M < points[n, 2] - lowest[i // FINER, j // FINER] < _HIGH_M:
            hits[i, j] |= bit


@njit(cache=True, nogil=True)
def find_standing(points, corner, hits, eyes, share, mask):  # type: ignore[no-untyped-def]
    """See `Street.standing`."""
    fine = CELL_M / FINER
    for n in range(points.shape[0]):
        x, y = points[n, 0], points[n, 1]
        i, j = math.floor((x - corner[0]) / fine), math.floor((y - corner[1]) / fine)
        bits = np.uint64(0)
        for a in range(max(i - 1, 0), min(i + 2, hits.shape[0])):
            for b in range(max(j - 1, 0), min(j + 2, hits.shape[1])):
                bits |= hits[a, b]
        near, hit = 0, 0
        for t in range(eyes.shape[0]):
            if (eyes[t, 0] - x) ** 2 + (eyes[t, 1] - y) ** 2 < NEAR_M * NEAR_M:
                near += 1
                hit += int((bits >> np.uint64(t)) & np.uint64(1))
        mask[n] = hit >= 2 and hit >= share * near
