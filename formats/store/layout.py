"""The layout of a stored scene: which arrays there are, how they are cut and coded.

One Zarr v3 group per scene; docs/zarr-layout.md describes it for people. Sharded arrays are
only ever written whole shards at a time, from the first to the last.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec
from zarr.core.array_spec import ArrayConfigParams

from worldline.formats.errors import SceneError

LAYOUT_VERSION = 1
ATTRIBUTE = "worldline"
"""The group attribute that holds the scene's document."""

MANIFEST = "manifest.json"
PROGRESS = "progress.jsonl"

MAX_BLOCK_POINTS = 1 << 17
MIN_BLOCK_POINTS = 1 << 10

BYTES_PIECE = 1 << 16
"""Inner chunk of a camera's bytes."""
BYTES_SHARD = 1 << 26
"""Shard of a camera's bytes, and with it the largest image that can be stored."""

ZarrArray: TypeAlias = "zarr.Array[Any]"

NEVER_SKIP: ArrayConfigParams = {"write_empty_chunks": True}
"""Zarr leaves out chunks of zeros; here what is not there is an error."""

_FIELD_KINDS = "biuf"


def node_name(name: str) -> str:
    """A sensor's or a field's name as a folder's: letters, digits and ``_ - . ~`` stay, the rest is %-coded.

    Raises:
        SceneError: The name is empty or longer than 80 characters.
    """
    if not name or len(name) > 80:
        raise SceneError(f"a name has 1 to 80 characters: {name!r}", fix="rename the sensor or the field")
    coded = quote(name, safe="")
    if coded.strip(".") == "" or coded.startswith(("__", ".")):
        coded = f"%{ord(coded[0]):02X}{coded[1:]}"
    return coded


def check_field(name: str, values: NDArray[np.generic]) -> NDArray[np.generic]:
    """A field's values as they are stored: native little-endian numbers, (N,) or (N, K).

    Raises:
        SceneError: They are of another shape or kind.
    """
    if values.dtype.kind not in _FIELD_KINDS or values.dtype.itemsize > 8:
        raise SceneError(f"field {name} has values of type {values.dtype}", fix="give booleans, integers or floats")
    if values.ndim not in (1, 2) or (values.ndim == 2 and values.shape[1] == 0):
        raise SceneError(f"field {name} is (N,) or (N, K), not {values.shape}")
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def source_array(
    group: zarr.Group, path: str, blocks: int, shard: int, row: tuple[int, ...], dtype: np.dtype[np.generic]
) -> ZarrArray:
    """A lossless array of blocks: ``(blocks, P[, K])``, one block a chunk, checked by CRC-32C."""
    return group.create_array(
        path,
        shape=(blocks, *row),
        chunks=(1, *row),
        shards=(shard, *row),
        dtype=dtype,
        serializer=BytesCodec(endian="little" if dtype.itemsize > 1 else None),
        compressors=[BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"), Crc32cCodec()],
        fill_value=0,
        config=NEVER_SKIP,
    )


def bytes_array(group: zarr.Group, path: str) -> ZarrArray:
    """A camera's encoded images or packets: bytes, uncompressed, so that a file's part is a frame."""
    return group.create_array(
        path,
        shape=(0,),
        chunks=(BYTES_PIECE,),
        shards=(BYTES_SHARD,),
        dtype="uint8",
        compressors=None,
        fill_value=0,
        config=NEVER_SKIP,
    )


def index_array(group: zarr.Group, path: str, values: NDArray[np.generic]) -> None:
    """Write a small array in one chunk."""
    chunks = tuple(max(size, 1) for size in values.shape)
    array = group.create_array(
        path, shape=values.shape, chunks=chunks, dtype=values.dtype, fill_value=0, config=NEVER_SKIP
    )
    if values.size:
        array[...] = values


def canonical_json(value: Mapping[str, object]) -> bytes:
    """The one text of a document, as bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
