"""Point files that are read in parts: those too large to be in memory at once.

LAS and LAZ, and binary PCD, PLY, .npy and .bin files are read piece by piece; ascii and compressed files, and
arrays in Fortran order, are read whole and then cut.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worldline.formats.errors import BrokenFileError, MissingFileError

from .cloud import Cloud
from .files import read_cloud
from .las import count_las, las_parts
from .pcd import pcd_table
from .ply import ply_table
from .raw import bin_table, npy_table
from .rows import Table

LARGE_POINTS = 2_000_000
"""A file of more points is read in parts and becomes an octree."""
PART_POINTS = 500_000
"""Points of a part."""

_TABLES: dict[str, Callable[[Path], Table | None]] = {
    ".pcd": pcd_table,
    ".ply": ply_table,
    ".npy": npy_table,
    ".bin": bin_table,
}


@dataclass(frozen=True, slots=True)
class CloudFile:
    """A point file that is read in parts.

    Attributes:
        path: The file.
        point_count: What its header says, points without a return too; None where only reading it tells.
        table: Where its rows are; None where they are not rows of the same size.
    """

    path: Path
    point_count: int | None
    table: Table | None = None

    def parts(self) -> Iterator[Cloud]:
        """The cloud, one part after another; what the file holds besides stands in the first.

        Raises:
            BrokenFileError: The file is not what it says.
        """
        if self.path.suffix.lower() in (".las", ".laz"):
            yield from las_parts(self.path, PART_POINTS)
        elif self.table is None:
            yield from _cut(read_cloud(self.path))
        else:
            yield from _rows(self.table, self.path)


def open_cloud(path: Path) -> CloudFile:
    """Look at a file's header.

    Raises:
        MissingFileError: There is no such file.
        BrokenFileError: The header is damaged.
    """
    if not path.is_file():
        raise MissingFileError("the point file is missing", path=path)
    suffix = path.suffix.lower()
    try:
        if suffix in (".las", ".laz"):
            return CloudFile(path, count_las(path))
        find = _TABLES.get(suffix)
        table = None if find is None or path.stat().st_size == 0 else find(path)
    except OSError as error:
        raise BrokenFileError(f"cannot be read: {error.strerror or error}", path=path) from error
    return CloudFile(path, None if table is None else table.count, table)


def is_large(path: Path) -> bool:
    """Whether a file is to be read in parts; of one that is broken, no: reading it says why."""
    try:
        if path.stat().st_size < LARGE_POINTS:  # less than a byte a point, whatever the kind
            return False
        found = open_cloud(path).point_count
    except (BrokenFileError, MissingFileError, OSError):
        return False
    # Of a file whose rows have no one size: a point of text takes 10 bytes or more, a compressed one less.
    return found > LARGE_POINTS if found is not None else path.stat().st_size > 10 * LARGE_POINTS


def _rows(table: Table, path: Path) -> Iterator[Cloud]:
    left_out = dict(table.left_out)
    for start in range(0, max(table.count, 1), PART_POINTS):
        rows: NDArray[np.void] = table.read(path, start, min(PART_POINTS, table.count - start))
        yield replace(table.cloud_of_rows(rows), left_out=left_out)
        left_out = {}


def _cut(cloud: Cloud) -> Iterator[Cloud]:
    for start in range(0, max(len(cloud.xyz_m), 1), PART_POINTS):
        part = slice(start, start + PART_POINTS)
        fields = {name: values[part] for name, values in cloud.fields.items()}
        first = start == 0
        yield Cloud(cloud.xyz_m[part], fields, cloud.no_return_count if first else 0, cloud.left_out if first else {})
