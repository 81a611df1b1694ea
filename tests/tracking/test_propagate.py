"""Laws of propagation, on a street whose truth is known."""

import math
from dataclasses import replace

import numba
import numpy as np
import pytest

from tests.tracking.street import CAR, Street, drive, move_sensor
from worldline.geometry import Cuboid, Pose
from worldline.geometry.overlap import overlap_3d
from worldline.tracking import Keyframe, PropagationError, Span, Track, propagate, shape_at, warm_up

pytestmark = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="takes minutes in plain Python; test_register compares each kernel there"
)

COUNT = 30
PEDESTRIAN = (0.7, 0.6, 1.75)
TRUCK = (9.0, 2.6, 3.2)


def street_of(path, size=CAR, sensor_mps=8.0, slope=0.0, seed=0):
    return Street([path], [size], move_sensor(len(path), sensor_mps, slope=slope), slope=slope, seed=seed)


def track_of(street, *frames, number=0, source="human"):
    keyframes = tuple(Keyframe(frame, street.paths[number][frame], source=source) for frame in sorted(frames))
    return Track("t", "o", size_m=street.sizes[number], keyframes=keyframes, spans=(Span(0, len(street.sensor)),))


def carry(street, track, frame=0, direction="forward", count=COUNT):
    return propagate(track, frame, direction, count, street.sweep, street.clock_ns, street.sensor_at)


def overlaps(street, propagation, number=0):
    size = street.sizes[number]
    return [overlap_3d(street.cuboid(number, each.frame), Cuboid(each.shape, size)) for each in propagation.keyframes]


MOVING = {
    "a car ahead": street_of(drive(COUNT, (12, 0, 0), 10)),
    "a car that turns": street_of(drive(COUNT, (10, -6, 0.5), 10, turn_radps=0.3)),
    "a car that comes towards us": street_of(drive(COUNT, (35, 4, math.pi), 10)),
    "a car that crosses": street_of(drive(COUNT, (20, -15, math.pi / 2), 9)),
    "a car that sets off": street_of(drive(COUNT, (12, 3, 0), 1, gain_mps2=3)),
    "a car that brakes": street_of(drive(COUNT, (12, 3, 0), 12, gain_mps2=-3.5)),
    "a car uphill": street_of(drive(COUNT, (12, 3, 0), 8, slope=0.06), slope=0.06),
    "a person": street_of(drive(COUNT, (12, 3, 1.0), 1.4, 0.2, height_m=1.75), size=PEDESTRIAN, sensor_mps=2.0),
    "a truck that turns": street_of(drive(COUNT, (16, 4, 0.1), 6, 0.15, height_m=3.2), size=TRUCK),
}


@pytest.mark.parametrize("name", MOVING)
def test_what_moves_is_followed_through_every_frame(name):
    street = MOVING[name]
    result = carry(street, track_of(street, 0), count=COUNT - 1)
    assert result.reason is None and result.stopped_at is None
    assert [each.frame for each in result.keyframes] == list(range(1, COUNT))
    assert min(overlaps(street, result)) >= 0.8
    assert all(each.source == "propagated" and 0.28 <= each.quality <= 1 for each in result.keyframes)


@pytest.mark.parametrize("seed", range(3))
def test_what_stands_stays_put_while_we_drive_past(seed):
    street = street_of(drive(COUNT, (15, 4, 0.2), 0), sensor_mps=9.0, seed=seed)
    result = carry(street, track_of(street, 0), count=COUNT - 1)
    start = street.paths[0][0]
    assert len(result.keyframes) == COUNT - 1
    for each in result.keyframes:
        assert math.dist(each.shape.translation_m, start.translation_m) < 0.05
        assert each.shape.angle_to(start) < math.radians(1)


def test_a_car_is_not_swapped_for_a_parked_one_beside_it():
    street = Street([drive(COUNT, (14, 4, 0), 8), drive(COUNT, (20, 6.6, 0), 0)], [CAR, CAR], move_sensor(COUNT, 8))
    result = carry(street, track_of(street, 0), count=COUNT - 1)
    assert min(overlaps(street, result)) >= 0.8


