"""The ground: how well and how fast it is found, beside Patchwork++.

Accuracy on simulated streets, whose surface is known: which points are ground, how far off the height of each
ground point is, and how far off it is under what stands on the street, where no ground is seen. Patchwork++
(S. Lee, H. Lim, H. Myung, IROS 2022; `pypatchworkpp`) gets the same sweeps and is left out where it is not
installed. Speed on real KITTI sweeps, or on the simulated ones where there are none.

Run: python benchmarks/ground.py [SEED ...]
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from project import SHARED_DATA, machine
from scipy.interpolate import LinearNDInterpolator
from timing import best_ms

from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.formats.synthetic.scene import SyntheticData
from worldline.formats.synthetic.street import KERB_HEIGHT_M, KERB_M, Street
from worldline.geometry import GroundGrid, inside_mask
from worldline.geometry.arrays import Bools, Float32s, Float64s

SEEDS = (101, 102)
FRAMES = (10, 60, 110, 150, 190)
REACH_M = 50.0
VERGE_M = 30.0
ON_SURFACE_M = 0.06
"""Four standard deviations of the simulated lidar's noise."""

FEWEST_POINTS = 5
LIDAR_HEIGHT_M = 1.8
Masker = Callable[[Float32s], Bools]


@dataclass(frozen=True)
class Sample:
    """A simulated sweep in the lidar's upright frame, and the truth.

    Attributes:
        points: (N, 3) float32, metres, on the street and within reach.
        heights: (N,) float64, the surface under each.
        is_ground: (N,) bool.
        is_walk: (N,) bool, ground on the pavement or the verge.
        feet: (C, 3) float64, the middle of the underside of what stands there and is seen.
    """

    points: Float32s
    heights: Float64s
    is_ground: Bools
    is_walk: Bools
    feet: Float64s


def sample_streets(seeds: list[int]) -> list[Sample]:
    """A few sweeps of each street."""
    samples = []
    for seed in seeds:
        scene = simulate_scene("street", SimulationOptions(seed=seed, cameras=False))
        data = scene.data
        if not isinstance(data, SyntheticData):
            raise TypeError("a simulated scene makes its own data")
        surface = _surface(data.traffic.street)
        for frame in FRAMES:
            pose = scene.lidars[0].world_from_sensor[frame]
            points = data.sweep("lidar", frame).xyz_m
            world = pose.apply(points.astype(np.float64))
            heights, rise = surface(world[:, :2]).T
            near = ~np.isnan(heights) & (np.hypot(points[:, 0], points[:, 1]) < REACH_M)
            points, world, heights, rise = points[near], world[near], heights[near], rise[near]
            is_ground = np.abs(world[:, 2] - heights) < ON_SURFACE_M
            level_from_world = pose.inverse()
            cuboids = [a.cuboid(scene.clock.time_ns[frame] / 1e9).moved(level_from_world) for a in data.traffic.actors]
            near_cuboids = [c for c in cuboids if np.hypot(*c.center_m[:2]) < REACH_M]
            seen = []
            for cuboid in near_cuboids:
                mask = inside_mask(points, cuboid)
                is_ground &= ~mask
                if mask.sum() >= FEWEST_POINTS:
                    seen.append(cuboid)
            feet = np.array([np.subtract(c.center_m, (0, 0, c.height_m / 2)) for c in seen])
            samples.append(
                Sample(points, heights - pose.translation_m[2], is_ground, is_ground & (rise > KERB_HEIGHT_M / 2), feet)
            )
    return samples


def _surface(street: Street) -> LinearNDInterpolator:
    """Height of the surface by place, and its rise over the road, from a dense table."""
    edge = [KERB_M, KERB_M + 0.01]
    across = np.array([-VERGE_M, -15, -8, *(-side for side in reversed(edge)), -3, 0, 3, *edge, 8, 15, VERGE_M])
    along = np.arange(street.start_m, street.end_m, 2.0)
    places = np.array([street.place(float(s), float(d)).translation_m for s in along for d in across])
    rise = np.array([KERB_HEIGHT_M * (abs(d) > KERB_M) for _ in along for d in across])
    return LinearNDInterpolator(places[:, :2], np.column_stack([places[:, 2], rise]))


