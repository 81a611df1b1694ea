"""The nodes of octrees as arrays beside a lidar's blocks: a node is a block.

A frame's nodes stand level by level; `parent` counts blocks from the first of the frame, -1 is the root.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from worldline.formats.errors import StoreError
from worldline.formats.store.columns import PageCache, PagedColumn
from worldline.formats.store.layout import index_array
from worldline.formats.store.place import AGAIN, Place
from worldline.geometry.arrays import Float64s, Int32s

COLUMNS: dict[str, tuple[str, tuple[int, ...]]] = {
    "parent": ("int32", ()),
    "level": ("uint8", ()),
    "corner_m": ("float64", (3,)),
    "size_m": ("float64", ()),
    "spacing_m": ("float64", ()),
}
"""Type and shape of a node's values."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeTable:
    """Nodes of one tree or several.

    Attributes:
        parent: (B,) int32 The node above, -1 of a root.
        level: (B,) uint8 0 of a root.
        corner_m: (B, 3) float64 Least corner of the node's cube, sensor.
        size_m: (B,) float64 The cube's side, a power of two.
        spacing_m: (B,) float64 About how far a node's points and those above it are apart.
    """

    parent: Int32s
    level: NDArray[np.uint8]
    corner_m: Float64s
    size_m: Float64s
    spacing_m: Float64s

    def __len__(self) -> int:
        """How many nodes."""
        return len(self.parent)

    def near(self, low_m: Float64s, high_m: Float64s) -> NDArray[np.int64]:
        """(K,) Nodes whose cube meets a box, rising."""
        meets = (self.corner_m <= high_m) & (self.corner_m + self.size_m[:, None] >= low_m)
        return np.flatnonzero(meets.all(axis=1))


def write_node_table(group: zarr.Group, path: str, tables: list[NodeTable]) -> None:
    """Write the nodes of all frames of a lidar."""
    for name, (dtype, tail) in COLUMNS.items():
        parts = [np.asarray(getattr(each, name)) for each in tables]
        values = np.concatenate(parts) if parts else np.empty((0, *tail))
        index_array(group, f"{path}/{name}", values.astype(dtype))


def read_node_table(place: Place, path: str, first: int, last: int, block_count: int, cache: PageCache) -> NodeTable:
    """The nodes of the blocks from one to another.

    Raises:
        StoreError: They are damaged or gone, or contradict themselves.
    """
    values: dict[str, NDArray[Any]] = {}
    for name, (dtype, tail) in COLUMNS.items():
        column = PagedColumn(place, f"{path}/{name}", block_count, dtype, cache, tail)
        values[name] = column.rows(first, last)
    table = NodeTable(**{each.name: values[each.name] for each in fields(NodeTable)})
    if len(table) and not ((table.parent < np.arange(len(table))) & (table.parent >= -1)).all():
        raise StoreError("a node stands before the one above it", path=place.name, place=path, fix=AGAIN)
    return table
