"""Laws of bringing the points of a sweep to one instant."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.geometry.strategies import floats, poses, vectors
from worldline.geometry import CloudError, Pose, interpolate_pose
from worldline.geometry.crop import move_points
from worldline.geometry.deskew import move_timed_points, poses_within, rest_points

seeds = st.integers(0, 2**32 - 1)


@given(st.lists(poses, min_size=1, max_size=4), seeds)
def test_each_point_is_moved_by_the_poses_around_its_own_time(knots: list[Pose], seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, times = rng.normal(0, 20, (40, 3)).astype(np.float32), rng.uniform(-0.5, len(knots) - 0.5, 40)
    points[::9, 1] = np.nan
    moved, kept = move_timed_points(points, times, np.arange(len(knots), dtype=np.float64), knots)
    assert kept.tolist() == np.flatnonzero(np.isfinite(points).all(axis=1)).tolist()
    for number, place in zip(kept.tolist(), moved, strict=True):
        time = float(np.clip(times[number], 0, len(knots) - 1))
        k = min(int(time), max(len(knots) - 2, 0))
        before, behind = (knots[min(j, len(knots) - 1)].apply(points[number]) for j in (k, k + 1))
        assert place == pytest.approx(before + (time - k) * (behind - before), abs=1e-3)


@given(poses, seeds)
def test_a_sensor_that_stands_still_needs_no_times(pose: Pose, seed: int) -> None:
    points = np.random.default_rng(seed).normal(0, 20, (30, 3)).astype(np.float32)
    moved, _ = move_timed_points(points, np.linspace(-1, 1, 30), np.array([-0.05, 0.05]), [pose, pose])
    assert moved == pytest.approx(move_points(points, pose), abs=1e-4)


@given(vectors(30.0), floats(0.5), seeds)
def test_what_moves_evenly_is_put_together_again(velocity: tuple[float, float, float], turn: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    own, times = rng.normal(0, 2, (30, 3)), rng.uniform(-0.05, 0.05, 30)
    seen = np.array(
        [
            Pose.from_yaw(turn * time, tuple(np.array([5.0, 2.0, 0.0]) + np.array(velocity) * time)).apply(point)
            for point, time in zip(own, times, strict=True)
        ]
    ).astype(np.float32)
    rested = rest_points(seen, times, velocity, turn, (5.0, 2.0, 0.0))
    assert rested == pytest.approx(own + np.array([5.0, 2.0, 0.0]), abs=1e-4)


def test_a_driving_sensor_sees_a_wall_straight() -> None:
    start, end = Pose.from_yaw(-0.02, (-1.0, 0.0, 0.0)), Pose.from_yaw(0.02, (1.0, 0.0, 0.0))
    times = np.linspace(-0.05, 0.05, 200)
    wall = np.stack([np.full(200, 20.0), np.linspace(-5, 5, 200), np.zeros(200)], axis=1)
    at = [interpolate_pose(start, end, float(time / 0.1 + 0.5)) for time in times]
    seen = np.array([pose.inverse().apply(point) for pose, point in zip(at, wall, strict=True)]).astype(np.float32)
    knot_s = poses_within(-0.05, 0.05, 0.01)
    knots = [interpolate_pose(start, end, float(time / 0.1 + 0.5)) for time in knot_s]
    moved, _ = move_timed_points(seen, times, knot_s, knots)
    assert np.abs(seen - wall).max() > 0.5
    assert np.abs(moved - wall).max() < 1e-3


def test_times_that_fit_no_points_are_refused() -> None:
    points = np.zeros((3, 3), np.float32)
    with pytest.raises(CloudError, match="one time each"):
        move_timed_points(points, np.zeros(2), np.array([0.0]), [Pose()])
    with pytest.raises(CloudError, match="strictly increasing"):
        move_timed_points(points, np.zeros(3), np.array([0.0, 0.0]), [Pose(), Pose()])
    with pytest.raises(CloudError, match="strictly increasing"):
        move_timed_points(points, np.zeros(3), np.array([]), [])
    with pytest.raises(CloudError, match="one time each"):
        rest_points(points, np.zeros(2), (1.0, 0.0, 0.0))
