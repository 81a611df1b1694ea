"""Stored bytes: where in which file a chunk lies, read without Zarr.

A shard is a file of chunks one after another, then an index of (offset, size) as two uint64
a chunk, then the index's CRC-32C (the sharding codec of the Zarr v3 specification, index at
the end). The index is read once a shard; after that a chunk is one read of a part of a file.
"""

import json
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Self

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from worldline.formats.errors import MissingFileError, StoreError

from .place import AGAIN, Place

_ABSENT = np.uint64(2**64 - 1)
_MAX_INDEXES = 1024


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """A part of a file, to be sent as it is.

    Attributes:
        place: Where the scene's files are.
        file: The file, below the scene.
        offset: First byte.
        size: How many bytes.
        encoding: ``zstd`` where the bytes are compressed (the HTTP content encoding), else None.
        media_type: Of what the bytes are once decoded.
    """

    place: Place
    file: str
    offset: int
    size: int
    encoding: str | None = None
    media_type: str = "application/octet-stream"

    @property
    def path(self) -> str:
        """The file with its place, for messages."""
        return f"{self.place.name}/{self.file}"

    def read(self) -> bytes:
        """The bytes.

        Raises:
            StoreError: The file is gone or ends too early, or the place cannot be read.
        """
        try:
            return self.place.read(self.file, self.offset, self.size)
        except MissingFileError as error:
            raise gone(self.path) from error


class ShardReader:
    """Finds the chunks of one sharded array. Safe to share between threads."""

    def __init__(self, place: Place, node: str, chunks_per_shard: int, ndim: int) -> None:
        """Read an array whose shards are cut along the first axis only."""
        self._place = place
        self._node = node
        self._chunks_per_shard = chunks_per_shard
        self._tail = "/0" * (ndim - 1)
        self._indexes: OrderedDict[int, NDArray[np.uint64]] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def of_array(cls, place: Place, node: str) -> Self:
        """Read an array of a scene.

        Raises:
            StoreError: Its metadata is missing, or it is no sharded array.
        """
        file = f"{node}/zarr.json"
        try:
            metadata = json.loads(place.read(file))
            shard = metadata["chunk_grid"]["configuration"]["chunk_shape"]
            (codec,) = metadata["codecs"]
            chunk = codec["configuration"]["chunk_shape"]
            return cls(place, node, int(shard[0]) // int(chunk[0]), len(shard))
        except MissingFileError as error:
            raise gone(f"{place.name}/{file}") from error
        except (ValueError, KeyError, TypeError, IndexError, ZeroDivisionError) as error:
            if isinstance(error, StoreError):
                raise
            raise _damaged(place, file, f"not the metadata of a sharded array: {error!r}") from error

    def locate(self, first: int, count: int = 1) -> tuple[str, int, int]:
        """The file, offset and size of chunks that lie in one shard, one after another.

        Raises:
            StoreError: A chunk is missing, the chunks do not lie together, or the shard is damaged.
        """
        shard, inner = divmod(first, self._chunks_per_shard)
        file = f"{self._node}/c/{shard}{self._tail}"
        rows = self._index(shard, file)[inner : inner + count]
        if len(rows) < count or (rows == _ABSENT).any():
            raise _damaged(self._place, file, f"chunk {first} to {first + count - 1} is missing")
        offsets, sizes = rows[:, 0], rows[:, 1]
        if not np.array_equal(offsets[1:], offsets[:-1] + sizes[:-1]):
            raise _damaged(self._place, file, f"chunks {first} to {first + count - 1} do not lie together")
        return file, int(offsets[0]), int(sizes.sum())

    def _index(self, shard: int, file: str) -> NDArray[np.uint64]:
        with self._lock:
            index = self._indexes.get(shard)
        if index is None:
            index = read_shard_index(self._place, file, self._chunks_per_shard)
            with self._lock:
                self._indexes[shard] = index
                if len(self._indexes) > _MAX_INDEXES:
                    self._indexes.popitem(last=False)
        return index


def read_shard_index(place: Place, file: str, chunks: int) -> NDArray[np.uint64]:
    """Offset and size of each chunk of a shard: (chunks, 2) uint64, the largest number twice where there is none.

    Raises:
        StoreError: The shard is gone or truncated, or its index is damaged.
    """
    size = chunks * 16 + 4
    try:
        data, length = place.tail(file, size)
    except MissingFileError as error:
        raise gone(f"{place.name}/{file}") from error
    if len(data) < size or google_crc32c.value(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise _damaged(place, file, "the shard's index is truncated or its checksum is wrong")
    index = np.frombuffer(data[:-4], dtype="<u8").reshape(chunks, 2)
    present = index[(index != _ABSENT).all(axis=1)]
    if len(present) and int((present[:, 0] + present[:, 1]).max()) > length - size:
        raise _damaged(place, file, f"the index speaks of bytes beyond the file's {length}")
    return index


def gone(path: str) -> StoreError:
    """A file that should be there is not."""
    return StoreError("a stored file is gone", path=path, fix=AGAIN)


def _damaged(place: Place, file: str, message: str) -> StoreError:
    return StoreError(message, path=f"{place.name}/{file}", fix=AGAIN)
