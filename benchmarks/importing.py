"""How fast a recording is imported, how much memory that takes, and how fast the scene opens.

The five real KITTI frames with images, over and over through symlinks (a simulated street where the real
data is not at hand, exported to KITTI first). Beside it, in the same run: copying the very same bytes, each
file brought to the disk with fsync; opening the bare Zarr group; and reading the source's own files.

Run: python benchmarks/importing.py [--repeats 12]
"""

import argparse
import multiprocessing
import os
import re
import shutil
import statistics
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import zarr
from project import machine
from recordings import repeat_labelled

from worldline.formats.registry import find_format
from worldline.formats.store import open_scene
from worldline.formats.store.display import encode_block, fit_grid
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.server.database import opened_database
from worldline.server.importing import import_source

STREET = SimulationOptions(duration_s=3.0)


def run_import(source: Path, data: Path, answer: Connection) -> None:
    """Import, and report seconds, CPU seconds and the peak memory of this process in kB before and after."""
    warm_up()
    with opened_database(data) as engine:
        before, used, begun = peak_kb(), time.process_time(), time.perf_counter()
        import_source(engine, data, source, "recording", "kitti-tracking", "ann", lambda *_: None)
        answer.send((time.perf_counter() - begun, time.process_time() - used, before, peak_kb()))


def warm_up() -> None:
    """Load the compiled kernels: that is a matter of starting, not of importing."""
    points = np.zeros((8, 3), dtype=np.float32)
    encode_block(points, np.zeros(8, dtype=np.float32), fit_grid(points), 1.0)


def peak_kb() -> int:
    """The most memory that this process has had at once."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def copy_files(source: Path, out: Path) -> float:
    """Seconds to copy every file and bring it to the disk."""
    begun = time.perf_counter()
    for file in sorted(each for each in source.rglob("*") if each.is_file()):
        there = out / file.relative_to(source)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, there)
        with there.open("rb") as copied:
            os.fsync(copied.fileno())
    return time.perf_counter() - begun


def median_ms(work: list[float]) -> float:
    """Of seconds."""
    return statistics.median(work) * 1e3


def measure_opening(scene: Path, scan: Path) -> None:
    """From a folder to a scene and its first sweep, the files in memory."""
    opened, read, bare, plain = list[float](), list[float](), list[float](), list[float]()
    for _ in range(9):
        begun = time.perf_counter()
        zarr.open_group(scene, mode="r", zarr_format=3)
        bare.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        stored = open_scene(scene)
        opened.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        stored.scene.data.sweep(stored.scene.lidars[0].name, 0)
        read.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        np.fromfile(scan, dtype=np.float32).reshape(-1, 4)[:, :3].copy()
        plain.append(time.perf_counter() - begun)
    print("\n| | ms | its baseline | ms | ratio |\n|---|---|---|---|---|")
    for what, ours, beside, theirs in (
        ("open a scene", opened, "open its Zarr group", bare),
        ("then read its first sweep", read, "read the .bin file", plain),
    ):
        ratio = median_ms(ours) / median_ms(theirs)
        print(f"| {what} | {median_ms(ours):.1f} | {beside} | {median_ms(theirs):.1f} | {ratio:.1f} |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=12, help="of the five labelled frames")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        source = repeat_labelled(Path(folder, "source"), options.repeats)
        if source is None:
            source = Path(folder, "street")
            writer = find_format("kitti-tracking").writer
            assert writer is not None
            writer.write(simulate_scene("street", STREET), source)
        files = [each for each in source.rglob("*") if each.is_file()]
        megabytes = sum(each.stat().st_size for each in files) / 1e6
        scans = sorted(each for each in files if each.suffix == ".bin")
        copied_s = copy_files(source, Path(folder, "copy"))
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=run_import, args=(source, data, there))
        process.start()
        there.close()  # so that its end is noticed
        spent_s, used_s, before_kb, after_kb = here.recv()
        process.join()
        print(f"{len(scans)} frames, {megabytes:.0f} MB\n")
        print("| | MB/s | MB/s per core | frames/s | peak memory |\n|---|---|---|---|---|")
        grown = f"{after_kb / 1e3:.0f} MB, {(after_kb - before_kb) / 1e3:.0f} of it by importing"
        rates = f"{megabytes / spent_s:.0f} | {megabytes / used_s:.0f} | {len(scans) / spent_s:.1f}"
        print(f"| import | {rates} | {grown} |")
        print(f"| copy with fsync | {megabytes / copied_s:.0f} | | {len(scans) / copied_s:.1f} | |")
        print(f"| ratio | {copied_s / spent_s:.2f} | | | |")
        (scene,) = (each for each in (data / "scenes").iterdir() if each.is_dir())
        measure_opening(scene, scans[0])


if __name__ == "__main__":
    main()
