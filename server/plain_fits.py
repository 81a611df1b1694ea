"""Two plain ways from points to a cuboid, beside which the benchmark of fitting sets ours.

Both are given the cluster that ours grows from the click, and neither knows the class's usual size.
"""

import math

import numpy as np

from worldline.geometry import Cuboid, FitError, GroundGrid, Pose, SizePrior
from worldline.geometry.arrays import Float64s, Floats
from worldline.geometry.pose import Vector
from worldline.geometry.seed import body_mask, click_mask

FEWEST_POINTS = 4
_SMALLEST_M = 0.1


def cluster_at(points: Floats, ground: GroundGrid, place: Vector, prior: SizePrior) -> Float64s:
    """The points above the ground that hang together with a click.

    Args:
        points: (N, 3) a lidar's level frame, metres; the lidar stands at the origin.
        ground: Their ground.
        place: The click.
        prior: The class's usual size, which bounds how far the cluster grows.

    Returns:
        (K, 3) float64.

    Raises:
        FitError: They are fewer than `FEWEST_POINTS`.
    """
    reach_m = 1.1 * prior.mean_m[0] + 1
    near = points[np.hypot(points[:, 0] - place[0], points[:, 1] - place[1]) <= reach_m].astype(np.float64)
    body = near[body_mask(near, ground, prior)]
    own: Float64s = body[click_mask(body, np.asarray(place), np.zeros(3), prior, reach_m)]
    if len(own) < FEWEST_POINTS:
        raise FitError(f"{len(own)} points at the click, a rectangle needs {FEWEST_POINTS}", len(own))
    return own


def fit_least_area(own: Float64s, ground_m: float) -> Cuboid:
    """The rectangle of least area around the points, in steps of one degree (Zhang et al. 2017), from the ground up.

    Args:
        own: (N, 3) the object's points.
        ground_m: Height of the ground under them.
    """
    yaw = np.radians(np.arange(90))
    along = np.outer(np.cos(yaw), own[:, 0]) + np.outer(np.sin(yaw), own[:, 1])
    across = np.outer(np.cos(yaw), own[:, 1]) - np.outer(np.sin(yaw), own[:, 0])
    best = int(np.argmin(np.ptp(along, axis=1) * np.ptp(across, axis=1)))
    middle = np.array([(each[best].min() + each[best].max()) / 2 for each in (along, across)])
    x, y, _ = Pose.from_yaw(float(yaw[best])).apply(np.array([*middle, 0.0])).tolist()
    sides = (float(np.ptp(along[best])), float(np.ptp(across[best])))
    turn = 0.0 if sides[0] >= sides[1] else math.pi / 2
    return _upright((x, y), float(yaw[best]) + turn, sides, (ground_m, float(own[:, 2].max())))


def fit_open3d(own: Float64s, ground_m: float) -> Cuboid:
    """open3d's oriented bounding box of the points, its most upright axis taken for the height, from the ground up.

    Args:
        own: (N, 3) the object's points.
        ground_m: Height of the ground under them.

    Raises:
        FitError: The points lie in one plane.
    """
    import open3d

    try:
        box = open3d.geometry.OrientedBoundingBox.create_from_points(open3d.utility.Vector3dVector(own), robust=True)
    except RuntimeError as error:
        raise FitError(f"open3d finds no box: {error}", len(own)) from error
    axes = np.asarray(box.R)
    upright = int(np.argmax(np.abs(axes[2])))
    flat = sorted((axis for axis in range(3) if axis != upright), key=lambda axis: -box.extent[axis])
    yaw = math.atan2(axes[1, flat[0]], axes[0, flat[0]])
    sides = (float(box.extent[flat[0]]), float(box.extent[flat[1]]))
    return _upright((float(box.center[0]), float(box.center[1])), yaw, sides, (ground_m, float(own[:, 2].max())))


def _upright(center: tuple[float, float], yaw: float, sides: tuple[float, float], ends: tuple[float, float]) -> Cuboid:
    """A cuboid of two sides, the longer ahead; of its two headings the one that looks ahead of the lidar."""
    yaw = yaw if math.cos(yaw) >= 0 else yaw + math.pi
    size = (max(*sides, _SMALLEST_M), max(min(sides), _SMALLEST_M), max(ends[1] - ends[0], _SMALLEST_M))
    return Cuboid(Pose.from_yaw(yaw, (*center, (ends[0] + ends[1]) / 2)), size)
