"""Reading a stored scene: as a `Scene`, and as bytes to be sent as they are.

Opening reads a constant number of small files; a file's presence and size are checked when it is read.
"""

from pathlib import Path
from threading import RLock
from typing import Literal

from worldline.formats.errors import MissingFrameError, PendingFrameError
from worldline.formats.scene import Scene, VideoStream
from worldline.formats.schema import LabelSchema, default_schema

from .describing import describe_stored
from .display import CONTENT_ENCODINGS, MEDIA_TYPES, Grid, known_coding
from .document import SceneDocument
from .header import StoredMeta, read_header, sensors_of, streams_of
from .index import BlockIndex, BytesIndex, VideoIndex
from .layout import BYTES_PIECE, BYTES_SHARD, node_name
from .paged import Blocks, Footage
from .place import LocalPlace, Place, as_place
from .progress import ProgressReader
from .readiness import Readiness
from .shard import ShardReader, StoredBytes
from .sounds import sound_of
from .sources import StoredData
from .tables import open_tables
from .timetable import Timetable

State = Literal["ready", "growing"]


class StoredScene:
    """A scene in the store. Safe to share between threads.

    Attributes:
        place: Where it is.
        generation: Its name: the content's digest, or the staging folder's while it grows.
        state: ``ready`` or ``growing``.
        header: What is said of it before its frames.
        scene: The scene, without labels; its data reads the lossless source, its clocks and poses are
            read when asked for.
    """

    def __init__(self, place: Place, state: State) -> None:
        """Use `open_scene` or `open_staged`."""
        self.place = place
        self.generation = place.generation
        self.state: State = state
        header = self.header = read_header(place)
        self._streams = streams_of(header)
        self._tables = open_tables(place, header, state == "growing")
        self._readers: dict[str, ShardReader] = {}
        self._lock = RLock()
        sensors = sensors_of(header, self._tables.timetables, place)
        data, meta = StoredData(place, self), StoredMeta(header, place)
        self._data = data
        sounds = tuple(sound_of(each, place) for each in header.sounds)
        self.scene = Scene(
            header.name, sensors, header.reference, data, world_origin_m=header.world_origin_m, meta=meta, sounds=sounds
        )
        self._readiness: Readiness | None = None
        self._progress: ProgressReader | None = None
        if state == "growing" and isinstance(place, LocalPlace):
            self._readiness = Readiness(self.scene)
            self._progress = ProgressReader(place.path)
            self.refresh()

    @property
    def path(self) -> Path | None:
        """Its folder; None where it is in a bucket."""
        return self.place.path if isinstance(self.place, LocalPlace) else None

    @property
    def frame_count(self) -> int:
        """Frames of the reference clock."""
        return self.scene.frame_count

    @property
    def ready_frame_count(self) -> int:
        """Frames, from the first on, that can be read with all their sensors."""
        if self._readiness is None:
            return self.frame_count
        with self._lock:
            tables: dict[str, Blocks | Footage] = {**self._tables.blocks, **self._tables.footage}
            return self._readiness.count({name: table.frame_count for name, table in tables.items()})

    @property
    def document(self) -> SceneDocument:
        """The scene document with the schema that a new project starts with."""
        return self.describe(default_schema())

    def describe(self, schema: LabelSchema) -> SceneDocument:
        """The scene document."""
        with self._lock:
            return describe_stored(self, self.header, schema)

    @property
    def start_ns(self) -> int:
        """Time of the first frame of the reference; 0 where there is none."""
        table = self.timetable(self.scene.reference)
        return int(table.times(0, 1)[0]) if table.frame_count else 0

    def refresh(self) -> int:
        """Look how far a growing scene is.

        Returns:
            `ready_frame_count`.

        Raises:
            StoreError: The log of its progress is damaged.
        """
        with self._lock:
            for step in self._progress.steps() if self._progress is not None else ():
                if "lidar" in step:
                    blocks = self._tables.blocks[step["lidar"]]
                    if isinstance(blocks, BlockIndex):
                        if "facts" in step:
                            blocks.learn(step["facts"])
                        blocks.extend(step["rows"], step["frame_count"])
                elif "camera" in step:
                    footage = self._tables.footage[step["camera"]]
                    if isinstance(footage, BytesIndex):
                        footage.extend(step["rows"], step["media_types"], step["frame_count"])
            return self.ready_frame_count

    def display_block(self, sensor: str, block: int) -> StoredBytes:
        """A display block as it is stored: in the coding that the lidar's index names.

        Raises:
            MissingFrameError: There is no such lidar or block.
            PendingFrameError: It is not written yet.
            StoreError: It is damaged.
        """
        index = self.block_index(sensor)
        self._check(sensor, block, index.block_count)
        node = f"lidars/{node_name(sensor)}/display/points"
        file, offset, size = self.reader(node).locate(block)
        coding = known_coding(index.coding)
        return StoredBytes(self.place, file, offset, size, CONTENT_ENCODINGS[coding], MEDIA_TYPES[coding])

    def field_bytes(self, sensor: str, field: str, block: int) -> bytes:
        """A field of a block's points: little-endian values, point by point.

        Raises:
            MissingFrameError: There is no such lidar, field or block.
            PendingFrameError: It is not written yet.
            StoreError: It is damaged.
        """
        index = self.block_index(sensor)
        self._check(sensor, block, index.block_count)
        if field not in index.fields:
            raise MissingFrameError(f"{sensor} has no field {field}, it has {', '.join(index.fields) or 'none'}")
        return self._data.field(sensor, field, block).tobytes()

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
        self._check(sensor, block, index.block_count)
        rows = index.rows(block, block + 1)
        x, y, z = rows.origin_m[0].tolist()
        return Grid((x, y, z), float(rows.scale_m[0])), int(rows.count[0])

    def image_bytes(self, sensor: str, frame: int) -> StoredBytes:
        """An encoded image.

        Raises:
            MissingFrameError: There is no such camera with images, or no such frame.
            PendingFrameError: It is not written yet.
            StoreError: It is damaged.
        """
        index = self.footage(sensor, "images")
        self._check(sensor, frame, index.frame_count)
        row = index.rows(frame, frame + 1)
        return self._locate(sensor, int(row.offset[0]), int(row.size[0]), index.media_types[int(row.media[0])])

    def packet_bytes(self, sensor: str, first: int, count: int) -> tuple[StoredBytes, ...]:
        """Packets of a video in decode order, one after another: few parts of few files.

        Raises:
            MissingFrameError: There is no such camera with a video, or no such packets.
            PendingFrameError: They are not written yet.
            StoreError: They are damaged.
        """
        index = self.footage(sensor, "video")
        if count < 1:
            raise MissingFrameError(f"expected a count of packets of 1 or more, got {count}")
        self._check(sensor, first, index.frame_count)
        self._check(sensor, first + count - 1, index.frame_count)
        parts: list[tuple[int, int]] = []
        rows = index.rows(first, first + count)
        for offset, size in zip(rows.offset.tolist(), rows.size.tolist(), strict=True):
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
        index = self.footage(sensor, "video")
        self._check(sensor, 0, index.frame_count)
        rows = index.rows(0, index.frame_count)
        return VideoIndex(*(tuple(each.tolist()) for each in (rows.pts, rows.key, rows.frame, rows.size)))

    def stream(self, sensor: str) -> VideoStream:
        """A video's stream.

        Raises:
            MissingFrameError: There is no such camera with a video.
        """
        self.footage(sensor, "video")
        return self._streams[sensor]

    def timetable(self, sensor: str) -> Timetable:
        """When and where a sensor saw its frames.

        Raises:
            MissingFrameError: There is no such sensor.
        """
        if sensor not in self._tables.timetables:
            raise MissingFrameError(f"scene {self.scene.name} has no sensor {sensor}")
        return self._tables.timetables[sensor]

    def block_index(self, sensor: str) -> Blocks:
        """The blocks of a lidar.

        Raises:
            MissingFrameError: There is no such lidar.
        """
        if sensor not in self._tables.blocks:
            raise MissingFrameError(f"scene {self.scene.name} has no lidar {sensor}")
        return self._tables.blocks[sensor]

    def footage(self, sensor: str, media: str) -> Footage:
        """The images or packets of a camera.

        Raises:
            MissingFrameError: There is no such camera with this media.
        """
        found = next((each.media for each in self.scene.cameras if each.name == sensor), None)
        if found != media:
            raise MissingFrameError(f"scene {self.scene.name} has no camera {sensor} with {media}")
        return self._tables.footage[sensor]

    def reader(self, node: str) -> ShardReader:
        """The chunks of a sharded array.

        Raises:
            StoreError: Its metadata is damaged.
        """
        with self._lock:
            if node not in self._readers:
                self._readers[node] = ShardReader.of_array(self.place, node)
            return self._readers[node]

    def _locate(self, sensor: str, offset: int, size: int, media_type: str) -> StoredBytes:
        first, last = offset // BYTES_PIECE, (offset + size - 1) // BYTES_PIECE
        node = f"cameras/{node_name(sensor)}/bytes"
        file, start, _ = self.reader(node).locate(first, last - first + 1)
        return StoredBytes(self.place, file, start + offset % BYTES_PIECE, size, None, media_type)

    def _check(self, sensor: str, number: int, count: int) -> None:
        if 0 <= number < count:
            return
        if self.state == "growing" and number >= 0:
            raise PendingFrameError(f"{sensor}: {number} is not written yet, there are {count}")
        raise MissingFrameError(f"{sensor} has no {number}, only 0 to {count - 1}")


def open_scene(place: Place | Path) -> StoredScene:
    """Open a published scene.

    Raises:
        MissingFileError: There is none.
        StoreError: It is damaged, or of a layout that is not known here.
    """
    return StoredScene(as_place(place), "ready")


def open_staged(path: Path) -> StoredScene:
    """Open a scene that is being written, by this process or another; `StoredScene.refresh` follows it.

    Raises:
        MissingFileError: There is none: it was published or discarded.
        StoreError: It is of a layout that is not known here.
    """
    return StoredScene(LocalPlace(path), "growing")
