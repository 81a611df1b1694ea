"""LZF, the compression of PCD files: decoding (M. Lehmann, liblzf)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

MOST_PER_BYTE = 88
"""The most bytes that one compressed byte can stand for: a reference is 3 bytes for 264."""


@njit(cache=True, nogil=True)
def decode_lzf(packed: NDArray[np.uint8], out: NDArray[np.uint8]) -> int:
    """Decode into an array of the size that is expected.

    Args:
        packed: Compressed bytes.
        out: Filled.

    Returns:
        How many bytes were filled; -1 where the packed bytes are not LZF or do not fit.
    """
    here = 0
    there = 0
    while here < packed.size:
        control = int(packed[here])
        here += 1
        if control < 32:
            length = control + 1
            if here + length > packed.size or there + length > out.size:
                return -1
            for step in range(length):
                out[there + step] = packed[here + step]
            here += length
        else:
            length = control >> 5
            if length == 7:
                if here >= packed.size:
                    return -1
                length += int(packed[here])
                here += 1
            if here >= packed.size:
                return -1
            source = there - ((control & 31) << 8) - int(packed[here]) - 1
            here += 1
            length += 2
            if source < 0 or there + length > out.size:
                return -1
            for step in range(length):  # byte by byte: it may overlap itself
                out[there + step] = out[source + step]
        there += length
    return there
