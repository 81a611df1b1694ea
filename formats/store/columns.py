"""Columns of a stored scene's indexes: rows that are read page by page, when asked for.

A page is `PAGE_FRAMES` rows, one chunk of a sharded Zarr array, zstd with its checksum. Pages that were
read are kept up to a budget, so that what a scene holds in memory does not grow with its frames.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

import numpy as np
import zstandard
from numpy.typing import NDArray

from worldline.formats.errors import StoreError

from .layout import PAGE_FRAMES, pages_per_shard
from .place import AGAIN, Place
from .shard import ShardReader

_MOST_BYTES = 8 << 20


class Column(Protocol):
    """Rows of one array."""

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """The rows from one to another, (stop - start, ...). Read only.

        Raises:
            StoreError: They are damaged or gone.
        """


class HeldColumn:
    """A column in memory."""

    def __init__(self, values: NDArray[Any]) -> None:
        """Hold (N, ...) values."""
        self._values = values

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """See `Column.rows`."""
        return self._values[start:stop]


class PageCache:
    """The pages that were read last, of all columns of a scene. Safe to share between threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        """Keep at most so many bytes."""
        self._most_bytes = most_bytes
        self._pages: OrderedDict[tuple[str, int], NDArray[Any]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    @property
    def size_bytes(self) -> int:
        """Bytes of the pages that are kept."""
        return self._bytes

    def find(self, node: str, page: int, read: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """A page, read where it is not known."""
        key = (node, page)
        with self._lock:
            known = self._pages.get(key)
            if known is not None:
                self._pages.move_to_end(key)
                return known
        found = read()
        with self._lock:
            if key not in self._pages:
                self._pages[key] = found
                self._bytes += found.nbytes
            while self._bytes > self._most_bytes and len(self._pages) > 1:
                self._bytes -= self._pages.popitem(last=False)[1].nbytes
        return found


class PagedColumn:
    """A column in the store."""

    def __init__(
        self, place: Place, node: str, row_count: int, dtype: str, cache: PageCache, tail: tuple[int, ...] = ()
    ) -> None:
        """Read an array that `layout.index_array` wrote.

        Args:
            place: Where the scene is.
            node: The array's path in it.
            row_count: Its rows.
            dtype: Of its values.
            cache: Where its pages are kept.
            tail: Shape of a row.
        """
        self._place = place
        self._node = node
        self._row_count = row_count
        self._dtype = np.dtype(dtype).newbyteorder("<")
        self._tail = tail
        self._reader = ShardReader(place, node, pages_per_shard(row_count), 1 + len(tail))
        self._cache = cache

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """See `Column.rows`."""
        if not 0 <= start <= stop <= self._row_count:
            raise IndexError(f"{self._node} has no rows {start} to {stop}, only 0 to {self._row_count}")
        parts = []
        for page in range(start // PAGE_FRAMES, -(-stop // PAGE_FRAMES)):
            first = page * PAGE_FRAMES
            parts.append(self._page(page)[max(start - first, 0) : stop - first])
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.empty((0, *self._tail), self._dtype)

    def _page(self, page: int) -> NDArray[Any]:
        return self._cache.find(self._node, page, lambda: self._read(page))

    def _read(self, page: int) -> NDArray[Any]:
        file, offset, size = self._reader.locate(page)
        expected = PAGE_FRAMES * int(np.prod(self._tail, dtype=np.int64)) * self._dtype.itemsize
        try:
            data = zstandard.ZstdDecompressor().decompress(self._place.read(file, offset, size), expected)
        except zstandard.ZstdError as error:
            raise self._damaged(file, page, str(error)) from error
        if len(data) != expected:
            raise self._damaged(file, page, f"expected {expected} bytes, found {len(data)}")
        return np.frombuffer(data, self._dtype).reshape(PAGE_FRAMES, *self._tail)

    def _damaged(self, file: str, page: int, message: str) -> StoreError:
        return StoreError(
            f"page {page} is damaged: {message}", path=f"{self._place.name}/{file}", place=self._node, fix=AGAIN
        )
