"""Indexes of a scene that is being written: which blocks a frame has, and where an image's bytes lie.

They live in memory and, line by line, in ``progress.jsonl``; at the end they become arrays of the
group, which `paged` reads.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from worldline.formats.errors import StoreError
from worldline.geometry.arrays import Float64s, Int64s

from .display import Grid
from .layout import index_array

Columns = Mapping[str, Sequence[Any]]

FIRST_CODING = "planes"
"""The coding of display blocks that says nothing of its coding."""


@dataclass(frozen=True, slots=True)
class BlockRows:
    """Blocks of a lidar, one after another.

    Attributes:
        count: (B,) int64 Points of each.
        origin_m: (B, 3) float64 Where value 0 of its display copy stands, sensor.
        scale_m: (B,) float64 One step of it.
    """

    count: Int64s
    origin_m: Float64s
    scale_m: Float64s


@dataclass(frozen=True, slots=True)
class FootageRows:
    """Images or packets of a camera, one after another; the last three columns are empty for images.

    Attributes:
        offset: (N,) int64 First byte of each in the camera's bytes.
        size: (N,) int64 Bytes of each.
        media: (N,) uint8 Index into the media types.
        pts: (N,) int64 Of a packet, in the stream's time base.
        key: (N,) bool Whether a decoder can begin there.
        frame: (N,) int64 The frame that a packet shows.
    """

    offset: Int64s
    size: Int64s
    media: NDArray[np.uint8]
    pts: Int64s
    key: NDArray[np.bool_]
    frame: Int64s


@dataclass(slots=True)
class BlockIndex:
    """The blocks of a lidar, in the order of its frames.

    Attributes:
        coding: Of the display blocks.
        points_per_block: P, 0 while nothing is written.
        has_intensity: The fourth plane of the display blocks means something.
        intensity_scale: Intensity of one step of that plane.
        fields: Node name of each field, by the field's own name.
        field_types: Type of each field's values, as ``float32`` or ``uint8[3]``.
        has_octree: The blocks of a frame are the nodes of an octree (`octree`), the first is the root.
        frame: Of each block, never decreasing.
        count: Real points of each block.
        grid: Origin and scale of each display block.
        frame_count: Frames that are written whole.
    """

    coding: str = FIRST_CODING
    points_per_block: int = 0
    has_intensity: bool = False
    intensity_scale: float = 1.0
    fields: dict[str, str] = field(default_factory=dict)
    field_types: dict[str, str] = field(default_factory=dict)
    has_octree: bool = False
    frame: list[int] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    grid: list[Grid] = field(default_factory=list)
    frame_count: int = 0

    def blocks_of(self, frame: int) -> range:
        """The blocks of a frame."""
        return range(bisect_left(self.frame, frame), bisect_left(self.frame, frame + 1))

    @property
    def block_count(self) -> int:
        """Blocks that are written."""
        return len(self.frame)

    @property
    def point_count(self) -> int:
        """Points of all blocks."""
        return sum(self.count)

    def first(self, start: int, stop: int) -> Int64s:
        """(stop - start + 1,) The first block of each frame, and at the end the block after the last one's."""
        return np.array([bisect_left(self.frame, frame) for frame in range(start, stop + 1)], dtype=np.int64)

    def rows(self, start: int, stop: int) -> BlockRows:
        """The blocks from one to another."""
        grids = self.grid[start:stop]
        return BlockRows(
            np.array(self.count[start:stop], dtype=np.int64),
            np.array([each.origin_m for each in grids], dtype=np.float64).reshape(-1, 3),
            np.array([each.scale_m for each in grids], dtype=np.float64),
        )

    def facts(self) -> dict[str, Any]:
        """What holds for all blocks, as JSON."""
        return {
            "coding": self.coding,
            "points_per_block": self.points_per_block,
            "has_intensity": self.has_intensity,
            "intensity_scale": self.intensity_scale,
            "fields": dict(self.fields),
            "field_types": dict(self.field_types),
            "block_count": self.block_count,
            "point_count": self.point_count,
            **({"has_octree": True} if self.has_octree else {}),
        }

    def learn(self, facts: Mapping[str, Any]) -> None:
        """Take over what `facts` gave."""
        self.coding = str(facts.get("coding", FIRST_CODING))
        self.points_per_block = int(facts["points_per_block"])
        self.has_intensity = bool(facts["has_intensity"])
        self.intensity_scale = float(facts["intensity_scale"])
        self.fields = {str(name): str(node) for name, node in facts["fields"].items()}
        self.field_types = {str(name): str(kind) for name, kind in facts.get("field_types", {}).items()}
        self.has_octree = bool(facts.get("has_octree", False))

    def columns(self, first: int = 0) -> dict[str, list[Any]]:
        """The rows from a block on, as JSON."""
        return {
            "frame": self.frame[first:],
            "count": self.count[first:],
            "origin_m": [list(each.origin_m) for each in self.grid[first:]],
            "scale_m": [each.scale_m for each in self.grid[first:]],
        }

    def extend(self, columns: Columns, frame_count: int) -> None:
        """Add rows that `columns` gave."""
        self.count += map(int, columns["count"])
        self.grid += [
            Grid((float(x), float(y), float(z)), float(scale))
            for (x, y, z), scale in zip(columns["origin_m"], columns["scale_m"], strict=True)
        ]
        self.frame += map(int, columns["frame"])  # last: other threads count the blocks by it
        self.frame_count = frame_count

    def write(self, group: zarr.Group, path: str) -> None:
        """Write the index as arrays."""
        index_array(group, f"{path}/first", self.first(0, self.frame_count))
        index_array(group, f"{path}/count", np.array(self.count, dtype=np.int64))
        origins = np.array([each.origin_m for each in self.grid], dtype=np.float64).reshape(-1, 3)
        index_array(group, f"{path}/origin_m", origins)
        index_array(group, f"{path}/scale_m", np.array([each.scale_m for each in self.grid], dtype=np.float64))

    def read(self, group: zarr.Group, path: str, frame_count: int) -> None:
        """Read the index from the arrays of layout version 1.

        Raises:
            StoreError: It contradicts itself or the number of frames.
        """
        columns = {name: read_array(group, f"{path}/{name}") for name in ("frame", "count", "origin_m", "scale_m")}
        if len({len(values) for values in columns.values()}) != 1:
            raise StoreError("the block index has columns of different lengths", place=path)
        self.extend({name: values.tolist() for name, values in columns.items()}, frame_count)
        frames, counts = columns["frame"], columns["count"]
        if set(np.unique(frames)) != set(range(frame_count)) or (np.diff(frames) < 0).any():
            raise StoreError(f"the block index does not list the frames 0 to {frame_count - 1} in order", place=path)
        if len(counts) and not 0 <= counts.min() <= counts.max() <= self.points_per_block:
            raise StoreError(f"a block has more than {self.points_per_block} points", place=path)


