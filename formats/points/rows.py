"""Rows of one size in a file, read from any of them on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worldline.formats.errors import BrokenFileError

from .cloud import Cloud


@dataclass(frozen=True, slots=True)
class Table:
    """Where a file's points are.

    Attributes:
        dtype: Of a row.
        start: Byte of the first.
        count: How many.
        cloud_of_rows: Makes some of them a cloud.
        left_out: What else the file holds.
    """

    dtype: np.dtype[np.void]
    start: int
    count: int
    cloud_of_rows: Callable[[NDArray[np.void]], Cloud]
    left_out: dict[str, int] = field(default_factory=dict)

    def read(self, path: Path, first: int, count: int) -> NDArray[np.void]:
        """Some rows.

        Raises:
            BrokenFileError: The file ends before the last of them.
        """
        offset = self.start + first * self.dtype.itemsize
        rows = np.fromfile(path, dtype=self.dtype, count=count, offset=offset)
        if len(rows) != count:
            raise BrokenFileError(
                f"expected {count} points, found {len(rows)}",
                path=path,
                place=f"byte {offset}",
                fix="copy the file again from its source",
            )
        return rows
