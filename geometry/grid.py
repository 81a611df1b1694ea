"""A bird's-eye grid over a cloud: what lies in cuboids and near places, without looking at every point.

The points of each square cell stand together in one list, cell by cell (compressed rows, by counting sort); the
cloud itself is neither copied nor reordered. The window fits most of the cloud; what lies beyond it belongs
to the cell at its edge, so that a far outlier costs time and never an answer. A point that is not finite is in
no cell. What is inside is decided as everywhere (`inside`): a point exactly on a face is.

Kernels run on one thread and let others run (``nogil``): a query takes less than it takes to wake a second
thread, and numba's own threads may not be entered by two requests of a server at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from .arrays import Bools, Float32s, Floats, Int32s, Int64s
from .cuboid import Cuboid
from .errors import CloudError
from .inside import check_points, cuboid_arrays, inside_mask, is_inside
from .pose import Pose, Vector

CELL_M = 0.5
_MOST_CELLS = 512
"""Cells along each side, at most; a wider cloud gets larger cells."""

FEW_CUBOIDS = 4
"""Fewer than so many are not worth a grid that is thrown away."""

_MARGIN = 1e-9
"""Of a cuboid's bounds, for what rounding may move a point on its face."""


@dataclass(frozen=True, slots=True, eq=False)
class PointGrid:
    """A cloud and its grid.

    Attributes:
        points: (N, 3) float32 or float64, metres, the cloud as it was given; read only by agreement.
        order: (K,) int32 Numbers of the finite points, cell by cell, rising within a cell.
        starts: (rows * columns + 1,) int32 Where each cell begins in `order`; cells run along y within x.
        corner_m: (2,) The window's least x and y.
        cell_m: Side of a cell.
        shape: Cells along x and along y.
    """

    points: Floats
    order: Int32s
    starts: Int32s
    corner_m: tuple[float, float]
    cell_m: float
    shape: tuple[int, int]

    @classmethod
    def from_points(cls, points: Floats, cell_m: float = CELL_M) -> "PointGrid":
        """Sort a cloud into cells.

        Args:
            points: (N, 3) metres.
            cell_m: Side of a cell, at least.

        Raises:
            CloudError: The points are not N x 3, or the cell is not above 0.
        """
        if not cell_m > 0:
            raise CloudError(f"a cell's side is above 0 metres, not {cell_m}")
        cloud = check_points(points)
        (low_x, low_y), (high_x, high_y) = _window(cloud)
        cell_m = max(float(cell_m), (high_x - low_x) / (_MOST_CELLS - 1), (high_y - low_y) / (_MOST_CELLS - 1))
        rows, columns = int((high_x - low_x) / cell_m) + 1, int((high_y - low_y) / cell_m) + 1
        starts = np.zeros(rows * columns + 1, dtype=np.int32)
        cells = np.empty(len(cloud), dtype=np.int32)
        _find_cells(cloud, low_x, low_y, cell_m, rows, columns, cells, starts)
        order = np.empty(int(starts[-1]), dtype=np.int32)
        _sort_cells(cells, starts[:-1].copy(), order)
        return cls(cloud, order, starts, (low_x, low_y), cell_m, (rows, columns))

    @property
    def nbytes(self) -> int:
        """What the grid takes beside the cloud, bytes."""
        return self.order.nbytes + self.starts.nbytes

    def counts(self, cuboids: Sequence[Cuboid]) -> Int64s:
        """(C,) int64 How many points lie in each cuboid; a point in two counts in both."""
        counts = np.zeros(len(cuboids), dtype=np.int64)
        if len(cuboids) and len(self.order):
            _count_inside(*self._cells(), *cuboid_arrays(cuboids), counts)
        return counts

    def inside(self, cuboid: Cuboid) -> Int64s:
        """(K,) int64 Numbers of the points in a cuboid, rising."""
        centers, rotations, halves = cuboid_arrays([cuboid])
        found = np.empty(int(self.counts([cuboid])[0]), dtype=np.int64)
        if len(found):
            _list_inside(*self._cells(), centers[0], rotations[0], halves[0], found)
            found.sort()
        return found

    def mask(self, cuboid: Cuboid) -> Bools:
        """(N,) bool Which points lie in a cuboid."""
        mask = np.zeros(len(self.points), dtype=np.bool_)
        mask[self.inside(cuboid)] = True
        return mask

    def near(self, place: Vector, radius_m: float) -> Int64s:
        """(K,) int64 Numbers of the points at most so far from a place, seen from above, rising."""
        if not len(self.order) or not radius_m >= 0:
            return np.empty(0, dtype=np.int64)
        found = np.empty(len(self.order), dtype=np.int64)
        count = _list_near(*self._cells(), float(place[0]), float(place[1]), float(radius_m), found)
        return np.sort(found[:count])

    def crop(self, place: Vector, radius_m: float, a_from_b: Pose) -> Float32s:
        """The points near a place, in another frame; `crop.move_points` without a look at all of them.

        Args:
            place: In the cloud's own frame b.
            radius_m: Points further from it than this, seen from above, are left out.
            a_from_b: Where the cloud's frame stands in a.

        Returns:
            (K, 3) float32, a, metres, in the order of the cloud.
        """
        return self.take(self.near(place, radius_m), a_from_b)

    def take(self, numbers: Int64s, a_from_b: Pose) -> Float32s:
        """(K, 3) float32 The points of these numbers, in another frame a, metres."""
        moved = np.empty((len(numbers), 3), dtype=np.float32)
        _move_kept(self.points, numbers, a_from_b.rotation, np.array(a_from_b.translation_m), moved)
        return moved

    def _cells(self) -> tuple[Floats, Int32s, Int32s, float, float, float, int, int]:
        return self.points, self.order, self.starts, *self.corner_m, self.cell_m, *self.shape


