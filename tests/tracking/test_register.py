"""The kernels of propagation agree with their twins, and registration finds what was moved."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import naive
from worldline.tracking.bins import bin_points
from worldline.tracking.clearance import fit_plane, pick_above, pick_inside
from worldline.tracking.field import CELL_M, FAR_M, SurfaceField, fill_distance
from worldline.tracking.register import RING_M, SCALE_M, expect_count, judge, rate, refine, search

SIZE = (3.0, 1.6, 1.2)
HALF = (1.65, 0.95)


def corner_points(seed=0, count=300):
    """The rear and the right side of a box of `SIZE`, in its frame, z from the underside."""
    random = np.random.default_rng(seed)
    rear = np.stack([np.full(count, -1.5), random.uniform(-0.8, 0.8, count), random.uniform(0.2, 1.2, count)], axis=1)
    side = np.stack([random.uniform(-1.5, 1.5, count), np.full(count, -0.8), random.uniform(0.2, 1.2, count)], axis=1)
    points = np.concatenate([rear, side])
    points[:, :2] += random.normal(0, 0.01, (2 * count, 2))
    return points.astype(np.float32)


def stand_at(points, stand):
    x, y, yaw = stand
    turn = np.array([[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]])
    moved = points.astype(np.float64)
    moved[:, :2] = moved[:, :2] @ turn.T + (x, y)
    return moved.astype(np.float32)


def known_field():
    field = SurfaceField(SIZE)
    field.keep(corner_points())
    return field, (field.distance_m, field.corner_m, field.layer_m)


def thing_of(count):
    return np.array([*HALF, count, math.nan, math.nan])


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.floats(0, 0.05))
def test_distance_field_is_the_distance_to_the_nearest_hit(seed, share):
    random = np.random.default_rng(seed)
    hits = (random.random((2, 14, 11)) < share).astype(np.float32) * 2
    outline = random.uniform(0.1, 1.0, hits.shape).astype(np.float32)
    out = np.empty_like(hits)
    fill_distance(hits, outline, out)
    np.testing.assert_allclose(out, naive.distance_field(hits, outline, CELL_M, FAR_M), atol=1e-5)


@settings(max_examples=25)
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(-math.pi, math.pi), st.floats(1, 500), st.integers(0, 99))
def test_rating_agrees_with_the_obvious_way(x, y, yaw, expected, seed):
    _, surface = known_field()
    random = np.random.default_rng(seed)
    points = random.uniform((-3, -3, -0.2), (3, 3, 1.4), (60, 3)).astype(np.float32)
    rating = rate(bin_points(points), 1, surface, thing_of(expected), x, y, yaw)
    twin = naive.rate_stand(points, *surface, CELL_M, FAR_M, RING_M, SCALE_M, HALF, expected, (x, y, yaw))
    assert rating == pytest.approx(twin, abs=1e-3)
    assert 0 <= rating <= 1


@given(st.integers(0, 10**6), st.integers(1, 200))
def test_binning_keeps_every_point_once_and_in_its_cell(seed, count):
    points = np.random.default_rng(seed).uniform(-7, 7, (count, 3)).astype(np.float32)
    binned, first, left, bottom = bin_points(points)
    assert sorted(map(tuple, binned.tolist())) == sorted(map(tuple, points.tolist()))
    assert first[0, 0] == 0 and first[-1, -1] == count
    for i in range(first.shape[0]):
        for j in range(first.shape[1] - 1):
            cell = binned[first[i, j] : first[i, j + 1]]
            assert np.all((cell[:, 0] >= left + i) & (cell[:, 0] <= left + i + 1))
            assert np.all((cell[:, 1] >= bottom + j) & (cell[:, 1] <= bottom + j + 1))


@settings(max_examples=25)
@given(st.floats(-0.35, 0.35), st.floats(-0.3, 0.3), st.floats(-0.12, 0.12))
def test_refining_finds_the_stand_from_nearby(dx, dy, turn):
    _, surface = known_field()
    truth = np.array([20.0, -7.0, 0.8])
    cloud = bin_points(stand_at(corner_points(seed=1), truth))
    stand = truth + np.array([dx, dy, turn])
    refine(cloud, 1, surface, thing_of(600), stand.copy(), np.array([1.0, 1.0, 0.5]), stand)
    assert math.dist(stand[:2], truth[:2]) < 0.06
    assert abs(stand[2] - truth[2]) < 0.03
    inside_count, explained_count, rms_m = judge(cloud, surface, thing_of(600), stand)
    assert inside_count == explained_count == 600
    assert rms_m < 0.06


def test_searching_finds_the_place_among_clutter_and_sorts_what_it_found():
    _, surface = known_field()
    random = np.random.default_rng(5)
    truth = np.array([3.0, 1.5, 0.3])
    clutter = random.uniform((-6, -6, 0.2), (-2, 6, 1.2), (800, 3)).astype(np.float32)
    cloud = bin_points(np.concatenate([stand_at(corner_points(seed=1), truth), clutter]))
    out = np.empty((9, 4))
    reach, step = np.array([5.0, 4.0, 0.4]), np.array([0.2, 0.2, 0.08])
    found = search(cloud, 1000, surface, thing_of(600), np.zeros(3), reach, step, out)
    assert found == 9
    assert np.all(np.diff(out[:, 3]) <= 0)
    assert math.dist(out[0, :2], truth[:2]) < 0.25
    assert abs(out[0, 2] - truth[2]) < 0.1


def test_the_count_expected_falls_with_the_square_of_the_distance():
    thing = np.array([1.0, 1.0, 6400.0, 10.0, 0.0])
    assert expect_count(thing, 18.0, 0.0) == pytest.approx(100)
    assert expect_count(thing, 10.0, 16.0) == pytest.approx(25)
    assert expect_count(thing_of(40.0), 300.0, 0.0) == 40
    assert expect_count(thing_of(0.0), 300.0, 0.0) == 1


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))
def test_points_above_the_ground_agree_with_the_obvious_way(seed, slope_x, slope_y):
    points = np.random.default_rng(seed).uniform(-4, 4, (150, 3)).astype(np.float32)
    points[::17] = np.nan
    points[5] = np.inf
    plane, out = np.array([-1.0, slope_x, slope_y]), np.empty_like(points)
    count = pick_above(points, 0.5, -0.5, 3.0, plane, 0.1, 0.2, 1.7, out)
    with np.errstate(invalid="ignore"):
        twin = naive.points_over(points.astype(np.float64), plane, 0.5, -0.5, 3.0, 0.1, 0.2, 1.7)
    np.testing.assert_allclose(out[:count], twin, atol=1e-5)


def test_points_over_a_footprint_are_those_in_the_turned_rectangle():
    stand = (4.0, -2.0, 0.7)
    points = corner_points()
    world, out = stand_at(points, stand), np.empty_like(points)
    count = pick_inside(world, *stand, 5.0, 5.0, out)
    assert count == len(points)
    np.testing.assert_allclose(out, points, atol=1e-5)
    assert pick_inside(world, *stand, 1.0, 0.5, out) < count


@settings(max_examples=20)
@given(st.floats(-0.08, 0.08), st.floats(-0.08, 0.08), st.floats(-0.3, 0.3), st.integers(0, 99))
def test_the_street_is_found_under_a_car_and_beside_a_wall(slope_x, slope_y, off, seed):
    random = np.random.default_rng(seed)
    xy = random.uniform(-5, 5, (900, 2))
    xy = xy[(np.abs(xy[:, 0]) > 2.2) | (np.abs(xy[:, 1]) > 1.0)]
    street = np.column_stack([xy, 2 + slope_x * xy[:, 0] + slope_y * xy[:, 1] + random.normal(0, 0.02, len(xy))])
    car = random.uniform((-2.2, -1, 2.2), (2.2, 1, 3.5), (300, 3))
    wall = random.uniform((-5, 4.5, 2.0), (5, 4.6, 5.0), (300, 3))
    plane = np.array([2 + off, 0.0, 0.0])
    agreed = fit_plane(np.concatenate([street, car, wall]).astype(np.float32), 0.0, 0.0, 4.5, plane)
    assert agreed > 50
    assert plane[0] == pytest.approx(2, abs=0.08)
    assert plane[1:] == pytest.approx((slope_x, slope_y), abs=0.05)


def test_where_no_street_is_seen_the_expected_one_stays():
    plane = np.array([2.0, 0.01, 0.02])
    assert fit_plane(np.zeros((3, 3), dtype=np.float32), 0.0, 0.0, 4.0, plane) == 0
    assert plane.tolist() == [2.0, 0.01, 0.02]


def test_a_surface_learned_for_good_stays_and_one_seen_once_fades():
    field, _ = known_field()
    kept = field.distance_m.copy()
    roof = np.array([[0.5, 0.3, 1.1]], dtype=np.float32)
    cell = np.floor((roof[0, :2] - field.corner_m) / CELL_M + 0.5).astype(int)
    field.add(roof, 0.6)
    assert field.distance_m[-1, cell[0], cell[1]] > 0.1
    field.add(roof, 0.6)
    assert field.distance_m[-1, cell[0], cell[1]] == 0
    for _ in range(20):
        field.add(np.zeros((0, 3), dtype=np.float32), 0.6)
    np.testing.assert_array_equal(field.distance_m, kept)
