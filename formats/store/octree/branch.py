"""The part of an octree that fits in memory, from its leaves up."""

from dataclasses import dataclass, replace

import numpy as np

from worldline.geometry.arrays import Float32s, Int32s

from .kernels import choose_sample, sort_by_octant
from .rows import RowFile, Rows, coordinates
from .tree import DEEPEST, GRID_SIDE, NODE_POINTS, Cube, Node


@dataclass(slots=True)
class Pending:
    """A node whose points may still go to its parent.

    Attributes:
        node: The node.
        rows: Its points so far.
    """

    node: Node
    rows: Rows

    def settle(self, file: RowFile) -> None:
        """These are its points."""
        self.node.put(file, file.append(self.rows), len(self.rows))


@dataclass(slots=True)
class _Growing:
    node: Node
    points: Int32s
    below: "list[_Growing]"


class Sampler:
    """Chooses the points of an inner node out of those of its children."""

    def __init__(self, most: int = NODE_POINTS) -> None:
        """Choose at most so many."""
        self._most = most
        self._best = np.full(GRID_SIDE**3, -1, dtype=np.int32)

    def choose(self, xyz_m: Float32s, cube: Cube) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], float]:
        """Mark one point of each cell.

        Args:
            xyz_m: (N, 3) points in the cube.
            cube: The node's.

        Returns:
            (N,) bool, and the side of a cell.
        """
        chosen = np.empty(len(xyz_m), dtype=np.bool_)
        side = GRID_SIDE
        while True:
            cell_m = cube.size_m / side
            count = choose_sample(xyz_m, cube.corner, cell_m, side, self._best, chosen)
            if count <= self._most or side == 1:
                return chosen, cell_m
            side //= 2


class Branch:
    """Grows the octree of some points in memory.

    Args of `grow` are rows of a range of a file; all nodes but the highest are written back into that range.
    """

    def __init__(self, sampler: Sampler, most: int = NODE_POINTS) -> None:
        """Nodes of at most so many points."""
        self._sampler = sampler
        self._most = most
        self._xyz_m: Float32s = np.empty((0, 3), dtype=np.float32)
        self._scratch: Int32s = np.empty(0, dtype=np.int32)

    def grow(self, rows: Rows, cube: Cube, file: RowFile, first: int) -> Pending:
        """The octree of points.

        Args:
            rows: (N,) points in the cube.
            cube: The branch's.
            file: Where the nodes' points go.
            first: From this row on.
        """
        self._xyz_m = coordinates(rows)
        self._scratch = np.empty(len(rows), dtype=np.int32)
        root = self._split(np.arange(len(rows), dtype=np.int32), cube)
        place = first
        waiting = root.below[:]
        while waiting:
            growing = waiting.pop()
            file.write(place, rows[growing.points])
            growing.node.put(file, place, len(growing.points))
            place += len(growing.points)
            waiting += growing.below
        return Pending(root.node, rows[root.points])

    def _split(self, order: Int32s, cube: Cube) -> _Growing:
        spacing_m = cube.size_m / GRID_SIDE
        if len(order) <= self._most:
            return _Growing(Node(cube, spacing_m), order, [])
        if cube.level >= DEEPEST:
            deeper = self._split(order[self._most :], replace(cube, level=cube.level + 1))
            return _Growing(Node(cube, spacing_m, [deeper.node]), order[: self._most], [deeper])
        starts = np.empty(9, dtype=np.int64)
        sort_by_octant(self._xyz_m, cube.center, order, self._scratch, starts)
        below = [
            self._split(order[starts[octant] : starts[octant + 1]], cube.octant(octant))
            for octant in range(8)
            if starts[octant] < starts[octant + 1]
        ]
        return self._sample(cube, below)

    def _sample(self, cube: Cube, below: list[_Growing]) -> _Growing:
        candidates = np.concatenate([each.points for each in below])
        chosen, spacing_m = self._sampler.choose(self._xyz_m[candidates], cube)
        start = 0
        for each in below:
            kept = ~chosen[start : start + len(each.points)]
            start += len(each.points)
            each.points = each.points[kept]
        below = [each for each in below if len(each.points) or each.below]
        return _Growing(Node(cube, spacing_m, [each.node for each in below]), candidates[chosen], below)
