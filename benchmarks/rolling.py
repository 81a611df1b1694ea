"""The bias of sweeps that take time: moving vehicles followed in rolling sweeps whose truth is known.

Each moving vehicle is followed forward from its true cuboid over two seconds, in sweeps as the lidar gave them
(ignored: neither the ego's motion nor the vehicle's within a turn), with the ego's motion taken out, and with the
vehicle's own motion taken out too. Bias is told from all frames of a scene together: how much of the way that a
vehicle goes from the frame's time to the mean time of its points is left in the centre's error along its motion.

Run: python benchmarks/rolling.py
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from project import machine

from worldline.formats.scene import Scene
from worldline.formats.sweep_times import offsets_s
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Cuboid, PointGrid, Pose
from worldline.geometry.arrays import Float32s
from worldline.geometry.crop import move_points
from worldline.geometry.pose import Vector
from worldline.server.level import level_sweep
from worldline.tracking import Track
from worldline.tracking.propagate import Propagation, propagate
from worldline.tracking.rolling import follow_rested, mean_time_s
from worldline.tracking.scan import Sweeps

SEEDS = (311, 312)
FASTER = 1.7
LOADED = range(195, 235)
"""Everyone has left the crossing, and cars come towards the ego."""
FRAMES = 20
LEAST_MPS = 10.0
LEAST_POINTS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Rolled:
    """A rolling scene as assistants see it: world points with and without the ego's motion taken out, and times."""

    scene: Scene
    raw: tuple[PointGrid, ...]
    steady: tuple[PointGrid, ...]
    offsets: tuple[Float32s, ...]

    def ignoring(self, frame: int, around: Vector, radius_m: float) -> tuple[Float32s, None]:
        """As the lidar gave them."""
        return self.raw[frame - LOADED.start].crop(around, radius_m, Pose()), None

    def steadied(self, frame: int, around: Vector, radius_m: float) -> tuple[Float32s, None]:
        """With the ego's motion taken out."""
        return self.steady[frame - LOADED.start].crop(around, radius_m, Pose()), None

    def timed(self, frame: int, around: Vector, radius_m: float) -> tuple[Float32s, Float32s]:
        """The same, with times."""
        near = self.steady[frame - LOADED.start].near(around, radius_m)
        return self.steady[frame - LOADED.start].take(near, Pose()), self.offsets[frame - LOADED.start][near]


def main() -> None:
    """Print the figures."""
    print(machine())
    ways = ("ignored", "the ego's motion taken out", "the vehicle's too")
    rows: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
    for seed in SEEDS:
        rolled = roll_scene(seed)
        for way, timed in zip(ways, (rolled.ignoring, rolled.steadied, rolled.timed), strict=True):
            rows[way] += follow_all(rolled, timed)
    base = bias_of(rows[ways[0]])
    for way in ways:
        found = np.array(rows[way])
        bias = bias_of(rows[way])
        print(
            f"{way}: {len(found)} frames at {np.median(found[:, 2]):.1f} m/s (median), bias at 15 m/s and the turn's "
            f"end {bias * 15 * 0.05:.3f} m ({base / max(bias, 1e-9):.1f}x less), error along the motion: "
            f"mean {np.abs(found[:, 1]).mean():.3f} m, p95 {np.quantile(np.abs(found[:, 1]), 0.95):.3f} m"
        )


def roll_scene(seed: int) -> Rolled:
    """Simulate, and load every sweep in the world."""
    options = SimulationOptions(seed=seed, duration_s=26, columns=1024, cameras=False, rolling=True, pace=FASTER)
    scene = simulate_scene(f"rolling {seed}", options)
    lidar = scene.lidars[0]
    raw, steady, offsets = [], [], []
    for frame in LOADED:
        pose = lidar.world_from_sensor[frame]
        sweep = scene.data.sweep(lidar.name, frame)
        raw.append(PointGrid.from_points(move_points(sweep.xyz_m, pose)))
        level = level_sweep(scene, lidar, frame, sweep, Pose())
        assert level.offset_s is not None and offsets_s(sweep) is not None
        steady.append(level.grid)
        offsets.append(level.offset_s)
    return Rolled(scene, tuple(raw), tuple(steady), tuple(offsets))


