"""Following one object from frame to frame by its own points."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from worldline.geometry import Pose
from worldline.geometry.arrays import Float32s, Float64s
from worldline.geometry.pose import Vector

from .bins import Cloud, bin_points
from .clearance import pick_inside
from .errors import LostError
from .field import SurfaceField
from .motion import FASTEST_BY_LENGTH_MPS, FASTEST_MPS, Motion
from .register import (
    Surface,
    distance_apart,
    expect_count,
    judge,
    likelihood,
    rate,
    refine,
    search,
)
from .scan import Scan, Sweeps, scan_around

FEWEST_POINTS = 5
LOWEST_QUALITY = 0.28
GROWN_M = 0.15
SAMPLE_COUNT = 250
FINE_COUNT = 1000
START_COUNT = 9
WIDE_START_COUNT = 32
WORTH_SHARE = 0.6
"""A start rated below this share of the best is not refined."""

CLEAR_SHARE = 0.15
"""By this share the best place has to be better than any other for its quality to stand."""

WIDE_M = 20.0

STILL_MPS = 0.5
STILL_M = 0.25
STILL_SHARE = 0.97
"""An object that explains this share of the best rating where it stood is standing."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the object stands (x, y, yaw), how clearly no other place does, and whether it stood there before."""

    stand: Float64s
    clearness: float
    is_still: bool


