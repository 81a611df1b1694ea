"""The layout of a stored scene: which arrays there are, how they are cut and coded.

One Zarr v3 group per scene; docs/zarr-layout.md describes it for people. Sharded arrays are
only ever written whole shards at a time, from the first to the last.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, ZstdCodec
from zarr.core.array_spec import ArrayConfigParams

from worldline.formats.errors import SceneError, StoreError

LAYOUT_VERSION = 2
"""What new scenes are written in. Version 1, which has its indexes in one piece, is still read."""

ATTRIBUTE = "worldline"
"""The group attribute that holds the scene's document."""

MANIFEST = "manifest.json"
PROGRESS = "progress.jsonl"

MAX_BLOCK_POINTS = 1 << 17
MIN_BLOCK_POINTS = 1 << 10

PAGE_FRAMES = 512
"""Rows of a page: what of an index is read at once, and reference frames of a page of the protocol."""
_MOST_PAGES = 64
"""Pages of a shard."""

BYTES_PIECE = 1 << 16
"""Inner chunk of a camera's bytes."""
BYTES_SHARD = 1 << 26
"""Shard of a camera's bytes, and with it the largest image that can be stored."""

ZarrArray: TypeAlias = "zarr.Array[Any]"

NEVER_SKIP: ArrayConfigParams = {"write_empty_chunks": True}
"""Zarr leaves out chunks of zeros; here what is not there is an error."""

_FIELD_KINDS = "biuf"
_SHUFFLES: Mapping[int, Literal["shuffle", "bitshuffle"]] = {1: "shuffle", 2: "bitshuffle"}


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


def parse_field_type(text: str) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    """Type and width of a field's values, as ``float32`` or ``uint8[3]``."""
    kind, _, width = text.partition("[")
    return np.dtype(kind), (int(width.rstrip("]")),) if width else ()


def source_coding(dtype: np.dtype[np.generic], is_place: bool) -> tuple[Literal["lz4", "zstd"], int, int]:
    """How a source array is compressed: Blosc's compressor, level and shuffle (1 bytes, 2 bits).

    Coordinates gain little from a slower compressor; what repeats, as intensities do, gains much.
    """
    if is_place:
        return "lz4", 9, 2
    return "zstd", 1, 1 if dtype.itemsize > 1 else 2


def source_array(
    group: zarr.Group, path: str, blocks: int, shard: int, row: tuple[int, ...], dtype: np.dtype[np.generic]
) -> ZarrArray:
    """A lossless array of blocks: ``(blocks, P[, K])``, one block a chunk, checked by CRC-32C."""
    name, level, shuffle = source_coding(dtype, path.endswith("/xyz"))
    return group.create_array(
        path,
        shape=(blocks, *row),
        chunks=(1, *row),
        shards=(shard, *row),
        dtype=dtype,
        serializer=BytesCodec(endian="little" if dtype.itemsize > 1 else None),
        compressors=[
            BloscCodec(cname=name, clevel=level, shuffle=_SHUFFLES[shuffle], typesize=dtype.itemsize),
            Crc32cCodec(),
        ],
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
    """Write an index in pages of `PAGE_FRAMES` rows, each checked by zstd's own checksum."""
    tail = values.shape[1:]
    array = group.create_array(
        path,
        shape=values.shape,
        chunks=(PAGE_FRAMES, *tail),
        shards=(pages_per_shard(len(values)) * PAGE_FRAMES, *tail),
        dtype=values.dtype,
        serializer=BytesCodec(endian="little" if values.dtype.itemsize > 1 else None),
        compressors=[ZstdCodec(level=3, checksum=True)],
        fill_value=0,
        config=NEVER_SKIP,
    )
    if values.size:
        array[...] = values


def pages_per_shard(rows: int) -> int:
    """How many pages a shard of an index has that has so many rows."""
    return min(_MOST_PAGES, max(-(-rows // PAGE_FRAMES), 1))


def check_version(version: object, path: Path | str) -> int:
    """The version of the layout that a scene or its manifest names.

    Raises:
        StoreError: It is not known here.
    """
    if isinstance(version, int) and 1 <= version <= LAYOUT_VERSION:
        return version
    is_newer = isinstance(version, int) and version > LAYOUT_VERSION
    raise StoreError(
        f"stored with layout version {version}, this program knows 1 to {LAYOUT_VERSION}",
        path=path,
        fix="use the newer program" if is_newer else "import the scene again",
    )


def canonical_json(value: Mapping[str, object]) -> bytes:
    """The one text of a document, as bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
