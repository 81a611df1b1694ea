"""The vertex codec of meshoptimizer, version 1, for points of four int16 values.

A point is 8 bytes: x, y, z, intensity, little-endian. Points are taken 256 at a time; of each
16-bit value the difference from the point before is stored, zigzag, its low bytes together and
its high bytes together, 16 at a time with 0, 1, 2, 4 or 8 bits each and an escape for those that
need more. docs/codecs.md has every byte. Any decoder of meshoptimizer (``meshopt_decodeVertexBuffer``,
npm ``meshoptimizer``, glTF's ``EXT_meshopt_compression`` with version 1) reads the stream.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from worldline.formats.errors import StoreError

STRIDE = 8
"""Bytes of a point."""

_HEADER = 0xA1
_BLOCK = 256
_GROUP = 16
_TAIL = 24
"""The last bytes of a stream: zeros, the first point, and what kind of difference each half has."""
_WORDS = 1
"""A channel of 16-bit differences."""

Bytes = NDArray[np.uint8]
Points = NDArray[np.int16]


def encode_points(points: Points) -> Bytes:
    """The stream of points.

    Args:
        points: (N, 4) int16, C order.

    Returns:
        (M,) uint8; empty when there are no points.
    """
    stream = np.empty(longest_stream(len(points)), dtype=np.uint8)
    size = encode_into(points, stream)
    return stream[:size]


def longest_stream(count: int) -> int:
    """How many bytes the stream of so many points may have at most, with room to spare while it is made."""
    blocks = -(-count // _BLOCK)
    return 1 + blocks * (2 + STRIDE * (_BLOCK // 64 + _BLOCK + _GROUP)) + _TAIL + 64


def decode_points(stream: Bytes, points: Points) -> None:
    """Undo `encode_points`.

    Args:
        stream: (M,) uint8.
        points: (N, 4) int16, filled.

    Raises:
        StoreError: The stream is not one of N points.
    """
    if not _decode(stream, points.view(np.uint16)):
        raise StoreError(f"{stream.size} bytes are no meshopt vertex stream of {len(points)} points of {STRIDE} bytes")


@njit(cache=True, nogil=True)
def encode_into(points: Points, stream: Bytes) -> int:  # pragma: no cover - compiled
    """Encode into a buffer of `longest_stream` bytes; returns the stream's size."""
    count = points.shape[0]
    if count == 0:
        return 0
    planes = np.empty((STRIDE, _BLOCK), dtype=np.uint8)
    widths = np.empty((2, _BLOCK // _GROUP), dtype=np.uint8)
    stream[0] = _HEADER
    at = 1
    for first in range(0, count, _BLOCK):
        size = min(_BLOCK, count - first)
        _split(points, first, size, planes)
        control = at
        stream[control] = 0
        stream[control + 1] = 0
        at += 2
        for plane in range(STRIDE):
            kind, at = _put_plane(planes[plane], size, widths, stream, at)
            stream[control + plane // 4] |= np.uint8(kind << (plane % 4 * 2))
    for _ in range(_TAIL - STRIDE - 2):
        stream[at] = 0
        at += 1
    for axis in range(4):
        value = int(points[0, axis]) & 0xFFFF
        stream[at] = value & 0xFF
        stream[at + 1] = value >> 8
        at += 2
    stream[at] = _WORDS
    stream[at + 1] = _WORDS
    return at + 2


@njit(cache=True, nogil=True)
def _split(points: Points, first: int, size: int, planes: Bytes) -> None:  # pragma: no cover - compiled
    """Zigzag differences of a block as planes of low and high bytes; zeros fill the last group."""
    before = max(first - 1, 0)
    for axis in range(4):
        last = int(points[before, axis])
        low, high = planes[2 * axis], planes[2 * axis + 1]
        for n in range(size):
            value = int(points[first + n, axis])
            step = ((value - last + 0x8000) & 0xFFFF) - 0x8000
            last = value
            zigzag = (step << 1 ^ step >> 15) & 0xFFFF
            low[n] = zigzag & 0xFF
            high[n] = zigzag >> 8
        for n in range(size, -(-size // _GROUP) * _GROUP):
            low[n] = 0
            high[n] = 0


@njit(cache=True, nogil=True)
def _put_plane(
    plane: Bytes, size: int, widths: Bytes, stream: Bytes, at: int
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Write one plane of bytes the shortest way; returns the way (0 to 3) and where the next begins."""
    groups = -(-size // _GROUP)
    header = -(-groups // 4)
    narrow, wide, any_set = header, header, 0
    for group in range(groups):
        over0, over2, over14 = 0, 0, 0
        for n in range(group * _GROUP, (group + 1) * _GROUP):
            byte = plane[n]
            over0 += byte != 0
            over2 += byte >= 3
            over14 += byte >= 15
        bits1, bits2, bits4 = 2 + over0, 4 + over2, 8 + over14
        # Narrow: 0, 1, 2 or 4 bits a byte. Wide: 1, 2, 4 or 8.
        best, bits = bits4, 3
        if bits2 <= best:
            best, bits = bits2, 2
        if bits1 <= best:
            best, bits = bits1, 1
        if over0 == 0:
            best, bits = 0, 0
        widths[0, group] = bits
        narrow += best
        best, bits = _GROUP, 3
        if bits4 <= best:
            best, bits = bits4, 2
        if bits2 <= best:
            best, bits = bits2, 1
        if bits1 <= best:
            best, bits = bits1, 0
        widths[1, group] = bits
        wide += best
        any_set += over0
    if any_set == 0:
        return 2, at
    if size <= min(narrow, wide):
        for n in range(size):
            stream[at + n] = plane[n]
        return 3, at + size
    kind = 0 if narrow <= wide else 1
    for n in range(header):
        stream[at + n] = 0
    for group in range(groups):
        stream[at + group // 4] |= np.uint8(widths[kind, group] << (group % 4 * 2))
    at += header
    for group in range(groups):
        width = int(widths[kind, group]) + kind  # 0: none, 1: one bit, 2: two, 3: four, 4: eight
        start = group * _GROUP
        if width == 0:
            continue
        if width == 4:
            for n in range(_GROUP):
                stream[at + n] = plane[start + n]
            at += _GROUP
            continue
        at = _put_group(plane, start, width, stream, at)
    return kind, at


@njit(cache=True, nogil=True)
def _put_group(plane: Bytes, start: int, width: int, stream: Bytes, at: int) -> int:  # pragma: no cover - compiled
    """Write 16 bytes with 1, 2 or 4 bits each (width 1, 2, 3), and those that need more after them."""
    bits = 1 << (width - 1)
    escape = (1 << bits) - 1
    each = 8 // bits
    beyond = at + 2 * bits
    n = start
    for byte in range(2 * bits):
        packed = 0
        for k in range(each):
            value = int(plane[n])
            n += 1
            small = min(value, escape)
            # One bit: the first is the lowest; two and four: the first is the highest.
            packed |= small << (k if bits == 1 else 8 - bits - k * bits)
            stream[beyond] = value
            beyond += value >= escape
        stream[at + byte] = packed
    return beyond


@njit(cache=True, nogil=True)
def _decode(stream: Bytes, points: NDArray[np.uint16]) -> bool:  # pragma: no cover - compiled
    """Fill (N, 4) uint16; False when the stream is damaged."""
    count = points.shape[0]
    if count == 0:
        return stream.size == 0
    end = stream.size - _TAIL
    if end < 1 or stream[0] != _HEADER:
        return False
    first = stream.size - STRIDE - 2
    for n in range(end, first):
        if stream[n] != 0:
            return False
    if stream[first + 8] != _WORDS or stream[first + 9] != _WORDS:
        return False
    last = np.empty(4, dtype=np.uint16)
    for axis in range(4):
        last[axis] = int(stream[first + 2 * axis]) | int(stream[first + 2 * axis + 1]) << 8
    planes = np.zeros((STRIDE, _BLOCK), dtype=np.uint8)
    at = 1
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        if at + 2 > end:
            return False
        control = at
        at += 2
        for plane in range(STRIDE):
            kind = int(stream[control + plane // 4]) >> (plane % 4 * 2) & 3
            at = _take_plane(stream, at, end, kind, planes[plane], size)
            if at < 0:
                return False
        for axis in range(4):
            low, high = planes[2 * axis], planes[2 * axis + 1]
            value = int(last[axis])
            for n in range(size):
                zigzag = int(low[n]) | int(high[n]) << 8
                value = (value + (zigzag >> 1 ^ -(zigzag & 1))) & 0xFFFF
                points[start + n, axis] = value
            last[axis] = value
    return at == end


@njit(cache=True, nogil=True)
def _take_plane(
    stream: Bytes, at: int, end: int, kind: int, plane: Bytes, size: int
) -> int:  # pragma: no cover - compiled
    """Read one plane of bytes; returns where the next begins, -1 when the stream is damaged."""
    if kind == 2:
        plane[:] = 0
        return at
    if kind == 3:
        if at + size > end:
            return -1
        plane[:size] = stream[at : at + size]
        return at + size
    groups = -(-size // _GROUP)
    header = at
    at += -(-groups // 4)
    if at > end:
        return -1
    for group in range(groups):
        width = (int(stream[header + group // 4]) >> (group % 4 * 2) & 3) + kind
        to = group * _GROUP
        if width == 0:
            plane[to : to + _GROUP] = 0
        elif width == 4:
            if at + _GROUP > end:
                return -1
            plane[to : to + _GROUP] = stream[at : at + _GROUP]
            at += _GROUP
        else:
            bits = 1 << (width - 1)
            escape = (1 << bits) - 1
            each = 8 // bits
            packed = at
            at += 2 * bits
            if at + _GROUP > end + _TAIL:
                return -1
            for n in range(_GROUP):
                k = n % each
                value = int(stream[packed + n // each]) >> (k if bits == 1 else 8 - bits - k * bits) & escape
                if value == escape:
                    value = int(stream[at])
                    at += 1
                plane[to + n] = value
    return at if at <= end else -1
