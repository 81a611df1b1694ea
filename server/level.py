"""A sweep as the assistants keep it: in its lidar's level frame, with its grid and its points' times."""

from dataclasses import dataclass

import numpy as np

from worldline.formats.scene import Lidar, Scene, Sweep
from worldline.formats.sweep_times import has_own_times, offsets_s
from worldline.geometry import PointGrid, Pose
from worldline.geometry.arrays import Float32s
from worldline.geometry.crop import move_points
from worldline.geometry.deskew import move_timed_points, poses_within
from worldline.tracking.odometry import poses_between

_KNOT_S = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class LevelSweep:
    """One sweep.

    Attributes:
        grid: The finite points, level frame, metres, where they would be if what stands still were seen at once.
        offset_s: (N,) float32, when each was measured, from the frame's time; None: not said, or all at once.
    """

    grid: PointGrid
    offset_s: Float32s | None = None

    @property
    def nbytes(self) -> int:
        """What it takes."""
        times = 0 if self.offset_s is None else self.offset_s.nbytes
        return self.grid.points.nbytes + self.grid.nbytes + times


def level_sweep(scene: Scene, lidar: Lidar, at: int, sweep: Sweep, world_from_level: Pose) -> LevelSweep:
    """A lidar's sweep in its level frame.

    Args:
        scene: Says whether the points wait to be brought to one instant.
        lidar: Which lidar.
        at: Which of its frames.
        sweep: As stored.
        world_from_level: Where the level frame stands.
    """
    offset_s, level_from_world = offsets_s(sweep), world_from_level.inverse()
    if offset_s is None:
        return LevelSweep(
            PointGrid.from_points(move_points(sweep.xyz_m, level_from_world @ lidar.world_from_sensor[at]))
        )
    if has_own_times(scene.meta, lidar):
        knot_s = poses_within(float(offset_s.min()), float(offset_s.max()), _KNOT_S)
        around = range(max(at - 1, 0), min(at + 2, len(lidar.clock)))
        clock_ns = lidar.clock.time_ns[around.start : around.stop]
        known = tuple(lidar.world_from_sensor[frame] for frame in around)
        at_ns = int(lidar.clock.time_ns[at]) + np.round(knot_s * 1e9).astype(np.int64)
        poses = [level_from_world @ pose for pose in poses_between(at_ns, clock_ns, known)]
    else:
        knot_s, poses = np.zeros(1), [level_from_world @ lidar.world_from_sensor[at]]
    points, kept = move_timed_points(sweep.xyz_m, offset_s, knot_s, poses)
    return LevelSweep(PointGrid.from_points(points), offset_s[kept])
