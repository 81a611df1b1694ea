"""Runs: the coding of a binary picture as lengths of equal pixels, column by column.

The lengths alternate, beginning with pixels that are off (maybe none): the run-length coding of COCO (Lin et al.
2014, "Microsoft COCO"), whose text form packs differences of lengths into printable bytes.
"""

import numpy as np
from numba import njit

from .arrays import Bools, Int64s
from .errors import MaskError

_OFF, _SHIFT, _MORE, _SIGN = 48, 5, 0x20, 0x10
_MOST_DIGITS = 12


@njit(cache=True, nogil=True)
def _encode(pixels: Bools) -> Int64s:
    height, width = pixels.shape
    counts = np.empty(height * width + 2, np.int64)
    used, length, value = 0, 0, False
    for column in range(width):
        for row in range(height):
            if pixels[row, column] != value:
                counts[used] = length
                used += 1
                length, value = 0, not value
            length += 1
    counts[used] = length
    return counts[: used + 1].copy()


@njit(cache=True, nogil=True)
def _decode(counts: Int64s, height: int, width: int) -> Bools:
    pixels = np.zeros((height, width), np.bool_)
    place, value = 0, False
    for count in counts:
        if value:
            for at in range(place, place + count):
                pixels[at % height, at // height] = True
        place += count
        value = not value
    return pixels


@njit(cache=True, nogil=True)
def _combine(a: Int64s, b: Int64s, table: int) -> Int64s:
    """Two codings of equal size as one; bit ``2 * a + b`` of the table says what a pixel becomes."""
    counts = np.empty(len(a) + len(b) + 2, np.int64)
    used, length, value = 0, 0, False
    at_a, at_b, left_a, left_b = 0, 0, a[0], b[0]
    on_a, on_b = False, False
    while True:
        while left_a == 0 and at_a + 1 < len(a):
            at_a, on_a = at_a + 1, not on_a
            left_a = a[at_a]
        while left_b == 0 and at_b + 1 < len(b):
            at_b, on_b = at_b + 1, not on_b
            left_b = b[at_b]
        step = min(left_a, left_b)
        if step == 0:
            break
        is_on = (table >> (2 * int(on_a) + int(on_b))) & 1 == 1
        if is_on != value:
            counts[used] = length
            used += 1
            length, value = 0, is_on
        length += step
        left_a -= step
        left_b -= step
    counts[used] = length
    return counts[: used + 1].copy()


def encode_runs(pixels: Bools) -> Int64s:
    """The runs of a picture.

    Args:
        pixels: (H, W) bool.

    Returns:
        (R,) int64: lengths, the first of pixels that are off.
    """
    if pixels.size == 0:
        return np.zeros(1, dtype=np.int64)
    return _encode(np.ascontiguousarray(pixels, dtype=np.bool_))


def decode_runs(counts: Int64s, height_px: int, width_px: int) -> Bools:
    """(H, W) bool: the picture of runs that add up to its pixels (see `check_runs`)."""
    return _decode(counts, height_px, width_px)


def combine_runs(a: Int64s, b: Int64s, table: int) -> Int64s:
    """The runs of two pictures of one size, pixel by pixel: bit ``2 * a + b`` of `table` is what a pixel becomes."""
    return _combine(a, b, table)


def check_runs(counts: Int64s, height_px: int, width_px: int) -> None:
    """Raise unless lengths are 0 or more and add up to a picture.

    Raises:
        MaskError: They do not.
    """
    if height_px < 0 or width_px < 0:
        raise MaskError(f"a mask's size is 0 or more: {height_px} x {width_px}")
    if len(counts) == 0 or (counts < 0).any():
        raise MaskError("a mask's runs are lengths of 0 or more, and at least one")
    if int(counts.sum()) != height_px * width_px:
        raise MaskError(f"a mask's runs add up to {counts.sum()} pixels, its size is {height_px} x {width_px}")


def runs_to_text(counts: Int64s) -> str:
    """The text that COCO writes for runs: each from the third on as its difference to the one two before."""
    values = counts.copy()
    values[3:] -= counts[1:-2]
    text = bytearray()
    for number in values.tolist():
        rest = number
        while True:
            digit = rest & 0x1F
            rest >>= _SHIFT
            is_last = rest == (-1 if digit & _SIGN else 0)
            text.append(_OFF + (digit if is_last else digit | _MORE))
            if is_last:
                break
    return text.decode("ascii")


def text_to_runs(text: str) -> Int64s:
    """The runs of a text of COCO.

    Raises:
        MaskError: A character is none of its digits, or it ends within a number.
    """
    counts: list[int] = []
    number, shift = 0, 0
    for place, character in enumerate(text):
        digit = ord(character) - _OFF
        if not 0 <= digit < 64 or shift > _SHIFT * _MOST_DIGITS:
            raise MaskError(f"character {place} of a mask's text, {character!r}, is no digit of its coding")
        number |= (digit & 0x1F) << shift
        shift += _SHIFT
        if not digit & _MORE:
            if digit & _SIGN:
                number -= 1 << shift
            counts.append(number + (counts[-2] if len(counts) > 2 else 0))
            number, shift = 0, 0
    if shift:
        raise MaskError("a mask's text ends within a number")
    return np.array(counts, dtype=np.int64)
