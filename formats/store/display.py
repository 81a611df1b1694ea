"""The display copy of a cloud: int16 points that a browser draws as they come.

A block is (P, 4) int16: x, y, z and intensity. A coordinate is ``origin_m + scale_m * value`` in the
sensor's frame; an intensity is ``intensity_scale * value``. There are two codings of it:

- ``meshopt``: the codec ``worldline.meshopt`` with a CRC-32C, decoded by WebAssembly. New scenes have it.
- ``planes``: (4, P), one zstd frame a chunk, which a browser undoes by itself (``Content-Encoding: zstd``)
  and zarr-python reads without Worldline.
"""

from dataclasses import dataclass
from typing import Literal

import google_crc32c
import numpy as np
import zarr
import zstandard
from numba import njit
from numpy.typing import NDArray
from zarr.codecs import BytesCodec, Crc32cCodec, ZstdCodec

from worldline.formats.errors import SceneError, StoreError
from worldline.geometry.arrays import Float32s, Float64s
from worldline.geometry.pose import Vector

from .layout import NEVER_SKIP, ZarrArray
from .meshopt import Points
from .meshopt_codec import MeshoptCodec, decode_chunk, encode_chunk

Coding = Literal["planes", "meshopt"]
CODING: Coding = "meshopt"
"""What new scenes are written with."""

CONTENT_ENCODINGS: dict[Coding, str | None] = {"planes": "zstd", "meshopt": None}
"""What HTTP calls the stored bytes' compression: None where HTTP has no name for it."""
MEDIA_TYPES: dict[Coding, str] = {
    "planes": "application/octet-stream",
    "meshopt": "application/vnd.worldline.meshopt",
}

FINEST_M = 0.005
"""A step of a coordinate, unless the block is so large that it needs more."""
FINEST_MAP_M = 0.001
"""The same in a block of an octree: maps are surveyed."""

_LARGEST = 32767
_COARSE = 255
_ZSTD_LEVEL = 3
_USUAL_MAXIMA = (1.0, 255.0, 65535.0)