@dataclass(slots=True)
class BytesIndex:
    """The encoded images or packets of a camera: packets in decode order.

    Attributes:
        media_types: The media types that occur.
        offset: First byte of each in the camera's bytes.
        size: Bytes of each.
        media: Index into the media types of each.
        pts: Of a packet, in the stream's time base.
        key: Whether a decoder can begin at a packet.
        frame: Presentation order of a packet.
        frame_count: Frames that are written whole.
    """

    media_types: list[str] = field(default_factory=list)
    offset: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    media: list[int] = field(default_factory=list)
    pts: list[int] = field(default_factory=list)
    key: list[bool] = field(default_factory=list)
    frame: list[int] = field(default_factory=list)
    frame_count: int = 0

    def rows(self, start: int, stop: int) -> FootageRows:
        """The images or packets from one to another, in the order they are stored."""
        return FootageRows(
            *(
                np.array(getattr(self, name)[start:stop], dtype=dtype)
                for name, dtype in self.COLUMNS + self.VIDEO_COLUMNS
            )
        )

    COLUMNS = (("offset", "int64"), ("size", "int64"), ("media", "uint8"))
    VIDEO_COLUMNS = (("pts", "int64"), ("key", "bool"), ("frame", "int64"))

    def columns(self, first: int = 0) -> dict[str, list[Any]]:
        """The rows from one on, as JSON."""
        return {name: getattr(self, name)[first:] for name, _ in self.COLUMNS + self.VIDEO_COLUMNS}

    def extend(self, columns: Columns, media_types: Sequence[str], frame_count: int) -> None:
        """Add rows that `columns` gave."""
        self.media_types = list(media_types)
        for name, values in columns.items():
            getattr(self, name).extend(values)
        self.frame_count = frame_count

    def write(self, group: zarr.Group, path: str, is_video: bool) -> None:
        """Write the index as arrays."""
        for name, dtype in self.COLUMNS + (self.VIDEO_COLUMNS if is_video else ()):
            index_array(group, f"{path}/{name}", np.array(getattr(self, name), dtype=dtype))

    def read(self, group: zarr.Group, path: str, is_video: bool, frame_count: int) -> None:
        """Read the index from the arrays of layout version 1.

        Raises:
            StoreError: It contradicts itself or the number of frames.
        """
        wanted = self.COLUMNS + (self.VIDEO_COLUMNS if is_video else ())
        columns = {name: read_array(group, f"{path}/{name}") for name, _ in wanted}
        if {len(values) for values in columns.values()} != {frame_count}:
            raise StoreError(f"the index does not list {frame_count} frames", place=path)
        if is_video and not np.array_equal(np.sort(columns["frame"]), np.arange(frame_count)):
            raise StoreError("the packets do not show every frame once", place=path)
        self.extend({name: values.tolist() for name, values in columns.items()}, self.media_types, frame_count)


@dataclass(frozen=True, slots=True)
class VideoIndex:
    """A video's packets, in decode order.

    Attributes:
        pts: Presentation time of each, in the stream's time base.
        key: Whether a decoder can begin at each.
        frame: The frame that each shows, counted in presentation order.
        size: Bytes of each.
    """

    pts: tuple[int, ...]
    key: tuple[bool, ...]
    frame: tuple[int, ...]
    size: tuple[int, ...]


def read_array(group: zarr.Group, path: str) -> NDArray[Any]:
    """All of a small array; a chunk that is missing is an error, never a fill value.

    Raises:
        StoreError: The array or its chunk is missing or damaged.
    """
    try:
        array = group[path]
        if not isinstance(array, zarr.Array):
            raise StoreError("expected an array, found a group", place=path)
        if array.size and array.nchunks_initialized != array.nchunks:
            raise StoreError("a stored chunk is missing", place=path, fix="import the scene again")
        return np.asarray(array[...])
    except (KeyError, ValueError, RuntimeError, OSError) as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"cannot be read: {error!r}", place=path, fix="import the scene again") from error
