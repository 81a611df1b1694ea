"""Stored bytes that were asked for lately, kept in memory up to so many bytes.

The system keeps files in memory too, but a copy out of there takes as long as all the rest of an answer.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from worldline.formats.store import StoredBytes

_MOST_LOCATED = 32_768
_LARGEST_SHARE = 16


@dataclass(slots=True)
class Located:
    """Where bytes are, and the bytes themselves once they were read whole.

    Attributes:
        parts: Parts of files, one after another, all of one kind; encoded ones are one part.
        tag: What names these bytes for ever; the ETag is made of it.
        key: Under which they may be kept; None where they must not be.
        data: All of them.
    """

    parts: tuple[StoredBytes, ...]
    tag: str
    key: Hashable = None
    data: bytes | memoryview | None = None

    @property
    def size(self) -> int:
        """How many bytes they are."""
        return sum(part.size for part in self.parts)


class HotBytes:
    """Located bytes by key; those not used for longest give way. Used by the event loop's thread alone."""

    def __init__(self, most_bytes: int) -> None:
        """Nothing is kept yet."""
        self._most_bytes = most_bytes
        self._located: OrderedDict[Hashable, Located] = OrderedDict()
        self._read: OrderedDict[Hashable, Located] = OrderedDict()
        self._bytes = 0

    @property
    def size_bytes(self) -> int:
        """What the bytes that are kept take."""
        return self._bytes

    def find(self, key: Hashable) -> Located | None:
        """What is known under a key."""
        located = self._located.get(key)
        if located is not None:
            self._located.move_to_end(key)
            if located.data is not None:
                self._read.move_to_end(key)
        return located

    def keep(self, located: Located) -> None:
        """Know where bytes are from now on."""
        self._located.setdefault(located.key, located)
        if len(self._located) > _MOST_LOCATED:
            key, oldest = self._located.popitem(last=False)
            if self._read.pop(key, None) is not None:
                self._forget(oldest)

    def fill(self, located: Located, data: bytes | memoryview) -> None:
        """Keep bytes that were read whole, unless they alone would take too much."""
        if self._located.get(located.key) is not located or located.data is not None:
            return
        if len(data) > self._most_bytes // _LARGEST_SHARE:
            return
        located.data = data
        self._read[located.key] = located
        self._bytes += len(data)
        while self._bytes > self._most_bytes:
            self._forget(self._read.popitem(last=False)[1])

    def _forget(self, located: Located) -> None:
        if located.data is not None:
            self._bytes -= len(located.data)
            located.data = None
