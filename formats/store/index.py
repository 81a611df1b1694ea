"""Indexes of a stored scene: which blocks a frame has, and where an image's bytes lie.

While a scene grows they live in memory and, line by line, in ``progress.jsonl``; at the end
they become arrays of the group.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from worldline.formats.errors import StoreError

from .display import Grid
from .layout import index_array

Columns = Mapping[str, Sequence[Any]]


@dataclass(slots=True)
class BlockIndex:
    """The blocks of a lidar, in the order of its frames.

    Attributes:
        points_per_block: P, 0 while nothing is written.
        has_intensity: The fourth plane of the display blocks means something.
        intensity_scale: Intensity of one step of that plane.
        fields: Node name of each field, by the field's own name.
        frame: Of each block, never decreasing.
        count: Real points of each block.
        grid: Origin and scale of each display block.
        frame_count: Frames that are written whole.
    """

    points_per_block: int = 0
    has_intensity: bool = False
    intensity_scale: float = 1.0
    fields: dict[str, str] = field(default_factory=dict)
    frame: list[int] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    grid: list[Grid] = field(default_factory=list)
    frame_count: int = 0

    def blocks_of(self, frame: int) -> range:
        """The blocks of a frame."""
        return range(bisect_left(self.frame, frame), bisect_left(self.frame, frame + 1))

    def facts(self) -> dict[str, Any]:
        """What holds for all blocks, as JSON."""
        return {
            "points_per_block": self.points_per_block,
            "has_intensity": self.has_intensity,
            "intensity_scale": self.intensity_scale,
            "fields": dict(self.fields),
        }

    def learn(self, facts: Mapping[str, Any]) -> None:
        """Take over what `facts` gave."""
        self.points_per_block = int(facts["points_per_block"])
        self.has_intensity = bool(facts["has_intensity"])
        self.intensity_scale = float(facts["intensity_scale"])
        self.fields = {str(name): str(node) for name, node in facts["fields"].items()}

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
        index_array(group, f"{path}/frame", np.array(self.frame, dtype=np.int64))
        index_array(group, f"{path}/count", np.array(self.count, dtype=np.int64))
        origins = np.array([each.origin_m for each in self.grid], dtype=np.float64).reshape(-1, 3)
        index_array(group, f"{path}/origin_m", origins)
        index_array(group, f"{path}/scale_m", np.array([each.scale_m for each in self.grid], dtype=np.float64))

    def read(self, group: zarr.Group, path: str, frame_count: int) -> None:
        """Read the index from arrays.

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
        """Read the index from arrays.

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
