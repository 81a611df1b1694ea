"""What was worked out and may be asked for again, kept up to so many bytes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Values by key; those not used for longest give way. Safe to share between threads.

    Two threads that miss the same key at once both make it, and the first one's is kept: a value must
    depend on nothing but its key.
    """

    def __init__(self, most_bytes: int, size_of: Callable[[Value], int]) -> None:
        """Nothing is kept yet.

        Args:
            most_bytes: What all values together may take; a larger one is handed on and not kept.
            size_of: What a value takes, in bytes.
        """
        self._most_bytes = most_bytes
        self._size_of = size_of
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """How many values are kept."""
        return len(self._values)

    @property
    def size_bytes(self) -> int:
        """What they take."""
        return self._bytes

    def find(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, made when it is not kept; what `make` raises is raised and not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        size = self._size_of(value)
        with self._lock:
            if key in self._values:
                return self._values[key]
            if size <= self._most_bytes:
                self._values[key] = value
                self._bytes += size
                while self._bytes > self._most_bytes:
                    _, oldest = self._values.popitem(last=False)
                    self._bytes -= self._size_of(oldest)
        return value
