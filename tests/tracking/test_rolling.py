"""Laws of following what moves while the lidar turns."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.geometry.strategies import whole_sweep
from worldline.geometry import Cuboid, Pose
from worldline.tracking import Keyframe, Span, Track
from worldline.tracking.propagate import Propagation, propagate
from worldline.tracking.rolling import OwnMotion, RestedSweeps, follow_rested, mean_time_s
from worldline.tracking.scan import Sweeps

SIZE = (4.4, 1.8, 1.5)
PERIOD_S = 0.1
FRAMES = 28
CLOCK = np.arange(FRAMES, dtype=np.int64) * 100_000_000


class Passing:
    """A car that drives past a lidar which stands at the origin, 1.8 m over a flat street, and turns."""

    def __init__(self, speed_mps: float, beside_m: float = 6.0) -> None:
        self.speed_mps, self.beside_m = speed_mps, beside_m
        rng = np.random.default_rng(1)
        along, up = (each.ravel() for each in np.meshgrid(np.linspace(-2.2, 2.2, 45), np.linspace(-0.7, 0.75, 12)))
        across, high = (each.ravel() for each in np.meshgrid(np.linspace(-0.9, 0.9, 19), np.linspace(-0.7, 0.75, 12)))
        ends = [np.stack([np.full_like(across, side * 2.2), across, high], axis=1) for side in (1, -1)]
        self._own = np.concatenate([np.stack([along, np.full_like(along, 0.9), up], axis=1), *ends])
        self._street = np.column_stack([rng.uniform(-60, 60, (20000, 2)), np.full(20000, -1.8)])

    def pose(self, time_s: float) -> Pose:
        """The truth."""
        return Pose.from_yaw(math.pi, (20.0 - self.speed_mps * time_s, self.beside_m, -1.05))

    def timed(self, frame: int, around: tuple[float, float, float], radius_m: float):
        """What the lidar sees, and when."""
        time_s = frame * 0.1
        turned = self.pose(0).rotation @ self._own.T
        offset = np.zeros(len(self._own))
        for _ in range(4):  # when the beam meets a point depends on where it is then
            gone = np.outer(time_s + offset, [-self.speed_mps, 0, 0])
            places = turned.T + np.array(self.pose(0).translation_m) + gone
            offset = self._when(places)
        seen = np.concatenate([places, self._street]).astype(np.float32)
        offset = np.concatenate([offset, self._when(self._street)]).astype(np.float32)
        near = np.hypot(seen[:, 0] - around[0], seen[:, 1] - around[1]) <= radius_m
        return seen[near], offset[near]

    @staticmethod
    def _when(places: np.ndarray) -> np.ndarray:
        """Clockwise from straight behind, the middle of the turn straight ahead."""
        return -np.arctan2(places[:, 1], places[:, 0]) / (2 * math.pi) * PERIOD_S


def start_of(car: Passing) -> Track:
    return Track("1", "1", size_m=SIZE, keyframes=(Keyframe(0, car.pose(0.0)),), spans=(Span(0, FRAMES),))


def follow(car: Passing, timed) -> Propagation:
    track = start_of(car)

    def run(sweeps: Sweeps) -> Propagation:
        return propagate(track, 0, "forward", FRAMES - 1, sweeps, CLOCK, lambda _: (0.0, 0.0, 0.0))

    return follow_rested(track, run, timed, CLOCK)


def errors_m(car: Passing, made: Propagation) -> np.ndarray:
    """How far each centre is behind the truth, along the motion."""
    return np.array([key.shape.translation_m[0] - car.pose(key.frame * 0.1).translation_m[0] for key in made.keyframes])


@whole_sweep
def test_the_bias_at_15_mps_falls_by_more_than_five_times() -> None:
    car = Passing(15.0)
    ignoring = follow(car, lambda *asked: (car.timed(*asked)[0], None))
    rested = follow(car, car.timed)
    assert len(ignoring.keyframes) == len(rested.keyframes) == FRAMES - 1
    assert np.abs(errors_m(car, ignoring)).max() > 0.4
    assert np.abs(errors_m(car, ignoring)).mean() > 5 * np.abs(errors_m(car, rested)).mean()


@whole_sweep
def test_what_stands_still_is_followed_as_before() -> None:
    car = Passing(0.0)
    ignoring = follow(car, lambda *asked: (car.timed(*asked)[0], None))
    assert follow(car, car.timed) == ignoring


def test_sweeps_without_times_are_handed_on_untouched() -> None:
    car = Passing(15.0)
    points = car.timed(3, (0, 0, 0), 100.0)[0]
    asked = []

    def run(sweeps: Sweeps) -> Propagation:
        asked.append(sweeps(3, (0, 0, 0), 100.0))
        return Propagation((Keyframe(3, Pose(), "propagated"),))

    moving = replace(start_of(car), keyframes=tuple(Keyframe(k, car.pose(k / 10)) for k in range(5)))
    follow_rested(moving, run, lambda *_: (points, None), CLOCK)
    assert len(asked) == 1
    assert asked[0] is points


def test_a_known_motion_brings_a_car_together() -> None:
    car = Passing(15.0)
    truth = Track(
        "1", "1", size_m=SIZE, keyframes=tuple(Keyframe(k, car.pose(k / 10)) for k in range(FRAMES)),
        spans=(Span(0, FRAMES),),
    )  # fmt: skip
    sweeps = RestedSweeps(car.timed, OwnMotion.of_track(truth, CLOCK), CLOCK)
    for frame in (0, 8, 13, 20):
        pose = car.pose(frame / 10)
        wide = Cuboid(pose, tuple(side + 0.04 for side in SIZE))
        seen = car.timed(frame, pose.translation_m, 5.0)[0]
        rested = sweeps(frame, pose.translation_m, 5.0)
        raised = rested[:, 2] > -1.79
        assert wide.contains(rested[raised]).all()
        if abs(frame - 13) > 4:
            continue
        assert not wide.contains(seen[seen[:, 2] > -1.79]).all()


@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(-0.5, 0.5))
def test_an_even_motion_is_told_exactly(vx: float, vy: float, turn: float) -> None:
    keys = tuple(Keyframe(k, Pose.from_yaw(3.0 + turn * k / 10, (vx * k / 10, vy * k / 10, 0.0))) for k in range(9))
    motion = OwnMotion.of_track(Track("1", "1", size_m=SIZE, keyframes=keys, spans=(Span(0, 9),)), CLOCK)
    velocity, rate = motion.at(0.33)
    assert (*velocity, rate) == pytest.approx((vx, vy, 0.0, turn), abs=1e-6)
    assert motion.fastest_mps == pytest.approx(math.hypot(vx, vy), abs=1e-6)


def test_too_few_keyframes_tell_no_motion() -> None:
    car = Passing(15.0)
    assert OwnMotion.of_track(start_of(car), CLOCK).at(0.0) is None
    slow = np.arange(FRAMES, dtype=np.int64) * 4_000_000_000
    two = replace(start_of(car), keyframes=(Keyframe(0, car.pose(0)), Keyframe(1, car.pose(4))))
    assert OwnMotion.of_track(two, slow).at(0.0) is None


def test_the_mean_time_of_a_cuboid_is_that_of_its_own_points() -> None:
    points = np.array([[0, 0, 0], [0.5, 0, 0], [9, 0, 0], [np.nan, 0, 0]], dtype=np.float32)
    offsets = np.array([0.01, 0.03, 9.0, 9.0], dtype=np.float32)
    assert mean_time_s(points, offsets, Cuboid(Pose(), (2, 2, 2))) == pytest.approx(0.02)
    assert mean_time_s(points, offsets, Cuboid(Pose(translation_m=(50, 0, 0)), (2, 2, 2))) is None