def known_coding(name: str) -> Coding:
    """The coding of that name.

    Raises:
        StoreError: It is not known here.
    """
    if name not in CONTENT_ENCODINGS:
        raise StoreError(f"display blocks coded as {name}, this program knows {', '.join(CONTENT_ENCODINGS)}")
    return name


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a block's integers stand.

    Attributes:
        origin_m: Of value 0, sensor.
        scale_m: One step.
    """

    origin_m: Vector
    scale_m: float


def display_array(
    group: zarr.Group, path: str, blocks: int, shard: int, points: int, coding: Coding = CODING
) -> ZarrArray:
    """An array of display blocks, one block a chunk: ``(blocks, P, 4)``, or ``(blocks, 4, P)`` for planes."""
    row = (4, points) if coding == "planes" else (points, 4)
    return group.create_array(
        path,
        shape=(blocks, *row),
        chunks=(1, *row),
        shards=(shard, *row),
        dtype="int16",
        serializer=BytesCodec(endian="little") if coding == "planes" else MeshoptCodec(),
        compressors=[ZstdCodec(level=_ZSTD_LEVEL, checksum=True) if coding == "planes" else Crc32cCodec()],
        fill_value=0,
        config=NEVER_SKIP,
    )


def encode_block(
    xyz_m: Float32s,
    intensity: NDArray[np.generic] | None,
    grid: Grid,
    maximum: float,
    coding: Coding = CODING,
    points: int | None = None,
) -> tuple[bytes, int]:
    """The stored bytes of one chunk of `display_array`.

    Args:
        xyz_m: (N, 3) sensor, metres.
        intensity: (N,) any numbers, or None.
        grid: Where the integers stand.
        maximum: Full intensity.
        coding: The array's.
        points: P of the array; needed for planes, which are padded.

    Returns:
        The bytes, and how many intensities were clipped.

    Raises:
        SceneError: A coordinate does not fit: never clipped.
    """
    block, clipped = quantise(xyz_m, intensity, grid, maximum)
    if coding == "meshopt":
        chunk = encode_chunk(block).tobytes()
        return chunk + google_crc32c.value(chunk).to_bytes(4, "little"), clipped
    planes = np.zeros((4, len(block) if points is None else points), dtype="<i2")
    planes[:, : len(block)] = block.T
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True).compress(planes.data), clipped


def decode_block(chunk: bytes, count: int, coding: Coding) -> Points:
    """(count, 4) int16: the points of a stored chunk.

    Raises:
        StoreError: The bytes are damaged.
    """
    if coding == "planes":
        planes = np.frombuffer(zstandard.decompress(chunk), dtype="<i2").reshape(4, -1)
        return np.ascontiguousarray(planes[:, :count].T)
    data = chunk[:-4]
    if google_crc32c.value(data) != int.from_bytes(chunk[-4:], "little"):
        raise StoreError(
            f"the checksum of a display block of {len(chunk)} bytes is wrong", fix="import the scene again"
        )
    return decode_chunk(np.frombuffer(data, dtype=np.uint8), count)


def fit_grid(xyz_m: Float32s, finest_m: float = FINEST_M) -> Grid:
    """The finest grid that holds a block: 5 mm (`finest_m`), or more where the block is wider than 65,532 of these.

    Raises:
        SceneError: A coordinate is not a number, or the block is so wide that no float64 grid holds it.
    """
    if len(xyz_m) == 0:
        return Grid((0.0, 0.0, 0.0), finest_m)
    low, high = np.empty(3), np.empty(3)
    _bounds(xyz_m, low, high)
    x, y, z = (float(value) for value in (low + high) / 2)
    # One step less than there is room for, so that rounding never leaves the range.
    scale = max(finest_m, float((high - low).max()) / (2 * _LARGEST - 2))
    return Grid((x, y, z), scale)


def quantise(xyz_m: Float32s, intensity: NDArray[np.generic] | None, grid: Grid, maximum: float) -> tuple[Points, int]:
    """Points as integers, coordinates and intensities at most half a step off.

    Args:
        xyz_m: (N, 3) sensor, metres.
        intensity: (N,) any numbers, or None: zeros.
        grid: Where the integers stand.
        maximum: Full intensity; what lies outside 0..maximum is clipped.

    Returns:
        (N, 4) int16, and how many intensities lay outside (or were not a number).

    Raises:
        SceneError: A coordinate does not fit: never clipped.
    """
    points = np.empty((len(xyz_m), 4), dtype=np.int16)
    values = np.zeros(0) if intensity is None else intensity.astype(np.float64)
    step = intensity_scale(maximum)
    lost, clipped = _quantise(xyz_m, np.asarray(grid.origin_m), grid.scale_m, values, maximum, 1 / step, points)
    if lost:
        with np.errstate(invalid="ignore"):
            far = float((np.abs(xyz_m - np.asarray(grid.origin_m)) / grid.scale_m).max())
        raise SceneError(
            f"a coordinate lies {far:.0f} steps of {grid.scale_m} m from the origin, there are {_LARGEST}",
            fix="give the block a coarser grid, or leave out points that are not finite",
        )
    return points, int(clipped)


def dequantise(points: Points, grid: Grid) -> Float64s:
    """(N, 3) float64, sensor, metres: the coordinates of points of a display block, (N, 4) int16."""
    xyz_m: Float64s = points[:, :3] * grid.scale_m + np.asarray(grid.origin_m)
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


def intensity_scale(maximum: float) -> float:
    """Intensity of one step: there are 255 up to full intensity, 32,767 where that is more than 255."""
    return maximum / (_COARSE if maximum <= _COARSE else _LARGEST)


def full_of_scale(scale: float) -> float:
    """The full intensity that `intensity_scale` gave a scale for."""
    full = scale * _COARSE if scale * _COARSE <= _COARSE else scale * _LARGEST
    return float(f"{full:.9g}")  # a product is a bit off what was divided


@njit(cache=True, nogil=True)
def _bounds(xyz_m: Float32s, low: Float64s, high: Float64s) -> None:  # pragma: no cover - compiled
    """Least and largest of each axis; NaN only counts when it comes first."""
    low[:] = xyz_m[0]
    high[:] = xyz_m[0]
    for n in range(xyz_m.shape[0]):
        for axis in range(3):
            value = xyz_m[n, axis]
            low[axis] = value if value < low[axis] else low[axis]
            high[axis] = value if value > high[axis] else high[axis]


@njit(cache=True, nogil=True, error_model="numpy")
def _quantise(
    xyz_m: Float32s,
    origin_m: Float64s,
    scale_m: float,
    intensity: Float64s,
    maximum: float,
    steps: float,
    points: Points,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Fill (N, 4); returns how many coordinates do not fit, and how many intensities were clipped."""
    lost = 0
    for n in range(xyz_m.shape[0]):
        for axis in range(3):
            step = np.rint((np.float64(xyz_m[n, axis]) - origin_m[axis]) / scale_m)
            lost += not abs(step) <= _LARGEST
            points[n, axis] = np.int16(step)
    clipped = 0
    if intensity.size == 0:
        points[:, 3] = 0
        return lost, clipped
    for n in range(xyz_m.shape[0]):
        value = intensity[n]
        if not (0.0 <= value <= maximum):
            clipped += 1
            value = maximum if value > maximum else 0.0
        points[n, 3] = np.int16(np.rint(value * steps))
    return lost, clipped
