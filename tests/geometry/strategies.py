"""Random things in space, for property tests of any layer."""

import math

import numba
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from worldline.geometry import Cuboid, Pose

IS_COMPILED = not numba.config.DISABLE_JIT
whole_sweep = pytest.mark.skipif(not IS_COMPILED, reason="a whole sweep takes minutes without compiled kernels")
compiled = pytest.mark.skipif(not IS_COMPILED, reason="nothing is compiled")


def examples(count: int) -> settings:
    """So many examples; a tenth where the kernels run as plain Python."""
    return settings(max_examples=count if IS_COMPILED else max(2, count // 10))


angles = st.floats(-math.pi, math.pi)
lengths = st.floats(0.1, 20.0)


def floats(bound: float) -> st.SearchStrategy[float]:
    return st.floats(-bound, bound, allow_nan=False, allow_subnormal=False)


def vectors(bound: float = 100.0) -> st.SearchStrategy[tuple[float, float, float]]:
    return st.tuples(floats(bound), floats(bound), floats(bound))


@st.composite
def quaternions(draw: st.DrawFn) -> tuple[float, float, float, float]:
    values = np.array(draw(st.tuples(*[floats(1.0)] * 4).filter(lambda q: sum(v * v for v in q) > 1e-2)))
    w, x, y, z = values / np.linalg.norm(values)
    return (float(w), float(x), float(y), float(z))


poses = st.builds(Pose, quaternions(), vectors())
upright_poses = st.builds(Pose.from_yaw, angles, vectors(10.0))
sizes = st.tuples(lengths, lengths, lengths)
cuboids = st.builds(Cuboid, poses, sizes)
upright_cuboids = st.builds(Cuboid, upright_poses, sizes)
