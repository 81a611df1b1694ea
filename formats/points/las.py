"""LAS and LAZ files, versions 1.0 to 1.4: coordinates in float64, every dimension a field."""

import struct
from collections.abc import Iterator
from pathlib import Path

import laspy
import numpy as np
from numpy.typing import NDArray

from worldline.formats.errors import BrokenFileError
from worldline.geometry.arrays import Float64s

from .cloud import Cloud, Fields, cloud_of

_HEADER = struct.Struct("<4s20xBB68xHIIBHI")
"""Signature, version, header size, offset to points, records before them, format, record size, points."""
_LATER = struct.Struct("<QIQ")
"""Version 1.4: start and number of the records behind the points, number of points."""
_LATER_AT = 235
_CHUNK = 1_000_000


def read_las(path: Path) -> Cloud:
    """The cloud of a LAS or LAZ file.

    Raises:
        BrokenFileError: It is no LAS file, or holds fewer bytes than its header needs.
    """
    parts = list(las_parts(path, _CHUNK))
    names = parts[0].fields
    fields = {name: np.concatenate([part.fields[name] for part in parts]) for name in names}
    return Cloud(np.concatenate([part.xyz_m for part in parts]), fields)


def las_parts(path: Path, part_points: int) -> Iterator[Cloud]:
    """The cloud of a LAS or LAZ file, one part of so many points after another, one at least.

    Raises:
        BrokenFileError: As `read_las`.
    """
    points, found = _check_header(path), 0
    chunks = _chunks(path, part_points)
    while True:
        try:
            xyz_m, fields = next(chunks)
        except StopIteration:
            break
        except Exception as error:  # lazrs and laspy raise many kinds for damaged data
            raise _broken(f"cannot be decoded: {error}", path, "points") from error
        found += len(xyz_m)
        yield cloud_of(xyz_m, fields, path, may_lack_returns=False)
    if found != points:
        raise _broken(f"expected {points} points, found {found}", path, "points")


def count_las(path: Path) -> int:
    """How many points a file's header promises.

    Raises:
        BrokenFileError: It is no LAS file, or holds fewer bytes than its header needs.
    """
    return _check_header(path)


def _chunks(path: Path, part_points: int) -> Iterator[tuple[Float64s, Fields]]:
    with laspy.open(str(path), read_evlrs=False) as reader:
        names = [name for name in reader.header.point_format.dimension_names if name not in ("X", "Y", "Z")]
        is_empty = reader.header.point_count == 0
        for chunk in [reader.read_points(0)] if is_empty else reader.chunk_iterator(part_points):
            xyz_m = np.stack([np.asarray(chunk[axis], dtype=np.float64) for axis in "xyz"], axis=1)
            fields = {name: _plain(np.asarray(chunk[name])) for name in names}
            if {"red", "green", "blue"} <= set(fields):
                fields["rgb"] = np.stack([fields.pop(name) for name in ("red", "green", "blue")], axis=1)
            yield xyz_m, fields


def _check_header(path: Path) -> int:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_LATER_AT + _LATER.size)
    if head[:4] != b"LASF":
        raise _broken(f"expected a LAS header that begins with LASF, found {head[:4]!r}", path, "byte 0")
    if len(head) < _HEADER.size:
        raise _broken(f"truncated in its header: {size} bytes", path, f"byte {size}")
    _, major, minor, header_size, start, records, kind, row, points = _HEADER.unpack_from(head)
    if (major, minor) not in ((1, 0), (1, 1), (1, 2), (1, 3), (1, 4)):
        raise _broken(f"expected LAS version 1.0 to 1.4, found {major}.{minor}", path, "byte 24")
    if not header_size <= start <= size:
        raise _broken(f"the points begin at byte {start} of {size}, after a header of {header_size}", path, "byte 96")
    if records * 54 > start - header_size:
        raise _broken(f"{records} records cannot fit in {start - header_size} bytes", path, "byte 100")
    if minor == 4:
        if len(head) < _LATER_AT + _LATER.size:
            raise _broken("truncated in its header", path, f"byte {size}")
        later_start, later, points = _LATER.unpack_from(head, _LATER_AT)
        if later and not (start <= later_start and later_start + 60 * later <= size):
            raise _broken(f"{later} records at byte {later_start} cannot fit in {size} bytes", path, "byte 235")
        _check_later(path, later_start, later, size)
    is_packed = bool(kind & 0x80)
    if not is_packed and start + points * row > size:
        raise _broken(
            f"the header promises {points} points, {points * row} bytes; the file holds {size - start}",
            path,
            f"byte {start}",
        )
    if is_packed and points > _most_packed(path, start, size):
        raise _broken(f"{points} points cannot be in {size - start} bytes", path, "byte 107")
    return int(points)


def _check_later(path: Path, start: int, count: int, size: int) -> None:
    """Follow the records behind the points: each says how long it is."""
    with path.open("rb") as file:
        for _ in range(count):
            file.seek(start + 20)
            (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
            stop = start + 60 + length
            if stop > size:
                raise _broken(f"truncated: a record of {length} bytes ends behind the file", path, f"byte {start}")
            start = stop


def _most_packed(path: Path, start: int, size: int) -> int:
    """The most points that the chunks of a LAZ file can hold, by its chunk table."""
    with path.open("rb") as file:
        file.seek(start)
        (table,) = struct.unpack("<q", file.read(8).ljust(8, b"\0"))
        if table == -1:  # written to a pipe: the place stands at the end
            file.seek(size - 8)
            (table,) = struct.unpack("<q", file.read(8))
        if not start <= table <= size - 8:
            raise _broken(f"truncated: the chunk table stands at byte {table} of {size}", path, f"byte {start}")
        file.seek(table)
        _, chunks = struct.unpack("<II", file.read(8))
    # A chunk begins with a whole point, and each byte of coded data stands for 100,000 points at most.
    return int(min(chunks * (size - start), size - start)) * 100_000


def _plain(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Dimensions of a few bits come as they are needed: a copy of their own."""
    return np.array(values)


def _broken(message: str, path: Path, place: str) -> BrokenFileError:
    return BrokenFileError(message, path=path, place=place, fix="copy the file again from its source")
