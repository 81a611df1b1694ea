"""Laws of the ground: slopes, holes under objects, and no ground where there is none."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.geometry.strategies import examples, whole_sweep
from tests.naive import naive_ground
from tests.shared_data import shared_data
from worldline.geometry import CloudError, Cuboid, GroundGrid, Pose, inside_mask
from worldline.geometry.relief import fill_heights
from worldline.geometry.terrain import find_street


def street(
    slope_x: float = 0.0, slope_y: float = 0.0, seed: int = 0, count: int = 10_000, noise_m: float = 0.02
) -> np.ndarray:
    random = np.random.default_rng(seed)
    x, y = random.uniform(-25, 25, (2, count))
    z = slope_x * x + slope_y * y - 1.7 + random.normal(0, noise_m, count)
    return np.stack([x, y, z], axis=1).astype(np.float32)


def with_box(cloud: np.ndarray, cuboid: Cuboid, seed: int = 1) -> np.ndarray:
    """The street with a box standing on it: its shell, and nothing below."""
    own = np.random.default_rng(seed).uniform(-0.5, 0.5, (600, 3))
    axis = np.random.default_rng(seed).integers(0, 3, 600)
    own[np.arange(600), axis] = np.sign(own[np.arange(600), axis]) / 2
    shell = cuboid.pose.apply(own * cuboid.size_m).astype(np.float32)
    column = Cuboid(cuboid.pose, (cuboid.length_m, cuboid.width_m, 50.0))
    return np.concatenate([cloud[~inside_mask(cloud, column)], shell])


@examples(10)
@given(st.floats(-0.15, 0.15), st.floats(-0.15, 0.15))
def test_a_slope_is_followed(slope_x: float, slope_y: float) -> None:
    ground = GroundGrid.from_points(street(slope_x, slope_y, count=8000))
    places = np.random.default_rng(2).uniform(-22, 22, (50, 2))
    expected = slope_x * places[:, 0] + slope_y * places[:, 1] - 1.7
    assert np.abs(ground.heights_m(places) - expected).max() < 0.12


@pytest.mark.parametrize("slope", [0.0, 0.1, -0.15])
def test_the_ground_goes_on_under_a_truck(slope: float) -> None:
    truck = Cuboid(Pose.from_yaw(0.5, (5.0, 3.0, 5 * slope + 0.2)), (8.0, 2.6, 3.4))
    ground = GroundGrid.from_points(with_box(street(slope), truck))
    assert ground.height_m(5.0, 3.0) == pytest.approx(5 * slope - 1.7, abs=0.15)


def test_the_mask_holds_the_street_and_not_what_stands_on_it() -> None:
    car = Cuboid(Pose.from_yaw(0.5, (5.0, 3.0, -0.95)), (4.2, 1.8, 1.5))
    cloud = with_box(street(), car)
    mask = GroundGrid.from_points(cloud).ground_mask(cloud)
    on_car = inside_mask(cloud, Cuboid(car.pose, (4.3, 1.9, 1.6)))
    assert mask[~on_car].mean() > 0.99
    assert not mask[on_car & (cloud[:, 2] > -1.3)].any()


def test_echoes_far_below_the_street_do_not_pull_it_down() -> None:
    echoes = np.array([[3, 3, -9], [3.1, 3.2, -9.5], [10, -8, -30]], np.float32)
    ground = GroundGrid.from_points(np.concatenate([street(), echoes]))
    assert ground.height_m(3, 3) == pytest.approx(-1.7, abs=0.1)
    assert ground.height_m(10, -8) == pytest.approx(-1.7, abs=0.1)


@pytest.mark.parametrize(
    "cloud",
    [
        np.empty((0, 3), np.float32),
        np.full((10, 3), np.nan, np.float32),
        np.array([[1, 2, 3]], np.float32),
        np.random.default_rng(0).uniform(0, 0.9, (500, 3)).astype(np.float32),  # one thing in the air
    ],
)
def test_no_ground_is_said_to_be_none(cloud: np.ndarray) -> None:
    ground = GroundGrid.from_points(cloud)
    assert ground.is_empty
    assert math.isnan(ground.height_m(1, 2))
    assert not ground.ground_mask(cloud).any()


def test_nothing_is_known_outside_the_grid() -> None:
    ground = GroundGrid.from_points(street())
    assert math.isnan(ground.height_m(100, 0))
    assert math.isnan(ground.height_m(math.nan, 0))


def test_stray_points_at_the_end_of_the_world_cost_no_memory() -> None:
    far = np.array([[1e9, 0, 0], [0, -1e30, 0], [np.inf, 0, 0], [0, 0, np.nan]], np.float32)
    ground = GroundGrid.from_points(np.concatenate([street(), far]))
    assert ground.heights.size <= 513**2
    assert ground.height_m(0, 0) == pytest.approx(-1.7, abs=0.05)


def test_far_from_the_origin_it_is_the_same() -> None:
    cloud = street().astype(np.float64)
    there = GroundGrid.from_points(cloud + np.array([1000.0, -2000.0, 50.0]))
    assert there.height_m(1003.3, -1996.0) == pytest.approx(48.3, abs=0.05)


def test_points_of_another_shape_are_refused() -> None:
    with pytest.raises(CloudError):
        GroundGrid.from_points(np.zeros((5, 2), np.float32))


def test_a_kerb_stays_a_step() -> None:
    cloud = street(count=40_000, noise_m=0.01)
    cloud[cloud[:, 1] > 6, 2] += 0.13
    ground = GroundGrid.from_points(cloud)
    x = np.linspace(-20, 20, 40)
    for y, height in ((4.5, -1.7), (7.5, -1.57)):
        heights = ground.heights_m(np.stack([x, np.full_like(x, y)], axis=1))
        assert np.abs(heights - height).max() < 0.04


def test_the_underside_of_a_parked_car_is_no_street() -> None:
    """Only the underside is seen, 0.25 m above a street that is hidden there."""
    car = Cuboid(Pose.from_yaw(0.0, (8.0, 5.0, -0.7)), (4.4, 1.9, 1.5))
    ground = GroundGrid.from_points(with_box(street(noise_m=0.01), car))
    assert ground.height_m(8.0, 5.0) == pytest.approx(-1.7, abs=0.05)


@examples(15)
@given(st.integers(0, 2**32 - 1), st.integers(3, 300))
def test_the_kernel_agrees_with_its_twin(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    cloud = random.uniform((0, 0, -0.1), (8, 6, 0.1), (count, 3))
    cloud[: count // 5, 2] += random.uniform(-3, 3, count // 5)
    heights = np.full((8, 6), np.nan)
    fill_heights(*find_street(cloud, 0.0, 0.0, 1.0, (8, 6)), heights)
    assert np.allclose(heights, naive_ground(cloud, (8, 6)), atol=1e-9, equal_nan=True)


@whole_sweep
def test_the_street_of_a_real_sweep_is_smooth_and_below_the_sensor() -> None:
    path = shared_data("kitti_tracking_0001/training/velodyne/0001/000364.bin")
    cloud = np.fromfile(path, np.float32).reshape(-1, 4)[:, :3]
    ground = GroundGrid.from_points(cloud)
    x, y = np.meshgrid(np.arange(5, 25, 1.0), np.arange(-3, 3, 1.0))
    road = ground.heights_m(np.stack([x.ravel(), y.ravel()], axis=1))
    assert np.abs(road + 1.7).max() < 0.3
    assert 0.4 < ground.ground_mask(cloud).mean() < 0.8
