"""Laws of fitting away from streets: warehouse floors, poles and pallets, tilted things, clouds without ground."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.geometry.strategies import examples
from tests.naive import naive_rotation_cost
from worldline.geometry import Cuboid, FitError, GroundGrid, Pose, SizePrior, fit_cuboid, fit_tilted, overlap_3d
from worldline.geometry.tilted import rate_rotation

EYE_M = (0.0, 0.0, 1.6)
LINK = SizePrior((0.9, 0.16, 0.14), (0.1, 0.02, 0.02))


def look(cuboids: list[Cuboid], *, has_floor: bool = True, noise_m: float = 0.004, seed: int = 3) -> np.ndarray:
    """What a depth camera 1.6 m above a floor sees ahead of it: a grid of rays, nearest hit."""
    random = np.random.default_rng(seed)
    azimuth, elevation = np.meshgrid(np.radians(np.arange(-32, 32, 0.4)), np.radians(np.arange(-40, 12, 0.4)))
    rays = np.stack(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], axis=-1
    ).reshape(-1, 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        span = np.where((rays[:, 2] < 0) & has_floor, -EYE_M[2] / rays[:, 2], np.inf)
        for cuboid in cuboids:
            way = rays @ cuboid.pose.rotation
            start = cuboid.pose.inverse().apply(np.array([EYE_M]))[0]
            half = np.asarray(cuboid.size_m) / 2
            one, two = (-half - start) / way, (half - start) / way
            enter, leave = np.minimum(one, two).max(axis=1), np.maximum(one, two).min(axis=1)
            span = np.minimum(span, np.where((enter <= leave) & (enter > 0), enter, np.inf))
    hit = span < 9
    return (np.array(EYE_M) + rays[hit] * (span[hit] + random.normal(0, noise_m, hit.sum()))[:, None]).astype(
        np.float32
    )


def standing(x: float, y: float, yaw: float, size: tuple[float, float, float]) -> Cuboid:
    return Cuboid(Pose.from_yaw(yaw, (x, y, size[2] / 2)), size)


def on(cloud: np.ndarray, cuboid: Cuboid) -> tuple[float, float, float]:
    """A place on a thing, the higher half of it."""
    own = cloud[Cuboid(cuboid.pose, tuple(side + 0.04 for side in cuboid.size_m)).contains(cloud)]
    x, y, z = own[np.argsort(own[:, 2])[3 * len(own) // 4]].tolist()
    return (x, y, z)


THINGS = {
    "box": ((0.6, 0.4, 0.5), (0.08, 0.06, 0.1)),
    "pallet with goods": ((1.2, 0.8, 1.3), (0.05, 0.05, 0.3)),
    "person": ((0.6, 0.5, 1.75), (0.15, 0.1, 0.12)),
    "pole": ((0.15, 0.15, 2.2), (0.05, 0.05, 0.5)),
}


@pytest.mark.parametrize("name", list(THINGS))
@pytest.mark.parametrize("yaw", [0.3, 1.2])
def test_things_on_a_warehouse_floor_are_found(name: str, yaw: float) -> None:
    size, spread = THINGS[name]
    truth = standing(4.0, 0.4, yaw, size)
    beside = standing(4.3, -1.1, 0.1, (0.8, 0.6, 0.7))
    cloud = look([truth, beside])
    fit = fit_cuboid(cloud, on(cloud, truth), SizePrior(size, spread), EYE_M, heading_hint_rad=yaw, traffic_side=None)
    assert overlap_3d(fit.cuboid, truth) > 0.55
    assert fit.cuboid.center_m[2] - fit.cuboid.height_m / 2 == pytest.approx(0.0, abs=0.06)


def test_a_flat_pallet_on_the_floor_is_found() -> None:
    truth = standing(3.2, 0.3, 0.4, (1.2, 0.8, 0.3))
    cloud = look([truth])
    prior = SizePrior((1.2, 0.8, 0.3), (0.05, 0.05, 0.08))
    fit = fit_cuboid(cloud, on(cloud, truth), prior, EYE_M, heading_hint_rad=0.4, traffic_side=None)
    assert overlap_3d(fit.cuboid, truth) > 0.55


@examples(40)
@given(st.floats(-0.9, 0.9), st.floats(-math.pi, math.pi), st.floats(-0.4, 0.4))
def test_a_robot_arm_at_an_angle_is_found(pitch: float, yaw: float, roll: float) -> None:
    turns = np.array([[1, 0, 0], [0, math.cos(roll), -math.sin(roll)], [0, math.sin(roll), math.cos(roll)]])
    pitched = np.array([[math.cos(pitch), 0, math.sin(pitch)], [0, 1, 0], [-math.sin(pitch), 0, math.cos(pitch)]])
    matrix = np.eye(4)
    matrix[:3, :3] = Pose.from_yaw(yaw).rotation @ pitched @ turns
    matrix[:3, 3] = (2.2, 0.1, 1.2)
    truth = Cuboid(Pose.from_matrix(matrix), LINK.mean_m)
    cloud = look([truth], has_floor=False, noise_m=0.002)
    fit = fit_tilted(cloud, on(cloud, truth), LINK, EYE_M)
    axis = abs(float(fit.cuboid.pose.rotation[:, 0] @ truth.pose.rotation[:, 0]))
    view = np.subtract(truth.center_m, EYE_M) / math.dist(truth.center_m, EYE_M)
    if abs(float(view @ truth.pose.rotation[:, 0])) < 0.75:  # seen end on, an arm shows hardly more than its end
        assert axis > math.cos(math.radians(8))
        assert math.dist(fit.cuboid.center_m, truth.center_m) < 0.12
    assert 0 <= fit.quality <= 1


def test_a_crate_on_a_ramp_leans_with_it() -> None:
    lean = math.radians(20)
    matrix = np.eye(4)
    leaning = np.array([[math.cos(lean), 0, math.sin(lean)], [0, 1, 0], [-math.sin(lean), 0, math.cos(lean)]])
    matrix[:3, :3] = Pose.from_yaw(0.5).rotation @ leaning
    matrix[:3, 3] = (3.0, 0.2, 0.9)
    truth = Cuboid(Pose.from_matrix(matrix), (0.8, 0.6, 0.5))
    cloud = look([truth], has_floor=False)
    fit = fit_tilted(cloud, on(cloud, truth), SizePrior((0.8, 0.6, 0.5), (0.08, 0.06, 0.05)), EYE_M)
    local = fit.cuboid.pose.inverse().rotation @ truth.pose.rotation
    assert abs(local[2, 2]) > math.cos(math.radians(4))
    assert math.dist(fit.cuboid.center_m, truth.center_m) < 0.08
    upright = fit_cuboid(cloud, on(cloud, truth), SizePrior((0.8, 0.6, 0.5), (0.08, 0.06, 0.05)), EYE_M)
    assert upright.cuboid.pose.rotation[2, 2] == pytest.approx(1)


def test_a_cloud_without_ground_is_fitted() -> None:
    truth = standing(3.0, 0.2, 0.5, (0.8, 0.6, 1.0))
    cloud = look([truth], has_floor=False)
    assert GroundGrid.from_points(cloud).is_empty
    prior = SizePrior(truth.size_m, (0.08, 0.06, 0.1))
    fit = fit_cuboid(cloud, on(cloud, truth), prior, EYE_M, heading_hint_rad=0.5, traffic_side=None)
    assert overlap_3d(fit.cuboid, truth) > 0.55


def test_without_a_prior_a_tilted_box_closes_around_what_is_seen() -> None:
    truth = Cuboid(Pose.from_yaw(0.5, (3.0, 0.2, 1.0)), (0.8, 0.6, 0.5))
    cloud = look([truth], has_floor=False)
    fit = fit_tilted(cloud, on(cloud, truth), None, EYE_M)
    assert sorted(fit.cuboid.size_m) == pytest.approx(sorted(truth.size_m), abs=0.06)
    assert overlap_3d(fit_tilted(cloud, truth, None, EYE_M).cuboid, truth) > 0.8


def test_too_few_points_at_any_rotation_are_said_to_be_that() -> None:
    cloud = np.array([[2.0, 0, 0], [5.0, 0, 0]], np.float32)
    with pytest.raises(FitError, match="at least 3 are needed"):
        fit_tilted(cloud, (2.0, 0, 0), LINK)
    with pytest.raises(FitError):
        fit_tilted(np.empty((0, 3), np.float32), (2.0, 0, 0), LINK)
    few = fit_tilted(np.array([[2.0, 0, 0], [2.01, 0, 0], [2.02, 0.01, 0]], np.float32), (2.0, 0, 0), LINK)
    assert few.quality < 0.3
    assert few.reason is not None


@examples(15)
@given(st.integers(0, 2**32 - 1))
def test_rating_a_rotation_agrees_with_its_twin(seed: int) -> None:
    random = np.random.default_rng(seed)
    own, origin = random.uniform(-1, 1, (30, 3)), random.uniform(-5, 5, 3)
    rotation, _ = np.linalg.qr(random.normal(size=(3, 3)))
    assert rate_rotation(np.ascontiguousarray(rotation), own, origin) == pytest.approx(
        naive_rotation_cost(rotation, own, origin)
    )
