"""Reading a stored scene: as a `Scene`, and as bytes to be sent as they are."""

from pathlib import Path
from threading import RLock
from typing import Literal

import zarr

from worldline.formats.errors import MissingFileError, MissingFrameError, PendingFrameError, StoreError
from worldline.formats.scene import CameraSensor, Lidar, Scene, VideoStream
from worldline.formats.schema import LabelSchema, default_schema

from .display import ENCODING, Grid
from .document import SceneDocument, describe_camera, describe_lidar
from .header import read_header, streams_of
from .index import BlockIndex, BytesIndex, VideoIndex
from .layout import BYTES_PIECE, BYTES_SHARD, node_name
from .progress import ProgressReader
from .publish import check_sizes, read_manifest
from .readiness import Readiness
from .shard import ShardReader, StoredBytes
from .sources import StoredData

State = Literal["ready", "growing"]


class StoredScene:
    """A scene in the store. Safe to share between threads.

    Attributes:
        path: Its folder.
        generation: Its name: the content's digest, or the staging folder's while it grows.
        state: ``ready`` or ``growing``.
        scene: The scene, without labels; its data reads the lossless source.
    """

    def __init__(self, path: Path, state: State) -> None:
        """Use `open_scene` or `open_staged`."""
        self.path = path
        self.generation = path.name
        self.state: State = state
        try:
            group = zarr.open_group(path, mode="r", zarr_format=3)
        except (FileNotFoundError, KeyError, ValueError) as error:
            raise MissingFileError("there is no stored scene here", path=path) from error
        header, sensors = read_header(group, path)
        self._streams = streams_of(header)
        self._lidars = {sensor.name: BlockIndex() for sensor in sensors if isinstance(sensor, Lidar)}
        self._cameras = {sensor.name: BytesIndex() for sensor in sensors if isinstance(sensor, CameraSensor)}
        self._readers: dict[str, ShardReader] = {}
        self._lock = RLock()
        data = StoredData(group, path, self)
        self.scene = Scene(
            header.name, sensors, header.reference, data, world_origin_m=header.world_origin_m, meta=header.meta
        )
        self._readiness = Readiness(self.scene)
        self._progress = ProgressReader(path)
        if state == "ready":
            self._read_indexes(group)
        else:
            self.refresh()

    @property
    def frame_count(self) -> int:
        """Frames of the reference clock."""
        return self.scene.frame_count

    @property
    def ready_frame_count(self) -> int:
        """Frames, from the first on, that can be read with all their sensors."""
        with self._lock:
            indexes: dict[str, BlockIndex | BytesIndex] = {**self._lidars, **self._cameras}
            return self._readiness.count({name: index.frame_count for name, index in indexes.items()})

    @property
    def document(self) -> SceneDocument:
        """The scene document with the schema that a new project starts with."""
        return self.describe(default_schema())

    def describe(self, schema: LabelSchema) -> SceneDocument:
        """The scene document."""
        scene = self.scene
        start_ns = int(scene.clock.time_ns[0]) if scene.frame_count else 0
        with self._lock:
            return SceneDocument(
                name=scene.name,
                generation=self.generation,
                state=self.state,
                frame_count=self.frame_count,
                ready_frame_count=self.ready_frame_count,
                reference=scene.reference,
                start_ns=str(start_ns),
                world_origin_m=scene.world_origin_m,
                meta=dict(scene.meta),
                lidars=[describe_lidar(each, self._lidars[each.name], start_ns) for each in scene.lidars],
                cameras=[
                    describe_camera(each, self._cameras[each.name], self._streams.get(each.name), start_ns)
                    for each in scene.cameras
                ],
                label_schema=schema,
            )

    def refresh(self) -> int:
        """Look how far a growing scene is.

        Returns:
            `ready_frame_count`.

        Raises:
            StoreError: The log of its progress is damaged.
        """
        with self._lock:
            for step in self._progress.steps():
                if "lidar" in step:
                    blocks = self._lidars[step["lidar"]]
                    if "facts" in step:
                        blocks.learn(step["facts"])
                    blocks.extend(step["rows"], step["frame_count"])
                else:
                    footage = self._cameras[step["camera"]]
                    footage.extend(step["rows"], step["media_types"], step["frame_count"])
            return self.ready_frame_count

    def display_block(self, sensor: str, block: int) -> StoredBytes:
        """A display block as it is stored: int16 planes, zstd.

        Raises:
            MissingFrameError: There is no such lidar or block.
            PendingFrameError: It is not written yet.
            StoreError: It is damaged.
        """
        index = self.block_index(sensor)
        self._check(sensor, block, len(index.frame))
        node = f"lidars/{node_name(sensor)}/display/points"
        path, offset, size = self.reader(node).locate(block)
        return StoredBytes(path, offset, size, ENCODING)

    def blocks_of(self, sensor: str, frame: int) -> range:
        """The blocks of a lidar's frame.

        Raises:
            MissingFrameError: There is no such lidar or frame.
            PendingFrameError: It is not written yet.
        """
        index = self.block_index(sensor)
        self._check(sensor, frame, index.frame_count)
        return index.blocks_of(frame)

    def grid_of(self, sensor: str, block: int) -> tuple[Grid, int]:
        """Origin and scale of a display block, and how many points it has.

        Raises:
            MissingFrameError: There is no such lidar or block.
            PendingFrameError: It is not written yet.
        """
        index = self.block_index(sensor)
        self._check(sensor, block, len(index.frame))
        return index.grid[block], index.count[block]

    def image_bytes(self, sensor: str, frame: int) -> StoredBytes:
        """An encoded image.

        Raises:
            MissingFrameError: There is no such camera with images, or no such frame.
            PendingFrameError: It is not written yet.
            StoreError: It is damaged.
        """
        index = self._footage(sensor, "images")
        self._check(sensor, frame, index.frame_count)
        return self._locate(sensor, index.offset[frame], index.size[frame], index.media_types[index.media[frame]])

    def packet_bytes(self, sensor: str, first: int, count: int) -> tuple[StoredBytes, ...]:
        """Packets of a video in decode order, one after another: few parts of few files.

        Raises:
            MissingFrameError: There is no such camera with a video, or no such packets.
            PendingFrameError: They are not written yet.
            StoreError: They are damaged.
        """
        index = self._footage(sensor, "video")
        if count < 1:
            raise MissingFrameError(f"expected a count of packets of 1 or more, got {count}")
        self._check(sensor, first, index.frame_count)
        self._check(sensor, first + count - 1, index.frame_count)
        parts: list[tuple[int, int]] = []
        for offset, size in zip(index.offset[first : first + count], index.size[first : first + count], strict=True):
            start, length = parts[-1] if parts else (-1, 0)
            if start + length == offset and start // BYTES_SHARD == offset // BYTES_SHARD:
                parts[-1] = (start, length + size)
            else:
                parts.append((offset, size))
        return tuple(self._locate(sensor, offset, size, "application/octet-stream") for offset, size in parts)

    def video_index(self, sensor: str) -> VideoIndex:
        """A video's packets.

        Raises:
            MissingFrameError: There is no such camera with a video.
            PendingFrameError: The video is not written yet.
        """
        index = self._footage(sensor, "video")
        self._check(sensor, 0, index.frame_count)
        return VideoIndex(tuple(index.pts), tuple(index.key), tuple(index.frame), tuple(index.size))

    def stream(self, sensor: str) -> VideoStream:
        """A video's stream.

        Raises:
            MissingFrameError: There is no such camera with a video.
        """
        self._footage(sensor, "video")
        return self._streams[sensor]

    def block_index(self, sensor: str) -> BlockIndex:
        """The blocks of a lidar.

        Raises:
            MissingFrameError: There is no such lidar.
        """
        if sensor not in self._lidars:
            raise MissingFrameError(f"scene {self.scene.name} has no lidar {sensor}")
        return self._lidars[sensor]

    def reader(self, node: str) -> ShardReader:
        """The chunks of a sharded array.

        Raises:
            StoreError: Its metadata is damaged.
        """
        with self._lock:
            if node not in self._readers:
                self._readers[node] = ShardReader.of_array(self.path / node)
            return self._readers[node]

    def _footage(self, sensor: str, media: str) -> BytesIndex:
        found = next((each.media for each in self.scene.cameras if each.name == sensor), None)
        if found != media:
            raise MissingFrameError(f"scene {self.scene.name} has no camera {sensor} with {media}")
        return self._cameras[sensor]

    def _locate(self, sensor: str, offset: int, size: int, media_type: str) -> StoredBytes:
        first, last = offset // BYTES_PIECE, (offset + size - 1) // BYTES_PIECE
        node = f"cameras/{node_name(sensor)}/bytes"
        path, start, _ = self.reader(node).locate(first, last - first + 1)
        return StoredBytes(path, start + offset % BYTES_PIECE, size, None, media_type)

    def _check(self, sensor: str, number: int, count: int) -> None:
        if 0 <= number < count:
            return
        if self.state == "growing" and number >= 0:
            raise PendingFrameError(f"{sensor}: {number} is not written yet, there are {count}")
        raise MissingFrameError(f"{sensor} has no {number}, only 0 to {count - 1}")

    def _read_indexes(self, group: zarr.Group) -> None:
        for lidar in self.scene.lidars:
            node = f"lidars/{node_name(lidar.name)}"
            try:
                self._lidars[lidar.name].learn(group[node].attrs.asdict())
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise StoreError(
                    f"the facts of the blocks are damaged: {error!r}", path=self.path, place=node
                ) from error
            self._lidars[lidar.name].read(group, f"{node}/blocks", len(lidar.clock))
        for camera in self.scene.cameras:
            node = f"cameras/{node_name(camera.name)}"
            index = self._cameras[camera.name]
            types = group[node].attrs.asdict().get("media_types")
            index.media_types = list(map(str, types)) if isinstance(types, list) else []
            index.read(group, f"{node}/index", camera.media == "video", len(camera.clock))


def open_scene(path: Path) -> StoredScene:
    """Open a published scene.

    Raises:
        MissingFileError: There is none.
        StoreError: A file is missing or of another size, or it is of a layout that is not known here.
    """
    check_sizes(path, read_manifest(path))
    return StoredScene(path, "ready")


def open_staged(path: Path) -> StoredScene:
    """Open a scene that is being written, by this process or another; `StoredScene.refresh` follows it.

    Raises:
        MissingFileError: There is none: it was published or discarded.
        StoreError: It is of a layout that is not known here.
    """
    return StoredScene(path, "growing")
