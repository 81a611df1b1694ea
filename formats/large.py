"""Clouds that need not fit in memory: they are read in parts."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from .scene import SceneData, Sweep


@runtime_checkable
class LargeData(Protocol):
    """`SceneData` with clouds that need not fit in memory."""

    def is_large(self, sensor: str) -> bool:
        """Whether a lidar's frames are to be read in parts."""
        ...

    def sweep_parts(self, sensor: str, frame: int) -> Iterator[Sweep]:
        """A lidar's frame, one part after another, each of at most some million points."""
        ...


def sweep_parts(data: SceneData, sensor: str, frame: int) -> Iterator[Sweep]:
    """A lidar's frame in parts, or whole where the data gives no parts."""
    if isinstance(data, LargeData) and data.is_large(sensor):
        yield from data.sweep_parts(sensor, frame)
    else:
        yield data.sweep(sensor, frame)
