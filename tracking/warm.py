"""Warming: every kernel of this layer compiled, or read from its cache, before someone waits for it."""

import numpy as np

from worldline.geometry import Box, Pose
from worldline.geometry.arrays import Float32s
from worldline.geometry.pose import Vector

from .interpolate import boxes_at, poses_at
from .keyframe import Keyframe
from .propagate import propagate
from .span import Span
from .track import Track


def warm_up() -> None:
    """Interpolate and propagate once, on next to nothing."""
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
