"""A cuboid and the numbers that KITTI writes for it.

The x axis of a cuboid in the rectified frame is the heading R_y(ry) (1, 0, 0) = (cos ry, 0, -sin ry),
its z axis is up, (0, -1, 0), and so its y axis is (sin ry, 0, cos ry).
"""

import math

import numpy as np

from worldline.geometry import Cuboid, Pose, wrap_angle
from worldline.geometry.pose import Vector


def rect_from_box(height_m: float, bottom_m: Vector, rotation_y_rad: float) -> Pose:
    """Where a box's cuboid stands in the rectified frame.

    Args:
        height_m: Of the box.
        bottom_m: Centre of its bottom, rectified frame.
        rotation_y_rad: About the frame's +y.
    """
    x, y, z = bottom_m
    cosine, sine = math.cos(rotation_y_rad), math.sin(rotation_y_rad)
    rotation = np.array([[cosine, sine, 0.0], [0.0, 0.0, -1.0], [-sine, cosine, 0.0]])
    return Pose.from_matrix(np.c_[rotation, [x, y - height_m / 2, z]])


def box_from_rect(cuboid: Cuboid) -> tuple[Vector, float]:
    """The centre of the bottom and rotation_y of a cuboid of the rectified frame; its tilt is dropped."""
    x, y, z = cuboid.center_m
    heading_x, _, heading_z = cuboid.pose.rotation[:, 0].tolist()
    return (x, y + cuboid.height_m / 2, z), wrap_angle(math.atan2(-heading_z, heading_x))


def tilt_rad(cuboid: Cuboid) -> float:
    """The angle between a cuboid's up and the rectified frame's."""
    return math.acos(min(1.0, max(-1.0, -float(cuboid.pose.rotation[1, 2]))))


def observation_angle(bottom_m: Vector, rotation_y_rad: float) -> float:
    """KITTI's alpha: rotation_y as seen along the ray to the box."""
    return wrap_angle(rotation_y_rad - math.atan2(bottom_m[0], bottom_m[2]))
