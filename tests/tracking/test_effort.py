"""Laws of the scripted annotator: what it counts, and that it ends with every frame right."""

import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.street import CAR, Street, drive, move_sensor
from worldline.geometry import Cuboid, FitError, Pose
from worldline.tracking import Span, SpanError
from worldline.tracking.effort import HAND_M, Hand, Target, find_right, turned
from worldline.tracking.effort_ours import Tool, find_click, label_with_tool
from worldline.tracking.effort_rules import (
    FILLS,
    Ride,
    fill_linear_in_sensor,
    fill_linear_in_world,
    label_by_copying,
    label_by_interpolation,
    label_frame_by_frame,
)

COUNT = 30
NO_JIT = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="propagation takes minutes in plain Python")


def target_of(path, size=CAR, class_name="car", points=50):
    rows = np.array([[*pose.translation_m, *size, pose.yaw_rad] for pose in path])
    frames = np.arange(len(path))
    return Target("7", class_name, frames, rows, np.full(len(path), points), (Span(0, len(path)),))


def ride_of(sensor):
    matrices = np.tile(np.eye(4), (len(sensor), 1, 1))
    matrices[:, :3, 3] = sensor
    return Ride(np.arange(len(sensor), dtype=np.int64) * 100_000_000, matrices)


def street_tool(street, fit):
    return Tool(fit, street.sweep, street.sensor_at, ride_of(street.sensor))


PARKED = drive(COUNT, (12, 4, 0.2), 0)
STEADY = drive(COUNT, (12, 0, 0), 8)
TURNING = drive(COUNT, (12, -6, 0.5), 8, turn_radps=0.4)
MOVING_SENSOR = move_sensor(COUNT, 8.0)


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_headings_are_never_more_than_half_a_turn_apart(a, b):
    apart = float(turned(np.array([a]), b)[0])
    assert 0 <= apart <= math.pi + 1e-9
    assert math.isclose(math.cos(apart), math.cos(a - b), abs_tol=1e-9)


def test_the_truth_is_right_and_half_a_turn_is_not_unless_the_thing_has_no_front():
    target = target_of(TURNING)
    assert find_right(target, target.rows)[0].all()
    around = target.rows + np.array([0, 0, 0, 0, 0, 0, math.pi])
    right_mask, overlaps = find_right(target, around)
    assert not right_mask.any() and np.allclose(overlaps, 1)
    assert find_right(target_of(TURNING, class_name="barrier"), around)[0].all()


def test_people_are_right_with_less_overlap_than_vehicles():
    moved = target_of(STEADY).rows + np.array([0.25 * CAR[0], 0, 0, 0, 0, 0, 0])  # IoU 0.6
    assert find_right(target_of(STEADY, class_name="pedestrian"), moved)[0].all()
    assert not find_right(target_of(STEADY, class_name="car"), moved)[0].any()


def test_a_frame_in_which_nothing_is_shown_is_wrong():
    target = target_of(STEADY)
    rows = target.rows.copy()
    rows[3] = np.nan
    assert np.flatnonzero(~find_right(target, rows)[0]).tolist() == [3]


def test_a_target_has_a_row_and_a_count_for_each_frame():
    with pytest.raises(SpanError, match="object 7"):
        Target("7", "car", np.arange(3), np.zeros((2, 7)), np.ones(3, dtype=np.int64), (Span(0, 3),))
    with pytest.raises(SpanError, match="one frame or more"):
        Target("7", "car", np.arange(0), np.zeros((0, 7)), np.zeros(0, dtype=np.int64), ())


def test_the_click_goes_into_the_first_frame_with_enough_points_else_into_the_best():
    counts = np.array([3, 25, 90, 40])
    rows = target_of(STEADY[:4]).rows
    assert Target("7", "car", np.arange(4), rows, counts, (Span(0, 4),)).click_index == 1
    assert Target("7", "car", np.arange(4), rows, counts, (Span(0, 4),), click_points=50).click_index == 2
    assert Target("7", "car", np.arange(4), rows, counts, (Span(0, 4),), click_points=500).click_index == 2


def test_a_hand_is_the_same_for_the_same_seed_and_about_three_centimetres_off():
    truth = target_of(PARKED).cuboid(0)
    assert Hand(1, "7").draw(truth) == Hand(1, "7").draw(truth)
    assert Hand(1, "7").draw(truth) != Hand(2, "7").draw(truth)
    assert Hand(1, "7").draw(truth) != Hand(1, "8").draw(truth)
    hand = Hand(5, "7")
    off_m = np.array([hand.place(truth).translation_m for _ in range(400)]) - np.array(truth.center_m)
    assert abs(off_m.std() / HAND_M - 1) < 0.15


def test_frame_by_frame_costs_one_action_an_object_frame():
    outcome = label_frame_by_frame(target_of(STEADY))
    assert outcome.actions == outcome.looked == COUNT


