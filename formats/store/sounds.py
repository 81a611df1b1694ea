"""Sound in the store: ``sounds/<name>``, the encoded packets one after another and an index of them."""

import base64
import hashlib
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from worldline.formats.errors import StoreError
from worldline.formats.sound import Sound, SoundPacket

from .header import SoundHeader
from .layout import BYTES_SHARD, ZarrArray, bytes_array, index_array, node_name
from .place import AGAIN, Place

_GROUP = "sounds"


def write_sound(group: zarr.Group, sound: Sound) -> list[Path]:
    """Write a sound's packets, read once and never held whole.

    Returns:
        The files that hold them, relative to the group.

    Raises:
        SceneError: The name cannot be stored.
        FormatError: The packets cannot be read.
    """
    node = f"{_GROUP}/{node_name(sound.name)}"
    array = bytes_array(group, f"{node}/bytes")
    digest, pending, written = hashlib.sha256(), bytearray(), 0
    rows: list[tuple[int, int, int]] = []
    for packet in sound.read():
        digest.update(packet.data)
        pending += packet.data
        rows.append((packet.pts, packet.duration, len(packet.data)))
        while len(pending) >= BYTES_SHARD:
            written = _write(array, written, pending[:BYTES_SHARD])
            del pending[:BYTES_SHARD]
    if pending:
        written = _write(array, written, pending)
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    for column, name in enumerate(("pts", "duration", "size")):
        index_array(group, f"{node}/index/{name}", columns[:, column])
    facts = {"packet_count": len(rows), "sha256": digest.hexdigest()}
    group.require_group(node).update_attributes(facts)
    return [Path(array.path, "c", str(shard)) for shard in range(-(-written // BYTES_SHARD))]


def sound_of(header: SoundHeader, place: Place) -> Sound:
    """A stored sound; its packets are read when asked for."""
    return Sound(
        header.name,
        header.codec_name,
        header.codec,
        base64.b64decode(header.extradata_base64),
        Fraction(*header.time_base),
        header.sample_rate_hz,
        header.channel_count,
        header.language,
        partial(_packets, place, f"{_GROUP}/{node_name(header.name)}"),
    )


def _packets(place: Place, node: str) -> Iterator[SoundPacket]:
    """Its packets; Zarr reads a file that is gone as zeros, so the digest is compared at the end."""
    where = f"{place.name}/{node}"
    try:
        group = zarr.open_group(place.zarr_store(), path=node, mode="r", zarr_format=3)
        pts, duration, size = (_values(group, f"index/{name}") for name in ("pts", "duration", "size"))
        data, expected = group["bytes"], group.attrs.asdict()["sha256"]
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise StoreError(f"what is said of a sound is damaged: {error!r}", path=where, fix=AGAIN) from error
    if not isinstance(data, zarr.Array):
        raise StoreError("a sound has no bytes", path=where, fix=AGAIN)
    digest, offset = hashlib.sha256(), 0
    for begin, lasting, length in zip(pts.tolist(), duration.tolist(), size.tolist(), strict=True):
        try:
            part = np.asarray(data[offset : offset + length]).tobytes()
        except (ValueError, RuntimeError, OSError) as error:
            raise StoreError(f"a sound cannot be read: {error}", path=where, fix=AGAIN) from error
        digest.update(part)
        offset += length
        yield SoundPacket(part, begin, lasting)
    if digest.hexdigest() != expected:
        raise StoreError("the sound is not what was imported", path=where, fix=AGAIN)


def _values(group: zarr.Group, name: str) -> "np.ndarray[Any, np.dtype[np.int64]]":
    array = group[name]
    if not isinstance(array, zarr.Array):
        raise KeyError(name)
    return np.asarray(array[...], dtype=np.int64)


def _write(array: ZarrArray, start: int, data: bytes | bytearray) -> int:
    array.resize((start + len(data),))
    array[start : start + len(data)] = np.frombuffer(bytes(data), dtype=np.uint8)
    return start + len(data)
