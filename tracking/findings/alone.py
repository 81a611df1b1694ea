"""Rules about one track: how it moves, how large it is, where it is missing."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from worldline.geometry.arrays import Float64s, Int64s
from worldline.geometry.pose import Vector
from worldline.tracking.span import Span, join_spans

from .finding import Finding, Rule, stretches
from .limits import Limits
from .motion import derivatives
from .sampled import Sampled

_SIDES = ("length", "width", "height")


def check_motion(sampled: Sampled, limits: Limits) -> Iterator[Finding]:
    """Speed, acceleration, turn rate, and heading against motion."""
    if len(sampled.frames) < 2:
        return
    velocity, acceleration = derivatives(sampled.times_s, sampled.runs, sampled.rows[:, :3])
    yaw = _unwrapped(sampled.rows[:, 6], sampled.runs)
    turning, _ = derivatives(sampled.times_s, sampled.runs, yaw[:, None])
    speed = np.linalg.norm(velocity, axis=1)
    pushed = np.linalg.norm(acceleration, axis=1)
    track = sampled.track.id

    def found(rule: Rule, values: Float64s, limit: float, say: Callable[[float], str]) -> Iterator[Finding]:
        for start, end, worst in stretches(sampled.frames, values > limit, np.nan_to_num(values)):
            value = float(values[worst])
            yield Finding(rule, track, None, start, end, int(sampled.frames[worst]), value, limit, say(value))

    yield from found("speed", speed, limits.speed_mps, lambda v: f"moves at {v:.1f} m/s")
    yield from found(
        "acceleration", pushed, limits.acceleration_mps2, lambda v: f"gains or loses {v:.1f} m/s in a second"
    )
    yield from found(
        "turn_rate",
        np.abs(turning[:, 0]),
        limits.turn_rate_radps,
        lambda v: f"turns {math.degrees(v):.0f} degrees in a second",
    )
    heading = np.arctan2(velocity[:, 1], velocity[:, 0])
    apart = np.abs(np.mod(sampled.rows[:, 6] - heading + np.pi, 2 * np.pi) - np.pi)
    apart[~(np.hypot(velocity[:, 0], velocity[:, 1]) >= limits.moving_mps)] = 0.0
    yield from found(
        "against_motion",
        apart,
        limits.against_motion_rad,
        lambda v: f"heads {math.degrees(v):.0f} degrees away from where it moves",
    )


def check_size(sampled: Sampled, mean_m: Vector, spread_m: Vector, limits: Limits) -> Iterator[Finding]:
    """Sides far from what the class usually has."""
    if sampled.track.size_m is None or not len(sampled.frames):
        return
    off = (np.array(sampled.track.size_m) - mean_m) / spread_m
    side = int(np.abs(off).argmax())
    if abs(off[side]) > limits.size_spreads:
        first, last = int(sampled.frames[0]), int(sampled.frames[-1])
        word = f"{_SIDES[side]} {sampled.track.size_m[side]:.2f} m is unusual: {mean_m[side]:.2f} m in the mean"
        value = float(abs(off[side]))
        yield Finding("size", sampled.track.id, None, first, last + 1, first, value, limits.size_spreads, word)


def check_gaps(sampled: Sampled, clock_ns: Int64s, limits: Limits) -> Iterator[Finding]:
    """Absences so short that they are rather forgotten frames."""
    for before, after in pairwise(join_spans(tuple(Span(each.start, each.end) for each in sampled.track.spans))):
        if after.start >= len(clock_ns):
            return
        absent_s = float(clock_ns[after.start] - clock_ns[before.end - 1]) / 1e9
        if absent_s < limits.gap_s:
            word = f"is absent for {after.start - before.end} frames only"
            place = (before.end, after.start, before.end)
            yield Finding("gap", sampled.track.id, None, *place, absent_s, limits.gap_s, word)


def _unwrapped(yaw_rad: Float64s, runs: Int64s) -> Float64s:
    """Yaw without jumps of a whole turn within each run."""
    unwrapped = yaw_rad.copy()
    for run in np.unique(runs):
        unwrapped[runs == run] = np.unwrap(yaw_rad[runs == run])
    return unwrapped
