"""Laws of the frames between keyframes."""

import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.naive import pose_between
from tests.tracking.interpolation_cases import CASES, build_cases, read_track
from tests.tracking.tracks import FRAME_COUNT, clocks, poses, tracks
from worldline.geometry import Box, Pose
from worldline.tracking import (
    Keyframe,
    KeyframeError,
    Span,
    Track,
    box_at,
    boxes_at,
    cuboid_at,
    poses_at,
    shape_at,
)

EVEN_NS = np.arange(FRAME_COUNT, dtype=np.int64) * 100_000_000
TABLE = json.loads(CASES.read_text())["cases"]


def path_of(track, clock_ns):
    return [shape_at(track, frame, clock_ns) for frame in range(FRAME_COUNT)]


def have_clear_turns(track):
    """No two neighbouring keyframes stand half a turn apart, where the shorter arc is a tie."""
    return all(a.shape.angle_to(b.shape) < math.pi - 1e-6 for a, b in pairwise(track.keyframes))


@given(tracks(), clocks())
def test_passes_through_its_keyframes_to_the_last_bit(track, clock_ns):
    for keyframe in track.keyframes:
        if track.is_present(keyframe.frame):
            assert shape_at(track, keyframe.frame, clock_ns) == keyframe.shape
            sampled = poses_at(track, [keyframe.frame], clock_ns)
            assert tuple(sampled.centers_m[0]) == keyframe.shape.translation_m
            assert tuple(sampled.rotations_wxyz[0]) == keyframe.shape.rotation_wxyz


@given(tracks(), clocks())
def test_has_a_shape_where_it_is_present_and_nowhere_else(track, clock_ns):
    for frame, shape in enumerate(path_of(track, clock_ns)):
        assert (shape is not None) == track.is_present(frame)


@given(tracks(), clocks())
def test_many_frames_at_once_are_the_same_as_one_by_one(track, clock_ns):
    sampled = poses_at(track, range(FRAME_COUNT), clock_ns)
    for frame, shape in enumerate(path_of(track, clock_ns)):
        assert sampled.present_mask[frame] == (shape is not None)
        if shape is None:
            assert np.isnan(sampled.centers_m[frame]).all() and np.isnan(sampled.rotations_wxyz[frame]).all()
        else:
            assert tuple(sampled.centers_m[frame]) == shape.translation_m
            np.testing.assert_allclose(sampled.rotations_wxyz[frame], shape.rotation_wxyz, atol=1e-12)


@given(tracks(), clocks())
def test_agrees_with_the_obvious_way(track, clock_ns):
    assume(have_clear_turns(track))
    frames = [keyframe.frame for keyframe in track.keyframes]
    key_s = [(clock_ns[frame] - clock_ns[0]) / 1e9 for frame in frames]
    key_m = np.array([keyframe.shape.translation_m for keyframe in track.keyframes])
    key_wxyz = np.array([keyframe.shape.rotation_wxyz for keyframe in track.keyframes])
    joined = [all(track.is_present(f) for f in range(a, b + 1)) for a, b in pairwise(frames)]
    for frame, shape in enumerate(path_of(track, clock_ns)):
        if shape is not None:
            at_s = (clock_ns[frame] - clock_ns[0]) / 1e9
            center, rotation = pose_between(at_s, key_s, key_m, key_wxyz, joined)
            np.testing.assert_allclose(shape.translation_m, center, atol=1e-6)
            assert abs(np.dot(shape.rotation_wxyz, rotation)) == pytest.approx(1, abs=1e-9)


@given(tracks(), clocks())
def test_never_turns_more_than_half_a_circle(track, clock_ns):
    path = path_of(track, clock_ns)
    for a, b in pairwise(track.keyframes):
        turned = [shape for shape in path[a.frame : b.frame + 1] if shape is not None]
        whole = a.shape.angle_to(b.shape)
        assert sum(p.angle_to(q) for p, q in pairwise(turned)) <= whole + 1e-6
        assert whole <= math.pi


@given(tracks(), clocks())
def test_size_never_changes(track, clock_ns):
    for frame in range(FRAME_COUNT):
        cuboid = cuboid_at(track, frame, clock_ns)
        assert cuboid is None or cuboid.size_m == track.size_m


