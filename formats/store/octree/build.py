"""Building an octree out of core: points go to a file, are sorted into buckets that fit in memory, and grow upwards."""

import math
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from worldline.formats.errors import SceneError
from worldline.formats.scene import Sweep
from worldline.geometry.arrays import Float32s, Float64s, Int32s, Int64s

from .branch import Branch, Pending, Sampler
from .kernels import count_cells, sort_by_bucket
from .rows import RowFile, RowKind, coordinates
from .tree import DEEPEST, GRID_SIDE, NODE_POINTS, Cube, Node, Tree

MEMORY_BYTES = 384 << 20
"""How much the building may take, beside what the reader of the source takes."""

_BESIDE = 40
"""Bytes a point takes in memory beside its row, while its branch grows."""
_PIECE = 1 << 18
"""Rows that are read at once."""
_SORT_LEVELS = 6
"""Levels that one sorting divides."""


def build_tree(
    parts: Iterable[Sweep],
    folder: Path,
    *,
    memory_bytes: int = MEMORY_BYTES,
    node_points: int = NODE_POINTS,
    voxel_m: float | None = None,
) -> Tree:
    """Build the octree of a cloud.

    Args:
        parts: The cloud, one part after another; parts may be empty, all have the same fields.
        folder: On whose disk the temporary files are: about two times what the points take, while it is built.
        memory_bytes: How much memory it may take.
        node_points: The most points of a node.
        voxel_m: Keep only the first point of each cube of at most this side; None keeps all.

    Raises:
        SceneError: There is no part, or parts have different fields.
        OSError: The disk is full.
    """
    with ExitStack() as stack:
        builder = _Builder(folder, memory_bytes, node_points, voxel_m, stack)
        tree = builder.build(parts)
        stack.pop_all()
        return tree


