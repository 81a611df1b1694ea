"""Rules find what was made wrong, where it was, and nothing in what is right."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldline.geometry import Pose
from worldline.tracking import Keyframe, Span, Track
from worldline.tracking.findings import Finding, Limits, Subject, inspect_scene
from worldline.tracking.findings.motion import derivatives

FRAMES = 60
CLOCK_NS = 10**18 + 10**8 * np.arange(FRAMES, dtype=np.int64)
SIZE_M = (4.2, 1.8, 1.5)


def drive(name: str = "a", *, speed_mps: float = 10.0, turn_radps: float = 0.1, left_m: float = 0.0) -> Track:
    """A car on a circle, a keyframe in each frame."""
    keyframes, x, y = [], 0.0, left_m
    for frame in range(FRAMES):
        yaw = turn_radps * frame / 10
        keyframes.append(Keyframe(frame, Pose.from_yaw(yaw, (x, y, 0.75))))
        x, y = (
            x + speed_mps / 10 * math.cos(yaw + turn_radps / 20),
            y + speed_mps / 10 * math.sin(yaw + turn_radps / 20),
        )
    return Track(name, name, size_m=SIZE_M, keyframes=tuple(keyframes), spans=(Span(0, FRAMES),))


def car(track: Track) -> Subject:
    return Subject(track, "car", (4.2, 1.75, 1.55), (0.45, 0.15, 0.15))


def changed(track: Track, frame: int, shape: Pose) -> Track:
    return track.with_keyframe(Keyframe(frame, shape))


def pose_at(track: Track, frame: int) -> Pose:
    shape = track.keyframes[frame].shape
    assert isinstance(shape, Pose)
    return shape


def rules(found: list[Finding]) -> set[str]:
    return {each.rule for each in found}


@given(st.floats(0, 30), st.floats(-0.4, 0.4), st.integers(0, 2**32 - 1))
def test_a_hand_that_draws_a_possible_drive_is_left_alone(speed: float, turn: float, seed: int) -> None:
    turn = math.copysign(min(abs(turn), 5.0 / max(speed, 1.0)), turn)  # tyres hold
    rng = np.random.default_rng(seed)
    track = drive(speed_mps=speed, turn_radps=turn)
    for frame in range(FRAMES):
        pose = pose_at(track, frame)
        x, y, z = (np.array(pose.translation_m) + rng.normal(0, 0.02, 3)).tolist()
        track = changed(track, frame, Pose.from_yaw(pose.yaw_rad + rng.normal(0, 0.01), (x, y, z)))
    assert inspect_scene([car(track)], CLOCK_NS) == []


def test_a_jump_is_found_where_it_is() -> None:
    track = drive()
    x, y, z = pose_at(track, 30).translation_m
    found = inspect_scene([car(changed(track, 30, Pose.from_yaw(pose_at(track, 30).yaw_rad, (x + 4, y, z))))], CLOCK_NS)
    assert "acceleration" in rules(found)
    assert all(abs(each.frame - 30) <= 5 for each in found)


def test_a_car_drawn_backwards_is_found_in_every_frame() -> None:
    track = drive()
    for frame in range(FRAMES):
        pose = pose_at(track, frame)
        track = changed(track, frame, Pose.from_yaw(pose.yaw_rad + math.pi, pose.translation_m))
    (found,) = inspect_scene([car(track)], CLOCK_NS)
    assert (found.rule, found.start, found.end) == ("against_motion", 0, FRAMES)
    assert found.value == pytest.approx(math.pi, abs=0.02)


def test_a_spin_is_found_and_a_person_may_spin() -> None:
    track = drive(speed_mps=0.0, turn_radps=2.0)
    assert rules(inspect_scene([car(track)], CLOCK_NS)) == {"turn_rate"}
    assert inspect_scene([Subject(track, "pedestrian")], CLOCK_NS) == []


def test_speed_is_measured_in_metres_a_second_whatever_the_clock() -> None:
    fast = drive(speed_mps=70.0, turn_radps=0.0)
    (found,) = inspect_scene([car(fast)], CLOCK_NS)
    assert (found.rule, round(found.value)) == ("speed", 70)
    slow_clock = 10**18 + 10 * (CLOCK_NS - 10**18)
    assert inspect_scene([car(fast)], slow_clock) == []


def test_what_overlaps_and_what_is_drawn_twice() -> None:
    a, b = drive("a", turn_radps=0), drive("b", turn_radps=0, left_m=0.2)
    (found,) = inspect_scene([car(a), car(b)], CLOCK_NS)
    assert (found.rule, found.track_id, found.other_id, found.start, found.end) == ("duplicate", "a", "b", 0, FRAMES)
    (found,) = inspect_scene([car(a), car(drive("b", turn_radps=0, left_m=1.2))], CLOCK_NS)
    assert found.rule == "overlap"
    assert found.value == pytest.approx(0.6 / 1.8, abs=0.02)
    assert inspect_scene([car(a), car(drive("b", turn_radps=0, left_m=1.9))], CLOCK_NS) == []
    raised = b
    for frame in range(FRAMES):
        x, y, z = pose_at(raised, frame).translation_m
        raised = changed(raised, frame, Pose.from_yaw(pose_at(raised, frame).yaw_rad, (x, y, z + 5)))
    assert inspect_scene([car(a), car(raised)], CLOCK_NS) == []  # on a bridge


def test_sizes_gaps_and_surroundings() -> None:
    track = drive()
    assert rules(inspect_scene([car(track.with_size((12.0, 1.8, 1.5)))], CLOCK_NS)) == {"size"}
    parted = track.with_spans((Span(0, 20), Span(22, 60)))
    (found,) = inspect_scene([car(parted)], CLOCK_NS)
    assert (found.rule, found.start, found.end) == ("gap", 20, 22)
    long_gone = track.with_spans((Span(0, 20), Span(40, 60)))
    assert inspect_scene([car(long_gone)], CLOCK_NS) == []
    found_all = inspect_scene(
        [car(track)],
        CLOCK_NS,
        counts=lambda frame, rows: np.full(len(rows), 0 if frame in (5, 6) else 9),
        heights=lambda frame, places: np.full(len(places), _ground(frame)),
    )
    assert [(each.rule, each.start, each.end) for each in found_all] == [
        ("empty", 5, 7),
        ("floating", 20, 30),
        ("sunk", 40, 50),
    ]


def _ground(frame: int) -> float:
    """Low for a while, high for a while, wrong for once, and not known at last."""
    return -1.0 if 20 <= frame < 30 else 1.0 if 40 <= frame < 50 or frame == 10 else math.nan if frame > 54 else 0.0


def test_limits_are_the_projects() -> None:
    found = inspect_scene([car(drive())], CLOCK_NS, limits={"car": Limits(speed_mps=5.0)})
    assert rules(found) == {"speed"}


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.integers(0, 2**32 - 1))
def test_parabolas_have_their_own_derivatives(a: float, b: float, c: float, seed: int) -> None:
    times = np.cumsum(np.random.default_rng(seed).uniform(0.02, 0.12, 40))
    slopes, bends = derivatives(times, np.zeros(40, dtype=np.int64), (a * times**2 + b * times + c)[:, None])
    np.testing.assert_allclose(slopes[:, 0], 2 * a * times + b, atol=1e-6)
    np.testing.assert_allclose(bends[:, 0], 2 * a, atol=1e-5)


def test_a_window_never_reaches_over_a_gap() -> None:
    times, runs = np.arange(20) / 10, np.repeat([0, 1], 10)
    slopes, _ = derivatives(times, runs, np.repeat([0.0, 100.0], 10)[:, None])
    assert np.abs(slopes).max() < 1e-9


def test_a_track_that_is_nowhere_has_no_findings() -> None:
    nowhere = replace(drive(), spans=())
    assert inspect_scene([car(nowhere)], CLOCK_NS) == []
    assert inspect_scene([], CLOCK_NS) == []
