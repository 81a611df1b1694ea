"""Warming: every kernel of this layer compiled, or read from its cache, before someone waits for it."""

import numpy as np

from worldline.geometry import Box, Pose
from worldline.geometry.arrays import Float32s
from worldline.geometry.pose import Vector
from worldline.geometry.prior import SizePrior

from .interpolate import boxes_at, poses_at
from .keyframe import Keyframe
from .propagate import propagate
from .solve import solve_track
from .span import Span
from .street import Street
from .track import Track
from .trail import Surroundings


def warm_up() -> None:
    """Interpolate, propagate and solve once, on next to nothing."""
    clock_ns = np.arange(3, dtype=np.int64) * 100_000_000
    size_m = (4.0, 2.0, 1.5)
    side = np.linspace(-1, 1, 21)
    wall = np.stack([2 * side, np.full_like(side, -1.0), 0.6 * side + 0.85], axis=1)
    x, y = (each.ravel() for each in np.meshgrid(8 * side, 8 * side))
    scene = np.concatenate([wall, np.stack([x, y, np.zeros_like(x)], axis=1)]).astype(np.float32)

    def sweeps(frame: int, around: Vector, radius_m: float) -> Float32s:  # noqa: ARG001
        return scene

    spans = (Span(0, 3),)
    start, end = Keyframe(0, Pose((1, 0, 0, 0), (0, 0, 0.75))), Keyframe(2, Pose((1, 0, 0, 0), (0, 0, 0.75)))
    propagate(Track("warm", "warm", size_m=size_m, keyframes=(start,), spans=spans), 0, "forward", 1, sweeps, clock_ns)
    poses_at(Track("warm", "warm", size_m=size_m, keyframes=(start, end), spans=spans), (1,), clock_ns)
    boxes = (Keyframe(0, Box(0, 0, 1, 1)), Keyframe(2, Box(1, 1, 2, 2)))
    boxes_at(Track("warm", "warm", kind="box", keyframes=boxes, spans=spans), (1,), clock_ns)
    _solve_once(scene)


def _solve_once(scene: Float32s) -> None:
    """A street, and what stands and what moves on it, as a car and as a person."""
    count, frames = 12, range(12)
    clock_ns = np.arange(count, dtype=np.int64) * 100_000_000
    eyes = np.zeros((count, 2))
    eyes[:, 1] = -8.0

    def sweeps(frame: int, around: Vector, radius_m: float) -> Float32s:  # noqa: ARG001
        return scene

    def sensor_at(frame: int) -> Vector:
        return (float(eyes[frame, 0]), float(eyes[frame, 1]), 1.8)

    street = Street.from_sweeps(lambda _: scene, eyes, np.arange(count, dtype=np.float64) / 10, 20.0)
    around = Surroundings(sweeps, clock_ns, sensor_at, street)
    click = Keyframe(5, Pose((1, 0, 0, 0), (0, 0, 0.75)), "human", quality=0.5)
    drawn = Keyframe(9, Pose((1, 0, 0, 0), (0, 0, 0.75)))
    for size_m in ((4.0, 2.0, 1.5), (0.6, 0.6, 1.7)):
        prior = SizePrior(size_m, (0.3, 0.1, 0.1))
        track = Track("warm", "warm", size_m=size_m, keyframes=(click,), spans=(Span(0, count),))
        for is_still in (None, True, False):
            solve_track(track, frames, around, prior, is_still)
        solve_track(track.with_keyframe(drawn), frames, around, prior, False)
