"""Laws of clusters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.naive import naive_cluster, naive_grow
from worldline.geometry import CloudError, cluster, grow_cluster

seeds = st.integers(0, 2**32 - 1)


def cloud_of(seed: int, count: int = 80) -> np.ndarray:
    random = np.random.default_rng(seed)
    cloud = (random.uniform(-5, 5, (4, 3))[random.integers(0, 4, count)] + random.normal(0, 0.7, (count, 3))).astype(
        np.float32
    )
    cloud[::19] = np.nan
    cloud[7::29, 2] = np.inf
    return cloud


@given(seeds, st.floats(0.1, 2.0), st.integers(1, 5))
def test_clusters_agree_with_their_twin(seed: int, cell_m: float, fewest: int) -> None:
    cloud = cloud_of(seed)
    assert np.array_equal(cluster(cloud, cell_m, fewest=fewest), naive_cluster(cloud, cell_m, fewest))


@given(seeds, st.floats(0.05, 2.0))
def test_growing_agrees_with_its_twin(seed: int, radius_m: float) -> None:
    cloud = cloud_of(seed)
    place = (float(cloud[1, 0]), float(cloud[1, 1]), float(cloud[1, 2]))
    assert np.array_equal(grow_cluster(cloud, place, radius_m), naive_grow(cloud, place, radius_m))


@given(seeds)
def test_what_grows_from_any_member_is_the_same(seed: int) -> None:
    cloud = cloud_of(seed)
    mask = grow_cluster(cloud, (float(cloud[1, 0]), float(cloud[1, 1]), float(cloud[1, 2])), 0.6)
    for member in cloud[mask][::7]:
        assert np.array_equal(grow_cluster(cloud, tuple(map(float, member)), 0.6), mask)  # type: ignore[arg-type]


def test_two_things_a_gap_apart_are_two() -> None:
    random = np.random.default_rng(0)
    one, two = random.uniform(0, 1, (2, 200, 3)).astype(np.float32)
    labels = cluster(np.concatenate([one, two + np.float32(2)]), 0.4)
    assert set(labels[:200]) == {0}
    assert set(labels[200:]) == {1}


def test_a_lone_point_has_no_cluster() -> None:
    cloud = np.array([[0, 0, 0], [50, 0, 0], [0.1, 0, 0], [np.nan, 0, 0]], np.float32)
    assert cluster(cloud, 0.5).tolist() == [0, -1, 0, -1]
    assert cluster(cloud, 0.5, fewest=1).tolist() == [0, 1, 0, -1]


def test_cells_grow_with_range() -> None:
    near = np.array([[2, 0, 0], [2, 1.0, 0]], np.float32)
    far = np.array([[80, 0, 0], [80, 1.0, 0]], np.float32)
    assert cluster(near, 0.3, growth=0.02).tolist() == [-1, -1]
    assert cluster(far, 0.3, growth=0.02).tolist() == [0, 0]
    assert grow_cluster(near, (2, 0, 0), 0.3, growth=0.02).tolist() == [True, False]
    assert grow_cluster(far, (80, 0, 0), 0.3, growth=0.02).tolist() == [True, True]


def test_growing_stops_at_its_reach() -> None:
    line = np.stack([np.arange(0, 20, 0.2), np.zeros(100), np.zeros(100)], axis=1).astype(np.float32)
    mask = grow_cluster(line, (0, 0, 0), 0.3, reach_m=5.1)
    assert mask.sum() == 26
    assert line[mask, 0].max() == pytest.approx(5.0)


def test_nothing_near_grows_nothing() -> None:
    assert not grow_cluster(np.zeros((3, 3), np.float32), (5, 0, 0), 0.5).any()
    assert grow_cluster(np.empty((0, 3), np.float32), (5, 0, 0), 0.5).shape == (0,)
    assert cluster(np.empty((0, 3), np.float32), 0.5).shape == (0,)


@pytest.mark.parametrize(("cell_m", "growth"), [(0.0, 0.0), (-1.0, 0.0), (np.nan, 0.0), (0.5, -0.1), (0.5, np.inf)])
def test_lengths_that_are_none_are_refused(cell_m: float, growth: float) -> None:
    for ask in (
        lambda: cluster(np.zeros((1, 3)), cell_m, growth=growth),
        lambda: grow_cluster(np.zeros((1, 3)), (0, 0, 0), cell_m, growth=growth),
    ):
        with pytest.raises(CloudError):
            ask()
