"""How far a coordinate can be, and bytes that are text: what tells a wrong file from a cloud of points."""

from pathlib import Path

import numpy as np

from worldline.geometry.arrays import Bools, Floats

from .errors import BrokenFileError

FARTHEST_M = 1e8
"""Farther than any coordinate of a map: the earth's radius is 6.4e6 m, Mercator's edge 2.1e7 m."""

_LOOKED_AT = 1024
_TEXT = frozenset(b"\t\n\r" + bytes(range(0x20, 0x7F)))


def beyond(xyz_m: Floats) -> Bools:
    """(N, 3) Which coordinates lie farther than any map; numbers that are not finite are left to others."""
    mask: Bools = np.isfinite(xyz_m) & (np.abs(xyz_m) > FARTHEST_M)
    return mask


def check_not_text(data: bytes, path: Path) -> None:
    """Raise where a file of bare numbers begins as only text does.

    Args:
        data: The beginning of the file, 1 kB is enough.
        path: The file.

    Raises:
        BrokenFileError: It is text.
    """
    head = data[:_LOOKED_AT]
    if head and _TEXT.issuperset(head):
        raise BrokenFileError(
            f"expected float32 numbers, found text: {head[:20].decode('ascii')!r}",
            path=path, place="byte 0", fix="convert it to float32, or give it the ending of what it is",
        )  # fmt: skip


def describe_beyond(value: float, what: str) -> str:
    """What to say of a coordinate that is too far."""
    return f"{value:g} as {what} is farther than any map ({FARTHEST_M:g} m)"
