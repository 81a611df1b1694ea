"""Writing a lidar's sweeps as blocks, shard by shard."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import zarr

from worldline.formats.errors import SceneError
from worldline.formats.scene import Lidar, Sweep

from .coded import CodedBlock, code_block
from .display import (
    CODING,
    FINEST_MAP_M,
    display_array,
    full_of_scale,
    intensity_scale,
    usual_maximum,
)
from .index import BlockIndex
from .layout import (
    MAX_BLOCK_POINTS,
    MIN_BLOCK_POINTS,
    ZarrArray,
    check_field,
    node_name,
    parse_field_type,
    source_array,
)
from .octree import NODE_POINTS, NodeTable, Tree
from .octree.table import write_node_table
from .shard_writer import Files, write_shard


class CloudWriter:
    """Writes the sweeps of one lidar, in the order of its frames.

    The size of a block is decided by the first shard's sweeps; a later sweep that is larger
    becomes several blocks.

    Attributes:
        index: What is written so far.
        clipped_intensity_count: Intensities that the display copy could not hold.
    """

    def __init__(
        self, group: zarr.Group, root: Path, sensor: Lidar, blocks_per_shard: int, full_intensity: float | None = None
    ) -> None:
        """Write under ``lidars/<sensor>`` of a scene's group.

        Args:
            group: The scene's.
            root: Its folder.
            sensor: Whose sweeps.
            blocks_per_shard: Blocks that are written together.
            full_intensity: What the sensor calls full intensity; None to tell it from the first sweeps.
        """
        self._group = group
        self._sensor = sensor
        self._is_begun = False
        self._path = f"lidars/{node_name(sensor.name)}"
        self._per_shard = blocks_per_shard
        self._root = root
        self._waiting: list[Sweep] = []
        self._pending: list[CodedBlock] = []
        self._arrays: dict[str, ZarrArray] = {}
        self._dtypes: dict[str, tuple[np.dtype[np.generic], tuple[int, ...]]] | None = None
        self._full = full_intensity
        self._next_frame = 0
        self._written_already = 0
        self._node_tables: list[NodeTable] = []
        self.index = BlockIndex()
        self.clipped_intensity_count = 0

    @property
    def is_begun(self) -> bool:
        """The size of a block is decided: from now on `code` may be called, by any thread."""
        return self._is_begun

    @property
    def frame_count(self) -> int:
        """Frames taken, whether written or not."""
        return self._next_frame + len(self._waiting)

    def append(self, sweep: Sweep) -> Files:
        """Take the next frame.

        Returns:
            Files that are now on the disk for good.

        Raises:
            SceneError: There are more frames than the clock has, or the fields differ from the frames before.
        """
        self._check_room()
        self._check_fields(sweep, self.frame_count)
        if self._arrays:
            return self.take(self.code(self._next_frame, sweep))
        self._waiting.append(sweep)
        if len(self._waiting) < min(self._per_shard, len(self._sensor.clock)):
            return {}
        return self._begin()

    def code(self, frame: int, sweep: Sweep) -> list[CodedBlock]:
        """A frame's blocks, for `take`. Changes nothing, so that several threads may code several frames.

        Raises:
            SceneError: The fields differ from the frames before, or a coordinate does not fit.
        """
        self._check_fields(sweep, frame)
        points = self.index.points_per_block
        fields = {name: check_field(name, values) for name, values in sweep.fields.items()}
        blocks = []
        for start in range(0, max(len(sweep), 1), points):
            part = slice(start, start + points)
            parts = {name: values[part] for name, values in fields.items()}
            blocks.append(
                code_block(self.index, self._full, frame, sweep.xyz_m[part], parts, start + points >= len(sweep))
            )
        return blocks

    def take(self, blocks: list[CodedBlock]) -> Files:
        """Take the blocks of the next frame.

        Returns:
            Files that are now on the disk for good.

        Raises:
            SceneError: There are more frames than the clock has.
        """
        self._check_room()
        self._next_frame += 1
        self._pending += blocks[self._written_already :]
        self._written_already = 0
        return self._flush(self._per_shard)

    def append_tree(self, tree: Tree) -> Iterator[Files]:
        """Take the next frame as an octree: each of its nodes is a block, the root is the first.

        Yields:
            Files that are now on the disk for good.

        Raises:
            SceneError: As `append`.
        """
        self._check_room()
        self._check_fields(tree.points(0), self.frame_count)
        if not self._arrays:
            if self._full is None:
                self._full = tree.full_intensity
            yield self._begin(NODE_POINTS)
        self.index.has_octree = True
        for node in range(len(tree)):
            points = tree.points(node)
            fields = {name: check_field(name, values) for name, values in points.fields.items()}
            is_last = node == len(tree) - 1
            self._pending.append(
                code_block(self.index, self._full, self._next_frame, points.xyz_m, fields, is_last, FINEST_MAP_M)
            )
            yield self._flush(self._per_shard)
        self._node_tables.append(tree.table)
        self._next_frame += 1

    def finish(self) -> Files:
        """Write what is left and give the arrays their final length."""
        files = {} if self._arrays else self._begin()
        files |= self._flush(1)
        for array in self._arrays.values():
            array.resize((len(self.index.frame), *array.shape[1:]))
        self._group.require_group(self._path).update_attributes(self.index.facts())
        self.index.write(self._group, f"{self._path}/blocks")
        if self.index.has_octree:
            write_node_table(self._group, f"{self._path}/octree", self._node_tables)
        return files

    def resume(self, index: BlockIndex) -> None:
        """Go on after what another process wrote.

        Args:
            index: Of what is on the disk; blocks of an unfinished frame may stand at its end.
        """
        self.index = index
        self._next_frame = index.frame_count
        self._written_already = len(index.blocks_of(index.frame_count))
        if not index.points_per_block:
            return
        self._dtypes = {name: parse_field_type(kind) for name, kind in index.field_types.items()}
        self._full = full_of_scale(index.intensity_scale) if index.has_intensity else None
        for name in ("xyz", *(f"fields/{name}" for name in index.fields), "display"):
            found = self._group[self._node(name)]
            if isinstance(found, zarr.Array):
                self._arrays[name] = found

    def _node(self, name: str) -> str:
        if name == "display":
            return f"{self._path}/display/points"
        kind, _, field = name.partition("/")
        return f"{self._path}/source/{kind}" + (f"/{node_name(field)}" if field else "")

    def _check_room(self) -> None:
        if self.frame_count >= len(self._sensor.clock):
            raise SceneError(f"lidar {self._sensor.name} has more sweeps than its clock's {len(self._sensor.clock)}")

    def _check_fields(self, sweep: Sweep, frame: int) -> None:
        kinds = {}
        for name, values in sweep.fields.items():
            checked = check_field(name, values)
            kinds[name] = (checked.dtype, checked.shape[1:])
        if self._dtypes is None:
            declared = set(self._sensor.fields)
            if set(kinds) != declared:
                raise SceneError(
                    f"lidar {self._sensor.name} declares the fields {sorted(declared)}, its sweep has {sorted(kinds)}"
                )
            self._dtypes = kinds
        elif kinds != self._dtypes:
            raise SceneError(
                f"lidar {self._sensor.name}, frame {frame}: fields {_spelt(kinds)} "
                f"differ from those before: {_spelt(self._dtypes)}"
            )

    def _begin(self, least: int = MIN_BLOCK_POINTS) -> Files:
        kinds = self._dtypes or {}
        largest = max((len(sweep) for sweep in self._waiting), default=0)
        points = min(MAX_BLOCK_POINTS, max(least, 1 << max(largest - 1, 0).bit_length()))
        blocks, shard = max(len(self._sensor.clock), 1), self._per_shard
        place = np.dtype(np.float32)
        self._arrays["xyz"] = source_array(self._group, self._node("xyz"), blocks, shard, (points, 3), place)
        for name, (dtype, tail) in kinds.items():
            node = self._node(f"fields/{name}")
            self._arrays[f"fields/{name}"] = source_array(self._group, node, blocks, shard, (points, *tail), dtype)
        self._arrays["display"] = display_array(self._group, self._node("display"), blocks, shard, points)
        index = self.index
        index.points_per_block = points
        index.coding = CODING
        index.fields = {name: node_name(name) for name in kinds}
        index.field_types = {name: f"{dtype}{list(tail) or ''}" for name, (dtype, tail) in kinds.items()}
        index.has_intensity = "intensity" in kinds and kinds["intensity"][1] == ()
        if index.has_intensity:
            if self._full is None:
                samples = [sweep.fields["intensity"] for sweep in self._waiting]
                self._full = max(map(usual_maximum, samples), default=1.0)
            index.intensity_scale = intensity_scale(self._full)
        self._is_begun = True  # last: other threads code by all of the above
        waiting, self._waiting = self._waiting, []
        files: Files = {}
        for sweep in waiting:
            files |= self.take(self.code(self._next_frame, sweep))
        return files

    def _flush(self, least: int) -> Files:
        files: Files = {}
        while len(self._pending) >= least and self._pending:
            files |= self._write(self._pending[: self._per_shard])
            del self._pending[: self._per_shard]
        return files

    def _write(self, blocks: list[CodedBlock]) -> Files:
        first = len(self.index.frame)
        files: Files = {}
        for name, array in self._arrays.items():
            if array.shape[0] < first + len(blocks):
                array.resize((max(first + len(blocks), 2 * array.shape[0]), *array.shape[1:]))
            file = Path(array.path, "c", str(first // self._per_shard), *["0"] * (array.ndim - 1))
            files[file] = write_shard(self._root / file, [each.chunks[name] for each in blocks], self._per_shard)
        for block in blocks:
            self.index.frame.append(block.frame)
            self.index.count.append(block.count)
            self.index.grid.append(block.grid)
            self.index.frame_count += block.ends_frame
            self.clipped_intensity_count += block.clipped_count
        return files


def _spelt(kinds: dict[str, tuple[np.dtype[np.generic], tuple[int, ...]]]) -> str:
    return ", ".join(f"{name} {dtype}{list(tail) or ''}" for name, (dtype, tail) in sorted(kinds.items())) or "none"
