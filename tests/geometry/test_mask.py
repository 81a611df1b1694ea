"""Masks are pixels in another coding: COCO's, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco

from worldline.geometry.errors import MaskError
from worldline.geometry.mask import Mask
from worldline.geometry.outline import fill_polygons, signed_area_px2, trace_outlines

SIDES = st.integers(1, 12)
PICTURES = st.tuples(SIDES, SIDES).flatmap(lambda shape: arrays(np.bool_, shape))
PAIRS = st.tuples(SIDES, SIDES).flatmap(lambda shape: st.tuples(arrays(np.bool_, shape), arrays(np.bool_, shape)))


@given(PICTURES)
def test_text_is_that_of_coco_and_comes_back(pixels: np.ndarray) -> None:
    mask = Mask.from_pixels(pixels)
    theirs = coco.encode(np.asfortranarray(pixels.astype(np.uint8)))
    assert mask.text == theirs["counts"].decode()
    assert Mask.from_text(mask.text, *pixels.shape) == mask
    assert np.array_equal(mask.pixels, pixels)
    assert mask.area_px2 == pixels.sum() == coco.area(theirs)


@given(PICTURES)
def test_the_box_holds_the_pixels_and_no_more(pixels: np.ndarray) -> None:
    box = Mask.from_pixels(pixels).box
    rows, columns = np.nonzero(pixels)
    if len(rows) == 0:
        assert box is None
        return
    assert box is not None
    assert (box.left_px, box.right_px) == (columns.min(), columns.max())
    assert (box.top_px, box.bottom_px) == (rows.min(), rows.max())


@given(PAIRS)
def test_masks_combine_as_sets_of_pixels(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = (Mask.from_pixels(each) for each in pair)
    assert np.array_equal((a & b).pixels, pair[0] & pair[1])
    assert np.array_equal((a | b).pixels, pair[0] | pair[1])
    assert np.array_equal((a - b).pixels, pair[0] & ~pair[1])
    whole = (pair[0] | pair[1]).sum()
    assert a.overlap(b) == pytest.approx((pair[0] & pair[1]).sum() / whole if whole else 0)


@given(PICTURES)
def test_outlines_enclose_the_mask_again(pixels: np.ndarray) -> None:
    outlines = trace_outlines(pixels)
    assert np.array_equal(fill_polygons(outlines, *pixels.shape), pixels)
    assert sum(signed_area_px2(each) for each in outlines) == pixels.sum()


@given(st.lists(st.tuples(st.floats(-3, 15), st.floats(-3, 15)), min_size=3, max_size=8))
def test_filling_is_the_even_odd_rule(corners: list[tuple[float, float]]) -> None:
    found = fill_polygons([np.array(corners)], 12, 13)
    for row in range(12):
        for column in range(13):
            crossed = 0
            for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
                if (y0 <= row) != (y1 <= row):
                    if y0 > y1:
                        x0, y0, x1, y1 = x1, y1, x0, y0
                    crossed += column >= x0 + (row - y0) * (x1 - x0) / (y1 - y0)
            assert found[row, column] == (crossed % 2 == 1)


def test_equal_pixels_are_equal_masks_whatever_their_runs() -> None:
    assert Mask(1, 4, np.array([1, 1, 0, 1, 1])) == Mask(1, 4, np.array([1, 2, 1]))


@pytest.mark.parametrize(
    ("counts", "why"), [([3], "add up to 3"), ([5, -1], "0 or more"), ([], "at least one"), ([1, 2, 3], "add up to 6")]
)
def test_runs_that_are_no_picture_are_refused(counts: list[int], why: str) -> None:
    with pytest.raises(MaskError, match=why):
        Mask(2, 2, np.array(counts, dtype=np.int64))


@pytest.mark.parametrize("text", ["\x07", "z", "P", "é"])
def test_text_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MaskError):
        Mask.from_text(text, 2, 2)


@pytest.mark.parametrize("corners", [[[0, 0], [1, 1]], [[0, 0, 0]] * 3, [[0, 0], [1, np.nan], [2, 2]]])
def test_what_is_no_polygon_is_refused(corners: list[list[float]]) -> None:
    with pytest.raises(MaskError):
        fill_polygons([np.array(corners, dtype=np.float64)], 4, 4)