def test_backward_in_a_recording_is_forward_in_the_reversed_one():
    street = MOVING["a car that turns"]
    reverse = Street([street.paths[0][::-1]], street.sizes, street.sensor[::-1])
    for frame in range(COUNT):
        reverse._sweeps[frame] = street.sweep(COUNT - 1 - frame)
    back = carry(street, track_of(street, COUNT - 1), COUNT - 1, "backward")
    forth = carry(reverse, track_of(reverse, 0))
    assert [COUNT - 1 - each.frame for each in reversed(back.keyframes)] == [each.frame for each in forth.keyframes]
    assert [each.shape for each in reversed(back.keyframes)] == [each.shape for each in forth.keyframes]
    assert min(overlaps(street, back)) >= 0.8


def test_turning_and_moving_the_world_turns_and_moves_the_result():
    street = MOVING["a car that turns"]
    new_from_world = Pose.from_yaw(1.1, (210.0, -95.0, 12.0))
    moved = Street(
        [[new_from_world @ pose for pose in street.paths[0]]], street.sizes, new_from_world.apply(street.sensor)
    )
    for frame in range(COUNT):
        moved._sweeps[frame] = new_from_world.apply(street.sweep(frame)).astype(np.float32)
    before, after = (carry(each, track_of(each, 0), count=COUNT - 1) for each in (street, moved))
    assert len(before.keyframes) == len(after.keyframes) == COUNT - 1
    for a, b in zip(before.keyframes, after.keyframes, strict=True):
        expected = new_from_world @ a.shape
        assert math.dist(expected.translation_m, b.shape.translation_m) < 0.1
        assert expected.angle_to(b.shape) < math.radians(2)


def test_the_same_twice_gives_the_same_and_the_track_is_left_alone():
    street = MOVING["a car that turns"]
    track = track_of(street, 0)
    kept = replace(track)
    assert carry(street, track, count=8) == carry(street, track, count=8)
    assert track == kept


@pytest.mark.parametrize("verified_by", [None, "ann"])
def test_stops_before_a_keyframe_of_a_person_and_never_changes_it(verified_by):
    street = MOVING["a car that turns"]
    source = "human" if verified_by is None else "propagated"
    end = Keyframe(12, street.paths[0][12], source=source, verified_by=verified_by)
    track = track_of(street, 0).with_keyframe(end)
    result = carry(street, track)
    assert [each.frame for each in result.keyframes] == list(range(1, 12))
    assert result.stopped_at == 12
    assert "keyframe a person made or accepted in frame 12" in result.reason
    for each in result.keyframes:
        track = track.with_keyframe(each)
    assert track.keyframe_at(12) == end and track.keyframe_at(0) == track_of(street, 0).keyframe_at(0)


def test_a_keyframe_of_a_machine_does_not_stop_it():
    street = MOVING["a car ahead"]
    track = track_of(street, 0).with_keyframe(Keyframe(5, street.paths[0][5], source="imported"))
    assert 5 in [each.frame for each in carry(street, track, count=9).keyframes]


def test_what_is_left_at_a_keyframe_of_a_person_is_shared_out_before_it():
    street = MOVING["a car ahead"]
    shifted = Pose.from_yaw(0.0, (0.0, 0.4, 0.0)) @ street.paths[0][10]
    result = carry(street, track_of(street, 0).with_keyframe(Keyframe(10, shifted)))
    aside = [each.shape.translation_m[1] - street.paths[0][each.frame].translation_m[1] for each in result.keyframes]
    for frame, each in enumerate(aside, start=1):
        assert each == pytest.approx(0.4 * frame / 10, abs=0.12)


def test_earlier_keyframes_tell_the_velocity():
    street = street_of(drive(12, (8, 3, 0), 24), sensor_mps=20.0)
    # 24 m/s is faster than an object of unknown velocity is looked for.
    result = carry(street, track_of(street, 0, 2), 2, count=9)
    assert len(result.keyframes) == 9
    assert min(overlaps(street, result)) >= 0.8