def patchwork() -> Masker | None:
    """Patchwork++ with its own defaults, told how high the lidar stands; None where it is not installed."""
    try:
        import pypatchworkpp
    except ImportError:
        return None
    parameters = pypatchworkpp.Parameters()
    parameters.sensor_height = LIDAR_HEIGHT_M
    parameters.verbose = False
    parameters.enable_RNR = False  # no intensities are given
    finder = pypatchworkpp.patchworkpp(parameters)

    def mark(points: Float32s) -> Bools:
        finder.estimateGround(points)
        mask = np.zeros(len(points), dtype=np.bool_)
        mask[np.asarray(finder.getGroundIndices(), dtype=np.int64)] = True
        return mask

    return mark


def mark_ours(points: Float32s) -> Bools:
    """This project's ground, and what lies within a hand's breadth of it."""
    return GroundGrid.from_points(points).ground_mask(points)


def print_accuracy(samples: list[Sample], maskers: dict[str, Masker]) -> None:
    """Which points are ground, and how far off the heights are."""
    print("| ground points | precision | recall | F1 |\n|---|---|---|---|")
    for name, masker in maskers.items():
        masks = np.concatenate([masker(sample.points) for sample in samples])
        truth = np.concatenate([sample.is_ground for sample in samples])
        precision, recall = (masks & truth).sum() / masks.sum(), (masks & truth).sum() / truth.sum()
        f1 = 2 * precision * recall / (precision + recall)
        print(f"| {name} | {precision:.1%} | {recall:.1%} | {f1:.1%} |")
    print("\n| height off the truth | places | median m | mean m | 95 % m | known |\n|---|---|---|---|---|---|")
    off: dict[str, list[Float64s]] = {"road": [], "pavement and verge": [], "under objects": []}
    for sample in samples:
        ground = GroundGrid.from_points(sample.points)
        error = ground.heights_m(sample.points) - sample.heights
        off["road"].append(error[sample.is_ground & ~sample.is_walk])
        off["pavement and verge"].append(error[sample.is_walk])
        off["under objects"].append(ground.heights_m(sample.feet) - sample.feet[:, 2])
    for name, errors in off.items():
        every = np.concatenate(errors)
        known = every[~np.isnan(every)]
        away = np.abs(known)
        print(
            f"| {name} | {len(every)} | {np.median(known):+.3f} | {away.mean():.3f} | {np.quantile(away, 0.95):.3f} "
            f"| {len(known) / len(every):.1%} |"
        )


def print_speed(sweeps: list[Float32s], maskers: dict[str, Masker]) -> None:
    """Milliseconds a sweep."""
    count = int(np.mean([len(sweep) for sweep in sweeps]))
    print(f"\n| {len(sweeps)} sweeps of {count} points | ms a sweep | times ours |\n|---|---|---|")
    times = {name: float(np.mean([best_ms(lambda: mask(s), 3) for s in sweeps])) for name, mask in maskers.items()}  # noqa: B023
    for name, ms in times.items():
        print(f"| {name} | {ms:.2f} | {ms / next(iter(times.values())):.1f} |")


def main() -> None:
    """Print accuracy and speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", nargs="*", type=int, default=list(SEEDS))
    samples = sample_streets(parser.parse_args().seeds)
    maskers: dict[str, Masker] = {"worldline": mark_ours}
    if (theirs := patchwork()) is not None:
        maskers["Patchwork++"] = theirs
    print(machine(), "\n")
    print_accuracy(samples, maskers)
    paths = sorted(SHARED_DATA.glob("kitti_tracking_000[12]/training/velodyne/*/*.bin"))[::2]
    real = [np.fromfile(path, np.float32).reshape(-1, 4)[:, :3].copy() for path in paths]
    print_speed(real or [sample.points for sample in samples], maskers)


if __name__ == "__main__":
    main()
