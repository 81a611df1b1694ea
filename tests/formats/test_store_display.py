"""Display blocks are half a step off at most, and never saturate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from worldline.formats.errors import SceneError
from worldline.formats.store.display import (
    FINEST_M,
    Grid,
    dequantise,
    fit_grid,
    intensity_scale,
    quantise,
    quantise_intensity,
    usual_maximum,
)


@given(
    arrays(np.float32, st.tuples(st.integers(0, 40), st.just(3)), elements=st.floats(-(2.0**100), 2.0**100, width=32)),
    st.sampled_from([1.0, 1e-3, 1e-28]),
)
def test_a_coordinate_is_at_most_half_a_step_off(xyz: np.ndarray, factor: float) -> None:
    xyz_m = (xyz * np.float32(factor)).astype(np.float32)
    grid = fit_grid(xyz_m)
    planes = np.zeros((4, 64), np.int16)
    quantise(xyz_m, grid, planes)
    error = np.abs(dequantise(planes, len(xyz_m), grid) - xyz_m)
    size = np.abs(xyz_m).max() if len(xyz_m) else 0.0
    assert (error <= grid.scale_m * 0.5 + 1e-12 * max(size, 1.0)).all()
    assert (planes[:3, len(xyz_m) :] == 0).all()


@given(st.floats(0, 327, width=32), st.integers(0, 99))
def test_a_step_is_5_mm_up_to_327_metres(extent: float, seed: int) -> None:
    xyz_m = (np.random.default_rng(seed).random((50, 3)) * extent).astype(np.float32)
    assert fit_grid(xyz_m).scale_m == FINEST_M


def test_a_coordinate_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SceneError, match=r"steps of 0\.005 m"):
        quantise(np.array([[200.0, 0, 0]], np.float32), Grid((0.0, 0.0, 0.0), 0.005), np.zeros((4, 8), np.int16))


@pytest.mark.parametrize(
    ("values", "maximum"),
    [
        (np.array([0.0, 0.99], np.float32), 1.0),
        (np.array([0.0, 1.01], np.float32), 255.0),
        (np.array([0, 1], np.uint8), 255.0),
        (np.array([0, 256], np.uint16), 65535.0),
        (np.array([np.nan, np.inf, 0.5]), 1.0),
        (np.array([1e9]), 65535.0),
        (np.array([], np.float32), 1.0),
    ],
)
def test_full_intensity_is_told_from_a_sample(values: np.ndarray, maximum: float) -> None:
    assert usual_maximum(values) == maximum


@given(arrays(np.float32, st.integers(0, 30), elements=st.floats(-300, 300, width=32) | st.just(float("nan"))))
def test_intensities_outside_are_clipped_and_counted(values: np.ndarray) -> None:
    planes = np.zeros((4, 32), np.int16)
    clipped = quantise_intensity(values, 255.0, planes)
    outside = [not 0 <= value <= 255 for value in values.tolist()]
    assert clipped == sum(outside)
    found = planes[3, : len(values)] * intensity_scale(255.0)
    expected = np.clip(np.nan_to_num(values.astype(float)), 0, 255)
    assert np.abs(found - expected).max(initial=0) <= 255 / 32767
