"""One click to a cuboid, on real vehicles and people: how good, how fast.

The protocol: each labelled object with at least 20 points inside its box, in every frame of the
KITTI tracking folders given; the click is a random point of the object; five seeds. Beside it,
on the very same cluster: the rectangle of least area around the points, and open3d's oriented
bounding box.

Run: python benchmarks/fit_click.py [FOLDER ...]
"""

import argparse
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from kitti_boxes import LabelledBox, heading_error_rad, read_sequence

from worldline.geometry import (
    Cuboid,
    FitError,
    GroundGrid,
    Pose,
    SizePrior,
    fit_cuboid,
    inside_mask,
    overlap_bev,
    warm_up,
)
from worldline.geometry.arrays import Float32s, Float64s
from worldline.geometry.seed import body_mask, click_mask

PRIORS = {
    "Car": SizePrior((3.9, 1.63, 1.53), (0.45, 0.12, 0.15)),
    "Van": SizePrior((5.0, 1.9, 2.2), (0.6, 0.15, 0.25)),
    "Truck": SizePrior((10.0, 2.6, 3.2), (2.5, 0.25, 0.5)),
    "Pedestrian": SizePrior((0.8, 0.65, 1.75), (0.2, 0.15, 0.15)),
    "Cyclist": SizePrior((1.76, 0.6, 1.73), (0.2, 0.15, 0.15)),
}
GROUPS = {"vehicles": ("Car", "Van", "Truck"), "people": ("Pedestrian", "Cyclist")}
FEWEST_POINTS = 20
SEEDS = range(5)

Click = tuple[Float32s, GroundGrid, LabelledBox, tuple[float, float, float]]
Fitter = Callable[[Float32s, GroundGrid, tuple[float, float, float], SizePrior], Cuboid]


def choose_clicks(folders: list[Path], kinds: tuple[str, ...]) -> list[Click]:
    """A random point of each object, for each seed."""
    clicks: list[Click] = []
    for folder in folders:
        sequence = read_sequence(folder)
        for frame in sequence.frames:
            points = sequence.points(frame)
            ground = GroundGrid.from_points(points)
            for box in sequence.boxes:
                own = np.flatnonzero(inside_mask(points, box.cuboid)) if box.frame == frame else np.empty(0)
                if box.kind not in kinds or len(own) < FEWEST_POINTS:
                    continue
                for seed in SEEDS:
                    random = np.random.default_rng([seed, box.track_id, int(frame)])
                    x, y, z = (float(value) for value in points[random.choice(own)])
                    clicks.append((points, ground, box, (x, y, z)))
    return clicks


def fit_worldline(points: Float32s, ground: GroundGrid, place: tuple[float, float, float], prior: SizePrior) -> Cuboid:
    """This project's fit, the sweep's ground known."""
    return fit_cuboid(points, place, prior, ground=ground).cuboid


def fit_worldline_cold(points: Float32s, _: GroundGrid, place: tuple[float, float, float], prior: SizePrior) -> Cuboid:
    """This project's fit, the ground found for the click."""
    return fit_cuboid(points, place, prior).cuboid


def cluster_at(points: Float32s, ground: GroundGrid, place: tuple[float, float, float], prior: SizePrior) -> Float64s:
    """The cluster that all fitters are given."""
    reach = 1.1 * prior.mean_m[0] + 1
    near = points[np.hypot(points[:, 0] - place[0], points[:, 1] - place[1]) <= reach].astype(np.float64)
    body = near[body_mask(near, ground, prior)]
    return body[click_mask(body, np.asarray(place), np.zeros(3), prior, reach)]


