"""Scene data of sources that hold clouds and images, but no video."""

from collections.abc import Iterator

from .errors import SceneError
from .scene import Packet, VideoStream


class NoVideo:
    """What the data of a source without video answers when asked for it."""

    __slots__ = ()

    def stream(self, sensor: str) -> VideoStream:
        """There is none.

        Raises:
            SceneError: Always.
        """
        raise SceneError(f"sensor {sensor} has no video")

    def packets(self, sensor: str) -> Iterator[Packet]:
        """There are none.

        Raises:
            SceneError: Always.
        """
        raise SceneError(f"sensor {sensor} has no video")
