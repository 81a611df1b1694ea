"""Laws of solving a whole track from one click or from what a person set."""

import math
from functools import cache

import numba
import numpy as np
import pytest

from tests.tracking.street import CAR, Street, drive, move_sensor
from worldline.geometry import Pose
from worldline.geometry.prior import SizePrior
from worldline.tracking import Keyframe, PropagationError, Span, Track
from worldline.tracking import street as street_map
from worldline.tracking.presence import BRIDGED_S, find_presence, present_spans
from worldline.tracking.solve import Solution, solve_track, suggest_frames
from worldline.tracking.trail import Surroundings

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="following takes minutes in plain Python")

COUNT = 40
PRIOR = SizePrior((4.2, 1.75, 1.55), (0.45, 0.15, 0.15))
PARKED = drive(COUNT, (16, 5, 0.2), 0)
GONE = drive(COUNT, (10, 0, 0), 9)
TURNING = drive(COUNT, (14, -6, 0.3), 8, turn_radps=0.2)


@cache
def street_of(which: str) -> Street:
    path = {"parked": PARKED, "gone": GONE, "turning": TURNING}[which]
    return Street([path], [CAR], move_sensor(COUNT, 8.0))


def surroundings(street: Street) -> Surroundings:
    clock_ns = street.clock_ns
    eyes = street.sensor[:, :2].astype(np.float64)
    found = street_map.Street.from_sweeps(street.sweep, eyes, clock_ns * 1e-9, 60.0)
    return Surroundings(street.sweep, clock_ns, street.sensor_at, found)


def clicked(street: Street, frame: int, off: tuple[float, float, float] = (0.5, 0.3, 2.8)) -> Track:
    """A click's cuboid: half a metre off, nearly the other way round, of the usual size."""
    truth = street.paths[0][frame]
    x, y, z = truth.translation_m
    pose = Pose.from_yaw(truth.yaw_rad + off[2], (x + off[0], y + off[1], z))
    keyframes = (Keyframe(frame, pose, "human", quality=0.6),)
    return Track("t", "o", size_m=PRIOR.mean_m, keyframes=keyframes, spans=(Span(0, COUNT),))


@cache
def solved(which: str) -> Solution:
    street = street_of(which)
    return solve_track(clicked(street, 5), range(COUNT), surroundings(street), PRIOR)


def errors(solution: Solution, street: Street) -> tuple[np.ndarray, np.ndarray]:
    away, turned = [], []
    for each in solution.keyframes:
        truth = street.paths[0][each.frame]
        away.append(math.dist(each.shape.translation_m, truth.translation_m))
        turned.append(abs(np.angle(np.exp(1j * (each.shape.yaw_rad - truth.yaw_rad)))))
    return np.array(away), np.array(turned)


@pytest.mark.parametrize("which", ["gone", "turning"])
def test_one_bad_click_on_what_moves_is_put_right_by_all_frames(which: str) -> None:
    solution = solved(which)
    away, turned = errors(solution, street_of(which))
    assert not solution.is_still
    assert [each.frame for each in solution.keyframes] == list(range(COUNT))
    assert {each.source for each in solution.keyframes} == {"propagated"}
    assert np.quantile(away, 0.9) < 0.3
    assert turned.max() < math.radians(10)
    np.testing.assert_allclose(solution.size_m, CAR, atol=0.3)


def test_what_stands_gets_one_cuboid() -> None:
    street = street_of("parked")
    solution = solve_track(clicked(street, 5, (0.4, 0.2, 0.1)), range(COUNT), surroundings(street), PRIOR)
    away, turned = errors(solution, street)
    assert solution.is_still
    assert len(solution.keyframes) == 1
    assert away[0] < 0.3
    assert turned[0] < math.radians(5)
    assert suggest_frames(solution) == [5]


@pytest.mark.parametrize("which", ["gone", "turning"])
def test_what_a_person_set_stays_to_the_last_bit(which: str) -> None:
    street = street_of(which)
    drawn = (
        Keyframe(3, Pose.from_yaw(0.7, (11, 0.2, 0.8))),
        Keyframe(20, street.paths[0][20], "propagated", verified_by="Ada"),
    )
    track = Track("t", "o", size_m=(4.1, 1.7, 1.4), keyframes=drawn, spans=(Span(0, COUNT),))
    solution = solve_track(track, range(COUNT), surroundings(street), PRIOR, is_still=False)
    kept = {each.frame: each for each in solution.keyframes}
    assert kept[3] == drawn[0]
    assert kept[20] == drawn[1]
    assert solution.size_m == track.size_m
    assert not {3, 20} & set(suggest_frames(solution))


def test_turning_the_world_turns_the_solution() -> None:
    street = street_of("gone")
    turn = Pose.from_yaw(0.9, (30.0, -20.0, 3.0))
    moved = Street([[turn @ pose for pose in street.paths[0]]], [CAR], turn.apply(street.sensor))
    moved._sweeps.update({frame: turn.apply(street.sweep(frame)).astype(np.float32) for frame in range(COUNT)})
    track = clicked(street, 5)
    there = Keyframe(5, turn @ track.keyframes[0].shape, "human", quality=0.6)
    plain = Surroundings(street.sweep, street.clock_ns, street.sensor_at)
    turned = Surroundings(moved.sweep, moved.clock_ns, moved.sensor_at)
    a = solve_track(track, range(COUNT), plain, PRIOR, is_still=False)
    b = solve_track(
        Track("t", "o", size_m=PRIOR.mean_m, keyframes=(there,), spans=track.spans),
        range(COUNT),
        turned,
        PRIOR,
        is_still=False,
    )
    for one, other in zip(a.keyframes, b.keyframes, strict=True):
        assert math.dist((turn @ one.shape).translation_m, other.shape.translation_m) < 0.25


def test_time_backwards_gives_the_same_places() -> None:
    street = street_of("gone")
    back = Street([street.paths[0][::-1]], [CAR], street.sensor[::-1].copy())
    back._sweeps.update({frame: street.sweep(COUNT - 1 - frame) for frame in range(COUNT)})
    there = solve_track(clicked(street, 5), range(COUNT), surroundings(street), PRIOR, is_still=False)
    here = solve_track(clicked(back, COUNT - 6), range(COUNT), surroundings(back), PRIOR, is_still=False)
    for one, other in zip(there.keyframes, reversed(here.keyframes), strict=True):
        assert math.dist(one.shape.translation_m, other.shape.translation_m) < 0.15


def test_the_least_sure_frames_are_suggested_first() -> None:
    solution = solved("gone")
    order = [solution.qualities[frame] for frame in suggest_frames(solution)]
    assert order == sorted(order)
    assert all(0 <= quality <= 1 for quality in order)


def test_a_track_without_a_cuboid_there_is_refused() -> None:
    street = street_of("gone")
    with pytest.raises(PropagationError, match="no cuboid in the frames asked for"):
        solve_track(clicked(street, 5), range(10, 20), surroundings(street), PRIOR)


def test_presence_ends_where_it_was_last_seen_and_bridges_what_hides_it() -> None:
    clock_ns = np.arange(100, dtype=np.int64) * 100_000_000
    gap = int(BRIDGED_S * 10)
    hidden = {0, 1, 20, 21, *range(50, 52 + gap), *range(90, 100)}
    assert find_presence(range(100), hidden, 10, clock_ns) == list(range(2, 50))
    spans = present_spans(range(18, 24), hidden)
    assert [(span.start, span.end, span.occlusion) for span in spans] == [(18, 20, 0), (20, 22, 2), (22, 24, 0)]
