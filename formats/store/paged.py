"""Indexes of a published scene, read page by page: the blocks of a lidar, the images of a camera."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from worldline.formats.errors import MissingFileError, StoreError
from worldline.geometry.arrays import Int64s

from .attributes import read_attributes
from .columns import PageCache, PagedColumn
from .index import BlockRows, BytesIndex, FootageRows
from .place import AGAIN, Place
from .shard import gone


class Blocks(Protocol):
    """Which blocks a lidar's frames have, and where each block stands."""

    coding: str
    points_per_block: int
    has_intensity: bool
    intensity_scale: float
    fields: dict[str, str]
    field_types: dict[str, str]
    has_octree: bool
    frame_count: int

    @property
    def block_count(self) -> int:
        """Blocks that are written."""

    @property
    def point_count(self) -> int:
        """Points of all blocks."""

    def blocks_of(self, frame: int) -> range:
        """The blocks of a frame."""

    def first(self, start: int, stop: int) -> Int64s:
        """(stop - start + 1,) The first block of each frame, and at the end the block after the last one's."""

    def rows(self, start: int, stop: int) -> BlockRows:
        """The blocks from one to another."""


class Footage(Protocol):
    """Where the images or packets of a camera lie."""

    @property
    def media_types(self) -> Sequence[str]:
        """The media types that occur."""

    @property
    def frame_count(self) -> int:
        """Frames that are written whole."""

    def rows(self, start: int, stop: int) -> FootageRows:
        """The images or packets from one to another, in the order they are stored."""


class PagedBlocks:
    """The blocks of a lidar in the store: `Blocks`."""

    def __init__(self, place: Place, node: str, frame_count: int, cache: PageCache) -> None:
        """Read the facts of ``lidars/<sensor>``.

        Args:
            place: Where the scene is.
            node: The lidar's group.
            frame_count: Of the lidar's clock.
            cache: Where pages are kept.

        Raises:
            StoreError: The facts are not what `BlockIndex.facts` gives, or gone.
        """
        with _facts_of(place, node) as facts:
            self._learn(facts)
        self.frame_count = frame_count
        self._node = f"{node}/blocks"
        self._first = PagedColumn(place, f"{self._node}/first", frame_count + 1, "int64", cache)
        self._count = PagedColumn(place, f"{self._node}/count", self.block_count, "int64", cache)
        self._origin_m = PagedColumn(place, f"{self._node}/origin_m", self.block_count, "float64", cache, (3,))
        self._scale_m = PagedColumn(place, f"{self._node}/scale_m", self.block_count, "float64", cache)

    def _learn(self, facts: Mapping[str, Any]) -> None:
        self.coding = str(facts["coding"])
        self.points_per_block = int(facts["points_per_block"])
        self.has_intensity = bool(facts["has_intensity"])
        self.intensity_scale = float(facts["intensity_scale"])
        self.fields = {str(name): str(key) for name, key in facts["fields"].items()}
        self.field_types = {str(name): str(kind) for name, kind in facts["field_types"].items()}
        self.has_octree = bool(facts.get("has_octree", False))
        self.block_count = int(facts["block_count"])
        self.point_count = int(facts["point_count"])

    def blocks_of(self, frame: int) -> range:
        """See `Blocks.blocks_of`."""
        first, last = self.first(frame, frame + 1).tolist()
        return range(first, last)

    def first(self, start: int, stop: int) -> Int64s:
        """See `Blocks.first`.

        Raises:
            StoreError: The index contradicts itself.
        """
        first: Int64s = self._first.rows(start, stop + 1)
        if (np.diff(first) <= 0).any() or first[0] < start or first[-1] > self.block_count:
            raise StoreError("the index of the blocks contradicts itself", place=f"{self._node}/first", fix=AGAIN)
        return first

    def rows(self, start: int, stop: int) -> BlockRows:
        """See `Blocks.rows`.

        Raises:
            StoreError: A block has an impossible number of points.
        """
        count: Int64s = self._count.rows(start, stop)
        if len(count) and not 0 <= int(count.min()) <= int(count.max()) <= self.points_per_block:
            raise StoreError(
                f"a block has more than {self.points_per_block} points", place=f"{self._node}/count", fix=AGAIN
            )
        return BlockRows(count, self._origin_m.rows(start, stop), self._scale_m.rows(start, stop))


class PagedFootage:
    """The images or packets of a camera in the store: `Footage`."""

    def __init__(self, place: Place, node: str, frame_count: int, is_video: bool, cache: PageCache) -> None:
        """Read the facts of ``cameras/<sensor>``; as `PagedBlocks`."""
        with _facts_of(place, node) as facts:
            if not isinstance(facts["media_types"], list):
                raise TypeError("media_types is no list")
            self.media_types = list(map(str, facts["media_types"]))
        self.frame_count = frame_count
        self._columns = {
            name: PagedColumn(place, f"{node}/index/{name}", frame_count, dtype, cache)
            for name, dtype in BytesIndex.COLUMNS + (BytesIndex.VIDEO_COLUMNS if is_video else ())
        }

    def rows(self, start: int, stop: int) -> FootageRows:
        """See `Footage.rows`."""
        names = BytesIndex.COLUMNS + BytesIndex.VIDEO_COLUMNS
        return FootageRows(
            *(
                self._columns[name].rows(start, stop) if name in self._columns else np.empty(0, dtype)
                for name, dtype in names
            )
        )


@contextmanager
def _facts_of(place: Place, node: str) -> Iterator[dict[str, Any]]:
    """The attributes of a sensor's group; what is wrong with them is said so."""
    try:
        yield read_attributes(place, node)
    except MissingFileError as error:
        raise gone(f"{place.name}/{node}/zarr.json") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"the facts are damaged: {error!r}", path=place.name, place=node, fix=AGAIN) from error
