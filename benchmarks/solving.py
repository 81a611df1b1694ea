"""How well a whole track is solved, on a made street that nothing was tuned on.

Followed from the true cuboid of the first frame, as single-object tracking is judged on KITTI: Success (area under
the share of frames by overlap) and Precision (under that by distance up to 2 m), per class, by plain propagation,
which knows only the frames before, and by solving, which knows all; frames between two true cuboids 1 to 5 seconds
apart that overlap by 0.7, beside curves through the same cuboids; object-frames a second on one core by number of
points; and how often frames said to be right with some confidence are. Plots go to ``out/solving.png``:
``python benchmarks/solving.py``.
"""

import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import project  # noqa: F401  finds `worldline`

from worldline.formats.schema import default_schema
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Cuboid, Pose
from worldline.geometry.arrays import Float32s, Float64s
from worldline.geometry.overlap import overlap_3d
from worldline.geometry.pose import Vector
from worldline.geometry.prior import SizePrior
from worldline.tracking import Keyframe, Span, Track, cuboid_at, propagate
from worldline.tracking.solve import solve_track
from worldline.tracking.street import Street
from worldline.tracking.trail import Surroundings

SEED, SECONDS = 103, 9.0
GAPS_S = (1.0, 3.0, 5.0)
VEHICLES = ("car", "truck")
FEWEST_POINTS = 10


@dataclass(frozen=True, slots=True)
class Case:
    """An object of the street.

    Attributes:
        class_name: Its class.
        truth: Its cuboids by frame, in frames in which it has a point.
        counts: How many points, by frame.
    """

    class_name: str
    truth: dict[int, Cuboid]
    counts: dict[int, int]


def make_street() -> tuple[Surroundings, list[Case]]:
    """The street and who moves on it."""
    scene = simulate_scene("street", SimulationOptions(seed=SEED, duration_s=SECONDS, cameras=False))
    lidar, clock_ns = scene.lidars[0], scene.clock.time_ns
    poses = lidar.world_from_sensor
    sweeps = [
        poses[frame].apply(scene.data.sweep(lidar.name, frame).xyz_m).astype(np.float32)
        for frame in range(len(clock_ns))
    ]

    def near(frame: int, around: Vector, radius_m: float) -> Float32s:
        points = sweeps[frame]
        return points[np.hypot(points[:, 0] - around[0], points[:, 1] - around[1]) <= radius_m]

    eyes = np.array([pose.translation_m[:2] for pose in poses])
    street = Street.from_sweeps(lambda frame: sweeps[frame], eyes, (clock_ns - clock_ns[0]) * 1e-9)
    cases = []
    for track in scene.labels.tracks:
        truth, counts = {}, {}
        for frame in range(len(clock_ns)):
            cuboid = cuboid_at(track, frame, clock_ns)
            if cuboid is None or len(track.keyframes) == 1:
                continue
            own = near(frame, cuboid.center_m, 8.0)
            count = int(cuboid.contains(own).sum())
            if count:
                truth[frame], counts[frame] = cuboid, count
        class_name = scene.labels.object_of(track).class_name
        if len(truth) > 10 and max(counts.values()) >= FEWEST_POINTS:
            cases.append(Case(class_name, truth, counts))
    return Surroundings(near, clock_ns, lambda frame: poses[frame].translation_m, street), cases


def prior_of(class_name: str) -> SizePrior:
    """The usual size of a class."""
    known = default_schema().find_class(class_name)
    return SizePrior(known.size_m, known.spread_m)


def shown(case: Case, keyframes: tuple[Keyframe, ...], size_m: Vector) -> dict[int, Cuboid]:
    """Cuboids by frame."""
    del case
    return {each.frame: Cuboid(each.shape, size_m) for each in keyframes if isinstance(each.shape, Pose)}


def score(case: Case, found: dict[int, Cuboid], start: int) -> tuple[list[float], list[float]]:
    """Overlaps and distances in the frames after the start; 0 and far where nothing was found."""
    overlaps, away = [], []
    for frame in [each for each in case.truth if each > start]:
        truth, cuboid = case.truth[frame], found.get(frame)
        overlaps.append(0.0 if cuboid is None else overlap_3d(truth, cuboid))
        away.append(9.0 if cuboid is None else float(np.linalg.norm(np.subtract(truth.center_m, cuboid.center_m))))
    return overlaps, away


def success(overlaps: list[float]) -> float:
    """Area under the share of frames whose overlap is above 0 to 1, per cent."""
    return float(100 * np.mean([np.mean(np.array(overlaps) > each) for each in np.linspace(0, 1, 21)]))


def precision(away: list[float]) -> float:
    """Area under the share of frames nearer than 0 to 2 metres, per cent."""
    return float(100 * np.mean([np.mean(np.array(away) <= each) for each in np.linspace(0, 2, 21)]))