def fit_least_area(points: Float32s, ground: GroundGrid, place: tuple[float, float, float], prior: SizePrior) -> Cuboid:
    """The rectangle of least area around the cluster, one degree apart."""
    own = cluster_at(points, ground, place, prior)
    yaw = np.radians(np.arange(90))
    along = np.outer(np.cos(yaw), own[:, 0]) + np.outer(np.sin(yaw), own[:, 1])
    across = np.outer(np.cos(yaw), own[:, 1]) - np.outer(np.sin(yaw), own[:, 0])
    best = int(np.argmin(np.ptp(along, axis=1) * np.ptp(across, axis=1)))
    length, width = float(np.ptp(along[best])), float(np.ptp(across[best]))
    middle = [(values[best].min() + values[best].max()) / 2 for values in (along, across)]
    center = Pose.from_yaw(float(yaw[best])).apply(np.array([*middle, own[:, 2].mean()]))
    turn = 0.0 if length >= width else math.pi / 2
    pose = Pose.from_yaw(float(yaw[best]) + turn, (float(center[0]), float(center[1]), float(center[2])))
    sides = (max(length, width), min(length, width), float(np.ptp(own[:, 2])))
    return Cuboid(pose, (max(sides[0], 0.1), max(sides[1], 0.1), max(sides[2], 0.1)))


def fit_open3d(points: Float32s, ground: GroundGrid, place: tuple[float, float, float], prior: SizePrior) -> Cuboid:
    """The footprint of open3d's oriented bounding box of the cluster."""
    import open3d as o3d

    own = cluster_at(points, ground, place, prior)
    box = o3d.geometry.OrientedBoundingBox.create_from_points(o3d.utility.Vector3dVector(own), robust=True)
    axes = np.asarray(box.R)
    upright = int(np.argmax(np.abs(axes[2])))
    flat = sorted((axis for axis in range(3) if axis != upright), key=lambda axis: -box.extent[axis])
    yaw = math.atan2(axes[1, flat[0]], axes[0, flat[0]])
    x, y, z = (float(value) for value in box.center)
    length, width, height = (max(float(box.extent[axis]), 0.1) for axis in (*flat, upright))
    return Cuboid(Pose.from_yaw(yaw, (x, y, z)), (length, width, height))


def measure(name: str, fitter: Fitter, clicks: list[Click]) -> str:
    """Fit every click and write one row of the table."""
    overlaps, errors, times_ms = [], [], []
    for points, ground, box, place in clicks:
        start = time.perf_counter()
        try:
            cuboid = fitter(points, ground, place, PRIORS[box.kind])
        except (FitError, RuntimeError, ValueError):
            overlaps.append(0.0)
            continue
        finally:
            times_ms.append((time.perf_counter() - start) * 1e3)
        overlaps.append(overlap_bev(cuboid, box.cuboid))
        errors.append(heading_error_rad(cuboid, box.cuboid))
    error = np.degrees(errors)
    either_way = np.minimum(error, 180 - error)
    share_70, share_50 = np.mean(np.array(overlaps) >= 0.7), np.mean(np.array(overlaps) >= 0.5)
    return (
        f"| {name} | {np.mean(overlaps):.3f} | {share_70:.1%} | {share_50:.1%} | {np.median(either_way):.1f} "
        f"| {np.median(error):.1f} | {np.mean(error < 90):.1%} "
        f"| {np.median(times_ms):.1f} | {np.quantile(times_ms, 0.99):.1f} |"
    )


def main() -> None:
    """Print a table for vehicles and one for people."""
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    data = Path(os.environ.get("WORLDLINE_SHARED_DATA", beside))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = [data / "kitti_tracking_0001", data / "kitti_tracking_0002"]
    parser.add_argument("folders", nargs="*", type=Path, default=default)
    folders = parser.parse_args().folders
    warm_up()
    for group, kinds in GROUPS.items():
        clicks = choose_clicks(folders, kinds)
        print(f"\n{group}: {len(clicks)} clicks on {len(clicks) // len(SEEDS)} objects\n")
        print(
            "| fit | BEV IoU mean | >= 0.7 | >= 0.5 | yaw median mod 180 | yaw median | right way | ms p50 | ms p99 |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        for name, fitter in (
            ("worldline", fit_worldline),
            ("worldline, ground not yet known", fit_worldline_cold),
            ("least area around the points", fit_least_area),
            ("open3d oriented bounding box", fit_open3d),
        ):
            print(measure(name, fitter, clicks), flush=True)


if __name__ == "__main__":
    main()
