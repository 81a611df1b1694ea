"""Odometry: how a lidar moved, told from its sweeps alone.

Each sweep is aligned with a map of Gaussian voxels that the sweeps before it made (K. Koide et al., Voxelized GICP
for Fast and Accurate 3D Point Cloud Registration, ICRA 2021; library: small_gicp). It begins where even motion
would have brought the sensor; where that does not agree with the sweep before, or the motion is not known yet, other
places ahead and behind are tried and the one that agrees best is taken. What nothing in the sweeps can tell (a
tunnel's length, a crowd that fills the view) is not told: `Odometry.agreement` says how well each sweep fits.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from worldline.geometry import Pose, interpolate_pose
from worldline.geometry.arrays import Float64s, Floats, Int64s
from worldline.geometry.deskew import move_timed_points

from .errors import OdometryError

LEAST_AGREEMENT = 0.6
"""A sweep of which less agrees with the one before is doubtful."""

_VOXEL_M = 0.4
_MAP_VOXEL_M = 1.0
_REACH_M = 2.0
_FASTEST_MPS = 40.0
_START_STEP_M = 2.0
_NEAR_M = 40.0
_SAMPLE_COUNT = 2000
_TOUCH_M = 0.3
_FEWEST_POINTS = 100


@dataclass(frozen=True, slots=True, eq=False)
class TimedSweep:
    """One turn of a lidar.

    Attributes:
        time_ns: The instant whose pose is asked for.
        points: (N, 3) sensor, metres.
        offset_s: (N,) When each point was measured, from that instant; None where all of them stand in the
            sensor's frame of that instant.
    """

    time_ns: int
    points: Floats
    offset_s: Float64s | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Odometry:
    """How a lidar moved.

    Attributes:
        first_from_sensor: (F,) Where it was at each sweep, in its own frame at the first one.
        agreement: (F,) float64, 0 to 1: the share of the sweep's near points above its floor that lie on the sweep
            before; 1 for the first.
        method: The library and its version.
    """

    first_from_sensor: tuple[Pose, ...]
    agreement: Float64s
    method: str

    @property
    def doubtful(self) -> Int64s:
        """(D,) int64 Sweeps that do not agree with the one before."""
        return np.flatnonzero(self.agreement < LEAST_AGREEMENT)


def follow_lidar(sweeps: Iterable[TimedSweep], tell: Callable[[int], None] = lambda _: None) -> Odometry:
    """Estimate how a lidar moved.

    Args:
        sweeps: In order of time.
        tell: Told how many sweeps are done.

    Raises:
        OdometryError: small_gicp is not installed, there is no sweep, a sweep has next to no points, or their times
            do not increase.
    """
    try:
        import small_gicp  # here, not above: only who asks for poses needs it
    except ImportError as error:
        raise OdometryError("estimating ego poses needs the package small_gicp: pip install small_gicp") from error
    driver = _Driver(small_gicp)
    for number, sweep in enumerate(sweeps):
        driver.add(number, sweep)
        tell(number + 1)
    if not driver.poses:
        raise OdometryError("there is no sweep to estimate ego poses from")
    return Odometry(tuple(driver.poses), np.array(driver.agreement), f"small_gicp {version('small_gicp')}")


class _Driver:
    """The map so far and how the sensor moves."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._map = library.GaussianVoxelMap(_MAP_VOXEL_M)
        self._map.set_lru(horizon=100, clear_cycle=10)
        self.poses: list[Pose] = []
        self.agreement: list[float] = []
        self._times: list[int] = []
        self._before: cKDTree | None = None

    def add(self, number: int, sweep: TimedSweep) -> None:
        """Find where the sensor was at the next sweep."""
        near = np.linalg.norm(sweep.points, axis=1)
        if int((np.isfinite(near) & (near > 1.0)).sum()) < _FEWEST_POINTS:
            raise OdometryError(f"sweep {number} has fewer than {_FEWEST_POINTS} points: its pose cannot be told")
        if self._times and sweep.time_ns <= self._times[-1]:
            raise OdometryError(f"sweep {number} is not later than the one before")
        step_s = (sweep.time_ns - self._times[-1]) * 1e-9 if self._times else 0.0
        pose, agreement = Pose(), 1.0
        for _ in range(1 if sweep.offset_s is None else 3):  # how it moved within the turn follows from the pose
            points = self._at_once(sweep, pose, step_s)
            cloud, _tree = self._library.preprocess_points(points, _VOXEL_M, num_threads=1)
            if self.poses:
                pose, agreement = self._settle(cloud, points, step_s)
        points = self._at_once(sweep, pose, step_s)
        cloud, _tree = self._library.preprocess_points(points, _VOXEL_M, num_threads=1)
        self._map.insert(cloud, pose.matrix)
        self._before = cKDTree(points)
        self.poses.append(pose)
        self.agreement.append(agreement)
        self._times.append(sweep.time_ns)

    def _settle(self, cloud: Any, points: Float64s, step_s: float) -> tuple[Pose, float]:
        """The best place found, and how well it agrees."""
        sample = _sample(points)
        best, most = self.poses[-1], -1.0
        for guess in self._guesses(step_s):
            found = self._library.align(
                self._map, cloud, init_T_target_source=guess.matrix, max_correspondence_distance=_REACH_M, num_threads=1
            )
            pose = _pose(found.T_target_source)
            agreement = self._agree(pose, sample)
            if agreement > most:
                best, most = pose, agreement
            if len(self.poses) > 1 and most >= LEAST_AGREEMENT:
                break
        return best, most

    def _guesses(self, step_s: float) -> list[Pose]:
        """Where even motion would bring it, then places ahead and behind, the near ones first."""
        here = self.poses[-1]
        guesses = [here]
        if len(self.poses) > 1:
            before_s = (self._times[-1] - self._times[-2]) * 1e-9
            guesses.insert(0, here @ interpolate_pose(Pose(), self.poses[-2].inverse() @ here, step_s / before_s))
        reach_m = min(_FASTEST_MPS * step_s, 40.0)
        ahead = np.arange(1, math.ceil(reach_m / _START_STEP_M) + 1) * _START_STEP_M
        shifts = sorted([*ahead.tolist(), *(-ahead[ahead <= reach_m / 4]).tolist()], key=abs)
        guesses += [here @ Pose(translation_m=(shift, 0.0, 0.0)) for shift in shifts]
        return guesses

    def _agree(self, pose: Pose, sample: Float64s) -> float:
        if self._before is None or not len(sample):
            return 0.0
        there = (self.poses[-1].inverse() @ pose).apply(sample)
        apart, _ = self._before.query(there, distance_upper_bound=_TOUCH_M)
        return float(np.isfinite(apart).mean())

    def _at_once(self, sweep: TimedSweep, pose: Pose, step_s: float) -> Float64s:
        """The points in the sensor's frame at the sweep's instant."""
        points = np.asarray(sweep.points, dtype=np.float64)
        if sweep.offset_s is not None and self.poses:
            moved = self.poses[-1].inverse() @ pose if pose != Pose() else self._last_step(step_s)
            reach_s = float(np.abs(sweep.offset_s).max(initial=1e-3))
            knots = [_stretch(moved, share * reach_s / step_s) for share in (-1.0, 0.0, 1.0)]
            points = move_timed_points(points, sweep.offset_s, np.array([-1.0, 0.0, 1.0]) * reach_s, knots)[0].astype(
                np.float64
            )
        away = np.linalg.norm(points, axis=1)
        kept: Float64s = points[np.isfinite(away) & (away > 1.0) & (away < 120.0)]
        return kept

    def _last_step(self, step_s: float) -> Pose:
        if len(self.poses) < 2:
            return Pose()
        before_s = (self._times[-1] - self._times[-2]) * 1e-9
        return _stretch(self.poses[-2].inverse() @ self.poses[-1], step_s / before_s)


