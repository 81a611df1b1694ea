"""What a point file holds, seen part by part, and the origin that its coordinates are counted from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from worldline.formats.errors import SceneError
from worldline.geometry.arrays import Float32s, Float64s, Floats
from worldline.geometry.pose import Vector

from .cloud import Cloud

Kinds: TypeAlias = dict[str, tuple[str, tuple[int, ...]]]

_FAR_M = 1000.0
_ORIGIN_STEP_M = 100.0
_WIDE_M = 8000.0
_ROUNDED_M = 0.0005


@dataclass(frozen=True, slots=True)
class Survey:
    """The facts of a cloud.

    Attributes:
        point_count: Its points.
        low_m: (3,) float64 Least coordinates, of the file.
        high_m: (3,) float64 Largest.
        is_double: Its coordinates are float64.
        fields: In the file's order.
        kinds: Type and shape of each field.
        no_return_count: Points that were left out.
        left_out: What else was.
    """

    point_count: int
    low_m: Float64s
    high_m: Float64s
    is_double: bool
    fields: tuple[str, ...]
    kinds: Kinds
    no_return_count: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def spelt_kinds(self) -> str:
        """The fields for a message."""
        return ", ".join(f"{name} {kind}{list(tail) or ''}" for name, (kind, tail) in self.kinds.items()) or "none"

    def farthest_m(self, origin_m: Vector) -> float:
        """The largest coordinate from an origin."""
        if self.point_count == 0:
            return 0.0
        return float(np.abs(np.stack([self.low_m, self.high_m]) - np.asarray(origin_m)).max())


def survey(parts: Iterable[Cloud]) -> Survey:
    """Look at all parts of a cloud.

    Raises:
        SceneError: There is no part.
    """
    count, lacking, is_double = 0, 0, False
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    left_out: dict[str, int] = {}
    first: Cloud | None = None
    for part in parts:
        first = first or Cloud(part.xyz_m[:0], {name: values[:0] for name, values in part.fields.items()})
        count += len(part.xyz_m)
        lacking += part.no_return_count
        is_double = is_double or part.xyz_m.dtype == np.float64
        left_out |= part.left_out
        if len(part.xyz_m):
            low, high = np.minimum(low, part.xyz_m.min(axis=0)), np.maximum(high, part.xyz_m.max(axis=0))
    if first is None:
        raise SceneError("a cloud has one part at least, it may be empty")
    kinds = {name: (values.dtype.name, values.shape[1:]) for name, values in sorted(first.fields.items())}
    return Survey(count, low, high, is_double, tuple(first.fields), kinds, lacking, left_out)


def choose_origin(seen: Survey) -> Vector:
    """A round place near the first cloud, in the axes in which it is far from zero.

    It is at the cloud's lower corner; in the middle of one so wide that float32 would need the room on both
    sides. float32 coordinates are kept as they are: they cannot be made any finer.
    """
    if not seen.is_double or seen.point_count == 0:
        return (0.0, 0.0, 0.0)
    low, high = seen.low_m, seen.high_m
    far = np.maximum(np.abs(low), np.abs(high)) > _FAR_M
    start = np.where(high - low > _WIDE_M, (low + high) / 2, low)
    x, y, z = np.where(far, np.floor(start / _ORIGIN_STEP_M) * _ORIGIN_STEP_M, 0.0).tolist()
    return (x, y, z)


def shifted(xyz_m: Floats, origin_m: Vector) -> Float32s:
    """(N, 3) float32, coordinates from the origin."""
    if origin_m == (0.0, 0.0, 0.0):
        return xyz_m.astype(np.float32, copy=False)
    from_origin: Float64s = xyz_m - np.asarray(origin_m)
    return from_origin.astype(np.float32)


def count_rounded(xyz_m: Floats, origin_m: Vector) -> int:
    """Points of which a coordinate is off by more than half a millimetre when it is float32."""
    exact: Float64s = xyz_m.astype(np.float64) - np.asarray(origin_m)
    rounded = np.abs(shifted(xyz_m, origin_m) - exact).max(axis=1, initial=0.0) > _ROUNDED_M
    return int(np.count_nonzero(rounded))
