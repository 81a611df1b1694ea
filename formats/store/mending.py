"""Making a damaged file of a scene again from what is left of the scene.

A file is only ever replaced by bytes that have the digest of the manifest: what is made is what was there, or it
is thrown away. The display copy is made from the lossless source, a shard's index from its chunks, the manifest
from the files.
"""

import asyncio
import hashlib
import json
import math
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import google_crc32c
import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import MemoryStore

from worldline.formats.errors import FormatError

from .display import Grid, encode_block, intensity_scale, known_coding, quantise
from .faults import Fault, list_files
from .layout import LAYOUT_VERSION, MANIFEST, canonical_json, node_name
from .place import BucketPlace, LocalPlace, Place
from .publish import read_manifest, settle_folder
from .stored import StoredScene, open_scene

_ABSENT = 2**64 - 1
_STEPS = (255, 32_767)


def mend(place: Place, fault: Fault) -> bool:
    """Put a file right.

    Returns:
        Whether it is as it was; False where too little is left to make it from.

    Raises:
        StoreError: The place cannot be written.
    """
    if fault.kind == "file_unknown":
        _remove(place, fault.file)
        return True
    if fault.kind in ("manifest_missing", "manifest_damaged"):
        made = remake_manifest(place)
        if made is None:
            return False
        _put(place, MANIFEST, made)
        return True
    listed = read_manifest(place)[fault.file]
    try:
        for made in _candidates(place, fault.file):
            if len(made) == listed.size and hashlib.sha256(made).hexdigest() == listed.sha256:
                _put(place, fault.file, made)
                return True
    except (FormatError, ValueError, KeyError, IndexError, RuntimeError):
        return False  # what it would be made from is damaged too
    return False


