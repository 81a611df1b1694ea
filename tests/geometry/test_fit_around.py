"""Laws of fitting where no single sensor saw the points: maps, and sweeps merged into one cloud."""

import math

import numpy as np
import pytest

from worldline.geometry import Cuboid, GroundGrid, Pose, SizePrior, fit_cuboid, overlap_bev, wrap_angle
from worldline.geometry.tilted import fit_tilted

CAR = SizePrior((4.4, 1.82, 1.55), (0.35, 0.1, 0.13))
GROUND_M = 3.0


def faces(
    cuboid: Cuboid, random: np.random.Generator, count: int, seen: tuple[int, ...] = (0, 1, 2, 3, 4)
) -> np.ndarray:
    """Points on the sides (0: front, 1: rear, 2: left, 3: right) and the roof (4) of a box, a cabin's shape cut off."""
    side = random.choice(seen, count)
    share = random.uniform(-0.5, 0.5, (count, 3))
    for number, (axis, place) in enumerate(((0, 0.5), (0, -0.5), (1, 0.5), (1, -0.5), (2, 0.5))):
        share[side == number, axis] = place
    bonnet = (share[:, 0] > 0.2) & (share[:, 2] > 0.05)  # lower ahead: the front can be told
    share[bonnet, 2] = 0.05
    points = share * np.asarray(cuboid.size_m) + random.normal(0, 0.02, (count, 3))
    placed: np.ndarray = cuboid.pose.apply(points)
    return placed


def street(random: np.random.Generator, cuboid: Cuboid, others: tuple[Cuboid, ...] = ()) -> np.ndarray:
    """The ground around, which was seen from everywhere but under what stands on it."""
    places = random.uniform(-15, 15, (12_000, 2)) + np.asarray(cuboid.center_m[:2])
    ground = np.column_stack([places, GROUND_M + random.normal(0, 0.01, len(places))])
    for box in (cuboid, *others):
        own = box.pose.inverse().apply(ground)
        inside = (np.abs(own[:, :2]) < np.asarray(box.size_m[:2]) / 2).all(axis=1)
        ground = ground[~inside]
    return ground


def car_at(x: float, y: float, yaw: float, size: tuple[float, float, float] = (4.5, 1.85, 1.5)) -> Cuboid:
    return Cuboid(Pose.from_yaw(yaw, (x, y, GROUND_M + size[2] / 2)), size)


def clicked(own: np.ndarray, random: np.random.Generator) -> tuple[float, float, float]:
    x, y, z = own[random.integers(len(own))].tolist()
    return (x, y, max(z, GROUND_M + 0.4))


@pytest.mark.parametrize("seed", range(3))
def test_a_car_seen_from_all_sides_is_found_wherever_it_stands(seed: int) -> None:
    random = np.random.default_rng(seed)
    overlaps, qualities, ahead = [], [], []
    for _ in range(12):
        x, y = random.uniform(-400, 400, 2)
        truth = car_at(x, y, random.uniform(-math.pi, math.pi), (random.uniform(4, 5), 1.85, random.uniform(1.4, 1.6)))
        own = faces(truth, random, int(random.uniform(150, 1500)))
        cloud = np.concatenate([own, street(random, truth)])
        fit = fit_cuboid(cloud, clicked(own, random), CAR, None)
        overlaps.append(overlap_bev(fit.cuboid, truth))
        qualities.append(fit.quality)
        ahead.append(abs(wrap_angle(fit.cuboid.yaw_rad - truth.yaw_rad)) < 0.5)
        assert fit.reason is None or "two sides" not in fit.reason
    assert np.mean(np.array(overlaps) >= 0.7) >= 0.9
    assert np.median(overlaps) >= 0.85
    assert np.median(qualities) >= 0.5
    assert np.mean(ahead) >= 0.75


def test_where_the_origin_is_makes_no_difference() -> None:
    random = np.random.default_rng(5)
    truth = car_at(0.0, 0.0, 0.4)
    own = faces(truth, random, 600)
    cloud = np.concatenate([own, street(random, truth)])
    place = clicked(own, random)
    for shift in ((0.0, 0.0, 0.0), (64.0, -128.0, 32.0)):
        away = tuple(float(a + b) for a, b in zip(place, shift, strict=True))
        fit = fit_cuboid(cloud + shift, (away[0], away[1], away[2]), CAR, None)
        moved = truth.moved(Pose(translation_m=shift))
        assert overlap_bev(fit.cuboid, moved) > 0.85
        assert abs(fit.cuboid.center_m[2] - moved.center_m[2]) < 0.15


@pytest.mark.parametrize("seen", [(1, 4), (0, 2), (3, 4), (1, 2, 4)])
def test_what_was_seen_from_one_side_only_lies_off_the_ground_that_was_seen(seen: tuple[int, ...]) -> None:
    random = np.random.default_rng(9)
    good = 0
    for _ in range(8):
        truth = car_at(*random.uniform(-50, 50, 2), random.uniform(-math.pi, math.pi))
        own = faces(truth, random, 400, seen)
        cloud = np.concatenate([own, street(random, truth)])
        good += overlap_bev(fit_cuboid(cloud, clicked(own, random), CAR, None).cuboid, truth) >= 0.7
    assert good >= 6


def test_cars_in_a_row_stay_apart() -> None:
    random = np.random.default_rng(2)
    row = tuple(car_at(10 + 5.6 * n, 4.0, 0.05) for n in range(3))
    cloud = np.concatenate([*(faces(each, random, 500) for each in row), street(random, row[1], row)])
    ground = GroundGrid.from_points(cloud)
    for each in row:
        own = cloud[Cuboid(each.pose, each.size_m).contains(cloud)]
        fit = fit_cuboid(cloud, clicked(own, random), CAR, None, ground=ground)
        assert overlap_bev(fit.cuboid, each) >= 0.7


def test_a_rough_box_says_the_heading() -> None:
    random = np.random.default_rng(4)
    truth = car_at(30.0, 12.0, 2.0)
    cloud = np.concatenate([faces(truth, random, 500), street(random, truth)])
    for turn in (0.2, math.pi + 0.2):
        rough = Cuboid(Pose.from_yaw(2.0 + turn, truth.center_m), (4.9, 2.1, 1.6))
        fit = fit_cuboid(cloud, rough, CAR, None)
        assert overlap_bev(fit.cuboid, truth) > 0.8
        assert math.cos(fit.cuboid.yaw_rad - rough.yaw_rad) > 0.9


def test_a_crate_at_any_rotation_needs_no_sensor() -> None:
    random = np.random.default_rng(8)
    size = (2.0, 1.2, 0.8)
    prior = SizePrior(size, (0.2, 0.1, 0.1))
    tilted = Pose((math.cos(0.3), 0.5 * math.sin(0.3), 0.5 * math.sin(0.3), math.sqrt(0.5) * math.sin(0.3)), (20, 5, 4))
    own = faces(Cuboid(tilted, size), random, 1500)
    fit = fit_tilted(own, clicked(own, random), prior, None)
    off = np.linalg.norm(np.asarray(fit.cuboid.center_m) - (20, 5, 4))
    assert off < 0.25
