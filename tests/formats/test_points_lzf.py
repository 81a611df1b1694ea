"""LZF decodes what an obvious encoder and decoder agree on, and refuses everything else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.naive import lzf_decode
from worldline.formats.points.lzf import decode_lzf


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """LZF bytes made of literals and references that may overlap themselves."""
    packed, size = bytearray(), 0
    for _ in range(draw(st.integers(1, 8))):
        if size == 0 or draw(st.booleans()):
            data = draw(st.binary(min_size=1, max_size=32))
            packed += bytes([len(data) - 1]) + data
            size += len(data)
        else:
            length, back = draw(st.integers(3, 264)), draw(st.integers(1, min(size, 8192))) - 1
            coded = length - 2
            packed += bytes([min(coded, 7) << 5 | back >> 8])
            packed += bytes([coded - 7]) if coded >= 7 else b""
            packed += bytes([back & 255])
            size += length
    return bytes(packed)


@given(streams())
def test_it_decodes_as_the_obvious_decoder_does(packed: bytes) -> None:
    expected = lzf_decode(packed)
    out = np.zeros(len(expected), np.uint8)
    assert decode_lzf(np.frombuffer(packed, np.uint8), out) == len(expected)
    assert out.tobytes() == expected
    if expected:
        assert decode_lzf(np.frombuffer(packed, np.uint8), np.zeros(len(expected) - 1, np.uint8)) == -1


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(packed: bytes) -> None:
    out = np.zeros(500, np.uint8)
    count = decode_lzf(np.frombuffer(packed, np.uint8), out)
    try:
        expected = lzf_decode(packed)
    except (IndexError, ValueError):
        assert count == -1
    else:
        assert count == (len(expected) if len(expected) <= 500 else -1)
