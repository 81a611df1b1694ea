"""The tables of a stored scene, opened: constant work, whatever the number of frames.

Layout version 2 is read page by page; version 1, which has its indexes in one piece, is read whole.
A growing scene's blocks and images are those of the log of its progress.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import zarr

from worldline.formats.errors import MissingFileError, SceneError, StoreError
from worldline.formats.scene import Clock

from .attributes import read_attributes
from .columns import PageCache
from .header import CameraHeader, LidarHeader, SceneHeader
from .index import BlockIndex, BytesIndex, read_array
from .layout import node_name
from .paged import Blocks, Footage, PagedBlocks, PagedFootage
from .place import AGAIN, Place
from .shard import gone
from .timetable import Timetable, held_timetable, paged_timetable


@dataclass(frozen=True, slots=True)
class Tables:
    """What there is to look up in a stored scene.

    Attributes:
        timetables: Of each sensor.
        blocks: Of each lidar.
        footage: Of each camera.
    """

    timetables: dict[str, Timetable] = field(default_factory=dict)
    blocks: dict[str, Blocks] = field(default_factory=dict)
    footage: dict[str, Footage] = field(default_factory=dict)


def open_tables(place: Place, header: SceneHeader, is_growing: bool) -> Tables:
    """The tables of a scene.

    Raises:
        StoreError: They are damaged or gone.
    """
    if header.version == 1:
        return _read_first(place, header)
    clocks = {each.name: each.clock for each in header.sensors if each.clock is not None}
    if len(clocks) < len(header.sensors) or header.reference not in clocks:
        raise StoreError("the scene's header is damaged: a sensor has no clock", path=place.name, fix=AGAIN)
    count = clocks[header.reference].frame_count
    cache = PageCache()
    tables = Tables()
    for each in header.sensors:
        clock = clocks[each.name]
        tables.timetables[each.name] = paged_timetable(
            place, each.name, clock.frame_count, clock.name_bytes, count, cache
        )
        if isinstance(each, LidarHeader):
            tables.blocks[each.name] = (
                BlockIndex() if is_growing else PagedBlocks(place, _node(each), clock.frame_count, cache)
            )
        else:
            tables.footage[each.name] = (
                BytesIndex()
                if is_growing
                else PagedFootage(place, _node(each), clock.frame_count, each.media == "video", cache)
            )
    return tables


def _node(header: LidarHeader | CameraHeader) -> str:
    return f"{header.kind}s/{node_name(header.name)}"


def _read_first(place: Place, header: SceneHeader) -> Tables:
    """The tables of layout version 1."""
    group = zarr.open_group(place.zarr_store(), mode="r", zarr_format=3)
    clocks = {each.name: _first_clock(place, group, each.name) for each in header.sensors}
    tables = Tables()
    for each in header.sensors:
        clock, node = clocks[each.name], _node(each)
        poses = read_array(group, f"poses/{node_name(each.name)}").astype(np.float64).reshape(-1, 7)
        tables.timetables[each.name] = held_timetable(each.name, clock, poses, clocks[header.reference])
        facts = _first_facts(place, node)
        try:
            if isinstance(each, LidarHeader):
                blocks = BlockIndex()
                blocks.learn(facts)
                blocks.read(group, f"{node}/blocks", len(clock))
                tables.blocks[each.name] = blocks
            else:
                footage = BytesIndex(media_types=list(map(str, facts["media_types"])))
                footage.read(group, f"{node}/index", each.media == "video", len(clock))
                tables.footage[each.name] = footage
        except (KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"the facts are damaged: {error!r}", path=place.name, place=node, fix=AGAIN) from error
    return tables


def _first_clock(place: Place, group: zarr.Group, name: str) -> Clock:
    node = f"clocks/{node_name(name)}"
    names = _first_facts(place, node).get("names")
    if not isinstance(names, list):
        raise StoreError("a clock has no names", path=place.name, place=node, fix=AGAIN)
    try:
        return Clock(read_array(group, node), tuple(map(str, names)))
    except SceneError as error:
        raise StoreError(str(error), path=place.name, place=node, fix=AGAIN) from error


def _first_facts(place: Place, node: str) -> Mapping[str, Any]:
    try:
        return read_attributes(place, node)
    except MissingFileError as error:
        raise gone(f"{place.name}/{node}/zarr.json") from error
