"""Cropping and moving a sweep agrees with doing it point by point."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import naive
from worldline.geometry import CloudError, Pose
from worldline.geometry.crop import move_points

ANGLES = st.floats(-math.pi, math.pi)
SHIFTS = st.tuples(*[st.floats(-1000, 1000)] * 3)


@given(seed=st.integers(0, 2**32 - 1), yaw=ANGLES, tilt=ANGLES, shift=SHIFTS, radius=st.floats(0, 80))
def test_it_agrees_with_its_twin(seed: int, yaw: float, tilt: float, shift: tuple, radius: float) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 30, (40, 3)).astype(np.float32)
    points[rng.random(40) < 0.1, 1] = np.nan
    points[rng.random(40) < 0.1, 2] = np.inf
    a_from_b = Pose.from_yaw(yaw, shift) @ Pose((math.cos(tilt / 2), math.sin(tilt / 2), 0, 0))
    around = (shift[0] + 5, shift[1] - 5, 0.0)
    found, twin = move_points(points, a_from_b, around, radius), naive.move_points(points, a_from_b, around, radius)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, twin, atol=1e-3)


@given(seed=st.integers(0, 2**32 - 1))
def test_without_a_radius_every_finite_point_is_moved_in_order(seed: int) -> None:
    points = np.random.default_rng(seed).normal(0, 30, (20, 3))
    pose = Pose.from_yaw(0.4, (1, 2, 3))
    np.testing.assert_allclose(move_points(points, pose), pose.apply(points), rtol=1e-6, atol=1e-5)


def test_a_point_exactly_at_the_radius_is_kept() -> None:
    points = np.array([[3, 4, 9], [3, 4.001, 0]], dtype=np.float32)
    assert move_points(points, Pose(), (0, 0, 0), 5.0).tolist() == [[3, 4, 9]]


def test_no_points_give_no_points() -> None:
    assert move_points(np.zeros((0, 3), dtype=np.float32), Pose()).shape == (0, 3)


def test_what_is_no_list_of_points_is_refused() -> None:
    with pytest.raises(CloudError):
        move_points(np.zeros((4, 2)), Pose())
