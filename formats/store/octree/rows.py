"""Points as rows of bytes in temporary files: coordinates first, then the fields."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from worldline.formats.errors import SceneError
from worldline.formats.scene import Sweep
from worldline.formats.store.layout import check_field
from worldline.geometry.arrays import Float32s

Rows = NDArray[np.void]

_XYZ = "xyz"


@dataclass(frozen=True, slots=True)
class RowKind:
    """What a row holds.

    Attributes:
        dtype: ``xyz`` (three float32) and then ``0``, ``1``, ...: the fields.
        fields: Names of the fields, in that order.
    """

    dtype: np.dtype[np.void]
    fields: tuple[str, ...]

    @classmethod
    def of(cls, sweep: Sweep) -> "RowKind":
        """The rows of points like these.

        Raises:
            SceneError: A field cannot be stored.
        """
        parts: list[tuple[str, object, tuple[int, ...]]] = [(_XYZ, "<f4", (3,))]
        for number, (name, values) in enumerate(sweep.fields.items()):
            checked = check_field(name, values)
            parts.append((str(number), checked.dtype, checked.shape[1:]))
        return cls(np.dtype(parts), tuple(sweep.fields))

    def pack(self, sweep: Sweep) -> Rows:
        """(N,) Points as rows.

        Raises:
            SceneError: They have other fields.
        """
        if RowKind.of(sweep) != self:
            raise SceneError(
                f"a part of the cloud has the fields {_spelt(sweep.fields)}, those before it {', '.join(self.fields)}"
            )
        rows = np.empty(len(sweep), dtype=self.dtype)
        rows[_XYZ] = sweep.xyz_m
        for number, name in enumerate(self.fields):
            rows[str(number)] = sweep.fields[name]
        return rows

    def unpack(self, rows: Rows) -> Sweep:
        """Rows as points."""
        fields = {name: np.ascontiguousarray(rows[str(number)]) for number, name in enumerate(self.fields)}
        return Sweep(coordinates(rows), fields)


class RowFile:
    """Rows in a temporary file that has no name; nothing of it stays in memory."""

    def __init__(self, folder: Path, dtype: np.dtype[np.void]) -> None:
        """An empty file on the disk of a folder."""
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed by close()
        self._dtype = dtype
        self.count = 0

    def append(self, rows: Rows) -> int:
        """Write rows behind the last; returns the number of the first of them."""
        first = self.count
        self.write(first, rows)
        return first

    def write(self, first: int, rows: Rows) -> None:
        """Write rows at a place."""
        view: memoryview = np.ascontiguousarray(rows).view(np.uint8).data
        offset = first * self._dtype.itemsize
        while view:
            written = os.pwrite(self._file.fileno(), view, offset)
            view, offset = view[written:], offset + written
        self.count = max(self.count, first + len(rows))

    def read(self, first: int, count: int) -> Rows:
        """Rows from a place on."""
        rows = np.empty(count, dtype=self._dtype)
        view: memoryview = rows.view(np.uint8).data
        offset = first * self._dtype.itemsize
        while view:
            found = os.preadv(self._file.fileno(), [view], offset)
            if found == 0:
                raise OSError(f"a temporary file ended at byte {offset}")
            view, offset = view[found:], offset + found
        return rows

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()

    def __enter__(self) -> Self:
        """The file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def coordinates(rows: Rows) -> Float32s:
    """(N, 3) float32, one after another."""
    return np.ascontiguousarray(rows[_XYZ])


def _spelt(fields: Mapping[str, NDArray[np.generic]]) -> str:
    return ", ".join(fields) or "none"
