"""A stored scene's data: exactly the points and bytes that were put in."""

from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from numpy.typing import NDArray

from worldline.formats.errors import MissingFileError, StoreError
from worldline.formats.scene import EncodedImage, Packet, Sweep, VideoStream
from worldline.geometry.arrays import Float32s

from .layout import ZarrArray, node_name
from .place import AGAIN, Place
from .shard import gone

if TYPE_CHECKING:
    from .stored import StoredScene


class StoredData:
    """Reads frames of a stored scene: a `SceneData`."""

    def __init__(self, place: Place, stored: "StoredScene") -> None:
        """Read the arrays of a scene's group; nothing is opened yet."""
        self._place = place
        self._group: zarr.Group | None = None
        self._stored = stored
        self._arrays: dict[str, ZarrArray] = {}
        self._lock = Lock()

    def sweep(self, sensor: str, frame: int) -> Sweep:
        """A lidar's frame, of all its blocks.

        Raises:
            MissingFrameError: There is no such lidar or frame.
            PendingFrameError: It is not written yet.
            StoreError: It is damaged.
        """
        blocks = self._stored.blocks_of(sensor, frame)
        index = self._stored.block_index(sensor)
        counts = index.rows(blocks.start, blocks.stop).count.tolist()
        root = f"lidars/{node_name(sensor)}/source"
        xyz_m = self._rows(f"{root}/xyz", blocks, counts)
        fields = {name: self._rows(f"{root}/fields/{node}", blocks, counts) for name, node in index.fields.items()}
        return Sweep(xyz_m, fields)

    def is_large(self, sensor: str) -> bool:
        """Whether a lidar's frames are octrees."""
        return self._stored.block_index(sensor).has_octree

    def sweep_parts(self, sensor: str, frame: int) -> Iterator[Sweep]:
        """A lidar's frame, block by block; raises as `sweep`."""
        for block in self._stored.blocks_of(sensor, frame):
            yield self.block(sensor, block)

    def block(self, sensor: str, block: int) -> Sweep:
        """The points of one block; raises as `sweep`."""
        index = self._stored.block_index(sensor)
        blocks, counts = range(block, block + 1), index.rows(block, block + 1).count.tolist()
        root = f"lidars/{node_name(sensor)}/source"
        fields = {name: self._rows(f"{root}/fields/{node}", blocks, counts) for name, node in index.fields.items()}
        return Sweep(self._rows(f"{root}/xyz", blocks, counts), fields)

    def block_points(self, sensor: str, block: int) -> Float32s:
        """(N, 3) float32 The coordinates of one block alone; raises as `sweep`."""
        index = self._stored.block_index(sensor)
        counts = index.rows(block, block + 1).count.tolist()
        return self._rows(f"lidars/{node_name(sensor)}/source/xyz", range(block, block + 1), counts)

    def field(self, sensor: str, field: str, block: int) -> NDArray[Any]:
        """(N,) or (N, K) One field of one block alone, little-endian; raises as `sweep`."""
        index = self._stored.block_index(sensor)
        counts = index.rows(block, block + 1).count.tolist()
        node = f"lidars/{node_name(sensor)}/source/fields/{index.fields[field]}"
        values = self._rows(node, range(block, block + 1), counts)
        return values.astype(values.dtype.newbyteorder("<"), copy=False)

    def image(self, sensor: str, frame: int) -> EncodedImage:
        """A camera's frame.

        Raises:
            MissingFrameError: There is no such camera with images, or no such frame.
            PendingFrameError: It is not written yet.
            StoreError: It is damaged.
        """
        part = self._stored.image_bytes(sensor, frame)
        return EncodedImage(part.read(), part.media_type)

    def stream(self, sensor: str) -> VideoStream:
        """A camera's stream.

        Raises:
            MissingFrameError: There is no such camera with a video.
        """
        return self._stored.stream(sensor)

    def packets(self, sensor: str) -> Iterator[Packet]:
        """A camera's packets in decode order.

        Raises:
            MissingFrameError: There is no such camera with a video.
            PendingFrameError: The video is not written yet.
            StoreError: They are damaged.
        """
        index = self._stored.video_index(sensor)
        for number, (pts, is_key) in enumerate(zip(index.pts, index.key, strict=True)):
            (part,) = self._stored.packet_bytes(sensor, number, 1)
            yield Packet(part.read(), pts, is_key)

    def _rows(self, node: str, blocks: range, counts: list[int]) -> NDArray[Any]:
        parts = []
        for block, count in zip(blocks, counts, strict=True):
            array = self._array(node, block)
            shard, _, _ = self._stored.reader(node).locate(block)
            where = f"{self._place.name}/{node}"
            try:
                values = np.asarray(array[block])
            except (ValueError, RuntimeError, OSError) as error:
                raise StoreError(f"block {block} cannot be read: {error}", path=where, fix=AGAIN) from error
            try:
                self._place.size(shard)  # Zarr reads a file that is gone as zeros
            except MissingFileError as error:
                raise gone(f"{self._place.name}/{shard}") from error
            parts.append(values[:count])
        return np.concatenate(parts) if len(parts) > 1 else parts[0].copy()

    def _array(self, node: str, block: int) -> ZarrArray:
        with self._lock:
            array = self._arrays.get(node)
            if array is None or array.shape[0] <= block:  # a growing scene's arrays grow too
                try:
                    if self._group is None:
                        self._group = zarr.open_group(self._place.zarr_store(), mode="r", zarr_format=3)
                    found = self._group[node]
                except (KeyError, FileNotFoundError) as error:
                    raise StoreError(
                        "a stored array is gone: the scene was removed, or its folder is damaged",
                        path=f"{self._place.name}/{node}",
                        fix=AGAIN,
                    ) from error
                if not isinstance(found, zarr.Array):
                    raise StoreError("expected an array, found a group", path=f"{self._place.name}/{node}")
                array = self._arrays[node] = found
        return array
