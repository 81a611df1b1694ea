"""The display copy of a cloud: int16 planes that a browser draws as they come.

A block is (4, P) int16, planar: x, y, z and intensity. A coordinate is
``origin_m + scale_m * value`` in the sensor's frame; an intensity is ``intensity_scale * value``.
Everything about this coding is in this file: a chunk's stored bytes are one zstd frame, which
a browser undoes by itself (``Content-Encoding: zstd``).
"""

from dataclasses import dataclass

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BytesCodec, ZstdCodec

from worldline.formats.errors import SceneError
from worldline.geometry.arrays import Float32s, Float64s
from worldline.geometry.pose import Vector

from .layout import NEVER_SKIP, ZarrArray

ENCODING = "zstd"
FINEST_M = 0.005
"""A step of a coordinate, unless the block is so large that it needs more."""

_LARGEST = 32767
_ZSTD_LEVEL = 3
_USUAL_MAXIMA = (1.0, 255.0, 65535.0)

Int16s = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a block's integers stand.

    Attributes:
        origin_m: Of value 0, sensor.
        scale_m: One step.
    """

    origin_m: Vector
    scale_m: float


def display_array(group: zarr.Group, path: str, blocks: int, shard: int, points: int) -> ZarrArray:
    """An array of display blocks: ``(blocks, 4, P)``, one block a chunk."""
    return group.create_array(
        path,
        shape=(blocks, 4, points),
        chunks=(1, 4, points),
        shards=(shard, 4, points),
        dtype="int16",
        serializer=BytesCodec(endian="little"),
        compressors=[ZstdCodec(level=_ZSTD_LEVEL, checksum=True)],
        fill_value=0,
        config=NEVER_SKIP,
    )


def fit_grid(xyz_m: Float32s) -> Grid:
    """The finest grid that holds a block: 5 mm, or more where the block is wider than 327 m.

    Raises:
        SceneError: The block is so wide that no float64 grid holds it.
    """
    if len(xyz_m) == 0:
        return Grid((0.0, 0.0, 0.0), FINEST_M)
    low, high = xyz_m.min(axis=0).astype(np.float64), xyz_m.max(axis=0).astype(np.float64)
    x, y, z = (float(value) for value in (low + high) / 2)
    # One step less than there is room for, so that rounding never leaves the range.
    scale = max(FINEST_M, float((high - low).max()) / (2 * _LARGEST - 2))
    return Grid((x, y, z), scale)


def quantise(xyz_m: Float32s, grid: Grid, planes: Int16s) -> None:
    """Write coordinates as integers, at most half a step off.

    Args:
        xyz_m: (N, 3) sensor, metres.
        grid: Where the integers stand.
        planes: (4, P) filled in the first three rows and N columns.

    Raises:
        SceneError: A coordinate does not fit: never clipped.
    """
    for axis in range(3):
        steps = np.rint((xyz_m[:, axis].astype(np.float64) - grid.origin_m[axis]) / grid.scale_m)
        if len(steps) and not (np.abs(steps).max() <= _LARGEST):
            raise SceneError(f"a coordinate lies {np.abs(steps).max():.0f} steps of {grid.scale_m} m from the origin")
        planes[axis, : len(steps)] = steps


def dequantise(planes: Int16s, count: int, grid: Grid) -> Float64s:
    """(count, 3) float64, sensor, metres: the coordinates of a display block."""
    xyz_m: Float64s = planes[:3, :count].T * grid.scale_m + np.asarray(grid.origin_m)
    return xyz_m


def usual_maximum(intensity: NDArray[np.generic]) -> float:
    """The value that a sensor calls full intensity: 1, 255 or 65535, judged by a first sample.

    Args:
        intensity: (N,) any numbers, not finite ones are not looked at.
    """
    if intensity.dtype == np.uint8:
        return 255.0
    values = intensity.astype(np.float64)
    values = values[np.isfinite(values)]
    largest = float(values.max()) if values.size else 0.0
    return next((maximum for maximum in _USUAL_MAXIMA if largest <= maximum), _USUAL_MAXIMA[-1])


def quantise_intensity(intensity: NDArray[np.generic], maximum: float, planes: Int16s) -> int:
    """Write intensities as 0..32767.

    Args:
        intensity: (N,) any numbers.
        maximum: What becomes 32767.
        planes: (4, P) filled in the last row and N columns.

    Returns:
        How many lay outside 0..maximum (or were not a number) and were clipped.
    """
    values = intensity.astype(np.float64)
    inside = (values >= 0) & (values <= maximum)
    clipped = np.clip(np.nan_to_num(values, nan=0.0), 0.0, maximum)
    planes[3, : len(values)] = np.rint(clipped * (_LARGEST / maximum))
    return int(len(values) - np.count_nonzero(inside))


def intensity_scale(maximum: float) -> float:
    """Intensity of one step."""
    return maximum / _LARGEST