@pytest.mark.parametrize("rule", FILLS)
def test_what_stands_still_costs_one_keyframe_under_a_sensor_that_stands_too(rule):
    outcome = label_by_interpolation(target_of(PARKED), FILLS[rule], ride_of(np.zeros((COUNT, 3))), Hand(1, "7"))
    assert outcome.actions == 1
    assert outcome.looked == COUNT


def test_a_sensor_that_moves_costs_the_rules_of_the_sensors_frame_more():
    target, ride = target_of(PARKED), ride_of(move_sensor(COUNT, 8.0) + np.c_[np.zeros((COUNT, 2)), np.zeros(COUNT)])
    assert label_by_interpolation(target, fill_linear_in_world, ride, Hand(1, "7")).actions == 1
    assert label_by_interpolation(target, fill_linear_in_sensor, ride, Hand(1, "7")).actions == 2
    assert label_by_copying(target, ride, Hand(1, "7")).actions > 10


def test_steady_motion_costs_two_keyframes_in_the_world():
    outcome = label_by_interpolation(target_of(STEADY), fill_linear_in_world, ride_of(MOVING_SENSOR), Hand(1, "7"))
    assert outcome.actions == 2
    assert outcome.looked == 1 + (COUNT - 1) + (COUNT - 2)


def test_lines_in_a_turning_sensors_frame_lead_back_to_the_keyframes():
    ride = ride_of(MOVING_SENSOR)
    for frame in range(COUNT):
        pose = Pose.from_yaw(0.2 * frame, tuple(MOVING_SENSOR[frame].tolist()))
        ride.world_from_sensor[frame] = pose.matrix
    target = target_of(TURNING)
    keys = {frame: target.cuboid(frame).pose for frame in (0, 11, 29)}
    rows = fill_linear_in_sensor(target, keys, CAR, ride)
    for frame in keys:
        assert np.allclose(rows[frame, :6], target.rows[frame, :6], atol=1e-9)
        assert turned(rows[frame : frame + 1, 6], target.rows[frame, 6])[0] < 1e-9


def test_a_click_is_one_of_the_objects_points():
    street = Street([PARKED], [CAR], MOVING_SENSOR)
    target = target_of(PARKED)
    point = find_click(target, 4, street.sweep, np.random.default_rng(1))
    assert target.cuboid(4).contains(np.array([point]))[0]


@NO_JIT
def test_a_right_click_on_what_stands_still_is_all_it_takes():
    street = Street([PARKED], [CAR], MOVING_SENSOR)
    outcome = label_with_tool(target_of(PARKED), street_tool(street, lambda *_: street.cuboid(0, 0)), Hand(1, "7"))
    assert (outcome.actions, outcome.commands, dict(outcome.causes)) == (1, 0, {})
    assert outcome.looked == COUNT


@NO_JIT
def test_a_click_the_wrong_way_round_costs_one_action_more():
    street = Street([PARKED], [CAR], MOVING_SENSOR)
    back = Cuboid(Pose.from_yaw(0.2 + math.pi, PARKED[0].translation_m), CAR)
    outcome = label_with_tool(target_of(PARKED), street_tool(street, lambda *_: back), Hand(1, "7"))
    assert (outcome.actions, dict(outcome.causes)) == (2, {"click: other way round": 1})


@NO_JIT
def test_a_click_that_fits_nothing_is_counted_and_drawn_by_hand():
    street = Street([PARKED], [CAR], MOVING_SENSOR)

    def fit(*_):
        raise FitError("nothing here", 0)

    outcome = label_with_tool(target_of(PARKED), street_tool(street, fit), Hand(1, "7"))
    assert (outcome.actions, dict(outcome.causes)) == (2, {"click: nothing to fit": 1})


@NO_JIT
@pytest.mark.parametrize("path", [STEADY, TURNING], ids=["steady", "turning"])
def test_a_car_that_is_followed_costs_one_click(path):
    street = Street([path], [CAR], MOVING_SENSOR)
    tool = street_tool(street, lambda *_: street.cuboid(0, 0))
    outcome = label_with_tool(target_of(path), tool, Hand(1, "7"))
    assert outcome.actions == 1
    assert outcome.seconds > 0


@NO_JIT
@pytest.mark.parametrize("may_interpolate", [False, True])
def test_without_any_points_to_follow_labelling_still_ends(may_interpolate):
    street = Street([TURNING], [CAR], MOVING_SENSOR)
    tool = street_tool(street, lambda *_: street.cuboid(0, 0))
    empty = Tool(tool.fit, lambda *_: np.zeros((0, 3), dtype=np.float32), tool.sensor_at, tool.ride)
    outcome = label_with_tool(target_of(TURNING), empty, Hand(1, "7"), may_interpolate=may_interpolate)
    assert 2 <= outcome.actions <= COUNT
    assert all(cause.startswith("not propagated: ") for cause in outcome.causes)
