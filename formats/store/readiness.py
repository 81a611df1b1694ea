"""How many frames of a growing scene can be shown."""

from collections.abc import Mapping

import numpy as np

from worldline.formats.scene import Clock, Scene
from worldline.geometry.arrays import Int64s


class Readiness:
    """Counts the reference frames for which every sensor's frame is written."""

    def __init__(self, scene: Scene) -> None:
        """Work out once which frame of each sensor belongs to each reference frame."""
        self._frame_count = scene.frame_count
        self._nearest = {
            sensor.name: nearest_frames(sensor.clock, scene.clock.time_ns)
            for sensor in scene.sensors
            if len(sensor.clock)
        }
        self._all = {sensor.name: len(sensor.clock) for sensor in scene.sensors}

    def count(self, written: Mapping[str, int]) -> int:
        """Frames from the first on that are whole.

        Args:
            written: Frames that each sensor has.
        """
        counts = [self._frame_count]
        for name, nearest in self._nearest.items():
            if written[name] < self._all[name]:
                counts.append(int(np.searchsorted(nearest, written[name])))
        return min(counts)


def nearest_frames(clock: Clock, time_ns: Int64s) -> Int64s:
    """The frame of a clock that is nearest to each time; of two equally near, the earlier.

    Args:
        clock: Not empty.
        time_ns: (N,) Times, increasing.

    Returns:
        (N,) Frames, never decreasing.
    """
    after = np.clip(np.searchsorted(clock.time_ns, time_ns), 1, max(len(clock) - 1, 1))
    if len(clock) == 1:
        return np.zeros(len(time_ns), dtype=np.int64)
    before_is_nearer = time_ns - clock.time_ns[after - 1] <= clock.time_ns[after] - time_ns
    return np.where(before_is_nearer, after - 1, after)