@given(tracks(), clocks())
def test_advances_along_the_line_between_keyframes_without_going_back_or_overshooting(track, clock_ns):
    path = path_of(track, clock_ns)
    for a, b in pairwise(track.keyframes):
        start, end = np.array(a.shape.translation_m), np.array(b.shape.translation_m)
        way = float(np.linalg.norm(end - start))
        if way < 1e-6:
            continue
        along = (end - start) / way
        seen = [np.array(shape.translation_m) - start for shape in path[a.frame : b.frame + 1] if shape is not None]
        advance = np.array([each @ along for each in seen])
        assert np.all(np.diff(advance) >= -1e-9 * (1 + way))
        assert np.all(advance >= -1e-9) and np.all(advance <= way * (1 + 1e-9) + 1e-9)
        for each in seen:
            assert np.linalg.norm(each - (each @ along) * along) <= 0.375 * way + 1e-9


@given(tracks(whole=True), clocks(), st.data())
def test_stands_exactly_still_between_equal_keyframes(track, clock_ns, data):
    place = data.draw(poses())
    a, b = sorted(data.draw(st.lists(st.integers(0, FRAME_COUNT - 1), min_size=2, max_size=2, unique=True)))
    others = tuple(each for each in track.keyframes if not a <= each.frame <= b)
    keyframes = tuple(sorted((*others, Keyframe(a, place), Keyframe(b, place)), key=lambda each: each.frame))
    for shape in path_of(replace(track, keyframes=keyframes), clock_ns)[a : b + 1]:
        assert shape.translation_m == place.translation_m
        assert shape.angle_to(place) < 1e-7


@given(tracks(), clocks(), poses())
def test_moving_and_turning_the_world_moves_and_turns_the_path(track, clock_ns, new_from_world):
    assume(have_clear_turns(track))
    moved = tuple(replace(each, shape=new_from_world @ each.shape) for each in track.keyframes)
    for before, after in zip(path_of(track, clock_ns), path_of(replace(track, keyframes=moved), clock_ns), strict=True):
        assert (before is None) == (after is None)
        if before is not None:
            expected = new_from_world @ before
            np.testing.assert_allclose(after.translation_m, expected.translation_m, atol=1e-6)
            assert after.angle_to(expected) < 1e-6


@given(tracks(), clocks())
def test_running_time_backwards_runs_the_path_backwards(track, clock_ns):
    assume(have_clear_turns(track))
    last = FRAME_COUNT - 1
    keyframes = tuple(replace(each, frame=last - each.frame) for each in reversed(track.keyframes))
    spans = tuple(Span(FRAME_COUNT - each.end, FRAME_COUNT - each.start) for each in reversed(track.spans))
    back = path_of(replace(track, keyframes=keyframes, spans=spans), np.ascontiguousarray(-clock_ns[::-1]))
    for before, after in zip(path_of(track, clock_ns), reversed(back), strict=True):
        assert (before is None) == (after is None)
        if before is not None:
            np.testing.assert_allclose(after.translation_m, before.translation_m, atol=1e-6)
            assert after.angle_to(before) < 1e-6


@given(tracks(), clocks(), st.integers(1, 10**15))
def test_only_differences_of_time_matter(track, clock_ns, later_ns):
    assert path_of(track, clock_ns) == path_of(track, clock_ns - later_ns)


@given(st.floats(0.5, 30), st.floats(-3, 3), st.floats(-math.pi, math.pi))
def test_constant_acceleration_on_a_line_is_followed_closely(speed_mps, gain_mps2, yaw_rad):
    time_s = EVEN_NS / 1e9
    assume(speed_mps + gain_mps2 * time_s[-1] > 0.5)
    way_m = speed_mps * time_s + gain_mps2 * time_s**2 / 2
    truth = [Pose.from_yaw(yaw_rad, (m * math.cos(yaw_rad), m * math.sin(yaw_rad), 0.0)) for m in way_m]
    keyframes = tuple(Keyframe(frame, truth[frame]) for frame in (0, 9, 19, 29))
    track = Track("t", "o", size_m=(4, 2, 1.5), keyframes=keyframes, spans=(Span(0, FRAME_COUNT),))
    for shape, true in zip(path_of(track, EVEN_NS), truth, strict=True):
        assert math.dist(shape.translation_m, true.translation_m) < 0.25


