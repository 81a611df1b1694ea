"""The decoder of docs/codecs.md, byte by byte as it is written there."""

import numpy as np


def decode_stream(stream: bytes, count: int) -> np.ndarray:
    """(count, 4) int16 of a vertex stream of version 1 whose channels are all 16-bit differences."""
    at = 0

    def take(size: int) -> bytes:
        nonlocal at
        at += size
        assert at <= len(stream)
        return stream[at - size : at]

    def take_group(bits: int) -> list[int]:
        if bits == 0:
            return [0] * 16
        if bits == 8:
            return list(take(16))
        packed = take(16 * bits // 8)
        values = []
        for n in range(16):
            byte, place = divmod(n * bits, 8)
            shift = place if bits == 1 else 8 - bits - place
            value = packed[byte] >> shift & (1 << bits) - 1
            values.append(take(1)[0] if value == (1 << bits) - 1 else value)
        return values

    def take_plane(kind: int, size: int) -> list[int]:
        if kind == 2:
            return [0] * size
        if kind == 3:
            return list(take(size))
        groups = (size + 15) // 16
        header = take((groups + 3) // 4)
        values: list[int] = []
        for group in range(groups):
            mode = header[group // 4] >> group % 4 * 2 & 3
            values += take_group(((0, 1, 2, 4), (1, 2, 4, 8))[kind][mode])
        return values[:size]

    assert take(1) == b"\xa1"
    assert stream[-2:] == b"\x01\x01"
    value = [int.from_bytes(stream[-10 + 2 * axis :][:2], "little") for axis in range(4)]
    points = []
    while len(points) < count:
        size = min(256, count - len(points))
        control = take(2)
        planes = [take_plane(control[plane // 4] >> plane % 4 * 2 & 3, size) for plane in range(8)]
        for n in range(size):
            for axis in range(4):
                zigzag = planes[2 * axis][n] | planes[2 * axis + 1][n] << 8
                value[axis] = value[axis] + (zigzag >> 1 ^ -(zigzag & 1)) & 0xFFFF
            points.append(list(value))
    assert at == len(stream) - 24
    return np.array(points, dtype=np.uint16).astype(np.int16).reshape(-1, 4)
