"""A stored scene's data: exactly the points and bytes that were put in."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from numpy.typing import NDArray

from worldline.formats.errors import StoreError
from worldline.formats.scene import EncodedImage, Packet, Sweep, VideoStream

from .layout import ZarrArray, node_name

if TYPE_CHECKING:
    from .stored import StoredScene


class StoredData:
    """Reads frames of a stored scene: a `SceneData`."""

    def __init__(self, group: zarr.Group, path: Path, stored: "StoredScene") -> None:
        """Read the arrays of a group."""
        self._group = group
        self._path = path
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
        root = f"lidars/{node_name(sensor)}/source"
        xyz_m = self._rows(f"{root}/xyz", blocks, index.count)
        fields = {name: self._rows(f"{root}/fields/{node}", blocks, index.count) for name, node in index.fields.items()}
        return Sweep(xyz_m, fields)

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
        for block in blocks:
            array = self._array(node, block)
            shard, _, _ = self._stored.reader(node).locate(block)
            try:
                values = np.asarray(array[block])
            except (ValueError, RuntimeError, OSError) as error:
                raise StoreError(
                    f"block {block} cannot be read: {error}", path=self._path / node, fix="import the scene again"
                ) from error
            if not shard.exists():  # Zarr reads a file that is gone as zeros
                raise StoreError("a stored file is gone", path=shard, fix="import the scene again")
            parts.append(values[: counts[block]])
        return np.concatenate(parts) if len(parts) > 1 else parts[0].copy()

    def _array(self, node: str, block: int) -> ZarrArray:
        with self._lock:
            array = self._arrays.get(node)
            if array is None or array.shape[0] <= block:  # a growing scene's arrays grow too
                try:
                    found = self._group[node]
                except KeyError as error:
                    raise StoreError(
                        "a stored array is gone: the scene was removed, or its folder is damaged",
                        path=self._path / node,
                        fix="import the scene again",
                    ) from error
                if not isinstance(found, zarr.Array):
                    raise StoreError("expected an array, found a group", path=self._path / node)
                array = self._arrays[node] = found
        return array
