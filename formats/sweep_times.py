"""When each point of a sweep was measured, and whether the points wait to be brought to one instant.

A lidar whose points carry ``time_offset_ns`` says when each was measured, counted from the frame's time. Where
nothing else is said, the source has brought the points into the sensor's frame of that instant, as the published
data sets do: only what moves by itself is then out of place. Where a scene's `meta` says ``points_at.<lidar>``
is ``own_time``, each point stands in the sensor's frame of its own time, as the sensor gave it.
"""

from collections.abc import Mapping

import numpy as np

from worldline.geometry.arrays import Float32s

from .scene import Lidar, MetaValue, Sweep

TIME_FIELD = "time_offset_ns"
OWN_TIME = "own_time"


def points_at_key(lidar: str) -> str:
    """The key in a scene's `meta` that says in which frame a lidar's points stand."""
    return f"points_at.{lidar}"


def has_own_times(meta: Mapping[str, MetaValue], lidar: Lidar) -> bool:
    """Whether each point of a lidar stands in the sensor's frame of its own time."""
    return TIME_FIELD in lidar.fields and meta.get(points_at_key(lidar.name)) == OWN_TIME


def offsets_s(sweep: Sweep) -> Float32s | None:
    """(N,) float32 When each point was measured, seconds from the frame's time; None: not said, or all at once."""
    given = sweep.fields.get(TIME_FIELD)
    if given is None or not np.any(given):
        return None
    return np.asarray(np.asarray(given, dtype=np.float64) * 1e-9, dtype=np.float32)