def points_inside(points: Floats, cuboids: Sequence[Cuboid]) -> Int64s:
    """How many points lie in each cuboid; a point in two cuboids counts in both.

    Args:
        points: (N, 3) the cuboids' frame, metres. Who asks again for the same points keeps a `PointGrid`.
        cuboids: C cuboids of any rotation.

    Returns:
        (C,) int64.
    """
    cloud = check_points(points)
    if len(cuboids) < FEW_CUBOIDS:
        return np.array([inside_mask(cloud, cuboid).sum() for cuboid in cuboids], dtype=np.int64)
    return PointGrid.from_points(cloud).counts(cuboids)


def _window(cloud: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """Least and greatest x and y of most of a cloud: all but a hundredth at each end, and a tenth more."""
    sample = cloud[:: max(1, len(cloud) // 1024), :2].astype(np.float64)
    sample = sample[np.isfinite(sample).all(axis=1)]
    if not len(sample):
        return (0.0, 0.0), (0.0, 0.0)
    sample = np.clip(sample, -1e9, 1e9)  # far beyond any scene; keeps the width a number
    low, high = np.quantile(sample, (0.01, 0.99), axis=0)
    margin = 0.1 * (high - low) + CELL_M
    (low_x, low_y), (high_x, high_y) = (low - margin).tolist(), (high + margin).tolist()
    return (low_x, low_y), (high_x, high_y)


@njit(cache=True, nogil=True)
def _cell(value, corner, cell, count):  # type: ignore[no-untyped-def]
    """The cell of a coordinate; never falls when the coordinate rises, so that bounds of a shape bound its cells."""
    at = (value - corner) / cell
    if at <= 0.0:
        return 0
    if at >= count:
        return count - 1
    return int(at)


@njit(cache=True, nogil=True)
def _find_cells(points, corner_x, corner_y, cell_m, rows, columns, cells, starts):  # type: ignore[no-untyped-def]
    """The cell of each point, -1 where it has none, and where each cell will begin."""
    for i in range(len(points)):
        x, y, z = np.float64(points[i, 0]), np.float64(points[i, 1]), np.float64(points[i, 2])
        if np.isfinite(x) and np.isfinite(y) and np.isfinite(z):
            cells[i] = _cell(x, corner_x, cell_m, rows) * columns + _cell(y, corner_y, cell_m, columns)
            starts[cells[i] + 1] += 1
        else:
            cells[i] = -1
    for c in range(rows * columns):
        starts[c + 1] += starts[c]


@njit(cache=True, nogil=True)
def _sort_cells(cells, next_free, order):  # type: ignore[no-untyped-def]
    for i in range(len(cells)):
        cell = cells[i]
        if cell >= 0:
            order[next_free[cell]] = i
            next_free[cell] += 1


@njit(cache=True, nogil=True)
def _bounds(center, rotation, half, corner_x, corner_y, cell_m, rows, columns):  # type: ignore[no-untyped-def]
    """First and last cell along x, first and last along y, that a cuboid may meet."""
    reach_x = abs(rotation[0, 0]) * half[0] + abs(rotation[0, 1]) * half[1] + abs(rotation[0, 2]) * half[2]
    reach_y = abs(rotation[1, 0]) * half[0] + abs(rotation[1, 1]) * half[1] + abs(rotation[1, 2]) * half[2]
    reach_x += _MARGIN * (1.0 + reach_x + abs(center[0]))
    reach_y += _MARGIN * (1.0 + reach_y + abs(center[1]))
    return (
        _cell(center[0] - reach_x, corner_x, cell_m, rows),
        _cell(center[0] + reach_x, corner_x, cell_m, rows),
        _cell(center[1] - reach_y, corner_y, cell_m, columns),
        _cell(center[1] + reach_y, corner_y, cell_m, columns),
    )


@njit(cache=True, nogil=True)
def _count_inside(  # type: ignore[no-untyped-def]
    points, order, starts, corner_x, corner_y, cell_m, rows, columns, centers, rotations, halves, counts
):
    for c in range(len(centers)):
        center, rotation, half = centers[c], rotations[c], halves[c]
        first, last, left, right = _bounds(center, rotation, half, corner_x, corner_y, cell_m, rows, columns)
        count = 0
        for row in range(first, last + 1):
            for k in range(starts[row * columns + left], starts[row * columns + right + 1]):
                p = order[k]
                if is_inside(
                    np.float64(points[p, 0]), np.float64(points[p, 1]), np.float64(points[p, 2]),
                    center, rotation, half,
                ):  # fmt: skip
                    count += 1
        counts[c] = count


@njit(cache=True, nogil=True)
def _list_inside(  # type: ignore[no-untyped-def]
    points, order, starts, corner_x, corner_y, cell_m, rows, columns, center, rotation, half, found
):
    first, last, left, right = _bounds(center, rotation, half, corner_x, corner_y, cell_m, rows, columns)
    count = 0
    for row in range(first, last + 1):
        for k in range(starts[row * columns + left], starts[row * columns + right + 1]):
            p = order[k]
            if is_inside(
                np.float64(points[p, 0]), np.float64(points[p, 1]), np.float64(points[p, 2]),
                center, rotation, half,
            ):  # fmt: skip
                found[count] = p
                count += 1


@njit(cache=True, nogil=True)
def _list_near(  # type: ignore[no-untyped-def]
    points, order, starts, corner_x, corner_y, cell_m, rows, columns, at_x, at_y, radius, found
):
    first, last = _cell(at_x - radius, corner_x, cell_m, rows), _cell(at_x + radius, corner_x, cell_m, rows)
    left, right = _cell(at_y - radius, corner_y, cell_m, columns), _cell(at_y + radius, corner_y, cell_m, columns)
    count = 0
    for row in range(first, last + 1):
        for k in range(starts[row * columns + left], starts[row * columns + right + 1]):
            p = order[k]
            dx, dy = np.float64(points[p, 0]) - at_x, np.float64(points[p, 1]) - at_y
            if dx * dx + dy * dy <= radius * radius:
                found[count] = p
                count += 1
    return count


@njit(cache=True, nogil=True)
def _move_kept(points, kept, rotation, translation, moved):  # type: ignore[no-untyped-def]
    for k in range(len(kept)):
        p = kept[k]
        x, y, z = np.float64(points[p, 0]), np.float64(points[p, 1]), np.float64(points[p, 2])
        for a in range(3):
            moved[k, a] = rotation[a, 0] * x + rotation[a, 1] * y + rotation[a, 2] * z + translation[a]