def follow_all(
    rolled: Rolled, timed: Callable[[int, Vector, float], tuple[Float32s, Float32s | None]]
) -> list[tuple[float, float, float]]:
    """Each frame's (way gone between frame time and points' mean time, centre's error along the motion, speed)."""
    scene = rolled.scene
    clock_ns, lidar = scene.clock.time_ns, scene.lidars[0]
    found = []
    for track in scene.labels.tracks:
        start = first_seen(rolled, track)
        if start is None:
            continue
        alone = Track(track.id, track.object_id, size_m=track.size_m, spans=track.spans).with_keyframe(start[0])
        count = min(FRAMES, start[1] - start[0].frame)

        def run(sweeps: Sweeps, alone: Track = alone, first: int = start[0].frame, count: int = count) -> Propagation:
            see = lambda frame: lidar.world_from_sensor[frame].translation_m  # noqa: E731
            return propagate(alone, first, "forward", count, sweeps, clock_ns, see)

        for keyframe in follow_rested(alone, run, timed, clock_ns).keyframes:
            truth, speed, ahead = true_motion(track, keyframe.frame, clock_ns)
            mean_s = seen_at(rolled, track, keyframe.frame)
            if truth is None or mean_s is None or not isinstance(keyframe.shape, Pose) or speed < LEAST_MPS:
                continue
            first_s = seen_at(rolled, track, start[0].frame) or 0.0
            error = np.subtract(keyframe.shape.translation_m, truth.translation_m)[:2] @ ahead
            found.append((speed * (mean_s - first_s), float(error), speed))
    return found


def bias_of(rows: list[tuple[float, float, float]]) -> float:
    """The share of the way gone that is left in the error."""
    gone, error, _ = np.array(rows).T
    return float(abs(gone @ error) / (gone @ gone))


def first_seen(rolled: Rolled, track: Track):
    """The first keyframe of a fast track with enough points, and its last frame in a row."""
    assert track.size_m is not None
    if len(track.keyframes) < 5 or track.size_m[0] < 3:
        return None
    for keyframe in track.keyframes[1:-3]:
        if keyframe.frame not in LOADED[:-5]:
            continue
        _, speed, _ = true_motion(track, keyframe.frame, rolled.scene.clock.time_ns)
        if speed >= LEAST_MPS and own_points(rolled, track, keyframe.frame)[0] >= LEAST_POINTS:
            span = next(each for each in track.spans if keyframe.frame in each)
            return keyframe, min(span.end, LOADED.stop) - 1
    return None


def own_points(rolled: Rolled, track: Track, frame: int) -> tuple[int, float | None]:
    """How many points a vehicle has, and their mean time."""
    keyframe = track.keyframe_at(frame)
    if keyframe is None or track.size_m is None or not isinstance(keyframe.shape, Pose):
        return 0, None
    wide = Cuboid(keyframe.shape, tuple(side + 0.8 for side in track.size_m))
    points, offsets = rolled.timed(frame, keyframe.shape.translation_m, 6.0)
    raised = points[:, 2] > keyframe.shape.translation_m[2] - track.size_m[2] / 2 + 0.3
    return int(wide.contains(points[raised]).sum()), mean_time_s(points[raised], offsets[raised], wide)


def seen_at(rolled: Rolled, track: Track, frame: int) -> float | None:
    return own_points(rolled, track, frame)[1]


def true_motion(track: Track, frame: int, clock_ns: np.ndarray):
    """The true pose, the speed and the direction of motion."""
    before, here, after = (track.keyframe_at(each) for each in (frame - 1, frame, frame + 1))
    if before is None or here is None or after is None:
        return None, 0.0, np.zeros(2)
    step = np.subtract(after.shape.translation_m, before.shape.translation_m)[:2]
    speed = float(np.hypot(*step)) / ((int(clock_ns[frame + 1]) - int(clock_ns[frame - 1])) * 1e-9)
    return here.shape, speed, step / max(np.hypot(*step), 1e-9)


if __name__ == "__main__":
    main()
