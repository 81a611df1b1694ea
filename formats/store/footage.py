"""Writing a camera's encoded images, or the packets of its video, shard by shard."""

from pathlib import Path

import numpy as np
import zarr

from worldline.formats.errors import SceneError
from worldline.formats.scene import CameraSensor, EncodedImage, Packet

from .index import BytesIndex
from .layout import BYTES_PIECE, BYTES_SHARD, bytes_array, node_name
from .shard_writer import Files, write_shard

_FULL_SHARD = 1 << 24
"""Bytes after which a shard is written even if it has few images."""


class FootageWriter:
    """Writes the images or packets of one camera, in order.

    Attributes:
        index: What is written so far.
    """

    def __init__(self, group: zarr.Group, root: Path, sensor: CameraSensor, images_per_shard: int) -> None:
        """Write under ``cameras/<sensor>`` of a scene's group, whose folder is `root`."""
        self._group = group
        self._root = root
        self._sensor = sensor
        self._path = f"cameras/{node_name(sensor.name)}"
        self._per_shard = images_per_shard
        found = group.get(f"{self._path}/bytes")
        self._array = found if isinstance(found, zarr.Array) else bytes_array(group, f"{self._path}/bytes")
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._rows = BytesIndex()
        self._shards = 0
        self.index = BytesIndex()

    @property
    def frame_count(self) -> int:
        """Frames taken, whether written or not."""
        return len(self.index.offset) + len(self._pending)

    def append_image(self, image: EncodedImage) -> Files:
        """Take the next image.

        Returns:
            Files that are now on the disk for good.

        Raises:
            SceneError: There are more images than the clock has, or one is empty or larger than 64 MiB.
        """
        if image.media_type not in self._rows.media_types:
            self._rows.media_types.append(image.media_type)
        self._rows.media.append(self._rows.media_types.index(image.media_type))
        files = self._take(image.data)
        if len(self._pending) >= self._per_shard or self._pending_size >= _FULL_SHARD:
            files |= self._flush()
        return files

    def append_packet(self, packet: Packet) -> Files:
        """Take the next packet in decode order; a shard begins with a key packet where it can.

        Returns:
            Files that are now on the disk for good.

        Raises:
            SceneError: There are more packets than the clock has frames, or one is empty or larger than 64 MiB.
        """
        files = self._flush() if packet.is_key and self._pending_size >= _FULL_SHARD else {}
        files |= self._take(packet.data)
        self._rows.media.append(0)
        self._rows.pts.append(packet.pts)
        self._rows.key.append(packet.is_key)
        return files

    def finish(self) -> Files:
        """Write what is left, and the index.

        Raises:
            SceneError: The packets do not begin with a key packet, or two have one PTS.
        """
        files = self._flush()
        self._array.resize((self._shards * BYTES_SHARD,))
        is_video = self._sensor.media == "video"
        if is_video:
            self._order_packets()
        if is_video and not self.index.media_types:
            self.index.media_types = ["application/octet-stream"]
        self._group.require_group(self._path).update_attributes({"media_types": list(self.index.media_types)})
        self.index.write(self._group, f"{self._path}/index", is_video)
        return files

    def resume(self, index: BytesIndex) -> None:
        """Go on after what another process wrote.

        Args:
            index: Of what is on the disk.
        """
        self.index = index
        self._rows.media_types = list(index.media_types)
        self._shards = index.offset[-1] // BYTES_SHARD + 1 if index.offset else 0

    def _order_packets(self) -> None:
        pts = np.array(self.index.pts, dtype=np.int64)
        if len(np.unique(pts)) < len(pts):
            raise SceneError(f"camera {self._sensor.name}: two packets of its video have one PTS")
        if self.index.key and not self.index.key[0]:
            raise SceneError(f"camera {self._sensor.name}: its video does not begin with a key packet")
        frames = np.empty(len(pts), dtype=np.int64)
        frames[np.argsort(pts)] = np.arange(len(pts))
        self.index.frame = frames.tolist()
        self.index.frame_count = len(pts)

    def _take(self, data: bytes) -> Files:
        frame = self.frame_count
        if frame >= len(self._sensor.clock):
            raise SceneError(f"camera {self._sensor.name} has more images than its clock's {len(self._sensor.clock)}")
        if not 0 < len(data) <= BYTES_SHARD:
            raise SceneError(
                f"camera {self._sensor.name}, image {frame}: expected 1 to {BYTES_SHARD} bytes, found {len(data)}"
            )
        files = self._flush() if self._pending_size + len(data) > BYTES_SHARD else {}
        self._pending.append(data)
        self._pending_size += len(data)
        return files

    def _flush(self) -> Files:
        if not self._pending:
            return {}
        start = self._shards * BYTES_SHARD
        data = memoryview(b"".join([*self._pending, bytes(-self._pending_size % BYTES_PIECE)]))
        pieces = [data[at : at + BYTES_PIECE] for at in range(0, len(data), BYTES_PIECE)]
        file = Path(self._path, "bytes", "c", str(self._shards))
        settled = write_shard(self._root / file, pieces, BYTES_SHARD // BYTES_PIECE)
        sizes = [len(each) for each in self._pending]
        self.index.offset += (start + np.cumsum([0, *sizes[:-1]])).tolist()
        self.index.size += sizes
        for name in ("media", "pts", "key"):
            rows = getattr(self._rows, name)
            getattr(self.index, name).extend(rows[: len(sizes)])
            del rows[: len(sizes)]
        self.index.media_types = list(self._rows.media_types)
        if self._sensor.media == "images":
            self.index.frame_count = len(self.index.offset)
        self._pending, self._pending_size = [], 0
        self._shards += 1
        return {file: settled}
