"""Clouds without a header (KITTI and nuScenes .bin) and NumPy's .npy."""

import math
from pathlib import Path

import numpy as np

from worldline.formats.errors import BrokenFileError
from worldline.formats.reach import check_not_text

from .cloud import Cloud, Fields, cloud_of, xyz_of

_COPY = "copy the file again from its source"
_NPY_AXES = ("x", "y", "z", "intensity")


def read_bin(path: Path) -> Cloud:
    """The cloud of a KITTI .bin file (x, y, z, intensity) or a nuScenes .pcd.bin file (and ring): float32.

    Raises:
        BrokenFileError: Its size is not a whole number of points, or a coordinate is not finite.
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
    data = path.read_bytes()
    check_not_text(data, path)
    values = np.frombuffer(data, dtype="<f4").reshape(-1, columns)
    fields: Fields = {name: values[:, 3 + number].copy() for number, name in enumerate(names)}
    return cloud_of(values[:, :3].copy(), fields, path, may_lack_returns=False)


def read_npy(path: Path) -> Cloud:
    """The cloud of a .npy file: (N, 3 or more) numbers, or a table with the names x, y, z.

    The fourth column is the intensity, further ones are called ``column_4`` and so on.

    Raises:
        BrokenFileError: It is no such file, or holds another number of bytes than its header says.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran_order, kind = read(file)
        except (ValueError, EOFError, OverflowError, UnicodeDecodeError) as error:
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
        flat = np.fromfile(file, dtype=kind, count=math.prod(shape))
    table = flat.reshape(shape, order="F" if fortran_order else "C")
    if is_table:
        columns: Fields = {name: table[name] for name in kind.names or ()}
    else:
        names = [*_NPY_AXES[: shape[1]], *(f"column_{number}" for number in range(4, shape[1]))]
        columns = {name: table[:, number] for number, name in enumerate(names)}
    if not {"x", "y", "z"} <= set(columns):
        raise BrokenFileError(f"expected columns x, y, z, found {sorted(columns)}", path=path, place="byte 0")
    columns = {name: np.array(values, values.dtype.newbyteorder("=")) for name, values in columns.items()}
    fields = {name: values for name, values in columns.items() if name not in ("x", "y", "z")}
    return cloud_of(xyz_of(columns), fields, path, may_lack_returns=False)