def test_a_half_turn_goes_counter_clockwise():
    for start in (0.0, 1.0, -2.5, math.pi / 2):
        keyframes = (Keyframe(0, Pose.from_yaw(start)), Keyframe(29, Pose.from_yaw(start + math.pi)))
        track = Track("t", "o", size_m=(4, 2, 1.5), keyframes=keyframes, spans=(Span(0, FRAME_COUNT),))
        quarter = shape_at(track, 15, EVEN_NS).yaw_rad - start
        assert math.remainder(quarter - math.pi * 15 / 29, math.tau) == pytest.approx(0, abs=1e-9)


def test_no_velocity_is_taken_across_a_gap():
    places = {0: 0.0, 10: 10.0, 20: 60.0}
    keyframes = tuple(Keyframe(frame, Pose((1, 0, 0, 0), (x, 0, 0))) for frame, x in places.items())
    track = Track("t", "o", size_m=(4, 2, 1.5), keyframes=keyframes, spans=(Span(0, 12), Span(18, 30)))
    xs = {frame: shape.translation_m[0] for frame, shape in enumerate(path_of(track, EVEN_NS)) if shape is not None}
    assert [xs[frame] for frame in range(11)] == pytest.approx(range(11))
    assert xs[11] == pytest.approx(15) and xs[19] == pytest.approx(55) and xs[29] == 60


def test_boxes_run_on_straight_lines_in_time():
    keyframes = (Keyframe(2, Box(0, 0, 10, 20)), Keyframe(12, Box(10, 5, 30, 20)))
    track = Track("t", "o", kind="box", space="camera", keyframes=keyframes, spans=(Span(0, 20),))
    clock_ns = np.concatenate([EVEN_NS[:7], EVEN_NS[7:] + 500_000_000])
    assert box_at(track, 0, clock_ns) == Box(0, 0, 10, 20)
    assert box_at(track, 19, clock_ns) == Box(10, 5, 30, 20)
    assert box_at(track, 20, clock_ns) is None
    halves = boxes_at(track, [6, 7], clock_ns)
    np.testing.assert_allclose(halves, [[10 * u, 5 * u, 10 + 20 * u, 20] for u in (4 / 15, 10 / 15)])


def test_refuses_what_it_cannot_compute():
    track = Track(
        "t", "o", size_m=(4, 2, 1.5), keyframes=(Keyframe(0, Pose()), Keyframe(9, Pose())), spans=(Span(0, 9),)
    )
    with pytest.raises(KeyframeError, match="frame 9 lies outside the clock's 5 frames"):
        shape_at(track, 2, EVEN_NS[:5])
    with pytest.raises(KeyframeError, match="does not increase"):
        shape_at(track, 2, np.zeros(12, dtype=np.int64))
    with pytest.raises(KeyframeError, match="is of kind cuboid, not box"):
        box_at(track, 2, EVEN_NS)
    assert shape_at(replace(track, keyframes=()), 2, EVEN_NS) is None


def test_the_shared_table_of_cases_is_current():
    """If this fails: python -m tests.tracking.interpolation_cases, and run the viewer's tests."""
    built = json.loads(json.dumps(build_cases()))
    assert [case["name"] for case in built] == [case["name"] for case in TABLE]
    for new, old in zip(built, TABLE, strict=True):
        for part in ("clock_ns", "track"):
            assert new[part] == old[part], new["name"]


@pytest.mark.parametrize("case", TABLE, ids=[case["name"] for case in TABLE])
def test_the_shared_table_of_cases_holds(case):
    track = read_track(case["track"])
    clock_ns = np.array(case["clock_ns"], dtype=np.int64)
    for expected in case["expected"]:
        shape = shape_at(track, expected["frame"], clock_ns)
        if "absent" in expected:
            assert shape is None
        elif "box" in expected:
            sides = (shape.left_px, shape.top_px, shape.right_px, shape.bottom_px)
            np.testing.assert_allclose(sides, expected["box"], atol=1e-9)
        else:
            np.testing.assert_allclose(shape.translation_m, expected["center_m"], atol=1e-9)
            np.testing.assert_allclose(shape.rotation_wxyz, expected["rotation_wxyz"], atol=1e-9)
