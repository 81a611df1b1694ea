"""Display blocks of real KITTI sweeps: bytes a point, encoding and decoding, against other ways in the same run.

Each row holds x, y, z and intensity of the same sweeps (Draco and LAZ at the same 5 mm). Lossless rows say so.
Rates are of one core, millions of points a second.

    python benchmarks/display.py [--sweeps 4]
"""

import argparse
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import zarr
from numcodecs import Blosc
from project import SHARED_DATA
from timing import best_ms
from zarr.storage import MemoryStore

from worldline.formats.store.display import Coding, decode_block, display_array, encode_block, fit_grid, quantise
from worldline.formats.store.meshopt import Points

Sweeps = list["np.ndarray[Any, np.dtype[np.float32]]"]
Coded = Any


@dataclass(frozen=True)
class Way:
    """A way to code a sweep of (N, 4) float32."""

    name: str
    encode: Callable[[Any], Coded]
    decode: Callable[[Coded], object]
    size: Callable[[Coded], int] = len


def real_sweeps(count: int) -> Sweeps:
    """The first sweeps, none where the data is not at hand."""
    folder = SHARED_DATA / "kitti_raw_10hz" / "velodyne_points" / "data"
    files = sorted(folder.glob("*.bin"))[:count]
    if not files:
        print(f"needs real sensor data at {folder} (set WORLDLINE_SHARED_DATA)", file=sys.stderr)
    return [np.fromfile(path, np.float32).reshape(-1, 4) for path in files]


def block_way(name: str, coding: Coding) -> Way:
    """Stored blocks as they are written, their grid found too, and read."""

    def encode(sweep: Any) -> tuple[bytes, int]:
        grid = fit_grid(sweep[:, :3])
        return encode_block(sweep[:, :3], sweep[:, 3], grid, 1.0, coding, points=1 << 17)[0], len(sweep)

    return Way(name, encode, lambda coded: decode_block(coded[0], coded[1], coding), lambda coded: len(coded[0]))


def blosc_way(name: str, integers: bool, **options: Any) -> Way:
    """Blosc, of the floats (lossless) or of int16 and uint8."""
    codec = Blosc(**options)

    def encode(sweep: Any) -> list[bytes]:
        if not integers:
            return [codec.encode(np.ascontiguousarray(sweep))]
        points = quantised(sweep)
        planes = [np.ascontiguousarray(points[:, :3].T), points[:, 3].astype(np.uint8)]
        return [codec.encode(each) for each in planes]

    return Way(name, encode, lambda coded: [codec.decode(each) for each in coded], lambda coded: sum(map(len, coded)))


def quantised(sweep: Any) -> Points:
    """The same integers as the display copy's."""
    return quantise(sweep[:, :3], sweep[:, 3], fit_grid(sweep[:, :3]), 1.0)[0]


def zarr_way(name: str, coding: Coding) -> Way:
    """What a server does that decodes with zarr-python and sends floats."""

    def encode(sweep: Any) -> Any:
        array = display_array(zarr.group(MemoryStore()), "points", 1, 1, 1 << 17, coding)
        points = quantised(sweep)
        if coding == "planes":
            array[0, :, : len(points)] = points.T
        else:
            array[0, : len(points)] = points
        return array, len(sweep), len(encode_block(sweep[:, :3], sweep[:, 3], fit_grid(sweep[:, :3]), 1.0, coding)[0])

    def decode(coded: Any) -> bytes:
        array, count, _ = coded
        planes = np.asarray(array[0])
        points = planes[:, :count].T if coding == "planes" else planes[:count]
        return (points[:, :3] * np.float32(0.005)).astype(np.float32).tobytes()

    return Way(name, encode, decode, lambda coded: coded[2])


def draco_way() -> Way:
    """Draco at 16 bits over the block's extent, x, y and z only."""
    import DracoPy

    def encode(sweep: Any) -> bytes:
        points = np.ascontiguousarray(sweep[:, :3])
        return bytes(DracoPy.encode(points, quantization_bits=15, compression_level=5))

    return Way("Draco, x y z only, 15 bits", encode, lambda coded: DracoPy.decode(coded).points)


def laz_way() -> Way:
    """LAZ through laspy and lazrs, 5 mm."""
    import laspy

    def encode(sweep: Any) -> bytes:
        header = laspy.LasHeader(point_format=0, version="1.2")
        header.scales, header.offsets = np.full(3, 0.005), np.zeros(3)
        cloud = laspy.LasData(header)
        cloud.x, cloud.y, cloud.z = (sweep[:, axis].astype(np.float64) for axis in range(3))
        cloud.intensity = np.rint(sweep[:, 3] * 255).astype(np.uint16)
        file = io.BytesIO()
        cloud.write(file, do_compress=True, laz_backend=laspy.LazBackend.Lazrs)
        return file.getvalue()

    return Way("LAZ (laspy, lazrs)", encode, lambda coded: laspy.read(io.BytesIO(coded)).xyz)


def ways() -> Iterator[Way]:
    """All that can run here."""
    yield block_way("**meshopt block**", "meshopt")
    yield block_way("planes block (zstd 3)", "planes")
    yield Way(
        "float32 raw (.bin), lossless", lambda sweep: sweep.tobytes(), lambda it: np.frombuffer(it, np.float32).copy()
    )
    yield blosc_way("float32 blosc zstd 3 shuffle, lossless", False, cname="zstd", clevel=3, shuffle=Blosc.SHUFFLE)
    yield blosc_way("int16 + u8 blosc lz4 shuffle", True, cname="lz4", clevel=5, shuffle=Blosc.SHUFFLE)
    yield blosc_way("int16 + u8 blosc zstd 3 bitshuffle", True, cname="zstd", clevel=3, shuffle=Blosc.BITSHUFFLE)
    yield zarr_way("zarr-python, decode and send (meshopt)", "meshopt")
    yield zarr_way("zarr-python, decode and send (planes)", "planes")
    for other in (draco_way, laz_way):
        try:
            yield other()
        except ImportError as error:
            print(f"left out: {error}", file=sys.stderr)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sweeps", type=int, default=4)
    sweeps = real_sweeps(parser.parse_args().sweeps)
    if not sweeps:
        return
    warnings.simplefilter("ignore")  # zarr-python warns of codecs outside the specification
    points = sum(map(len, sweeps))
    print(f"{len(sweeps)} sweeps of {points // len(sweeps)} points\n")
    print("| coding | bytes a point | encode, Mpt/s | decode, Mpt/s |\n|---|---|---|---|")
    for way in ways():
        coded = [way.encode(sweep) for sweep in sweeps]
        encode_ms = best_ms(lambda way=way: [way.encode(sweep) for sweep in sweeps], runs=3)  # type: ignore[misc]
        decode_ms = best_ms(lambda way=way, coded=coded: [way.decode(each) for each in coded], runs=5)  # type: ignore[misc]
        size = sum(map(way.size, coded)) / points
        print(f"| {way.name} | {size:.2f} | {points / encode_ms / 1e3:.1f} | {points / decode_ms / 1e3:.1f} |")


if __name__ == "__main__":
    main()