def remake_manifest(place: Place) -> bytes | None:
    """The manifest of a scene that lost it; None where its files are not those that the scene is named after."""
    files: dict[str, dict[str, object]] = {}
    for name in sorted(list_files(place) - {MANIFEST}):
        data = place.read(name)
        files[name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    for version in range(LAYOUT_VERSION, 0, -1):
        manifest = canonical_json({"version": version, "files": files})
        if hashlib.sha256(manifest).hexdigest()[:32] == place.generation:
            return manifest
    return None


def _candidates(place: Place, file: str) -> Iterator[bytes]:
    node, _, chunk = file.partition("/c/")
    if not chunk:
        return
    shard = int(chunk.partition("/")[0])
    metadata = json.loads(place.read(f"{node}/zarr.json"))
    (codec,) = metadata["codecs"]
    shape, inner = metadata["chunk_grid"]["configuration"]["chunk_shape"], codec["configuration"]["chunk_shape"]
    count = int(shape[0]) // int(inner[0])
    kind, _, rest = node.partition("/")
    if kind == "lidars" and rest.endswith("/display/points"):
        yield from _display_shards(place, node, shard, count, metadata)
    else:
        data = place.read(file)
        piece = None if "blosc" in json.dumps(codec) else math.prod(inner) * np.dtype(metadata["data_type"]).itemsize
        yield from _indexed(data, count, piece)


def _display_shards(place: Place, node: str, shard: int, count: int, metadata: Any) -> Iterator[bytes]:
    """A display shard as the writers of this program make it: chunk by chunk, or through Zarr."""
    stored = open_scene(place)
    sensor = next(each.name for each in stored.scene.lidars if f"lidars/{node_name(each.name)}" in node)
    blocks = stored.block_index(sensor)
    coding = known_coding(blocks.coding)
    first, last = shard * count, min((shard + 1) * count, blocks.block_count)
    rows = blocks.rows(first, last)
    points = [_source(stored, sensor, block, int(n)) for block, n in zip(range(first, last), rows.count, strict=True)]
    grids = [
        Grid((float(x), float(y), float(z)), float(scale))
        for (x, y, z), scale in zip(rows.origin_m.tolist(), rows.scale_m.tolist(), strict=True)
    ]
    for full in _full_intensities(blocks.intensity_scale):
        for padded in (None, blocks.points_per_block):
            yield _shard(
                [
                    encode_block(xyz, intensity, grid, full, coding, padded)[0]
                    for (xyz, intensity), grid in zip(points, grids, strict=True)
                ],
                count,
            )
        row = metadata["shape"][1:]
        values = np.zeros((last - first, *row), dtype=np.int16)
        for at, ((xyz, intensity), grid) in enumerate(zip(points, grids, strict=True)):
            shown = quantise(xyz, intensity, grid, full)[0]
            if coding == "planes":
                values[at, :, : len(xyz)] = shown.T
            else:
                values[at, : len(xyz)] = shown
        yield _through_zarr(metadata, values, shard, count)


def _full_intensities(scale: float) -> list[float]:
    """The numbers that may have been full intensity, by what one step of it is."""
    exact = [scale * steps for steps in _STEPS]
    return [full for each in exact for full in dict.fromkeys((round(each, 6), each)) if intensity_scale(full) == scale]


def _source(
    stored: StoredScene, sensor: str, block: int, count: int
) -> tuple[NDArray[np.float32], NDArray[np.generic] | None]:
    root = f"lidars/{node_name(sensor)}/source"
    group = zarr.open_group(stored.place.zarr_store(), mode="r")
    blocks = stored.block_index(sensor)
    stored.reader(f"{root}/xyz").locate(block)  # Zarr reads a shard that is gone as zeros
    xyz = np.asarray(group[f"{root}/xyz"][block])[:count]  # type: ignore[index]
    if not blocks.has_intensity:
        return xyz, None
    node = f"{root}/fields/{blocks.fields['intensity']}"
    stored.reader(node).locate(block)
    return xyz, np.asarray(group[node][block])[:count]  # type: ignore[index]


def _through_zarr(metadata: Any, values: NDArray[np.int16], shard: int, count: int) -> bytes:
    store = MemoryStore()
    prototype = default_buffer_prototype()

    async def begin() -> None:
        text = json.dumps(
            {**metadata, "shape": [max(metadata["shape"][0], (shard + 1) * count), *metadata["shape"][1:]]}
        )
        await store.set("zarr.json", prototype.buffer.from_bytes(text.encode()))

    asyncio.run(begin())
    array = zarr.open_array(store, mode="r+", config={"write_empty_chunks": True})
    array[shard * count : shard * count + len(values)] = values
    found = asyncio.run(store.get(f"c/{shard}/0/0", prototype))
    if found is None:
        return b""
    data: bytes = found.to_bytes()
    return data


def _shard(chunks: list[bytes], count: int) -> bytes:
    index, offset = [], 0
    for chunk in chunks:
        index += [offset, len(chunk)]
        offset += len(chunk)
    return b"".join(chunks) + _index(index, count)


def _index(entries: list[int], count: int) -> bytes:
    padded = entries + [_ABSENT] * (2 * count - len(entries))
    data = struct.pack(f"<{2 * count}Q", *padded)
    crc: bytes = google_crc32c.value(data).to_bytes(4, "little")
    return data + crc


def _indexed(data: bytes, count: int, piece: int | None) -> Iterator[bytes]:
    """A shard with its index made again: from the one length of its pieces, or from what blosc says of its chunks."""
    body = data[: max(len(data) - count * 16 - 4, 0)]
    for end in {len(body), len(data)}:  # the index may be damaged, or cut off
        entries: list[int] = []
        offset = 0
        while offset < end and len(entries) < 2 * count:
            size = piece or int.from_bytes(data[offset + 12 : offset + 16], "little") + 4
            if size <= 4 or offset + size > end:
                break
            entries += [offset, size]
            offset += size
        if offset:
            yield data[:offset] + _index(entries, count)


def _put(place: Place, file: str, data: bytes) -> None:
    if isinstance(place, BucketPlace):
        place.bucket.write(f"{place.folder}/{file}", data)
    elif isinstance(place, LocalPlace):
        target = place.path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".mended-{token_hex(4)}")
        with beside.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(beside).rename(target)
        settle_folder(target.parent)


def _remove(place: Place, file: str) -> None:
    if isinstance(place, BucketPlace):
        place.bucket.remove_file(f"{place.folder}/{file}")
    elif isinstance(place, LocalPlace):
        (place.path / file).unlink(missing_ok=True)