def _sample(points: Float64s) -> Float64s:
    """Near points that stand up from the floor: these tell whether two sweeps agree, the floor always does."""
    near = points[np.linalg.norm(points, axis=1) < _NEAR_M]
    floor = np.quantile(near[:, 2], 0.1) + 0.4 if len(near) else 0.0
    raised = near[near[:, 2] > floor]
    return np.asarray(raised[:: max(1, len(raised) // _SAMPLE_COUNT)])


def _stretch(step: Pose, share: float) -> Pose:
    """A step made to a share of it; below 0 it goes back."""
    return interpolate_pose(Pose(), step, share) if share >= 0 else interpolate_pose(Pose(), step, -share).inverse()


def _pose(matrix: Float64s) -> Pose:
    """A matrix that is a rotation up to rounding, as a pose."""
    turned, _, back = np.linalg.svd(matrix[:3, :3])
    clean = np.eye(4)
    clean[:3, :3], clean[:3, 3] = turned @ back, matrix[:3, 3]
    return Pose.from_matrix(clean)


def poses_between(at_ns: Int64s, clock_ns: Int64s, poses: tuple[Pose, ...]) -> tuple[Pose, ...]:
    """Poses at other times: between two on the straight line and the shorter arc, outside carried on evenly.

    Args:
        at_ns: (N,) Times asked for.
        clock_ns: (F,) Times of the poses, strictly increasing.
        poses: (F,) At least one.
    """
    if len(poses) == 1:
        return poses * len(at_ns)
    made = []
    for time in np.asarray(at_ns).tolist():
        k = int(np.clip(np.searchsorted(clock_ns, time, side="right") - 1, 0, len(poses) - 2))
        share = (time - int(clock_ns[k])) / (int(clock_ns[k + 1]) - int(clock_ns[k]))
        if 0 <= share <= 1:
            made.append(interpolate_pose(poses[k], poses[k + 1], share))
        else:
            made.append(poses[k] @ _stretch(poses[k].inverse() @ poses[k + 1], share))
    return tuple(made)