def measure_following(around: Surroundings, cases: list[Case]) -> list[tuple[float, float]]:
    """Success and Precision; returns points and milliseconds a frame of each solution."""
    kept: dict[tuple[str, str], tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    costs = []
    for case in cases:
        start = next((frame for frame, count in case.counts.items() if count >= FEWEST_POINTS), None)
        frames = [] if start is None else [frame for frame in case.truth if frame >= start]
        if start is None or len(frames) < 5:
            continue
        first = case.truth[start]
        track = Track(
            "t",
            "o",
            size_m=first.size_m,
            keyframes=(Keyframe(start, first.pose),),
            spans=(Span(start, frames[-1] + 1),),
        )
        count = frames[-1] - start
        carried = propagate(track, start, "forward", count, around.sweeps, around.clock_ns, around.sensor_at)
        begun = time.process_time()
        solution = solve_track(track, frames, around, prior_of(case.class_name), is_still=False)
        spent_s = time.process_time() - begun
        costs.append((float(np.median([case.counts[each] for each in frames])), 1000 * spent_s / len(frames)))
        for rule, keyframes in (("forward only", carried.keyframes), ("solved", solution.keyframes)):
            overlaps, away = score(case, shown(case, keyframes, first.size_m), start)
            kept[case.class_name, rule][0].extend(overlaps)
            kept[case.class_name, rule][1].extend(away)
    for (class_name, rule), (overlaps, away) in sorted(kept.items()):
        print(
            f"{class_name:11} {rule:13} {len(overlaps):5d} object-frames: "
            f"Success {success(overlaps):.0f}, Precision {precision(away):.0f}"
        )
    return costs


def measure_gaps(around: Surroundings, cases: list[Case]) -> dict[str, list[float]]:
    """The share of frames between true cuboids that overlap by 0.7, vehicles; by rule, one a gap."""
    shares: dict[str, list[float]] = {"solved": [], "curve": []}
    clock_s = (around.clock_ns - around.clock_ns[0]) * 1e-9
    for gap_s in GAPS_S:
        overlaps: dict[str, list[float]] = {"solved": [], "curve": []}
        for case in cases:
            frames = list(case.truth)
            if case.class_name not in VEHICLES or len(frames) < 12:
                continue
            at, keys = frames[0], [frames[0]]
            for frame in frames:
                if clock_s[frame] - clock_s[at] >= gap_s - 1e-6:
                    at = frame
                    keys.append(frame)
            if len(keys) < 2:
                continue
            drawn = tuple(Keyframe(frame, case.truth[frame].pose) for frame in keys)
            inside = [frame for frame in frames if keys[0] <= frame <= keys[-1]]
            track = Track(
                "t", "o", size_m=case.truth[at].size_m, keyframes=drawn, spans=(Span(inside[0], inside[-1] + 1),)
            )
            solution = solve_track(track, inside, around, prior_of(case.class_name), is_still=False)
            found = shown(case, solution.keyframes, solution.size_m)
            for frame in set(inside) - set(keys):
                curve = cuboid_at(track, frame, around.clock_ns)
                overlaps["solved"].append(overlap_3d(case.truth[frame], found[frame]))
                overlaps["curve"].append(0.0 if curve is None else overlap_3d(case.truth[frame], curve))
        for rule, values in overlaps.items():
            shares[rule].append(float(np.mean(np.array(values) >= 0.7)) if values else float("nan"))
            print(
                f"vehicles, cuboids {gap_s:g} s apart, {rule:7} {len(values):5d} frames between: "
                f"{shares[rule][-1]:.1%} overlap by 0.7"
            )
    return shares


def measure_confidence(around: Surroundings, cases: list[Case]) -> tuple[Float64s, Float64s]:
    """What is said of frames and whether they are right, begun from a cuboid of the usual size a little off."""
    told, right = [], []
    random = np.random.default_rng(SEED)
    for case in cases:
        start = max(case.counts, key=lambda frame: case.counts[frame])
        truth, prior = case.truth[start], prior_of(case.class_name)
        x, y, z = (np.array(truth.center_m) + random.normal(0, 0.2, 3)).tolist()
        pose = Pose.from_yaw(truth.yaw_rad + np.pi * random.integers(2), (x, y, z))
        track = Track("t", "o", size_m=prior.mean_m, keyframes=(Keyframe(start, pose, "propagated"),))
        solution = solve_track(track, list(case.truth), around, prior, is_still=False)
        least = 0.7 if case.class_name in VEHICLES else 0.5
        for frame, cuboid in shown(case, solution.keyframes, solution.size_m).items():
            turned = abs(np.angle(np.exp(1j * (cuboid.yaw_rad - case.truth[frame].yaw_rad))))
            told.append(solution.qualities[frame])
            right.append(overlap_3d(case.truth[frame], cuboid) >= least and turned <= np.radians(10))
    return np.array(told), np.array(right, dtype=np.float64)


def plot(
    costs: list[tuple[float, float]], shares: dict[str, list[float]], bins: list[tuple[float, float, int]], path: Path
) -> None:
    """Three plots beside each other."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    for rule, values in shares.items():
        left.plot(GAPS_S, values, "o-", label=rule)
    left.set(xlabel="seconds between cuboids", ylabel="share of frames at IoU 0.7", ylim=(0, 1.02))
    left.legend()
    middle.plot([0, 1], [0, 1], ":", color="grey")
    middle.plot([each[0] for each in bins], [each[1] for each in bins], "o-")
    middle.set(xlabel="said to be right", ylabel="are right")
    right.plot([each[0] for each in costs], [each[1] for each in costs], ".")
    right.set(xlabel="points (median)", ylabel="ms per object-frame", xscale="log")
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def main() -> None:
    """Print the figures and plot them."""
    around, cases = make_street()
    measure_following(around, cases[:2])  # compiles
    print(f"made street, seed {SEED}, {SECONDS:g} s, {len(cases)} objects that move")
    costs = measure_following(around, cases)
    near = [ms for points, ms in costs if 100 <= points <= 1000]
    if near:
        print(f"100 to 1000 points: {1000 / np.median(near):.0f} object-frames a second on one core, cropping included")
    shares = measure_gaps(around, cases)
    told, right = measure_confidence(around, cases)
    bins = []
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)):
        mask = (told >= low) & (told < high)
        if mask.any():
            bins.append((float(told[mask].mean()), float(right[mask].mean()), int(mask.sum())))
            print(f"said to be right with {bins[-1][0]:.2f}: {bins[-1][1]:.2f} of {bins[-1][2]} frames are")
    plot(costs, shares, bins, Path(__file__).parents[1] / "out" / "solving.png")


if __name__ == "__main__":
    main()
