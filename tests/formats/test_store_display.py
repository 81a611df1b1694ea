"""Display blocks are half a step off at most, never saturate, and come back from either coding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from worldline.formats.errors import SceneError, StoreError
from worldline.formats.store.display import (
    FINEST_M,
    Coding,
    Grid,
    decode_block,
    dequantise,
    encode_block,
    fit_grid,
    intensity_scale,
    known_coding,
    quantise,
    usual_maximum,
)

CODINGS: tuple[Coding, ...] = ("planes", "meshopt")


@given(
    arrays(np.float32, st.tuples(st.integers(0, 40), st.just(3)), elements=st.floats(-(2.0**100), 2.0**100, width=32)),
    st.sampled_from([1.0, 1e-3, 1e-28]),
    st.sampled_from(CODINGS),
)
def test_a_coordinate_is_at_most_half_a_step_off(xyz: np.ndarray, factor: float, coding: Coding) -> None:
    xyz_m = (xyz * np.float32(factor)).astype(np.float32)
    grid = fit_grid(xyz_m)
    chunk, _ = encode_block(xyz_m, None, grid, 1.0, coding, points=64)
    points = decode_block(chunk, len(xyz_m), coding)
    error = np.abs(dequantise(points, grid) - xyz_m)
    size = np.abs(xyz_m).max() if len(xyz_m) else 0.0
    assert (error <= grid.scale_m * 0.5 + 1e-12 * max(size, 1.0)).all()
    assert (points[:, 3] == 0).all()


@given(st.floats(0, 327, width=32), st.integers(0, 99))
def test_a_step_is_5_mm_up_to_327_metres(extent: float, seed: int) -> None:
    xyz_m = (np.random.default_rng(seed).random((50, 3)) * extent).astype(np.float32)
    assert fit_grid(xyz_m).scale_m == FINEST_M


def test_points_cut_out_of_wider_rows_are_the_same_points() -> None:
    rows = np.random.default_rng(1).normal(0, 20, (300, 4)).astype(np.float32)
    apart = np.ascontiguousarray(rows[:, :3])
    assert fit_grid(rows[:, :3]) == fit_grid(apart)
    assert encode_block(rows[:, :3], rows[:, 3], fit_grid(apart), 1.0) == encode_block(
        apart, rows[:, 3].copy(), fit_grid(apart), 1.0
    )


@pytest.mark.parametrize("value", [200.0, -200.0, np.inf, np.nan])
def test_a_coordinate_that_does_not_fit_is_refused(value: float) -> None:
    with pytest.raises(SceneError, match=r"steps of 0\.005 m"):
        quantise(np.array([[0.0, value, 0]], np.float32), None, Grid((0.0, 0.0, 0.0), 0.005), 1.0)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("row", [0, 1])
def test_points_that_are_not_finite_are_refused_whatever_the_grid(value: float, row: int) -> None:
    xyz_m = np.zeros((2, 3), np.float32)
    xyz_m[row, 2] = value
    with pytest.raises(SceneError, match="not finite"):
        encode_block(xyz_m, None, fit_grid(xyz_m), 1.0)


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


@given(
    arrays(np.float32, st.integers(0, 30), elements=st.floats(-300, 70000, width=32) | st.just(float("nan"))),
    st.sampled_from([1.0, 100.0, 255.0, 65535.0]),
)
def test_intensities_outside_are_clipped_and_counted(values: np.ndarray, maximum: float) -> None:
    points, clipped = quantise(np.zeros((len(values), 3), np.float32), values, Grid((0.0, 0.0, 0.0), 0.005), maximum)
    outside = [not 0 <= value <= maximum for value in values.tolist()]
    assert clipped == sum(outside)
    found = points[:, 3] * intensity_scale(maximum)
    expected = np.clip(np.nan_to_num(values.astype(float)), 0, maximum)
    assert np.abs(found - expected).max(initial=0) <= intensity_scale(maximum) * 0.5 * (1 + 1e-9)


def test_8_bit_intensities_are_exact() -> None:
    values = np.arange(256, dtype=np.uint8)
    points, clipped = quantise(np.zeros((256, 3), np.float32), values, Grid((0.0, 0.0, 0.0), 0.005), 255.0)
    assert clipped == 0
    assert (points[:, 3] * intensity_scale(255.0) == values).all()


@pytest.mark.parametrize("where", [0, 3, 4, 40, -1, -5, -20])
def test_a_changed_byte_of_a_block_is_found(where: int) -> None:
    xyz_m = np.random.default_rng(0).normal(0, 20, (500, 3)).astype(np.float32)
    chunk = bytearray(encode_block(xyz_m, None, fit_grid(xyz_m), 1.0)[0])
    chunk[where] ^= 1
    with pytest.raises(StoreError, match="checksum"):
        decode_block(bytes(chunk), 500, "meshopt")


def test_an_unknown_coding_says_which_are_known() -> None:
    assert [known_coding(each) for each in CODINGS] == list(CODINGS)
    with pytest.raises(StoreError, match="planes, meshopt"):
        known_coding("draco")
