"""Tracks for property tests."""

import math

import numpy as np
from hypothesis import strategies as st

from worldline.geometry import Pose
from worldline.tracking import Keyframe, Span, Track

FRAME_COUNT = 30

metres = st.floats(-60, 60, allow_subnormal=False).map(lambda value: round(value, 6))


@st.composite
def poses(draw: st.DrawFn, upright: bool = False) -> Pose:
    """Poses near the origin."""
    center = (draw(metres), draw(metres), draw(metres))
    if upright:
        return Pose.from_yaw(draw(st.floats(-math.pi, math.pi)), center)
    q = np.array([draw(st.floats(-1, 1)) for _ in range(4)])
    norm = float(np.linalg.norm(q))
    w, x, y, z = (q / norm).tolist() if norm > 0.1 else (1.0, 0.0, 0.0, 0.0)
    return Pose((w, x, y, z), center)


@st.composite
def clocks(draw: st.DrawFn) -> np.ndarray:
    """Strictly increasing clocks, even or not, of today's times."""
    steps = draw(st.lists(st.integers(20_000_000, 400_000_000), min_size=FRAME_COUNT, max_size=FRAME_COUNT))
    return 1_700_000_000_000_000_000 + np.cumsum(np.array(steps, dtype=np.int64))


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    """Spans in order."""
    ends = draw(st.lists(st.integers(0, FRAME_COUNT), min_size=2, max_size=8, unique=True).map(sorted))
    whole = draw(st.booleans())
    if whole:
        return (Span(0, FRAME_COUNT),)
    return tuple(Span(a, b, draw(st.integers(0, 3))) for a, b in zip(ends[::2], ends[1::2], strict=False))


@st.composite
def tracks(draw: st.DrawFn, upright: bool = False, whole: bool = False) -> Track:
    """Cuboid tracks with one to eight keyframes, some of them equal to the one before."""
    frames = draw(st.lists(st.integers(0, FRAME_COUNT - 1), min_size=1, max_size=8, unique=True).map(sorted))
    keyframes: list[Keyframe] = []
    for frame in frames:
        stands = keyframes and draw(st.integers(0, 3)) == 0
        keyframes.append(Keyframe(frame, keyframes[-1].shape if stands else draw(poses(upright))))
    present = (Span(0, FRAME_COUNT),) if whole else draw(spans())
    return Track("t", "o", size_m=(4.5, 1.8, 1.6), keyframes=tuple(keyframes), spans=present)
