"""A rolling sweep: every ray is fired at its own time, while the ego car and everyone else move on.

The street is cast as it stands; each actor in its own frame, into which the rays that may meet it are brought by its
pose at each ray's time. A point is given in the lidar's frame of its own time, as a real lidar gives it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from worldline.geometry import Pose
from worldline.geometry.arrays import Float32s, Float64s

from ..scene import Sweep
from .rays import Instant
from .sensors import MAX_RANGE_M, Returns, SpinningLidar

_KNOTS = 9
"""Poses a turn: between two of them all moves evenly."""

_FASTEST_MPS = 60.0


@dataclass(frozen=True, slots=True)
class Mover:
    """Someone on the street during a turn.

    Attributes:
        instant: The shape, in its own frame.
        place: ``world_from_own`` at a time in seconds.
        reach_m: How far the shape reaches from its centre.
    """

    instant: Instant
    place: Callable[[float], Pose]
    reach_m: float


def roll(
    lidar: SpinningLidar,
    street: Instant,
    movers: Sequence[Mover],
    world_from_ego: Callable[[float], Pose],
    time_s: float,
    period_s: float,
    rng: np.random.Generator,
) -> Sweep:
    """One turn, its middle at a time."""
    own = lidar.directions()
    offset_s = lidar.offsets_s(period_s)
    knot_s = np.linspace(-period_s / 2, period_s / 2, _KNOTS)
    sensor = _Path(knot_s, [world_from_ego(time_s + float(knot)) @ lidar.ego_from_sensor for knot in knot_s])
    origins, rays = sensor.cast_from(offset_s, own)
    returns = _cast(street, origins, rays)
    for mover in movers:
        path = _Path(knot_s, [mover.place(time_s + float(knot)) for knot in knot_s])
        toward = path.places - sensor.places
        away_m = float(np.linalg.norm(toward, axis=1).min())
        if away_m > MAX_RANGE_M + mover.reach_m:
            continue
        numbers = np.flatnonzero(_may_meet(rays, toward, mover.reach_m + _FASTEST_MPS * period_s / _KNOTS, away_m))
        if not len(numbers):
            continue
        met = _cast(mover.instant, *path.bring(offset_s[numbers], origins[numbers], rays[numbers]))
        nearer = met.range_m < returns.range_m[numbers]
        returns.range_m[numbers[nearer]] = met.range_m[nearer]
        returns.shine[numbers[nearer]] = met.shine[nearer]
    return lidar.measure(own, returns, offset_s, rng)


class _Path:
    """Where something is during a turn: places on straight lines, turns along the shorter arc about the vertical."""

    def __init__(self, knot_s: Float64s, poses: Sequence[Pose]) -> None:
        self._knot_s = knot_s
        self.places = np.array([pose.translation_m for pose in poses])
        self._yaw_rad = np.unwrap([pose.yaw_rad for pose in poses])
        self._tilt = Pose.from_yaw(-poses[0].yaw_rad).rotation @ poses[0].rotation

    def cast_from(self, time_s: Float64s, own: Float32s) -> tuple[Float32s, Float32s]:
        """Origins and directions in the world of rays that are given in the moving frame."""
        place, cosine, sine = self._at(time_s)
        x, y, z = (own.astype(np.float64) @ self._tilt.T).T
        rays = np.stack([cosine * x - sine * y, sine * x + cosine * y, z], axis=1)
        return place.astype(np.float32), rays.astype(np.float32)

    def bring(self, time_s: Float64s, origins: Float32s, rays: Float32s) -> tuple[Float32s, Float32s]:
        """Origins and directions in the moving frame of rays that are given in the world."""
        place, cosine, sine = self._at(time_s)
        brought = []
        for vectors in (origins - place, rays.astype(np.float64)):
            x, y, z = vectors.T
            turned = np.stack([cosine * x + sine * y, cosine * y - sine * x, z], axis=1) @ self._tilt
            brought.append(turned.astype(np.float32))
        return brought[0], brought[1]

    def _at(self, time_s: Float64s) -> tuple[Float64s, Float64s, Float64s]:
        place = np.stack([np.interp(time_s, self._knot_s, axis) for axis in self.places.T], axis=1)
        yaw_rad = np.interp(time_s, self._knot_s, self._yaw_rad)
        return place, np.cos(yaw_rad), np.sin(yaw_rad)


def _cast(instant: Instant, origins: Float32s, rays: Float32s) -> Returns:
    hits = instant.cast(origins, rays)
    shine = instant.reflectance(hits) * np.abs((hits.normal * rays).sum(axis=1)) ** 0.5
    return Returns(hits.range_m.copy(), shine)


def _may_meet(
    rays: Float32s, toward: Float64s, reach_m: float, away_m: float
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rays look to where something is at some time of the turn, seen from above."""
    if away_m <= reach_m:
        return np.ones(len(rays), dtype=np.bool_)
    wide = math.asin(reach_m / away_m)
    bearing = np.arctan2(toward[:, 1], toward[:, 0])
    middle = bearing[len(bearing) // 2]
    swing = float(np.abs(np.angle(np.exp(1j * (bearing - middle)))).max())
    turned = np.angle(np.exp(1j * (np.arctan2(rays[:, 1], rays[:, 0]) - middle)))
    return np.asarray(np.abs(turned) <= wide + swing, dtype=np.bool_)
