"""Reading stored bytes for an answer without holding up the event loop."""

import os
from collections.abc import Sequence

import anyio.to_thread
import numpy as np

from worldline.formats.errors import MissingFileError, StoreError
from worldline.formats.store import BucketPlace, LocalPlace, StoredBytes
from worldline.formats.store.place import AGAIN

from .conditions import ByteRange

_MOST_AT_ONCE = 4 << 20
"""What is copied from the system's memory in the event loop: a millisecond or so."""


async def read_parts(parts: Sequence[StoredBytes], wanted: ByteRange) -> bytes | memoryview:
    """Some of the bytes that several parts of files make together.

    Raises:
        StoreError: A file is gone or ends too early, or the place cannot be read.
    """
    if len(parts) == 1:
        return await read_part(parts[0], wanted)
    pieces, offset = [], 0
    for part in parts:
        piece = ByteRange(max(wanted.start - offset, 0), min(wanted.end - offset, part.size))
        if piece.start < piece.end:
            pieces.append(await read_part(part, piece))
        offset += part.size
    return b"".join(pieces)


async def read_part(stored: StoredBytes, part: ByteRange) -> bytes | memoryview:
    """Some of the stored bytes: at once where the system has them in memory, on a thread where not.

    Raises:
        StoreError: The file is gone or ends too early, or the place cannot be read.
    """
    size, offset = part.end - part.start, stored.offset + part.start
    place = stored.place
    try:
        if isinstance(place, BucketPlace):
            return await place.read_soon(stored.file, offset, size)
        if isinstance(place, LocalPlace) and size <= _MOST_AT_ONCE:
            data = _read_cached(place, stored.file, size, offset)
            if data is not None:
                return data
        return await anyio.to_thread.run_sync(place.read, stored.file, offset, size)
    except MissingFileError as error:
        raise StoreError("a stored file is gone", path=stored.path, fix=AGAIN) from error


def _read_cached(place: LocalPlace, file: str, size: int, offset: int) -> memoryview | None:
    """The bytes if the system has all of them in memory."""
    descriptor = place.open(file)
    try:
        buffer = np.empty(size, dtype=np.uint8).data  # not zeroed first, as a bytearray is
        count = os.preadv(descriptor, [buffer], offset, os.RWF_NOWAIT)
    except OSError:  # not in memory, or a file system that cannot tell
        return None
    finally:
        os.close(descriptor)
    return buffer if count == size else None
