"""How fast and how well objects are carried from frame to frame.

Object-frames per second of one core, loading included, and overlap with the truth: on a made street at
10 Hz, on KITTI frames a tenth of a second apart with cuboids of people, on KITTI frames a second or two
apart (hard: the object is looked for far and wide, and a stop counts as honest), and there and back over
three seconds of KITTI at 10 Hz.

The KITTI parts need the shared data folder (WORLDLINE_SHARED_DATA):
``python benchmarks/propagation.py``.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import project  # noqa: F401  finds `tests`

from tests.shared_data import SHARED_DATA
from tests.tracking.kitti_clips import read_clip, read_raw_clip
from tests.tracking.street import CAR, Street, drive, move_sensor
from tests.tracking.test_propagate_kitti import CARS
from worldline.geometry import Cuboid, Pose
from worldline.geometry.overlap import overlap_3d, overlap_bev
from worldline.tracking import Keyframe, Propagation, Span, Track, propagate, warm_up

OXTS = SHARED_DATA / "scalabel_kitti_sample" / "tracking" / "training" / "oxts" / "0001.txt"


def timed(clip: Any, cuboid: Cuboid, frame: int, count: int, direction: Any = "forward") -> tuple[Propagation, float]:
    """A propagation and the seconds of one core it took, loading included."""
    spans = (Span(0, len(clip.clock_ns)),)
    track = Track("t", "o", size_m=cuboid.size_m, keyframes=(Keyframe(frame, cuboid.pose),), spans=spans)
    begun = time.process_time()
    result = propagate(track, frame, direction, count, clip.sweep, clip.clock_ns, clip.sensor_at)
    return result, time.process_time() - begun


def show(name: str, overlaps: list[float], spent_s: float, stops: int, overlap_name: str) -> None:
    """One line of the table."""
    rate = len(overlaps) / spent_s if spent_s else math.nan
    right = np.mean(np.array(overlaps) >= 0.7) if overlaps else math.nan
    print(
        f"{name:44} {len(overlaps):4d} object-frames, {rate:5.0f} a second, {overlap_name} mean "
        f"{np.mean(overlaps) if overlaps else math.nan:.3f}, >= 0.7: {right:.0%}, {stops} stopped early"
    )


def measure_street() -> None:
    """Cars on a made street."""
    count = 40
    paths = {
        "made street: parked": drive(count, (15, 4, 0.2), 0),
        "made street: ahead": drive(count, (12, 0, 0), 10),
        "made street: turning": drive(count, (10, -6, 0.5), 10, 0.3),
        "made street: oncoming": drive(count, (45, 4, math.pi), 10),
        "made street: crossing": drive(count, (20, -18, math.pi / 2), 9),
        "made street: far": drive(count, (45, 4, 0), 10),
    }
    for name, path in paths.items():
        overlaps: list[float] = []
        spent_s, stops = 0.0, 0
        for seed in range(3):
            street = Street([path], [CAR], move_sensor(count, 8.0), seed=seed)
            for frame in range(count):
                street.sweep(frame)
            result, each_s = timed(street, street.cuboid(0, 0), 0, count - 1)
            spent_s, stops = spent_s + each_s, stops + (result.reason is not None)
            overlaps += [overlap_3d(street.cuboid(0, key.frame), Cuboid(key.shape, CAR)) for key in result.keyframes]
        show(name, overlaps, spent_s, stops, "3D IoU")


def measure_truth(name: str, root: Path, sequence: str, oxts: Path | None) -> None:
    """KITTI tracks against the cuboids of people."""
    clip = read_clip(root, sequence, oxts)
    overlaps: list[float] = []
    spent_s, stops = 0.0, 0
    for cuboids in clip.truth.values():
        start = min(cuboids)
        if max(cuboids) == start:
            continue
        result, each_s = timed(clip, cuboids[start], start, max(cuboids) - start)
        spent_s, stops = spent_s + each_s, stops + (result.reason is not None)
        size_m = cuboids[start].size_m
        overlaps += [
            overlap_bev(cuboids[key.frame], Cuboid(key.shape, size_m))
            for key in result.keyframes
            if key.frame in cuboids
        ]
    show(name, overlaps, spent_s, stops, "BEV IoU")


def measure_return() -> None:
    """There and back at 10 Hz, without truth."""
    clip = read_raw_clip(SHARED_DATA / "kitti_raw_10hz")
    for name, (place, yaw_deg, size_m) in CARS.items():
        start = Cuboid(Pose.from_yaw(math.radians(yaw_deg), place), size_m)
        there, there_s = timed(clip, start, 0, 29)
        back, back_s = timed(clip, Cuboid(there.keyframes[-1].shape, size_m), 29, 29, "backward")
        home = back.keyframes[0].shape
        frames = len(there.keyframes) + len(back.keyframes)
        print(
            f"{'KITTI 10 Hz there and back: ' + name:58} {frames} object-frames, {frames / (there_s + back_s):4.0f} a "
            f"second, off by {math.dist(home.translation_m, place):.3f} m and "
            f"{math.degrees(home.angle_to(start.pose)):.2f} degrees"
        )


def main() -> None:
    """Print the table."""
    warm_up()
    measure_street()
    parts: list[tuple[Path, Callable[[Path], None]]] = [
        (
            SHARED_DATA / "scalabel_kitti_sample" / "tracking",
            lambda root: measure_truth("KITTI 0001, 0.1 s apart, world", root, "0001", OXTS),
        ),
        (
            SHARED_DATA / "kitti_tracking_0001",
            lambda root: measure_truth("KITTI 0001, 1 s apart, world", root, "0001", OXTS if OXTS.exists() else None),
        ),
        (
            SHARED_DATA / "kitti_tracking_0001",
            lambda root: measure_truth("KITTI 0001, 1 s apart, no ego poses", root, "0001", None),
        ),
        (
            SHARED_DATA / "kitti_tracking_0002",
            lambda root: measure_truth("KITTI 0002, 1-2 s apart, no ego poses", root, "0002", None),
        ),
        (SHARED_DATA / "kitti_raw_10hz", lambda _: measure_return()),
    ]
    for root, run in parts:
        if root.exists():
            run(root)
        else:
            print(f"skipped: needs real sensor data at {root} (set WORLDLINE_SHARED_DATA)")


if __name__ == "__main__":
    main()
