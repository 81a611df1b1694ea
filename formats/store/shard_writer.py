"""Writing shards: chunks that are coded already, one after another, and their index, as Zarr's sharding codec has them.

A file is written once, digested on the way and brought to the disk; zarr-python would decode and code it again.
"""

import hashlib
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import google_crc32c
import numpy as np
from numcodecs import blosc
from numpy.typing import NDArray

from .publish import Settled

Files: TypeAlias = dict[Path, Settled]
"""Files that are on the disk for good, by their path in the scene."""

_ABSENT = struct.pack("<QQ", 2**64 - 1, 2**64 - 1)


def write_shard(path: Path, chunks: Sequence[bytes | memoryview], capacity: int) -> Settled:
    """Write a shard for good.

    Args:
        path: The file; its folders are made.
        chunks: The first chunks of the shard, coded.
        capacity: How many there are in a whole one.

    Raises:
        OSError: The disk is full or cannot be written.
    """
    rows, offset = [], 0
    for chunk in chunks:
        rows.append(struct.pack("<QQ", offset, len(chunk)))
        offset += len(chunk)
    index = b"".join(rows) + _ABSENT * (capacity - len(chunks))
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for part in (*chunks, index, int(google_crc32c.value(index)).to_bytes(4, "little")):
            file.write(part)
            digest.update(part)
        file.flush()
        os.fsync(file.fileno())
    return Settled(offset + len(index) + 4, digest.hexdigest())


def encode_source(values: NDArray[np.generic], coding: tuple[str, int, int]) -> bytes:
    """A chunk of `layout.source_array`: Blosc, then its CRC-32C.

    Args:
        values: The whole chunk, padded.
        coding: Compressor, level and shuffle, as `layout.source_coding` says.
    """
    name, level, shuffle = coding
    packed = bytes(blosc.compress(np.ascontiguousarray(values), name.encode(), level, shuffle))
    return packed + int(google_crc32c.value(packed)).to_bytes(4, "little")
