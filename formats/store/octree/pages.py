"""The octree of a frame as it is sent: columns, as pages of frames are (`frames`).

Facts: ``first``, the number of the root's block; a node's block is that many after it as the node stands after
the root. Columns, of each node: ``parent`` (-1 of a root), ``level``, ``corner_m`` and ``size_m`` of its cube,
``spacing_m``, and of its block ``count``, ``origin_m``, ``scale_m``.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from worldline.formats.store.frames import pack_columns

from .reading import stored_nodes

if TYPE_CHECKING:
    from worldline.formats.store.stored import StoredScene


def octree_bytes(stored: "StoredScene", sensor: str, frame: int) -> bytes:
    """The nodes of a lidar's frame.

    Raises:
        MissingFrameError: There is no such lidar or frame, or its frames are no octrees.
        PendingFrameError: It is not written yet.
        StoreError: It is damaged.
    """
    table, first = stored_nodes(stored, sensor, frame)
    rows = stored.block_index(sensor).rows(first, first + len(table))
    columns: dict[str, NDArray[Any]] = {
        "parent": table.parent,
        "level": table.level,
        "corner_m": table.corner_m,
        "size_m": table.size_m,
        "spacing_m": table.spacing_m,
        "count": rows.count.astype(np.uint32),
        "origin_m": rows.origin_m,
        "scale_m": rows.scale_m,
    }
    return pack_columns({"first": first, "node_count": len(table)}, columns)
