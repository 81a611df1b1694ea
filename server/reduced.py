"""Small pictures of a scene's frames, made when they are first asked for and kept for a while."""

from worldline.formats.errors import MissingFrameError
from worldline.formats.reduced import WIDTHS_PX, Reducer
from worldline.formats.scene import EncodedImage, Packet
from worldline.formats.store import StoredScene

from .cache import Cache
from .opened import OpenedScenes

_MOST_BYTES = 64 * 2**20
_PACKETS_BEYOND = 16
"""Packets after the one that shows a frame: a decoder may want to see them before it gives the frame."""


class ReducedPictures:
    """Makes and keeps small pictures. Safe to share between threads."""

    def __init__(self, scenes: OpenedScenes) -> None:
        """Nothing is kept yet."""
        self._scenes = scenes
        self._reducer = Reducer()
        self._kept: Cache[EncodedImage] = Cache(_MOST_BYTES, lambda image: len(image.data))

    def find(self, scene: str, generation: str, sensor: str, width_px: int, frame: int) -> EncodedImage:
        """A frame's small picture.

        Raises:
            UnknownSceneError: There is no such scene, or it has another generation now.
            MissingFrameError: There is no such camera, frame or width.
            PendingFrameError: It is not written yet.
            StoreError, BrokenFileError: It is damaged.
        """
        if width_px not in WIDTHS_PX:
            raise MissingFrameError(f"pictures are made {', '.join(map(str, WIDTHS_PX))} wide, not {width_px}")

        def make(stored: StoredScene) -> EncodedImage:
            key = (generation, sensor, width_px, frame)
            return self._kept.find(key, lambda: self._reduce(stored, sensor, width_px, frame))

        return self._scenes.locate(scene, generation, make)

    def close(self) -> None:
        """End the process that makes them."""
        self._reducer.close()

    def _reduce(self, stored: StoredScene, sensor: str, width_px: int, frame: int) -> EncodedImage:
        media = next((each.media for each in stored.scene.cameras if each.name == sensor), "images")
        if media == "images":
            return self._reducer.image(stored.scene.data.image(sensor, frame), width_px)
        index = stored.video_index(sensor)
        if frame not in range(len(index.frame)):
            raise MissingFrameError(f"{sensor} has no {frame}, only 0 to {len(index.frame) - 1}")
        shown = index.frame.index(frame)
        first = next(number for number in range(shown, -1, -1) if index.key[number])
        last = min(shown + _PACKETS_BEYOND, len(index.pts))
        packets = []
        for number in range(first, last):
            (part,) = stored.packet_bytes(sensor, number, 1)
            packets.append(Packet(part.read(), index.pts[number], index.key[number]))
        return self._reducer.frame(stored.stream(sensor), packets, index.pts[shown], width_px)
