"""Laws of non-maximum suppression."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.naive import naive_overlap
from tests.naive_kernels import naive_suppress
from worldline.geometry import Cuboid, CuboidError, Pose, overlap_rows, suppress

crowded = st.lists(
    st.tuples(*[st.floats(-3, 3)] * 2, st.floats(-1, 1), *[st.floats(0.5, 5)] * 3, st.floats(-3.1, 3.1)).map(
        lambda v: Cuboid(Pose.from_yaw(v[6], v[:3]), v[3:6])
    ),
    max_size=8,
)
coarse = st.lists(st.integers(0, 4).map(float), min_size=8, max_size=8)


@given(crowded, coarse, st.floats(0, 1), st.booleans())
def test_the_kernel_agrees_with_its_twin(many: list[Cuboid], scores: list[float], most: float, in_space: bool) -> None:
    pairs = [naive_overlap(a, b)[in_space] for a in many for b in many if a is not b]
    if any(abs(pair - most) < 1e-9 for pair in pairs):
        most += 1e-6 if most < 0.5 else -1e-6  # the two may round an overlap to either side of the threshold
    kept = suppress(overlap_rows(many), np.array(scores[: len(many)]), most, "3d" if in_space else "bev")
    assert kept.tolist() == naive_suppress(many, scores, most, in_space)


@given(crowded, coarse, st.floats(0, 0.99))
def test_suppressing_again_changes_nothing_and_the_best_stays(
    many: list[Cuboid], scores: list[float], most: float
) -> None:
    rows, score = overlap_rows(many), np.array(scores[: len(many)])
    kept = suppress(rows, score, most)
    assert suppress(rows[kept], score[kept], most).tolist() == list(range(len(kept)))
    if many:
        assert kept[0] == int(np.argmax(score))


def test_of_equal_scores_the_first_stays_and_an_equal_overlap_is_allowed() -> None:
    one, half = Cuboid(Pose(), (2, 2, 2)), Cuboid(Pose(), (2, 1, 2))
    rows = overlap_rows([one, one, half])
    assert suppress(rows, np.ones(3), 0.5).tolist() == [0, 2]
    assert suppress(rows, np.array([1.0, 1.0, 2.0]), 0.5).tolist() == [2, 0]
    assert suppress(rows, np.ones(3), 1.0).tolist() == [0, 1, 2]


def test_classes_do_not_suppress_each_other() -> None:
    rows = overlap_rows([Cuboid(Pose(), (2, 2, 2))] * 3)
    assert suppress(rows, np.array([1.0, 2.0, 3.0]), 0.1, classes=["car", "van", "car"]).tolist() == [2, 1]


def test_what_is_none_is_refused() -> None:
    rows = overlap_rows([Cuboid(Pose(), (2, 2, 2))])
    for scores, most, classes in (
        ([np.nan], 0.5, None),
        ([1.0, 2.0], 0.5, None),
        ([1.0], 1.5, None),
        ([1.0], np.nan, None),
        ([1.0], 0.5, []),
    ):
        with pytest.raises(CuboidError):
            suppress(rows, np.array(scores), most, classes=classes)
    assert suppress(np.empty((0, 7)), np.empty(0), 0.5, classes=[]).tolist() == []
