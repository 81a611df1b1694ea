"""Rolling: what moves by itself while the lidar turns, brought to one instant before it is followed.

A turn takes a tenth of a second: a car at 15 m/s is seen where it is at its own part of the turn, up to 0.75 m from
where it is at the frame's time, which its keyframes tell. So its points are moved by its own velocity to the frame's
time. The velocity comes from the track's keyframes; where they do not tell it, the object is followed once as
seen, which tells its velocity well enough, and then again with its points brought together.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from worldline.geometry import Cuboid, Pose
from worldline.geometry.arrays import Float32s, Float64s, Floats, Int64s
from worldline.geometry.deskew import rest_points
from worldline.geometry.inside import inside_mask
from worldline.geometry.pose import Vector

from .propagate import Propagation
from .scan import Sweeps
from .track import Track

WINDOW_S = 0.35
"""Keyframes this far in time from a frame tell the velocity there."""

NEAR_S = 3.0
"""Beyond, keyframes say nothing about a frame between them."""

STILL_MPS = 0.5
"""What is slower is seen where it is, within 3 cm."""


PASSES = 2
CLOSE_MPS = 0.5
"""An object is followed again while its velocity changes by more, so many times at most."""


class TimedSweeps(Protocol):
    """The points of a frame in the world, and when each was measured."""

    def __call__(self, frame: int, around: Vector, radius_m: float) -> tuple[Float32s, Float32s | None]:
        """(N, 3) float32 as `Sweeps`, and (N,) float32 seconds from the frame's time; None where all were at once."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class OwnMotion:
    """How an object moves, told from its keyframes.

    Attributes:
        time_s: (K,) Of the keyframes.
        centers_m: (K, 3) World.
        yaw_rad: (K,) Unwrapped.
    """

    time_s: Float64s
    centers_m: Float64s
    yaw_rad: Float64s

    @classmethod
    def of_track(cls, track: Track, clock_ns: Int64s) -> "OwnMotion":
        """The motion of a cuboid track."""
        keys = [(each.frame, each.shape) for each in track.keyframes if isinstance(each.shape, Pose)]
        time_s = np.array([int(clock_ns[frame]) - int(clock_ns[0]) for frame, _ in keys], dtype=np.float64) * 1e-9
        centers = np.array([shape.translation_m for _, shape in keys], dtype=np.float64).reshape(-1, 3)
        yaw_rad = np.unwrap([shape.yaw_rad for _, shape in keys]) if keys else np.empty(0)
        return cls(time_s, centers, np.asarray(yaw_rad, dtype=np.float64))

    def at(self, time_s: float) -> tuple[Vector, float] | None:
        """Velocity in the world, m/s, and yaw rate, rad/s; None where no two keyframes tell."""
        if len(self.time_s) < 2:
            return None
        away_s = np.abs(self.time_s - time_s)
        picked = np.flatnonzero(away_s <= max(WINDOW_S, float(np.sort(away_s)[1])))
        time = self.time_s[picked]
        if np.ptp(time) > NEAR_S or away_s[picked].min() > NEAR_S:
            return None
        lever = time - time.mean()
        slope = lever @ np.column_stack([self.centers_m[picked], self.yaw_rad[picked]]) / (lever @ lever)
        vx, vy, vz, turn = slope.tolist()
        return (vx, vy, vz), turn

    def differs_mps(self, other: "OwnMotion") -> float:
        """The greatest difference of velocity from another telling of the motion; infinite where that tells none."""
        apart = 0.0
        for time_s in self.time_s.tolist():
            mine, theirs = self.at(time_s), other.at(time_s)
            if mine is not None:
                apart = max(apart, np.inf if theirs is None else math.dist(mine[0], theirs[0]))
        return apart

    @property
    def fastest_mps(self) -> float:
        """The greatest mean speed over three keyframes in a row, or between two."""
        if len(self.time_s) < 2:
            return 0.0
        span = min(2, len(self.time_s) - 1)
        gone_m = np.linalg.norm(self.centers_m[span:] - self.centers_m[:-span], axis=1)
        return float((gone_m / (self.time_s[span:] - self.time_s[:-span])).max())


class RestedSweeps:
    """Sweeps in which an object does not move within a turn; for whoever follows it (`scan.Sweeps`)."""

    def __init__(self, timed: TimedSweeps, motion: OwnMotion, clock_ns: Int64s) -> None:
        """Take an object's motion out of sweeps."""
        self._timed, self._motion, self._clock_ns = timed, motion, clock_ns

    def __call__(self, frame: int, around: Vector, radius_m: float) -> Float32s:
        """Points of a frame, as if the object around a place had been seen at once."""
        points, offset_s = self._timed(frame, around, radius_m)
        time_s = (int(self._clock_ns[frame]) - int(self._clock_ns[0])) * 1e-9
        motion = None if offset_s is None else self._motion.at(time_s)
        if offset_s is None or motion is None:
            return points
        velocity_mps, turn_radps = motion
        return rest_points(points, offset_s, velocity_mps, turn_radps, around)


def follow_rested(
    track: Track, run: Callable[[Sweeps], Propagation], timed: TimedSweeps, clock_ns: Int64s
) -> Propagation:
    """Propagate with the object's own motion taken out of the sweeps.

    Args:
        track: The track as it is.
        run: Propagates it over sweeps.
        timed: Loads the points of a frame with their times.
        clock_ns: (F,) The scene's reference clock.

    Returns:
        What `run` made of the sweeps in which the object is seen at once; its poses are at the frames' times.
    """
    is_timed = False

    def noticed(frame: int, around: Vector, radius_m: float) -> tuple[Float32s, Float32s | None]:
        nonlocal is_timed
        points, offset_s = timed(frame, around, radius_m)
        is_timed = is_timed or offset_s is not None
        return points, offset_s

    made = run(RestedSweeps(noticed, OwnMotion.of_track(track, clock_ns), clock_ns))
    before = OwnMotion.of_track(track, clock_ns)
    for _ in range(PASSES):
        if not is_timed or not made.keyframes:
            return made
        fresh = {each.frame: each for each in (*track.keyframes, *made.keyframes)}
        known = replace(track, keyframes=tuple(fresh[frame] for frame in sorted(fresh)))
        motion = OwnMotion.of_track(known, clock_ns)
        if motion.fastest_mps < STILL_MPS or motion.differs_mps(before) < CLOSE_MPS:
            return made
        again = run(RestedSweeps(timed, motion, clock_ns))
        if len(again.keyframes) < len(made.keyframes):
            return made  # taking the motion out loses it: what was seen stands
        made, before = again, motion
    return made


def mean_time_s(points: Floats, offset_s: Floats, cuboid: Cuboid) -> float | None:
    """The mean time of a cuboid's own points, seconds from the frame's time; None where it has none.

    A box drawn around the points as they were seen is where the object was at that time, not at the frame's.

    Args:
        points: (N, 3) the cuboid's frame, metres, as seen.
        offset_s: (N,) When each was measured.
        cuboid: Around the object's points.
    """
    inside = inside_mask(points, cuboid)
    return float(np.asarray(offset_s, dtype=np.float64)[inside].mean()) if inside.any() else None
