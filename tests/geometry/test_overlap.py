"""Laws of rotated overlap, with shapely as the referee."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.geometry.strategies import upright_cuboids, upright_poses
from tests.naive import naive_overlap
from worldline.geometry import (
    Cuboid,
    CuboidError,
    Pose,
    overlap_3d,
    overlap_bev,
    overlap_matrix_3d,
    overlap_matrix_bev,
    overlap_rows,
)


@given(upright_cuboids, upright_cuboids)
def test_the_kernel_agrees_with_shapely(a: Cuboid, b: Cuboid) -> None:
    in_plane, in_space = naive_overlap(a, b)
    assert overlap_bev(a, b) == pytest.approx(in_plane, abs=1e-9)
    assert overlap_3d(a, b) == pytest.approx(in_space, abs=1e-9)


@given(upright_cuboids, upright_cuboids)
def test_overlap_is_symmetric_and_a_share(a: Cuboid, b: Cuboid) -> None:
    for overlap in (overlap_bev, overlap_3d):
        assert 0 <= overlap(a, b) <= 1
        assert overlap(a, b) == pytest.approx(overlap(b, a), abs=1e-9)


@given(upright_cuboids, upright_cuboids, upright_poses)
def test_moving_both_changes_nothing(a: Cuboid, b: Cuboid, motion: Pose) -> None:
    for overlap in (overlap_bev, overlap_3d):
        assert overlap(a.moved(motion), b.moved(motion)) == pytest.approx(overlap(a, b), abs=1e-7)


@given(upright_cuboids)
def test_a_cuboid_overlaps_itself_wholly_either_way_round(cuboid: Cuboid) -> None:
    turned = Cuboid(cuboid.pose.turned(math.pi), cuboid.size_m)
    for overlap in (overlap_bev, overlap_3d):
        assert overlap(cuboid, cuboid) == pytest.approx(1, abs=1e-12)
        assert overlap(cuboid, turned) == pytest.approx(1, abs=1e-9)


def at(
    x: float, y: float = 0.0, z: float = 0.0, size: tuple[float, float, float] = (2, 2, 2), yaw: float = 0
) -> Cuboid:
    return Cuboid(Pose.from_yaw(yaw, (x, y, z)), size)


@pytest.mark.parametrize(
    ("other", "in_plane", "in_space"),
    [
        (at(2.0), 0, 0),  # a shared side
        (at(2.0, 2.0), 0, 0),  # a shared corner
        (at(0, 0, 2.0), 1, 0),  # one stands on the other
        (at(1.0), 1 / 3, 1 / 3),
        (at(0, size=(1, 1, 1)), 1 / 4, 1 / 8),  # contained
        (at(0, size=(1, 1, 1), yaw=0.7), 1 / 4, 1 / 8),
        (at(0, yaw=math.pi / 2), 1, 1),
        (at(0, yaw=math.pi / 4), (math.sqrt(2) - 1) * 8 / (8 - (math.sqrt(2) - 1) * 8), None),
        (at(0.5, size=(1e-6, 1e-6, 1e-6)), 2.5e-13, 1.25e-19),
        (at(1e7), 0, 0),
    ],
)
def test_known_cases(other: Cuboid, in_plane: float, in_space: float | None) -> None:
    assert overlap_bev(at(0), other) == pytest.approx(in_plane, rel=1e-6, abs=1e-15)
    if in_space is not None:
        assert overlap_3d(at(0), other) == pytest.approx(in_space, rel=1e-6, abs=1e-21)


def test_map_coordinates_lose_nothing() -> None:
    far = at(5e6, 4e6), at(5e6 + 1, 4e6)
    assert overlap_bev(*far) == pytest.approx(1 / 3, abs=1e-9)


@given(st.lists(upright_cuboids, max_size=3), st.lists(upright_cuboids, max_size=3))
def test_a_matrix_holds_each_pair(a: list[Cuboid], b: list[Cuboid]) -> None:
    flat, solid = (
        overlap_matrix_bev(overlap_rows(a), overlap_rows(b)),
        overlap_matrix_3d(overlap_rows(a), overlap_rows(b)),
    )
    assert flat.shape == solid.shape == (len(a), len(b))
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            assert flat[i, j] == overlap_bev(one, other)
            assert solid[i, j] == overlap_3d(one, other)


@pytest.mark.parametrize(
    "rows", [np.zeros((2, 6)), np.ones(7), np.full((1, 7), np.nan), np.array([[0.0, 0, 0, 1, 0, 1, 0]])]
)
def test_rows_that_are_no_cuboids_are_refused(rows: np.ndarray) -> None:
    with pytest.raises(CuboidError):
        overlap_matrix_bev(rows, rows)
