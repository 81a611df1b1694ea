"""The part of a large cloud around a place, as the assistants look at it: only nodes near it are read."""

import numpy as np

from worldline.formats.scene import Lidar
from worldline.formats.store import StoredScene
from worldline.formats.store.octree.reading import points_in_box
from worldline.geometry import GroundGrid, PointGrid, Pose
from worldline.geometry.arrays import Float64s
from worldline.geometry.crop import move_points
from worldline.geometry.pose import Vector

from .level import LevelSweep
from .opened import OpenedScenes

REACH_M = 25.0
"""How far around a place is read: what a fit looks at, and the ground that it stands on."""
_STEP_M = 16.0
"""Places in a cube of this side share one part."""
_HIGH_M = 40.0


def region_around(
    scenes: OpenedScenes, stored: StoredScene, lidar: Lidar, at: int, world_from_level: Pose, place_m: Vector
) -> tuple[PointGrid, GroundGrid]:
    """The points around a place, and their ground.

    Args:
        scenes: Where parts are kept from one request to the next.
        stored: The scene.
        lidar: One whose frames are octrees.
        at: Its frame.
        world_from_level: The frame to look at them in.
        place_m: A place in that frame.

    Raises:
        MissingFrameError, PendingFrameError, StoreError: The frame cannot be read.
    """
    middle = np.floor(np.asarray(place_m) / _STEP_M) * _STEP_M + _STEP_M / 2
    pose = (*world_from_level.rotation_wxyz, *world_from_level.translation_m)
    key = (stored.generation, lidar.name, at, pose, tuple(middle.tolist()))
    level_from_sensor = world_from_level.inverse() @ lidar.world_from_sensor[at]

    def read() -> LevelSweep:
        low, high = _box(middle, level_from_sensor.inverse())
        points = points_in_box(stored, lidar.name, at, low, high)
        return LevelSweep(PointGrid.from_points(move_points(points, level_from_sensor)))

    grid = scenes.sweeps.find(key, read).grid
    return grid, scenes.grounds.find(key, lambda: GroundGrid.from_points(grid.points))


def _box(middle: Float64s, sensor_from_level: Pose) -> tuple[Float64s, Float64s]:
    """The box of the sensor's axes around a box of the level frame."""
    half = np.array([REACH_M, REACH_M, _HIGH_M]) + _STEP_M / 2
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    corners = sensor_from_level.apply(middle + signs * half)
    return corners.min(axis=0), corners.max(axis=0)
