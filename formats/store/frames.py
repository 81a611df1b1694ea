"""Pages of frames: what a viewer must know of some hundred frames of a sensor before it shows one of them.

Page p belongs to the reference frames ``p * page_frames`` to ``(p + 1) * page_frames - 1``; of another
sensor it has the frames that belong to those, and the ones between. A page is a header, JSON, and columns
of little-endian numbers one after another:

    uint32  bytes of the header, which is padded with spaces so that the columns begin at a multiple of 8
    JSON    PageHeader
    ...     the columns in the order of the header, each padded with zeros to a multiple of 8 bytes
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from worldline.formats.errors import MissingFrameError

from .layout import PAGE_FRAMES, canonical_json
from .stored import StoredScene

_TYPES = {"int32": "<i4", "uint32": "<u4", "uint8": "<u1", "float64": "<f8"}


class ColumnHeader(BaseModel):
    """A column of a page: ``int32``, ``uint32``, ``uint8`` or ``float64`` values, as many as the shape says."""

    name: str
    type: str
    shape: list[int]


class PageHeader(BaseModel):
    """What stands before the columns of a page.

    Attributes:
        page: Its number.
        reference_first: The first reference frame.
        reference_count: How many there are; ``match`` has the sensor's frame of each.
        first: The sensor's first frame.
        count: Its frames: ``time_ns`` after the scene's start, ``pose`` (w, x, y, z, tx, ty, tz).
        ready_count: Those of them, from the first on, whose data is written; fewer only while a scene grows.
        block_first: Number of the first block; a lidar's ``first_block`` counts from it, one more than
            ``ready_count``, and ``block_count``, ``origin_m``, ``scale_m`` are of each block.
        names: The source's own name of each frame.
        columns: In their order.
    """

    page: int
    reference_first: int
    reference_count: int
    first: int
    count: int
    ready_count: int
    block_first: int
    names: list[str]
    columns: list[ColumnHeader]


@dataclass(frozen=True, slots=True)
class FramePage:
    """A page.

    Attributes:
        data: As it is sent.
        is_whole: It will never change.
    """

    data: bytes
    is_whole: bool


def frame_page(stored: StoredScene, sensor: str, page: int) -> FramePage:
    """A page of a sensor's frames.

    Raises:
        MissingFrameError: There is no such sensor or page.
        StoreError: It is damaged.
    """
    table = stored.timetable(sensor)
    first = page * PAGE_FRAMES
    last = min(first + PAGE_FRAMES, stored.frame_count)
    if not 0 <= first < last:
        raise MissingFrameError(f"scene {stored.scene.name} has no page {page} of {PAGE_FRAMES} frames")
    matches = table.matches(first, min(last + 1, stored.frame_count))
    match = matches[: last - first]
    start = 0 if page == 0 or table.frame_count == 0 else int(match[0])
    end = table.frame_count if last == stored.frame_count else max(int(match[-1]) + 1, int(matches[-1]))
    columns: dict[str, NDArray[Any]] = {
        "match": match.astype(np.int32),
        "time_ns": (table.times(start, end) - stored.start_ns).astype(np.float64),
        "pose": table.poses(start, end),
    }
    ready, block_first = _written(stored, sensor, end) - start, 0
    ready = max(ready, 0)
    if any(each.name == sensor for each in stored.scene.lidars) and ready:
        blocks = stored.block_index(sensor)
        firsts = blocks.first(start, start + ready)
        block_first = int(firsts[0])
        rows = blocks.rows(block_first, int(firsts[-1]))
        columns |= {
            "first_block": (firsts - block_first).astype(np.int32),
            "block_count": rows.count.astype(np.uint32),
            "origin_m": rows.origin_m,
            "scale_m": rows.scale_m,
        }
    facts = {
        "page": page,
        "reference_first": first,
        "reference_count": last - first,
        "first": start,
        "count": end - start,
        "ready_count": ready,
        "block_first": block_first,
        "names": table.names(start, end),
    }
    return FramePage(pack_columns(facts, columns), ready == end - start)


def video_columns(stored: StoredScene, sensor: str) -> bytes:
    """A video's packets in decode order, as columns ``pts``, ``size``, ``key``, ``frame``.

    Raises:
        MissingFrameError: There is no such camera with a video.
        PendingFrameError: The video is not written yet.
    """
    stored.packet_bytes(sensor, 0, 1)
    footage = stored.footage(sensor, "video")
    rows = footage.rows(0, footage.frame_count)
    columns: dict[str, NDArray[Any]] = {
        "pts": rows.pts.astype(np.float64),
        "size": rows.size.astype(np.uint32),
        "key": rows.key.astype(np.uint8),
        "frame": rows.frame.astype(np.int32),
    }
    return pack_columns({"count": len(rows.pts)}, columns)


def clock_bytes(stored: StoredScene, sensor: str) -> bytes:
    """All times of a sensor after the scene's start, float64 nanoseconds one after another.

    Raises:
        MissingFrameError: There is no such sensor.
        StoreError: The clock is damaged.
    """
    table = stored.timetable(sensor)
    times = table.times(0, table.frame_count) - stored.start_ns
    return times.astype("<f8").tobytes()


def find_named(stored: StoredScene, sensor: str, name: str) -> int | None:
    """The first frame that the source calls so, None where there is none.

    Raises:
        MissingFrameError: There is no such sensor.
        StoreError: The names are damaged.
    """
    table = stored.timetable(sensor)
    for start in range(0, table.frame_count, PAGE_FRAMES):
        names = table.names(start, min(start + PAGE_FRAMES, table.frame_count))
        if name in names:
            return start + names.index(name)
    return None


def pack_columns(facts: Mapping[str, object], columns: Mapping[str, NDArray[Any]]) -> bytes:
    """A header and columns as bytes."""
    header = dict(facts) | {
        "columns": [
            {"name": name, "type": values.dtype.name, "shape": list(values.shape)} for name, values in columns.items()
        ]
    }
    text = canonical_json(header)
    text += b" " * (-(4 + len(text)) % 8)
    parts = [len(text).to_bytes(4, "little"), text]
    for values in columns.values():
        data = values.astype(_TYPES[values.dtype.name]).tobytes()
        parts += [data, bytes(-len(data) % 8)]
    return b"".join(parts)


def _written(stored: StoredScene, sensor: str, end: int) -> int:
    """Frames of the sensor, from its first on, that are written, at most up to the end."""
    for lidar in stored.scene.lidars:
        if lidar.name == sensor:
            return min(stored.block_index(sensor).frame_count, end)
    camera = next(each for each in stored.scene.cameras if each.name == sensor)
    return min(stored.footage(sensor, camera.media).frame_count, end)
