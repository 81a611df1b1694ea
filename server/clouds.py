"""The points of a scene's lidar as the assistants look at them, kept from one request to the next.

A lidar's level frame stands where the lidar is, upright, with +x where the ego looks. Sweeps are kept in it:
a fit works in it, and a turn about z and a shift put what a propagation needs of it into the world.
"""

import math

import numpy as np

from worldline.formats.scene import Lidar, Scene
from worldline.formats.store import StoredScene
from worldline.geometry import GroundGrid, PointGrid, Pose
from worldline.geometry.arrays import Float32s
from worldline.geometry.deskew import rest_points
from worldline.geometry.pose import Vector

from .errors import AssistError
from .level import LevelSweep, level_sweep
from .opened import OpenedScenes
from .regions import region_around

_RESTED_M = 12.0
"""How far around an object its motion is taken out of the points: beyond, none of them are its own."""

_STILL_MPS = 0.3

_ROUNDING_M = 0.01
"""By how much more than asked for is cropped: points on the very edge are for the caller to judge."""


class Clouds:
    """One lidar of a scene, by frames of the scene's reference clock.

    Attributes:
        scene: The scene.
    """

    scene: Scene

    def __init__(self, scenes: OpenedScenes, name: str, lidar: str | None, merged: str | None = None) -> None:
        """Choose the lidar; `merged` is the generation of a merged cloud to look at from where that lidar stands.

        Raises:
            UnknownSceneError: There is no such scene.
            AssistError: It has no such lidar, or none at all.
        """
        self._scenes, self._name = scenes, name
        self._generation = scenes.row(name).generation
        self.scene = scenes.stored(name).scene
        self._lidar = self._choose(lidar)
        self._merged = merged

    def level_points(self, frame: int) -> Float32s:
        """(N, 3) float32, level frame, metres; those that are finite. Read only.

        Raises:
            AssistError: The frame lies outside the scene.
            PendingFrameError: It is not written yet.
            StoreError: It is damaged.
        """
        return np.asarray(self._level_sweep(self._frame(frame)).grid.points, dtype=np.float32)

    def level_grid(self, frame: int) -> PointGrid:
        """The same points with their grid, for questions about a part of them.

        Raises:
            AssistError, PendingFrameError, StoreError: As `level_points`.
        """
        return self._level_sweep(self._frame(frame)).grid

    def level_ground(self, frame: int) -> GroundGrid:
        """The ground of the frame, level frame.

        Raises:
            AssistError, PendingFrameError, StoreError: As `level_points`.
        """
        at = self._frame(frame)
        key = (self._generation, self._lidar.name, at)
        return self._scenes.grounds.find(key, lambda: GroundGrid.from_points(self._level_sweep(at).grid.points))

    def world_points(self, frame: int, around: Vector, radius_m: float) -> Float32s:
        """(N, 3) float32, world, metres: at least all points within a radius of a place, seen from above.

        Raises:
            AssistError, PendingFrameError, StoreError: As `level_points`.
        """
        return self.timed_world_points(frame, around, radius_m)[0]

    def timed_world_points(self, frame: int, around: Vector, radius_m: float) -> tuple[Float32s, Float32s | None]:
        """The same, and (N,) float32 when each was measured, seconds from the frame's time; None: all at once."""
        at = self._frame(frame)
        world_from_level = self._level_at(at)
        x, y, z = world_from_level.inverse().apply(np.asarray(around)).tolist()
        if self.is_large:
            return self.region(frame, (x, y, z))[0].crop((x, y, z), radius_m + _ROUNDING_M, world_from_level), None
        sweep = self._level_sweep(at)
        near = sweep.grid.near((x, y, z), radius_m + _ROUNDING_M)
        return sweep.grid.take(near, world_from_level), None if sweep.offset_s is None else sweep.offset_s[near]

    def rested_level_points(self, frame: int, around: Vector, velocity_mps: Vector) -> Float32s:
        """`level_points`, those near a place where they would be if the object there did not move within the turn.

        Args:
            frame: The frame.
            around: A place in the level frame.
            velocity_mps: Of the object there, level frame.
        """
        sweep = self._level_sweep(self._frame(frame))
        points = np.asarray(sweep.grid.points, dtype=np.float32)
        if sweep.offset_s is None or math.hypot(*velocity_mps) < _STILL_MPS:
            return points
        near, points = sweep.grid.near(around, _RESTED_M), points.copy()
        points[near] = rest_points(points[near], sweep.offset_s[near], velocity_mps)
        return points

    @property
    def is_large(self) -> bool:
        """Whether it is to be looked at only in parts: a map, or a merged cloud."""
        return self._merged is not None or self._scenes.stored(self._name).block_index(self._lidar.name).has_octree

    def region(self, frame: int, around: Vector) -> tuple[PointGrid, GroundGrid]:
        """The points and the ground around a place of a large cloud, level frame.

        Raises:
            AssistError, PendingFrameError, StoreError: As `level_points`.
        """
        at, generation = self._frame(frame), self._merged or self._generation
        level = self._level_at(at)

        def find(stored: StoredScene) -> tuple[PointGrid, GroundGrid]:
            lidar, own = (self._lidar, at) if self._merged is None else (stored.scene.lidars[0], 0)
            return region_around(self._scenes, stored, lidar, own, level, around)

        return self._scenes.locate(self._name, generation, find)

    @property
    def key(self) -> tuple[str, str]:
        """What names this lidar's sweeps for good: the scene's generation and the lidar."""
        return self._generation, self._lidar.name

    def is_timed(self, frame: int) -> bool:
        """Whether the points of a frame say when each was measured.

        Raises:
            AssistError, PendingFrameError, StoreError: As `level_points`.
        """
        return self._level_sweep(self._frame(frame)).offset_s is not None

    def level_at(self, frame: int) -> Pose:
        """``world_from_level``."""
        return self._level_at(self._frame(frame))

    def sensor_at(self, frame: int) -> Vector:
        """Where the lidar is in the world."""
        return self._lidar.world_from_sensor[self._frame(frame)].translation_m

    def _level_sweep(self, at: int) -> LevelSweep:
        return self._scenes.sweeps.find((self._generation, self._lidar.name, at), lambda: self._read(at))

    def _read(self, at: int) -> LevelSweep:
        lidar = self._lidar.name
        sweep = self._scenes.locate(self._name, self._generation, lambda stored: stored.scene.data.sweep(lidar, at))
        return level_sweep(self.scene, self._lidar, at, sweep, self._level_at(at))

    def _level_at(self, at: int) -> Pose:
        pose = self._lidar.world_from_sensor[at]
        world_from_ego = pose @ self._lidar.ego_from_sensor.inverse()
        return Pose.from_yaw(world_from_ego.yaw_rad, pose.translation_m)

    def _choose(self, name: str | None) -> Lidar:
        lidars = {each.name: each for each in self.scene.lidars}
        if not lidars:
            raise AssistError(f"scene {self._name} has no lidar to look at")
        if name is not None and name not in lidars:
            raise AssistError(f"scene {self._name} has no lidar {name}; it has {', '.join(lidars)}")
        return lidars[name or (self.scene.reference if self.scene.reference in lidars else next(iter(lidars)))]

    def _frame(self, frame: int) -> int:
        if frame >= self.scene.frame_count:
            raise AssistError(f"frame {frame} lies outside the {self.scene.frame_count} frames")
        return self._lidar.clock.nearest(int(self.scene.clock.time_ns[frame]))