class Follower:
    """An object that is being followed: its surface, its motion, the street under it."""

    def __init__(
        self,
        start: Pose,
        size_m: Vector,
        motion: Motion,
        sweeps: Sweeps,
        sensor_at: Callable[[int], Vector] | None = None,
    ) -> None:
        """Stand ready at a pose.

        Args:
            start: ``world_from_cuboid`` in the first frame.
            size_m: Length, width, height.
            motion: The stand of the start and its velocity.
            sweeps: Loads the points of a frame.
            sensor_at: Where the lidar is in the world.
        """
        self._start, self._size_m, self._motion = start, size_m, motion
        self._sweeps, self._sensor_at = sweeps, sensor_at
        self._pose = start
        self._field = SurfaceField(size_m)
        self._half_m = np.array([size_m[0] / 2 + GROWN_M, size_m[1] / 2 + GROWN_M])
        self._lattice = np.array([min(max(size_m[0] / 15, 0.1), 0.3), min(max(size_m[1] / 7, 0.1), 0.25), 0.08])
        # The street's height where the object stands and its slopes, and the object's underside over it.
        up = start.rotation[:, 2]
        slopes = -up[:2] / up[2] if up[2] > 0.7 else np.zeros(2)
        underside_m = start.translation_m[2] - size_m[2] / 2
        self._plane = np.array([underside_m, slopes[0], slopes[1]])
        self._underside_m = 0.0
        self._expected_count = 0.0
        self._first_sensor_m: Vector = (0.0, 0.0, 0.0)

    def begin(self, frame: int) -> None:
        """Learn the surface in the first frame.

        Raises:
            LostError: There are too few points in the cuboid.
        """
        if self._sensor_at is not None:
            self._first_sensor_m = self._sensor_at(frame)
        underside_m = self._plane[0]
        scan = self._scan(frame, self._motion, 0.5)
        self._underside_m = underside_m - scan.plane[0]
        scan = self._scan(frame, self._motion, 0.5)
        own = self._own(scan, np.array([self._motion.x_m, self._motion.y_m, self._motion.yaw_rad]))
        if len(own) < FEWEST_POINTS:
            raise LostError(f"only {_points(len(own))} in the cuboid of frame {frame}, needs {FEWEST_POINTS}")
        self._plane = scan.plane
        self._field.keep(own)
        self._expected_count = len(own) * self._range_m(frame) ** 2

    def follow(self, frame: int, step_s: float) -> tuple[Pose, float]:
        """Find the object in the next frame.

        Args:
            frame: The frame.
            step_s: Its time from the frame before.

        Returns:
            ``world_from_cuboid`` and the quality from 0 to 1.

        Raises:
            LostError: It is not there, or not to be told from what is.
        """
        predicted, reach = self._motion.predict(step_s), np.array(self._motion.reach(step_s, self._fastest_mps(frame)))
        guess = np.array([predicted.x_m, predicted.y_m, predicted.yaw_rad])
        scan = self._scan(frame, predicted, float(math.hypot(reach[0], reach[1])) + 0.3)
        if len(scan.points) < FEWEST_POINTS:
            raise LostError(f"only {_points(len(scan.points))} left where it should be in frame {frame}")
        cloud, thing = bin_points(scan.points), self._thing(frame)
        found = self._settle(cloud, thing, guess, reach)
        inside_count, explained_count, rms_m = judge(cloud, self._surface, thing, found.stand)
        if inside_count < FEWEST_POINTS:
            raise LostError(f"only {_points(inside_count)} left in frame {frame}")
        x, y, _ = found.stand
        there = 0.5 + 0.5 * min(inside_count / expect_count(thing, x, y), 1.0)
        close = math.exp(-((rms_m / 0.25) ** 2))
        # What was found far and wide is less sure to be the same object than what was found where it should be.
        likely = (1 - 0.4 * min(distance_apart(found.stand, guess, reach), 1.0)) / (1 + reach[0] / WIDE_M)
        quality = explained_count / inside_count * there * close * likely * found.clearness
        if quality < LOWEST_QUALITY:
            doubt = "another place fits as well" if found.clearness < 0.5 else f"quality {quality:.2f}"
            raise LostError(
                f"registration does not agree in frame {frame}: {explained_count} of {_points(inside_count)} fit, "
                f"{rms_m:.2f} m apart; {doubt}"
            )
        self._accept(frame, step_s, scan, found, inside_count, quality)
        return self._pose, quality

    @property
    def _surface(self) -> Surface:
        return self._field.distance_m, self._field.corner_m, self._field.layer_m

    def _scan(self, frame: int, place: Motion, slack_m: float) -> Scan:
        plane = self._plane.copy()
        x, y, z = self._pose.translation_m
        plane[0] += plane[1] * (place.x_m - x) + plane[2] * (place.y_m - y)
        return scan_around(
            self._sweeps, frame, (place.x_m, place.y_m, z), slack_m, self._size_m, plane, self._underside_m
        )

    def _settle(self, cloud: Cloud, thing: Float64s, guess: Float64s, reach: Float64s) -> _Found:
        """The best stand there is within reach of the guess."""
        surface = self._surface
        stride = max(1, int(expect_count(thing, guess[0], guess[1])) // SAMPLE_COUNT)
        # Where the velocity is unknown the reach is wide, once: look closer.
        starts = np.empty((START_COUNT if self._motion.is_known else WIDE_START_COUNT, 4))
        starts = starts[: search(cloud, SAMPLE_COUNT, surface, thing, guess, reach, self._lattice, starts)]
        ends: list[tuple[float, Float64s]] = [(0.0, guess)]
        for start in starts[starts[:, 3] > WORTH_SHARE * starts[:1, 3].max(initial=0.0)]:
            end = start[:3].copy()
            refine(cloud, stride, surface, thing, guess, reach, end)
            for stand in (start[:3], end):
                rating = rate(cloud, stride, surface, thing, *stand) * likelihood(stand, guess, reach)
                ends.append((rating, stand))
        rating, best = max(ends, key=lambda each: each[0])
        apart_m = max(self._size_m[0], self._size_m[1]) / 2
        others = [other for other, stand in ends if math.dist(stand[:2], best[:2]) > apart_m]
        clearness = min(max((1 - max(others, default=0.0) / max(rating, 1e-9)) / CLEAR_SHARE, 0.1), 1.0)
        fine = best.copy()
        stride = max(1, int(expect_count(thing, guess[0], guess[1])) // FINE_COUNT)
        refine(cloud, stride, surface, thing, guess, reach, fine)
        before = np.array([self._motion.x_m, self._motion.y_m, self._motion.yaw_rad])
        there, here, now = (rate(cloud, stride, surface, thing, *stand) for stand in (before, best, fine))
        if now >= here:
            best, here = fine, now
        is_slow = self._motion.speed_mps < STILL_MPS and math.dist(best[:2], before[:2]) < STILL_M
        if is_slow and there >= STILL_SHARE * here:
            return _Found(before, clearness, True)
        return _Found(best, clearness, False)

    def _accept(
        self,
        frame: int,
        step_s: float,
        scan: Scan,
        found: _Found,
        inside_count: int,
        quality: float,
    ) -> None:
        x, y, yaw = (float(value) for value in found.stand)
        dx, dy = x - self._motion.predict(step_s).x_m, y - self._motion.predict(step_s).y_m
        plane = scan.plane.copy()
        plane[0] += plane[1] * dx + plane[2] * dy
        z = float(plane[0]) + self._underside_m + self._size_m[2] / 2
        if found.is_still and abs(z - self._pose.translation_m[2]) < STILL_M / 4:
            z = self._pose.translation_m[2]
        turned = Pose.from_yaw(yaw - self._start.yaw_rad) @ Pose(self._start.rotation_wxyz)
        self._motion = self._motion.measure(x, y, yaw, step_s)
        self._pose = Pose(turned.rotation_wxyz, (x, y, z))
        self._plane = plane
        self._expected_count += 0.3 * (inside_count * self._range_m(frame) ** 2 - self._expected_count)
        self._field.add(self._own(scan, found.stand), 0.6 * min(1.0, quality / 0.6))

    def _own(self, scan: Scan, stand: Float64s) -> Float32s:
        """The points over the footprint, in the object's frame."""
        own = np.empty_like(scan.points)
        x, y, yaw = stand
        count = pick_inside(scan.points, x, y, yaw, self._half_m[0], self._half_m[1], own)
        return own[:count]

    def _range_m(self, frame: int) -> float:
        """The object's distance from the lidar, 1 where the lidar's place is unknown."""
        if self._sensor_at is None:
            return 1.0
        x, y, _ = self._sensor_at(frame)
        return max(math.hypot(self._motion.x_m - x, self._motion.y_m - y), 1.0)

    def _fastest_mps(self, frame: int) -> float:
        """How fast an object of this length may be; what moves under a moving lidar is over the ground."""
        is_over_ground = self._sensor_at is not None and math.dist(self._sensor_at(frame), self._first_sensor_m) > 0.1
        slow = [speed for length_m, speed in FASTEST_BY_LENGTH_MPS if self._size_m[0] <= length_m]
        return slow[0] if slow and is_over_ground else FASTEST_MPS

    def _thing(self, frame: int) -> Float64s:
        """What `register` calls the object."""
        x, y, _ = self._sensor_at(frame) if self._sensor_at is not None else (math.nan, math.nan, math.nan)
        return np.array([*self._half_m, self._expected_count, x, y])


def _points(count: int) -> str:
    return f"{count} point" if count == 1 else f"{count} points"