def test_says_so_when_the_object_is_gone():
    street = MOVING["a car ahead"]
    gone = Street(street.paths, street.sizes, street.sensor)
    empty = Street([], [], street.sensor)
    for frame in range(COUNT):
        gone._sweeps[frame] = street.sweep(frame) if frame < 10 else empty.sweep(frame)
    result = carry(gone, track_of(gone, 0))
    assert [each.frame for each in result.keyframes] == list(range(1, 10))
    assert result.stopped_at == 10
    assert result.reason == "only 0 points left where it should be in frame 10"


def test_says_so_when_the_view_is_left():
    street = MOVING["a car ahead"]
    left = Street(street.paths, street.sizes, street.sensor)
    for frame in range(COUNT):
        left._sweeps[frame] = street.sweep(frame) if frame < 6 else street.sweep(frame)[:0]
    result = carry(left, track_of(left, 0))
    assert result.stopped_at == 6
    assert result.reason.startswith("left the sensor's view: nothing within")


def test_says_so_when_something_else_stands_there():
    street = MOVING["a car ahead"]
    other = Street(street.paths, street.sizes, street.sensor)
    random = np.random.default_rng(3)
    for frame in range(COUNT):
        points = street.sweep(frame)
        if frame >= 6:
            place = np.array(street.paths[0][frame].translation_m)
            hedge = place + random.uniform((-9, -9, -0.75), (9, 9, 1.0), (9000, 3))
            points = np.concatenate([points[points[:, 2] < 0.1], hedge]).astype(np.float32)
        other._sweeps[frame] = points
    result = carry(other, track_of(other, 0))
    assert result.stopped_at == 6
    assert result.reason.startswith("registration does not agree in frame 6: ")


def test_says_so_when_there_is_nothing_to_start_from():
    street = MOVING["a car ahead"]
    away = track_of(street, 0)
    away = away.with_keyframe(Keyframe(0, Pose.from_yaw(0, (12.0, 20.0, 0.75))))
    result = carry(street, away)
    assert result.keyframes == () and result.stopped_at == 0
    assert result.reason == "only 0 points in the cuboid of frame 0, needs 5"
    with pytest.raises(PropagationError, match="no cuboid in frame 3 to start from; draw one there first"):
        carry(street, replace(away, keyframes=()), 3)
    with pytest.raises(PropagationError, match="1 frame or more, not 0"):
        carry(street, away, count=0)
    with pytest.raises(PropagationError, match=r"points of frame 0 are \(N, 3\), not \(4,\)"):
        propagate(track_of(street, 0), 0, "forward", 3, lambda *_: np.zeros(4, np.float32), street.clock_ns)


def test_ends_with_the_scene():
    street = MOVING["a car ahead"]
    result = carry(street, track_of(street, COUNT - 3), COUNT - 3, count=100)
    assert [each.frame for each in result.keyframes] == [COUNT - 2, COUNT - 1]
    assert result.reason is None
    assert carry(street, track_of(street, 0), 0, "backward").keyframes == ()


def test_points_that_are_no_numbers_do_not_matter():
    street = MOVING["a car that turns"]
    broken = Street(street.paths, street.sizes, street.sensor)
    for frame in range(COUNT):
        points = street.sweep(frame)
        bad = np.array([[np.nan, 0, 0], [0, np.inf, 0], [12, 0, np.nan], [12, 0, -np.inf]], dtype=np.float32)
        broken._sweeps[frame] = np.concatenate([points, bad])
    track = track_of(street, 0)
    near = propagate(track, 0, "forward", 6, lambda frame, *_: street.sweep(frame), street.clock_ns)
    assert propagate(track, 0, "forward", 6, lambda frame, *_: broken.sweep(frame), street.clock_ns) == near


def test_starts_from_a_computed_frame_too():
    street = MOVING["a car that turns"]
    track = track_of(street, 0, 6)
    assert shape_at(track, 3, street.clock_ns) is not None
    result = carry(street, track, 3)
    assert [each.frame for each in result.keyframes] == [4, 5]


def test_warming_up_needs_nothing():
    warm_up()
