"""The points of a scene's lidar as the assistants look at them, kept from one request to the next.

A lidar's level frame stands where the lidar is, upright, with +x where the ego looks. Sweeps are kept in it:
a fit works in it, and a turn about z and a shift put what a propagation needs of it into the world.
"""

from worldline.formats.scene import Lidar, Scene
from worldline.geometry import GroundGrid, Pose
from worldline.geometry.arrays import Float32s
from worldline.geometry.crop import move_points
from worldline.geometry.pose import Vector

from .errors import AssistError
from .opened import OpenedScenes

_ROUNDING_M = 0.01
"""By how much more than asked for is cropped: points on the very edge are for the caller to judge."""


class Clouds:
    """One lidar of a scene, by frames of the scene's reference clock.

    Attributes:
        scene: The scene.
    """

    scene: Scene

    def __init__(self, scenes: OpenedScenes, name: str, lidar: str | None) -> None:
        """Choose the lidar.

        Raises:
            UnknownSceneError: There is no such scene.
            AssistError: It has no such lidar, or none at all.
        """
        self._scenes, self._name = scenes, name
        self._generation = scenes.row(name).generation
        self.scene = scenes.stored(name).scene
        self._lidar = self._choose(lidar)

    def level_points(self, frame: int) -> Float32s:
        """(N, 3) float32, level frame, metres; those that are finite. Read only.

        Raises:
            AssistError: The frame lies outside the scene.
            PendingFrameError: It is not written yet.
            StoreError: It is damaged.
        """
        return self._level_points(self._frame(frame))

    def level_ground(self, frame: int) -> GroundGrid:
        """The ground of the frame, level frame.

        Raises:
            AssistError, PendingFrameError, StoreError: As `level_points`.
        """
        at = self._frame(frame)
        key = (self._generation, self._lidar.name, at)
        return self._scenes.grounds.find(key, lambda: GroundGrid.from_points(self._level_points(at)))

    def world_points(self, frame: int, around: Vector, radius_m: float) -> Float32s:
        """(N, 3) float32, world, metres: at least all points within a radius of a place, seen from above.

        Raises:
            AssistError, PendingFrameError, StoreError: As `level_points`.
        """
        at = self._frame(frame)
        return move_points(self._level_points(at), self._level_at(at), around, radius_m + _ROUNDING_M)

    def level_at(self, frame: int) -> Pose:
        """``world_from_level``."""
        return self._level_at(self._frame(frame))

    def sensor_at(self, frame: int) -> Vector:
        """Where the lidar is in the world."""
        return self._lidar.world_from_sensor[self._frame(frame)].translation_m

    def _level_points(self, at: int) -> Float32s:
        return self._scenes.points.find((self._generation, self._lidar.name, at), lambda: self._read(at))

    def _read(self, at: int) -> Float32s:
        lidar = self._lidar.name
        sweep = self._scenes.locate(self._name, self._generation, lambda stored: stored.scene.data.sweep(lidar, at))
        level_from_sensor = self._level_at(at).inverse() @ self._lidar.world_from_sensor[at]
        return move_points(sweep.xyz_m, level_from_sensor)

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
