"""A cloud as a point file holds it, before it becomes a sweep."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from worldline.formats.errors import BrokenFileError
from worldline.formats.reach import beyond, describe_beyond
from worldline.geometry.arrays import Bools, Floats

Fields: TypeAlias = dict[str, NDArray[np.generic]]

_INTENSITY_NAMES = frozenset({"intensity", "scalar_intensity", "reflectance", "reflectivity", "remission", "i"})


@dataclass(frozen=True, slots=True)
class Cloud:
    """Points of one file.

    Attributes:
        xyz_m: (N, 3) float32, or float64 where the file has that, in the file's own coordinates, finite.
        fields: (N,) or (N, K) by name.
        no_return_count: Points without coordinates (NaN) that were left out.
        left_out: What else the file holds that a cloud has no place for, and how many.
    """

    xyz_m: Floats
    fields: Fields = field(default_factory=dict)
    no_return_count: int = 0
    left_out: dict[str, int] = field(default_factory=dict)


def cloud_of(
    xyz_m: Floats, fields: Fields, path: Path, *, may_lack_returns: bool, left_out: dict[str, int] | None = None
) -> Cloud:
    """The cloud of a file's columns.

    Args:
        xyz_m: (N, 3) coordinates.
        fields: (N,) or (N, K) by name.
        path: The file.
        may_lack_returns: A point with NaN is one that the sensor got no answer for, not an error.
        left_out: What the file holds besides.

    Raises:
        BrokenFileError: A coordinate is infinite, or NaN where the format has no such points.
    """
    lacking: Bools = np.asarray(np.isnan(xyz_m).any(axis=1))
    if not may_lack_returns and lacking.any():
        raise _not_finite(xyz_m, lacking, path)
    infinite: Bools = np.asarray(np.isinf(xyz_m).any(axis=1))
    if infinite.any():
        raise _not_finite(xyz_m, infinite, path)
    far = beyond(xyz_m)
    if far.any():
        point, axis = np.argwhere(far)[0].tolist()
        raise BrokenFileError(
            describe_beyond(float(xyz_m[point, axis]), "xyz"[axis]), path=path, place=f"point {point}",
            fix="remove such points from the file, or copy it again from its source",
        )  # fmt: skip
    missing = int(np.count_nonzero(lacking))
    if missing:
        kept = ~lacking
        xyz_m, fields = xyz_m[kept], {name: values[kept] for name, values in fields.items()}
    return Cloud(xyz_m, _name_intensity(fields), missing, left_out or {})


def xyz_of(columns: Fields) -> Floats:
    """(N, 3) float32, or float64 where a column needs it, from the columns x, y and z."""
    kind = np.result_type(*(columns[axis].dtype for axis in "xyz"), np.float32)
    xyz_m: Floats = np.stack([columns[axis] for axis in "xyz"], axis=1).astype(kind)
    return xyz_m


def _name_intensity(fields: Fields) -> Fields:
    found = [name for name in fields if name.lower() in _INTENSITY_NAMES and fields[name].ndim == 1]
    if "intensity" in fields or len(found) != 1:
        return fields
    return {"intensity" if name == found[0] else name: values for name, values in fields.items()}


def _not_finite(xyz_m: Floats, mask: Bools, path: Path) -> BrokenFileError:
    point = int(np.argmax(mask))
    values = ", ".join(f"{value:g}" for value in xyz_m[point].tolist())
    return BrokenFileError(
        f"expected finite coordinates, found ({values})",
        path=path,
        place=f"point {point}",
        fix="remove such points from the file, or copy it again from its source",
    )
