"""A built octree: its nodes, coarse first, and their points, still in temporary files."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from worldline.formats.scene import Sweep
from worldline.geometry.arrays import Float64s
from worldline.geometry.pose import Vector

from .rows import RowFile, RowKind
from .table import NodeTable

NODE_POINTS = 1 << 16
"""The most points of a node."""
GRID_SIDE = 128
"""Cells along a node's cube: a node's spacing is its side divided by this, or by a half, a quarter, ..."""
USUAL_MAXIMA = (1.0, 255.0, 65535.0)
"""What sensors call full intensity."""
DEEPEST = 24
"""Below this level cubes are not divided: points that lie in one place become a chain of nodes."""


@dataclass(frozen=True, slots=True)
class Cube:
    """A node's cube, half-open.

    Attributes:
        corner_m: Its least corner.
        size_m: Its side, a power of two.
        level: 0 of the root.
    """

    corner_m: Vector
    size_m: float
    level: int = 0

    @property
    def corner(self) -> Float64s:
        """The corner as an array."""
        return np.array(self.corner_m)

    @property
    def center(self) -> Float64s:
        """Its middle."""
        return self.corner + self.size_m / 2

    def octant(self, number: int, levels: int = 1) -> "Cube":
        """A part: 4 for the upper half in x, 2 in y, 1 in z."""
        half = self.size_m / 2
        x, y, z = self.corner_m
        corner = (x + half * (number >> 2 & 1), y + half * (number >> 1 & 1), z + half * (number & 1))
        return Cube(corner, half, self.level + levels)


@dataclass(slots=True, eq=False)
class Node:
    """A node while the tree is made.

    Attributes:
        cube: Its cube.
        spacing_m: Of its points: the cell of the grid that they were chosen by.
        children: Below it.
        file: Where its points are.
        first: Number of the first.
        count: How many.
    """

    cube: Cube
    spacing_m: float
    children: list["Node"] = field(default_factory=list)
    file: RowFile | None = None
    first: int = 0
    count: int = 0

    def put(self, file: RowFile, first: int, count: int) -> None:
        """Say where the points are."""
        self.file, self.first, self.count = file, first, count


class Tree:
    """An octree whose points are in temporary files until it is closed.

    Attributes:
        table: Its nodes, level by level.
        kind: What a point has.
        largest_intensity: Of all points, those that are finite; 0 where there is none.
    """

    def __init__(self, root: Node, kind: RowKind, files: list[RowFile], largest_intensity: float) -> None:
        """Put the nodes in order: by level, and within a level children of a parent together."""
        self._nodes: list[Node] = []
        parents: list[int] = []
        waiting: list[tuple[Node, int]] = [(root, -1)]
        while waiting:
            below: list[tuple[Node, int]] = []
            for node, parent in waiting:
                below += [(child, len(self._nodes)) for child in node.children]
                self._nodes.append(node)
                parents.append(parent)
            waiting = below
        self._files = files
        self.kind = kind
        self.largest_intensity = largest_intensity
        self.table = NodeTable(
            parent=np.array(parents, dtype=np.int32),
            level=np.array([each.cube.level for each in self._nodes], dtype=np.uint8),
            corner_m=np.array([each.cube.corner_m for each in self._nodes], dtype=np.float64),
            size_m=np.array([each.cube.size_m for each in self._nodes], dtype=np.float64),
            spacing_m=np.array([each.spacing_m for each in self._nodes], dtype=np.float64),
        )

    def __len__(self) -> int:
        """How many nodes."""
        return len(self._nodes)

    def count(self, node: int) -> int:
        """Points of a node."""
        return self._nodes[node].count

    def points(self, node: int) -> Sweep:
        """The points of a node."""
        found = self._nodes[node]
        if found.file is None:
            return self.kind.unpack(np.empty(0, dtype=self.kind.dtype))
        return self.kind.unpack(found.file.read(found.first, found.count))

    @property
    def full_intensity(self) -> float:
        """What the sensor calls full intensity, judged by all points."""
        return next((each for each in USUAL_MAXIMA if self.largest_intensity <= each), USUAL_MAXIMA[-1])

    def close(self) -> None:
        """Remove the temporary files."""
        for file in self._files:
            file.close()

    def __enter__(self) -> Self:
        """The tree itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the temporary files."""
        self.close()
