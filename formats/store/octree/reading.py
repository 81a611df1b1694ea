"""Reading a part of a stored octree."""

from typing import TYPE_CHECKING

import numpy as np

from worldline.formats.errors import MissingFrameError, PendingFrameError
from worldline.formats.store.columns import PageCache
from worldline.formats.store.layout import node_name
from worldline.geometry.arrays import Float32s, Float64s

from .table import NodeTable, read_node_table

if TYPE_CHECKING:
    from worldline.formats.store.sources import StoredData
    from worldline.formats.store.stored import StoredScene


def stored_nodes(stored: "StoredScene", sensor: str, frame: int) -> tuple[NodeTable, int]:
    """The nodes of a lidar's frame, and the number of its first block, which is the root.

    Raises:
        MissingFrameError: There is no such lidar or frame, or its frames are no octrees.
        PendingFrameError: It is not written yet.
        StoreError: It is damaged.
    """
    index = stored.block_index(sensor)
    blocks = stored.blocks_of(sensor, frame)
    if not index.has_octree:
        raise MissingFrameError(f"the frames of {sensor} are no octrees")
    if stored.state == "growing":
        raise PendingFrameError(f"{sensor}: the octrees are there when the scene is written")
    path = f"lidars/{node_name(sensor)}/octree"
    table = read_node_table(stored.place, path, blocks.start, blocks.stop, index.block_count, PageCache())
    return table, blocks.start


def points_in_box(stored: "StoredScene", sensor: str, frame: int, low_m: Float64s, high_m: Float64s) -> Float32s:
    """The points of a frame in a box of the sensor's axes; only nodes that meet it are read.

    Args:
        stored: The scene.
        sensor: A lidar with octrees.
        frame: On its clock.
        low_m: (3,) Least corner, sensor.
        high_m: (3,) The opposite one.

    Returns:
        (N, 3) float32, sensor, metres.

    Raises:
        MissingFrameError, PendingFrameError, StoreError: As `stored_nodes`.
    """
    table, first = stored_nodes(stored, sensor, frame)
    data: StoredData = stored.scene.data  # type: ignore[assignment]
    parts = [np.empty((0, 3), dtype=np.float32)]
    for node in table.near(low_m, high_m).tolist():
        xyz_m = data.block_points(sensor, first + node)
        parts.append(xyz_m[((xyz_m >= low_m) & (xyz_m <= high_m)).all(axis=1)])
    return np.concatenate(parts)
