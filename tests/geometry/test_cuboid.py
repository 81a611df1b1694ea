"""Laws of cuboids, boxes on images, and points in them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.geometry.strategies import compiled, cuboids, floats, poses
from tests.naive import naive_inside
from worldline.geometry import (
    EDGES,
    Box,
    CloudError,
    Cuboid,
    CuboidError,
    GeometryError,
    Pose,
    inside_mask,
    points_inside,
)
from worldline.geometry.inside import _mark_inside

seeds = st.integers(0, 2**32 - 1)


def cloud_around(cuboid: Cuboid, seed: int, dtype: type = np.float32, count: int = 60) -> np.ndarray:
    own = np.random.default_rng(seed).uniform(-0.8, 0.8, (count, 3)) * np.asarray(cuboid.size_m)
    cloud = cuboid.pose.apply(own).astype(dtype)
    cloud[::17] = np.nan
    cloud[5::23, 1] = np.inf
    return cloud


@given(cuboids)
def test_the_volume_is_that_of_the_corners(cuboid: Cuboid) -> None:
    corners = cuboid.corners()
    sides = [np.linalg.norm(corners[a] - corners[b]) for a, b in ((0, 3), (0, 1), (0, 4))]
    assert sides == pytest.approx(list(cuboid.size_m), abs=1e-9)
    assert cuboid.volume_m3 == pytest.approx(math.prod(sides))
    assert corners.mean(axis=0) == pytest.approx(np.array(cuboid.center_m), abs=1e-9)


@given(cuboids)
def test_the_edges_are_the_sides_of_the_box(cuboid: Cuboid) -> None:
    corners = cuboid.corners()
    lengths = sorted(float(np.linalg.norm(corners[a] - corners[b])) for a, b in EDGES)
    assert lengths == pytest.approx(sorted([*cuboid.size_m] * 4), abs=1e-9)


@given(cuboids, seeds)
def test_the_kernel_agrees_with_its_twin(cuboid: Cuboid, seed: int) -> None:
    for dtype in (np.float32, np.float64):
        cloud = cloud_around(cuboid, seed, dtype)
        expected = naive_inside(cloud, cuboid)
        assert np.array_equal(inside_mask(cloud, cuboid), expected)
        assert np.array_equal(cuboid.contains(cloud), expected)


@given(st.lists(cuboids, max_size=4), seeds)
def test_counts_are_the_sums_of_the_masks(many: list[Cuboid], seed: int) -> None:
    cloud = np.concatenate([cloud_around(cuboid, seed) for cuboid in many] or [np.zeros((1, 3), np.float32)])
    assert points_inside(cloud, many).tolist() == [int(naive_inside(cloud, cuboid).sum()) for cuboid in many]


def test_a_point_on_a_face_an_edge_or_a_corner_is_inside() -> None:
    cuboid = Cuboid(Pose((1, 0, 0, 0), (8.0, -4.0, 2.0)), (4.0, 2.0, 1.0))
    on = np.concatenate([cuboid.corners(), [[10.0, -4.0, 2.0], [8.0, -3.0, 2.0], [8.0, -4.0, 2.5], [10.0, -3.0, 2.0]]])
    assert inside_mask(on, cuboid).all()
    assert points_inside(on.astype(np.float32), [cuboid]).tolist() == [12]
    assert not inside_mask(np.nextafter(on, on + (on - cuboid.center_m)), cuboid)[:8].any()


def test_a_point_with_a_nan_is_in_nothing() -> None:
    cuboid = Cuboid(Pose(), (1e6, 1e6, 1e6))
    cloud = np.array([[np.nan, 0, 0], [0, np.nan, 0], [0, 0, np.nan], [np.inf, 0, 0], [0, 0, 0]], dtype=np.float32)
    assert inside_mask(cloud, cuboid).tolist() == [False, False, False, False, True]
    assert points_inside(cloud, [cuboid]).tolist() == [1]


def test_no_points_and_no_cuboids_count_nothing() -> None:
    assert points_inside(np.empty((0, 3), np.float32), [Cuboid(Pose(), (1, 1, 1))]).tolist() == [0]
    assert points_inside(np.zeros((3, 3), np.float32), []).tolist() == []
    assert inside_mask(np.empty((0, 3), np.float32), Cuboid(Pose(), (1, 1, 1))).shape == (0,)


def test_rows_of_strided_arrays_are_read_right() -> None:
    wide = np.zeros((100, 4), np.float32)
    wide[:, :3] = np.random.default_rng(1).uniform(-2, 2, (100, 3))
    cuboid = Cuboid(Pose.from_yaw(0.3), (2, 2, 2))
    assert np.array_equal(inside_mask(wide[:, :3], cuboid), naive_inside(wide[:, :3], cuboid))


@compiled
def test_a_read_only_or_strided_cloud_compiles_nothing_anew() -> None:
    cuboid = Cuboid(Pose.from_yaw(0.3), (2, 2, 2))
    wide = np.random.default_rng(1).uniform(-2, 2, (100, 4)).astype(np.float32)
    inside_mask(wide[:, :3].copy(), cuboid)
    before = len(_mark_inside.signatures)
    wide.flags.writeable = False
    inside_mask(wide[:, :3], cuboid)
    inside_mask(np.frombuffer(wide[:, :3].tobytes(), np.float32).reshape(-1, 3), cuboid)
    assert len(_mark_inside.signatures) == before


@pytest.mark.parametrize("shape", [(3,), (4, 2), (2, 4), (1, 2, 3)])
def test_points_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(CloudError, match="N rows"):
        inside_mask(np.zeros(shape), Cuboid(Pose(), (1, 1, 1)))


@given(cuboids, poses)
def test_moving_a_cuboid_moves_its_corners(cuboid: Cuboid, a_from_b: Pose) -> None:
    assert cuboid.moved(a_from_b).corners() == pytest.approx(a_from_b.apply(cuboid.corners()), abs=1e-8)


@pytest.mark.parametrize("size", [(0.0, 1, 1), (1, -1, 1), (1, 1, math.nan), (math.inf, 1, 1), (1, 1)])
def test_sizes_that_are_none_are_refused(size: tuple[float, ...]) -> None:
    with pytest.raises(CuboidError):
        Cuboid(Pose(), size)  # type: ignore[arg-type]


boxes = st.tuples(floats(100), floats(100), st.floats(0, 50), st.floats(0, 50)).map(
    lambda b: Box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(boxes, boxes)
def test_the_overlap_of_boxes_is_symmetric_and_a_share(a: Box, b: Box) -> None:
    assert a.overlap(b) == b.overlap(a)
    assert 0 <= a.overlap(b) <= 1
    assert a.overlap(a) == (1 if a.area_px2 > 0 else 0)


@pytest.mark.parametrize("sides", [(1, 0, 0, 1), (0, 1, 1, 0), (0, 0, math.nan, 1), (0, 0, math.inf, 1)])
def test_sides_that_make_no_box_are_refused(sides: tuple[float, float, float, float]) -> None:
    with pytest.raises(GeometryError):
        Box(*sides)
