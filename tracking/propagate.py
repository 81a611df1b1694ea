"""Propagation: a keyframe carried to the frames after or before it by the object's own points.

From the start keyframe the object's points are taken as its surface (`field`). In each frame the motion so
far says where to look (`motion`), the street under the object says how high (`clearance`), and the
points there are laid over the surface (`register`); what is accepted becomes part of the surface. The
size stays. Each frame has a quality from 0 to 1; propagation stops before a keyframe that a person made
or accepted, and where the object is lost, and says why.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from worldline.geometry import Pose, wrap_angle
from worldline.geometry.arrays import Int64s
from worldline.geometry.pose import Vector

from .errors import LostError, PropagationError
from .follow import Follower
from .interpolate import shape_at
from .keyframe import Keyframe, Shape
from .motion import Motion
from .scan import Sweeps
from .track import Track

Direction: TypeAlias = Literal["forward", "backward"]

NEAR_S = 3.0
"""How far away in time a keyframe may be to tell the velocity."""

CLOSE_M = 1.0
CLOSE_RAD = 0.35
"""How far from a person's keyframe the object may arrive for the rest to be shared out."""


@dataclass(frozen=True, slots=True)
class Propagation:
    """What a propagation made.

    Attributes:
        keyframes: In the order of frames, source ``propagated``, each with its quality.
        stopped_at: The frame in which it stopped before its end; None when all frames were reached.
        reason: Why it stopped there.
    """

    keyframes: tuple[Keyframe, ...] = ()
    stopped_at: int | None = None
    reason: str | None = None


def propagate(
    track: Track,
    frame: int,
    direction: Direction,
    frame_count: int,
    sweeps: Sweeps,
    clock_ns: Int64s,
    sensor_at: Callable[[int], Vector] | None = None,
) -> Propagation:
    """Carry a cuboid track from a frame to the frames after or before it.

    Args:
        track: The track; it is not changed.
        frame: Where to start; the track has a shape there.
        direction: ``forward`` or ``backward`` in time.
        frame_count: To how many frames.
        sweeps: Loads the points of a frame.
        clock_ns: (F,) The scene's reference clock.
        sensor_at: Where the lidar is in the world in a frame; makes the quality aware of distance.

    Returns:
        The keyframes made, without the start's; ends before a protected keyframe.

    Raises:
        PropagationError: The track has no cuboid in the frame, or the count is below 1.
    """
    if frame_count < 1:
        raise PropagationError(f"track {track.id}: propagation goes on for 1 frame or more, not {frame_count}")
    start = shape_at(track, frame, clock_ns) if track.kind == "cuboid" else None
    if not isinstance(start, Pose) or track.size_m is None:
        raise PropagationError(f"track {track.id}: no cuboid in frame {frame} to start from; draw one there first")
    step = 1 if direction == "forward" else -1
    last = min(max(frame + step * frame_count, 0), len(clock_ns) - 1)
    follower = Follower(start, track.size_m, _start_motion(track, frame, step, start, clock_ns), sweeps, sensor_at)
    keyframes: list[Keyframe] = []
    at = frame
    try:
        follower.begin(frame)
        for at in range(frame + step, last + step, step):
            step_s = _seconds(clock_ns, at - step, at)
            end = track.keyframe_at(at)
            if end is not None and end.is_protected:
                closed = _close(keyframes, end, follower, step_s)
                return Propagation(closed, at, f"reached the keyframe a person made or accepted in frame {at}")
            pose, quality = follower.follow(at, step_s)
            keyframes.append(Keyframe(at, pose, source="propagated", quality=round(quality, 4)))
    except LostError as lost:
        return Propagation(_in_order(keyframes), at, str(lost))
    return Propagation(_in_order(keyframes))


def _start_motion(track: Track, frame: int, step: int, start: Pose, clock_ns: Int64s) -> Motion:
    """Where the object is and, if keyframes within `NEAR_S` tell, how it moves in the direction asked for."""
    x, y, _ = start.translation_m
    still = Motion(x, y, start.yaw_rad)
    for side in (-step, step):
        beyond = [each.frame for each in track.keyframes if (each.frame - frame) * side > 0]
        if not beyond:
            continue
        nearest = min(beyond, key=lambda each: abs(each - frame))
        next_shape = shape_at(track, frame + side, clock_ns)
        if isinstance(next_shape, Pose) and _seconds(clock_ns, frame, nearest) <= NEAR_S:
            gone_s = _seconds(clock_ns, frame, frame + side)
            sign = 1 if side == step else -1
            nx, ny, _ = next_shape.translation_m
            turned = wrap_angle(next_shape.yaw_rad - start.yaw_rad)
            scale = sign / gone_s
            return Motion(x, y, start.yaw_rad, (nx - x) * scale, (ny - y) * scale, turned * scale, is_known=True)
    return still


def _close(keyframes: list[Keyframe], end: Keyframe, follower: Follower, step_s: float) -> tuple[Keyframe, ...]:
    """The keyframes with what is left to the end's own shape shared out over them, if it is little."""
    target = end.shape
    try:
        found, _ = follower.follow(end.frame, step_s)
    except LostError:
        return _in_order(keyframes)
    if not isinstance(target, Pose):
        return _in_order(keyframes)
    left = [b - a for a, b in zip(found.translation_m, target.translation_m, strict=True)]
    turn = wrap_angle(target.yaw_rad - found.yaw_rad)
    if math.hypot(*left) > CLOSE_M or abs(turn) > CLOSE_RAD:
        return _in_order(keyframes)
    closed = []
    for number, keyframe in enumerate(keyframes, start=1):
        share = number / (len(keyframes) + 1)
        closed.append(replace(keyframe, shape=_shifted(keyframe.shape, left, turn, share)))
    return _in_order(closed)


def _shifted(shape: Shape, left: list[float], turn: float, share: float) -> Shape:
    if not isinstance(shape, Pose):
        return shape
    x, y, z = (a + share * b for a, b in zip(shape.translation_m, left, strict=True))
    return Pose((Pose.from_yaw(turn * share) @ Pose(shape.rotation_wxyz)).rotation_wxyz, (x, y, z))


def _seconds(clock_ns: Int64s, a: int, b: int) -> float:
    return abs(int(clock_ns[b]) - int(clock_ns[a])) * 1e-9


def _in_order(keyframes: list[Keyframe]) -> tuple[Keyframe, ...]:
    return tuple(sorted(keyframes, key=lambda each: each.frame))