class _Builder:
    def __init__(
        self, folder: Path, memory_bytes: int, node_points: int, voxel_m: float | None, stack: ExitStack
    ) -> None:
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._node_points = node_points
        self._voxel_m = voxel_m
        self._stack = stack
        self._files: list[RowFile] = []
        self._sampler = Sampler(node_points)
        self._branch = Branch(self._sampler, node_points)
        self._largest_intensity = 0.0

    def build(self, parts: Iterable[Sweep]) -> Tree:
        kind, file, low, high = self._spool(parts)
        self._kind = kind
        per_point = kind.dtype.itemsize * 2 + _BESIDE
        self._most = max(self._memory_bytes // per_point, 2 * self._node_points)
        self._tops = self._open()
        cube = _cube_around(low, high)
        pending = self._grow(file, 0, file.count, cube)
        pending.settle(self._tops)
        return Tree(pending.node, kind, self._files, self._largest_intensity)

    def _open(self) -> RowFile:
        file = self._stack.enter_context(RowFile(self._folder, self._kind.dtype))
        self._files.append(file)
        return file

    def _spool(self, parts: Iterable[Sweep]) -> tuple[RowKind, RowFile, Float64s, Float64s]:
        file: RowFile | None = None
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for part in parts:
            if file is None:
                self._kind = RowKind.of(part)
                file = self._open()
            for start in range(0, len(part), _PIECE):
                stop = start + _PIECE
                fields = {name: values[start:stop] for name, values in part.fields.items()}
                piece = Sweep(part.xyz_m[start:stop], fields)
                file.append(self._kind.pack(piece))
                low = np.minimum(low, piece.xyz_m.min(axis=0))
                high = np.maximum(high, piece.xyz_m.max(axis=0))
                self._look_at_intensity(piece)
        if file is None:
            raise SceneError("a cloud has one part at least, it may be empty")
        if file.count == 0:
            low = high = np.zeros(3)
        return self._kind, file, low, high

    def _look_at_intensity(self, piece: Sweep) -> None:
        values = piece.fields.get("intensity")
        if values is not None and values.ndim == 1:
            finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
            if finite.size:
                self._largest_intensity = max(self._largest_intensity, float(finite.max()))

    def _grow(self, file: RowFile, first: int, count: int, cube: Cube) -> Pending:
        """The branch of a range of a file."""
        if count <= self._most:
            rows = file.read(first, count)
            if self._voxel_m is not None:
                rows = rows[first_of_voxels(coordinates(rows), cube, self._voxel_m)]
            return self._branch.grow(rows, cube, file, first)
        if cube.level >= DEEPEST:
            return self._pile(file, first, count, cube)
        levels = min(_SORT_LEVELS, DEEPEST - cube.level)
        side = 1 << levels
        cell_m = cube.size_m / side
        counts = np.zeros(side**3, dtype=np.int64)
        for start in range(first, first + count, _PIECE):
            piece = file.read(start, min(_PIECE, first + count - start))
            count_cells(coordinates(piece), cube.corner, cell_m, side, counts)
        pyramid = [counts.reshape(side, side, side)]
        while len(pyramid) <= levels:
            half = pyramid[-1].shape[0] // 2
            pyramid.append(pyramid[-1].reshape(half, 2, half, 2, half, 2).sum(axis=(1, 3, 5)))
        pyramid.reverse()
        bucket_of = np.full((side, side, side), -1, dtype=np.int32)
        sizes: list[int] = []
        _name_buckets(pyramid, self._most, bucket_of, sizes, 0, (0, 0, 0))
        starts = np.concatenate([[0], np.cumsum(sizes)])
        sorted_file = self._sort(file, first, count, cube, side, bucket_of.reshape(-1), starts)
        if first == 0 and count == file.count:
            self._files.remove(file)
            file.close()
        return self._join(sorted_file, starts, pyramid, bucket_of, cube, 0, (0, 0, 0))

    def _sort(
        self, file: RowFile, first: int, count: int, cube: Cube, side: int, bucket_of: Int32s, starts: Int64s
    ) -> RowFile:
        found = self._open()
        cursor = starts[:-1].copy()
        own = np.empty(len(starts), dtype=np.int64)
        order = np.empty(_PIECE, dtype=np.int32)
        for start in range(first, first + count, _PIECE):
            piece = file.read(start, min(_PIECE, first + count - start))
            sort_by_bucket(coordinates(piece), cube.corner, cube.size_m / side, side, bucket_of, own, order)
            moved = piece[order[: len(piece)]]
            for bucket in np.flatnonzero(np.diff(own)).tolist():
                found.write(int(cursor[bucket]), moved[own[bucket] : own[bucket + 1]])
                cursor[bucket] += own[bucket + 1] - own[bucket]
        return found

    def _join(
        self,
        file: RowFile,
        starts: Int64s,
        pyramid: list[Int64s],
        bucket_of: Int32s,
        cube: Cube,
        depth: int,
        at: tuple[int, int, int],
    ) -> Pending:
        """The branch of a cell: a bucket's, or its parts' joined."""
        size = int(pyramid[depth][at])
        if size <= self._most or depth == len(pyramid) - 1:
            shift = len(pyramid) - 1 - depth
            bucket = int(bucket_of[tuple(each << shift for each in at)])
            return self._grow(file, int(starts[bucket]), size, cube)
        below = []
        for octant in range(8):
            part = (at[0] * 2 + (octant >> 2 & 1), at[1] * 2 + (octant >> 1 & 1), at[2] * 2 + (octant & 1))
            if pyramid[depth + 1][part]:
                below.append(self._join(file, starts, pyramid, bucket_of, cube.octant(octant), depth + 1, part))
        return self._sample(cube, below)

    def _sample(self, cube: Cube, below: list[Pending]) -> Pending:
        rows = np.concatenate([each.rows for each in below])
        chosen, spacing_m = self._sampler.choose(coordinates(rows), cube)
        start = 0
        for each in below:
            kept = ~chosen[start : start + len(each.rows)]
            start += len(each.rows)
            each.rows = each.rows[kept]
        below = [each for each in below if len(each.rows) or each.node.children]
        for each in below:
            each.settle(self._tops)
        return Pending(Node(cube, spacing_m, [each.node for each in below]), rows[chosen])

    def _pile(self, file: RowFile, first: int, count: int, cube: Cube) -> Pending:
        """Points that lie in one place, too many for memory: a chain of nodes."""
        spacing_m = cube.size_m / GRID_SIDE
        top = Node(cube, spacing_m)
        above = top
        for start in range(first + self._node_points, first + count, self._node_points):
            node = Node(replace(cube, level=min(above.cube.level + 1, 255)), spacing_m)
            node.put(file, start, min(self._node_points, first + count - start))
            above.children.append(node)
            above = node
        return Pending(top, file.read(first, min(self._node_points, count)))


def _name_buckets(
    pyramid: list[Int64s], most: int, bucket_of: Int32s, sizes: list[int], depth: int, at: tuple[int, int, int]
) -> None:
    """Number the largest cells that fit in memory, and the smallest where they do not; cells in Morton order."""
    count = int(pyramid[depth][at])
    if count == 0:
        return
    if count <= most or depth == len(pyramid) - 1:
        width = 1 << (len(pyramid) - 1 - depth)
        bucket_of[tuple(slice(each * width, (each + 1) * width) for each in at)] = len(sizes)
        sizes.append(count)
        return
    for octant in range(8):
        part = (at[0] * 2 + (octant >> 2 & 1), at[1] * 2 + (octant >> 1 & 1), at[2] * 2 + (octant & 1))
        _name_buckets(pyramid, most, bucket_of, sizes, depth + 1, part)


def first_of_voxels(xyz_m: Float32s, cube: Cube, voxel_m: float) -> Int64s:
    """(K,) The first point of each voxel, rising; voxels are parts of the cube, a power of two of them a side."""
    levels = max(math.ceil(math.log2(cube.size_m / voxel_m)), 0)
    cell_m = cube.size_m / 2.0 ** min(levels, 20)
    cells = ((xyz_m - cube.corner) / cell_m).astype(np.int64)
    keys = (cells[:, 0] << 40) | (cells[:, 1] << 20) | cells[:, 2]
    first: Int64s = np.sort(np.unique(keys, return_index=True)[1]).astype(np.int64)
    return first


def _cube_around(low: Float64s, high: Float64s) -> Cube:
    """The cube of a cloud: its side a power of two, its corner a multiple of an eighth of it."""
    size = 2.0 ** math.ceil(math.log2(max(float((high - low).max()), 2.0**-4)))
    while True:
        corner = np.floor(low / (size / 8)) * (size / 8)
        if (high < corner + size).all():
            x, y, z = corner.tolist()
            return Cube((x, y, z), size)
        size *= 2
