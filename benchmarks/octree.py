"""A map as LAS becomes an octree of blocks: rate, memory, bytes, and how soon something of it can be seen.

Beside it, in the same run: laspy reading the same file, and a plain NumPy copy of the coordinates. Importing
runs in a process of its own, whose peak memory is counted.

Run: python benchmarks/octree.py [POINTS]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import laspy
import numpy as np
from project import machine

from worldline.formats.points import READER
from worldline.formats.store import open_scene, stage_scene
from worldline.formats.store.octree.pages import octree_bytes
from worldline.formats.store.octree.reading import points_in_box, stored_nodes

WIDE_M = 1500.0
CHUNK = 1_000_000


def write_map(path: Path, count: int) -> None:
    """Hilly ground with blocks of houses, in UTM, millimetres."""
    header = laspy.LasHeader(point_format=3, version="1.2")
    header.scales, header.offsets = np.full(3, 0.001), np.array([500_000.0, 5_400_000.0, 0.0])
    with laspy.open(str(path), "w", header=header) as writer:
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            rng = np.random.default_rng(start)
            x, y = rng.uniform(0, WIDE_M, (2, size))
            z = 100 + 8 * np.sin(x / 170) + 6 * np.cos(y / 140)
            is_house = (x % 60 > 12) & (x % 60 < 48) & (y % 60 > 12) & (y % 60 < 48)
            z = np.where(is_house, z + 9 * rng.random(size), z + rng.normal(0, 0.01, size))
            points = laspy.ScaleAwarePointRecord.zeros(size, header=header)
            points.x, points.y, points.z = x + 500_000, y + 5_400_000, z
            points.intensity = rng.integers(0, 4000, size).astype(np.uint16)
            points.gps_time = np.arange(start, start + size) * 1e-6
            writer.write_points(points)


def build(source: Path, data: Path) -> None:
    """Import the map; prints seconds and the peak of the memory, MiB."""
    start = time.perf_counter()
    (read,) = READER.read(source, "map")
    published = stage_scene(data, read.scene)
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, published.path)


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("points", nargs="?", type=int, default=5_000_000)
    parser.add_argument("--build", nargs=2, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.build:
        build(*asked.build)
        return
    count = asked.points
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        source, data = Path(folder, "map.las"), Path(folder, "data")
        write_map(source, count)
        build_small = Path(folder, "small.las")
        write_map(build_small, 1000)
        command = [sys.executable, __file__, "--build"]
        subprocess.run([*command, str(build_small), str(Path(folder, "warm"))], check=True, capture_output=True)
        answer = subprocess.run([*command, str(source), str(data)], check=True, capture_output=True, text=True)
        seconds_text, peak, path = answer.stdout.split()
        seconds, stored_path = float(seconds_text), Path(path)

        start = time.perf_counter()
        with laspy.open(str(source)) as reader:
            parts = [np.stack([chunk.x, chunk.y, chunk.z], axis=1) for chunk in reader.chunk_iterator(CHUNK)]
        laspy_s = time.perf_counter() - start
        start = time.perf_counter()
        xyz = np.concatenate(parts).astype(np.float32)
        copy_s = time.perf_counter() - start
        del parts

        million = count / 1e6
        print(f"{million:g} million points, LAS of {source.stat().st_size / count:.1f} bytes a point")
        print(
            f"import: {seconds:.1f} s, {million / seconds:.2f} million points/s, peak {float(peak):.0f} MiB; "
            f"laspy reads coordinates alone in {laspy_s:.1f} s ({seconds / laspy_s:.1f}x), "
            f"NumPy copies them in {copy_s:.2f} s; {xyz.nbytes / 2**20:.0f} MiB"
        )
        group = stored_path / "lidars" / "lidar"
        parts_of = {name: size_of(group / name) for name in ("source/xyz", "source/fields", "display", "octree")}
        told = ", ".join(f"{name} {size / count:.2f}" for name, size in parts_of.items())
        print(f"bytes a point: {told}")

        start = time.perf_counter()
        stored = open_scene(stored_path)
        nodes = octree_bytes(stored, "lidar", 0)
        root = stored.display_block("lidar", 0).read()
        first_s = time.perf_counter() - start
        table, _ = stored_nodes(stored, "lidar", 0)
        shown = stored.grid_of("lidar", 0)[1]
        print(
            f"first coarse picture: {first_s * 1e3:.1f} ms for {len(nodes) / 1e3:.0f} kB of {len(table)} nodes and "
            f"{len(root) / 1e3:.0f} kB of {shown} points; laspy reads the whole in {laspy_s / first_s:.0f}x that"
        )
        middle = np.array([WIDE_M / 2, WIDE_M / 2, 100.0])
        start = time.perf_counter()
        near = points_in_box(stored, "lidar", 0, middle - 33, middle + 33)
        near_s = time.perf_counter() - start
        print(f"a click: {len(near)} points of 66 m around it in {near_s * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
