"""Clouds without a header (KITTI and nuScenes .bin) and NumPy's .npy."""

import math
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worldline.formats.errors import BrokenFileError
from worldline.formats.reach import check_not_text

from .cloud import Cloud, Fields, cloud_of, xyz_of
from .rows import Table

_COPY = "copy the file again from its source"
_NPY_AXES = ("x", "y", "z", "intensity")


def read_bin(path: Path) -> Cloud:
    """The cloud of a KITTI .bin file (x, y, z, intensity) or a nuScenes .pcd.bin file (and ring): float32.

    Raises:
        BrokenFileError: Its size is not a whole number of points, or a coordinate is not finite.
    """
    table = bin_table(path)
    data = path.read_bytes()
    return table.cloud_of_rows(np.frombuffer(data, dtype=table.dtype))


def bin_table(path: Path) -> Table:
    """Where the points of a .bin file are.

    Raises:
        BrokenFileError: Its size is not a whole number of points, or it is text.
    """
    names = ("intensity", "ring") if path.name.endswith(".pcd.bin") else ("intensity",)
    columns = 3 + len(names)
    size = path.stat().st_size
    if size % (4 * columns):
        raise BrokenFileError(
            f"expected {columns} float32 a point, a multiple of {4 * columns} bytes, found {size} bytes",
            path=path,
            place=f"byte {size - size % (4 * columns)}",
            fix=_COPY,
        )
    with path.open("rb") as file:
        check_not_text(file.read(1 << 10), path)

    def cloud_of_rows(rows: NDArray[np.void]) -> Cloud:
        values = rows.view("<f4").reshape(-1, columns)
        fields: Fields = {name: values[:, 3 + number].copy() for number, name in enumerate(names)}
        return cloud_of(values[:, :3].copy(), fields, path, may_lack_returns=False)

    return Table(np.dtype([("values", "<f4", (columns,))]), 0, size // (4 * columns), cloud_of_rows)


def read_npy(path: Path) -> Cloud:
    """The cloud of a .npy file: (N, 3 or more) numbers, or a table with the names x, y, z.

    The fourth column is the intensity, further ones are called ``column_4`` and so on.

    Raises:
        BrokenFileError: It is no such file, or holds another number of bytes than its header says.
    """
    header = _npy_header(path)
    flat = np.fromfile(path, dtype=header.kind, count=math.prod(header.shape), offset=header.start)
    return _cloud_of_npy(flat.reshape(header.shape, order="F" if header.is_fortran else "C"), path)


def npy_table(path: Path) -> Table | None:
    """Where the points of a .npy file are; None where it is in Fortran order.

    Raises:
        BrokenFileError: As `read_npy`.
    """
    header = _npy_header(path)
    if header.is_fortran:
        return None
    kind, width = header.kind, header.shape[1:]
    row = np.dtype([("values", kind, width)])
    return Table(row, header.start, header.shape[0], lambda rows: _cloud_of_npy(rows["values"], path))


@dataclass(frozen=True, slots=True)
class _NpyHeader:
    shape: tuple[int, ...]
    is_fortran: bool
    kind: np.dtype[np.generic]
    start: int


def _npy_header(path: Path) -> _NpyHeader:
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran_order, kind = read(file)
        except (ValueError, SyntaxError, TokenError, EOFError, OverflowError) as error:  # what numpy lets through
            raise BrokenFileError(f"expected a .npy header: {error}", path=path, place="byte 0", fix=_COPY) from error
        start = file.tell()
        is_table = kind.names is not None
        if kind.hasobject or not (is_table or kind.kind in "fiu"):
            raise BrokenFileError(f"expected numbers, found {kind}", path=path, place="byte 0", fix="save float32")
        if (is_table and len(shape) != 1) or (not is_table and (len(shape) != 2 or shape[1] < 3)):
            raise BrokenFileError(f"expected the shape (N, 3 or more), found {shape}", path=path, place="byte 0")
        expected = math.prod(shape) * kind.itemsize
        if size - start != expected:
            raise BrokenFileError(
                f"expected {expected} bytes for {shape} {kind}, found {size - start}",
                path=path,
                place=f"byte {start}",
                fix=_COPY,
            )
    return _NpyHeader(shape, bool(fortran_order), kind, start)


def _cloud_of_npy(table: NDArray[Any], path: Path) -> Cloud:
    if table.dtype.names is not None:
        columns: Fields = {name: table[name] for name in table.dtype.names}
    else:
        names = [*_NPY_AXES[: table.shape[1]], *(f"column_{number}" for number in range(4, table.shape[1]))]
        columns = {name: table[:, number] for number, name in enumerate(names)}
    if not {"x", "y", "z"} <= set(columns):
        raise BrokenFileError(f"expected columns x, y, z, found {sorted(columns)}", path=path, place="byte 0")
    columns = {name: np.array(values, values.dtype.newbyteorder("=")) for name, values in columns.items()}
    fields = {name: values for name, values in columns.items() if name not in ("x", "y", "z")}
    return cloud_of(xyz_of(columns), fields, path, may_lack_returns=False)
