"""Stored bytes: where in which file a chunk lies, read without Zarr.

A shard is a file of chunks one after another, then an index of (offset, size) as two uint64
a chunk, then the index's CRC-32C (the sharding codec of the Zarr v3 specification, index at
the end). The index is read once a shard; after that a chunk is one `pread`.
"""

import json
import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Self

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from worldline.formats.errors import StoreError

_ABSENT = np.uint64(2**64 - 1)
_MAX_INDEXES = 1024


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """A part of a file, to be sent as it is.

    Attributes:
        path: The file.
        offset: First byte.
        size: How many bytes.
        encoding: ``zstd`` where the bytes are compressed (the HTTP content encoding), else None.
        media_type: Of what the bytes are once decoded.
    """

    path: Path
    offset: int
    size: int
    encoding: str | None = None
    media_type: str = "application/octet-stream"

    def read(self) -> bytes:
        """The bytes.

        Raises:
            StoreError: The file is gone or ends too early.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError as error:
            raise StoreError("a stored file is gone", path=self.path, fix="import the scene again") from error
        try:
            data = os.pread(descriptor, self.size, self.offset)
        finally:
            os.close(descriptor)
        if len(data) < self.size:
            raise StoreError(
                f"expected {self.size} bytes, found {len(data)}",
                path=self.path,
                place=f"byte {self.offset}",
                fix="import the scene again",
            )
        return data


class ShardReader:
    """Finds the chunks of one sharded array. Safe to share between threads."""

    def __init__(self, folder: Path, chunks_per_shard: int, ndim: int) -> None:
        """Read the array in a folder whose shards are cut along the first axis only."""
        self._folder = folder
        self._chunks_per_shard = chunks_per_shard
        self._tail = ("0",) * (ndim - 1)
        self._indexes: OrderedDict[int, NDArray[np.uint64]] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def of_array(cls, folder: Path) -> Self:
        """Read the array in a folder.

        Raises:
            StoreError: Its metadata is missing, or it is no sharded array.
        """
        path = folder / "zarr.json"
        try:
            metadata = json.loads(path.read_bytes())
            shard = metadata["chunk_grid"]["configuration"]["chunk_shape"]
            (codec,) = metadata["codecs"]
            chunk = codec["configuration"]["chunk_shape"]
            return cls(folder, int(shard[0]) // int(chunk[0]), len(shard))
        except (OSError, ValueError, KeyError, TypeError, IndexError, ZeroDivisionError) as error:
            raise _damaged(path, f"not the metadata of a sharded array: {error!r}") from error

    def locate(self, first: int, count: int = 1) -> tuple[Path, int, int]:
        """The file, offset and size of chunks that lie in one shard, one after another.

        Raises:
            StoreError: A chunk is missing, the chunks do not lie together, or the shard is damaged.
        """
        shard, inner = divmod(first, self._chunks_per_shard)
        path = self._folder.joinpath("c", str(shard), *self._tail)
        rows = self._index(shard, path)[inner : inner + count]
        if len(rows) < count or (rows == _ABSENT).any():
            raise _damaged(path, f"chunk {first} to {first + count - 1} is missing")
        offsets, sizes = rows[:, 0], rows[:, 1]
        if not np.array_equal(offsets[1:], offsets[:-1] + sizes[:-1]):
            raise _damaged(path, f"chunks {first} to {first + count - 1} do not lie together")
        return path, int(offsets[0]), int(sizes.sum())

    def _index(self, shard: int, path: Path) -> NDArray[np.uint64]:
        with self._lock:
            index = self._indexes.get(shard)
        if index is None:
            index = _read_index(path, self._chunks_per_shard)
            with self._lock:
                self._indexes[shard] = index
                if len(self._indexes) > _MAX_INDEXES:
                    self._indexes.popitem(last=False)
        return index


def _read_index(path: Path, chunks: int) -> NDArray[np.uint64]:
    size = chunks * 16 + 4
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise _damaged(path, "a stored file is gone") from error
    try:
        length = os.fstat(descriptor).st_size
        data = os.pread(descriptor, size, length - size) if length >= size else b""
    finally:
        os.close(descriptor)
    if len(data) < size or google_crc32c.value(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise _damaged(path, "the shard's index is truncated or its checksum is wrong")
    index = np.frombuffer(data[:-4], dtype="<u8").reshape(chunks, 2)
    present = index[(index != _ABSENT).all(axis=1)]
    if len(present) and int((present[:, 0] + present[:, 1]).max()) > length - size:
        raise _damaged(path, f"the index speaks of bytes beyond the file's {length}")
    return index


def _damaged(path: Path, message: str) -> StoreError:
    return StoreError(message, path=path, fix="import the scene again")
