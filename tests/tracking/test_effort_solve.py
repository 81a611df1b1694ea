"""Laws of the annotator who solves whole tracks: what he counts, and that he ends with every frame right."""

import numba
import numpy as np
import pytest

from tests.tracking.street import CAR, Street, drive, move_sensor
from tests.tracking.test_effort import ride_of, target_of
from worldline.geometry import Cuboid, Pose
from worldline.geometry.prior import SizePrior
from worldline.tracking import street as street_map
from worldline.tracking.effort import Hand, explain_fault
from worldline.tracking.effort_solve import Solver, label_by_solving
from worldline.tracking.solve import Solution, solve_track
from worldline.tracking.trail import Surroundings

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="following takes minutes in plain Python")

COUNT = 30
PRIOR = SizePrior((4.2, 1.75, 1.55), (0.45, 0.15, 0.15))
PARKED = drive(COUNT, (12, 4, 0.2), 0)
STEADY = drive(COUNT, (12, 0, 0), 8)


def solver_of(street: Street, begin: Cuboid) -> Solver:
    eyes = street.sensor[:, :2].astype(np.float64)
    found = street_map.Street.from_sweeps(street.sweep, eyes, street.clock_ns * 1e-9, 60.0)
    around = Surroundings(street.sweep, street.clock_ns, street.sensor_at, found)
    return Solver(
        lambda *_: begin,
        lambda track, frames, _, is_still: solve_track(track, frames, around, PRIOR, is_still),
        street.sweep,
        ride_of(street.sensor),
    )


@pytest.mark.parametrize("path", [PARKED, STEADY])
def test_a_click_a_little_off_is_all_it_takes(path: list[Pose]) -> None:
    street = Street([path], [CAR], move_sensor(COUNT, 8.0))
    x, y, z = path[0].translation_m
    rough = Cuboid(Pose.from_yaw(path[0].yaw_rad, (x + 0.3, y - 0.2, z)), PRIOR.mean_m)
    outcome = label_by_solving(target_of(path), solver_of(street, rough), Hand(1, "7"))
    assert (outcome.actions, outcome.commands, dict(outcome.causes)) == (1, 1, {})
    assert outcome.looked == COUNT


def test_a_tool_that_is_always_wrong_costs_one_action_a_frame_and_the_click() -> None:
    target = target_of(STEADY)
    street = Street([STEADY], [CAR], move_sensor(COUNT, 8.0))
    wrong = Cuboid(Pose.from_yaw(0.0, (500.0, 0.0, 0.0)), CAR)
    plain = solver_of(street, wrong)

    def never(track: object, frames: list[int], *_: object) -> Solution:
        drawn = tuple(each for each in track.keyframes if each.is_drawn)  # type: ignore[attr-defined]
        keyframes = drawn or track.keyframes  # type: ignore[attr-defined]
        return Solution(keyframes, track.size_m, False, (), dict.fromkeys(frames, 0.5))  # type: ignore[attr-defined]

    outcome = label_by_solving(target, Solver(plain.begin, never, plain.sweeps, plain.ride), Hand(1, "7"))
    assert 2 <= outcome.actions <= COUNT + 1  # curves through what was drawn are right at last
    assert sum(outcome.causes.values()) == outcome.actions - 1


def test_faults_are_told_apart() -> None:
    target = target_of(STEADY)
    row = target.rows[3:4]
    assert explain_fault(target, 3, row) is None
    assert explain_fault(target, 3, row + np.array([0, 0, 0, 0, 0, 0, np.pi])) == "other way round"
    assert explain_fault(target, 3, row + np.array([0, 0, 0, 0, 0, 0, 0.3])) == "heading"
    assert explain_fault(target, 3, row + np.array([2.0, 0, 0, 0, 0, 0, 0])) == "place or size"
