"""Laws of the bird's-eye grid: it answers as a look at every point would."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.geometry.strategies import compiled, cuboids, poses
from tests.naive import naive_inside
from tests.naive_kernels import naive_near
from worldline.geometry import CloudError, Cuboid, PointGrid, Pose, points_inside
from worldline.geometry.crop import move_points
from worldline.geometry.grid import FEW_CUBOIDS, _count_inside

seeds = st.integers(0, 2**32 - 1)


def cloud_around(many: list[Cuboid], seed: int, dtype: type = np.float32) -> np.ndarray:
    """Points in and around cuboids, some far away, some that are none, in no order."""
    rng = np.random.default_rng(seed)
    parts = [each.pose.apply(rng.uniform(-0.8, 0.8, (40, 3)) * each.size_m) for each in many]
    parts += [rng.normal(0, 30, (50, 3)), rng.normal(0, 1e6, (2, 3))]
    cloud = np.concatenate(parts).astype(dtype)
    rng.shuffle(cloud)
    cloud[::17] = np.nan
    cloud[5::23, 1] = np.inf
    return cloud


@given(st.lists(cuboids, max_size=6), seeds, st.sampled_from([np.float32, np.float64]), st.floats(0.05, 40))
def test_the_grid_agrees_with_its_twin(many: list[Cuboid], seed: int, dtype: type, cell_m: float) -> None:
    cloud = cloud_around(many, seed, dtype)
    grid = PointGrid.from_points(cloud, cell_m)
    expected = [naive_inside(cloud, cuboid) for cuboid in many]
    assert grid.counts(many).tolist() == [int(mask.sum()) for mask in expected]
    assert points_inside(cloud, many).tolist() == grid.counts(many).tolist()
    for cuboid, mask in zip(many, expected, strict=True):
        assert np.array_equal(grid.mask(cuboid), mask)
        assert np.array_equal(grid.inside(cuboid), np.flatnonzero(mask))


@given(st.lists(cuboids, min_size=1, max_size=3), seeds, st.floats(0, 50), poses)
def test_what_is_near_is_found_in_the_order_of_the_cloud(
    many: list[Cuboid], seed: int, radius_m: float, a_from_b: Pose
) -> None:
    cloud = cloud_around(many, seed)
    grid = PointGrid.from_points(cloud)
    near = naive_near(cloud, many[0].center_m, radius_m)
    assert grid.near(many[0].center_m, radius_m).tolist() == near
    cropped = grid.crop(many[0].center_m, radius_m, a_from_b)
    assert cropped.dtype == np.float32
    assert np.array_equal(cropped, move_points(cloud[near], a_from_b))


@given(seeds)
def test_every_finite_point_stands_in_one_cell_and_cells_keep_the_order(seed: int) -> None:
    cloud = cloud_around([], seed)
    grid = PointGrid.from_points(cloud)
    assert np.array_equal(np.sort(grid.order), np.flatnonzero(np.isfinite(cloud).all(axis=1)))
    assert grid.starts[0] == 0
    assert grid.starts[-1] == len(grid.order)
    cell_of = np.repeat(np.arange(len(grid.starts) - 1), np.diff(grid.starts))
    assert ((np.diff(grid.order) > 0) | (np.diff(cell_of) > 0)).all()


def test_a_point_on_a_face_is_inside_wherever_the_edges_of_cells_lie() -> None:
    cuboid = Cuboid(Pose((1, 0, 0, 0), (8.0, -4.0, 2.0)), (4.0, 2.0, 1.0))
    on = np.concatenate([cuboid.corners(), [[10.0, -4.0, 2.0], [8.0, -3.0, 2.0], [8.0, -4.0, 2.5], [6.0, -5.0, 2.0]]])
    beyond = np.nextafter(on, on + (on - cuboid.center_m))[:8]
    for cell_m in (0.25, 0.5, 1.0, 2.0, 3.0):
        assert PointGrid.from_points(np.concatenate([on, beyond]), cell_m).counts([cuboid]).tolist() == [len(on)]


@pytest.mark.parametrize("count", [0, 1])
def test_next_to_nothing_has_a_grid(count: int) -> None:
    grid = PointGrid.from_points(np.zeros((count, 3), np.float32))
    many = [Cuboid(Pose(), (1, 1, 1))] * (FEW_CUBOIDS + 1)
    assert grid.counts(many).tolist() == [count] * len(many)
    assert grid.counts([]).tolist() == []
    assert grid.near((0, 0, 0), 1.0).tolist() == list(range(count))
    assert grid.near((0, 0, 0), -1.0).tolist() == []
    assert PointGrid.from_points(np.full((3, 3), np.nan)).counts(many[:1]).tolist() == [0]


def test_a_grid_copies_no_sweep() -> None:
    cloud = np.random.default_rng(1).normal(0, 10, (100, 3)).astype(np.float32)
    assert PointGrid.from_points(cloud).points is cloud


@compiled
def test_a_second_query_compiles_nothing_anew() -> None:
    cloud = np.random.default_rng(1).normal(0, 10, (100, 3)).astype(np.float32)
    PointGrid.from_points(cloud).counts([Cuboid(Pose(), (1, 1, 1))])
    before = len(_count_inside.signatures)
    cloud.flags.writeable = False
    PointGrid.from_points(cloud).counts([Cuboid(Pose.from_yaw(1.0), (2, 1, 1))] * 9)
    assert len(_count_inside.signatures) == before


@compiled
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_warmed_process_compiles_nothing_for_the_first_who_asks(dtype: type) -> None:
    from worldline.geometry import deskew, grid, inside, overlap, suppress, warm

    warm_modules = (deskew, grid, inside, overlap, sys.modules[suppress.__module__])
    kernels = [each for module in warm_modules for each in vars(module).values() if hasattr(each, "py_func")]
    warm.warm_up()
    before = [len(kernel.signatures) for kernel in kernels]
    cloud = np.random.default_rng(1).normal(0, 10, (500, 3)).astype(dtype)
    many = [Cuboid(Pose.from_yaw(0.2, (k, 0, 0)), (4, 2, 2)) for k in range(5)]
    asked = PointGrid.from_points(cloud)
    asked.counts(many), asked.mask(many[0]), asked.crop((0, 0, 0), 5.0, Pose()), many[0].contains(cloud)
    deskew.move_timed_points(cloud, np.zeros(500, np.float32), np.zeros(1), [Pose()])
    deskew.rest_points(cloud, np.zeros(500, np.float32), (1, 0, 0))
    suppress(overlap.overlap_rows(many), np.ones(5), 0.5)
    overlap.overlap_matrix_3d(overlap.overlap_rows(many), overlap.overlap_rows(many))
    assert [len(kernel.signatures) for kernel in kernels] == before


def test_a_cell_without_width_and_points_of_another_shape_are_refused() -> None:
    with pytest.raises(CloudError, match="above 0"):
        PointGrid.from_points(np.zeros((2, 3)), 0.0)
    with pytest.raises(CloudError, match="N rows"):
        PointGrid.from_points(np.zeros((2, 4)))
