"""Compiling every kernel before the first user waits for one."""

import numpy as np

from .clusters import cluster, grow_cluster
from .crop import move_points
from .cuboid import Cuboid
from .deskew import move_timed_points, rest_points
from .fit import fit_cuboid
from .grid import PointGrid
from .ground import GroundGrid
from .inside import inside_mask
from .overlap import overlap_3d, overlap_rows
from .pose import Pose
from .prior import SizePrior
from .suppress import suppress
from .tilted import fit_tilted

_STEP_M = 0.2


def warm_up() -> None:
    """Run each kernel once with the types the server uses: float32 sweeps, and float64 points.

    Compiled code is kept beside the package (or in NUMBA_CACHE_DIR), so only the first process
    on a machine takes seconds.
    """
    cuboid = Cuboid(Pose.from_yaw(0.3, (8.0, 1.0, -0.9)), (4.0, 1.7, 1.5))
    prior = SizePrior((4.0, 1.7, 1.5), (0.4, 0.1, 0.1))
    sweep = _small_sweep(cuboid)
    for cloud in (sweep, sweep.astype(np.float64)):
        grid = PointGrid.from_points(cloud)
        grid.inside(cuboid)
        grid.crop(cuboid.center_m, 2.0, cuboid.pose)
        inside_mask(cloud, cuboid)
        move_points(cloud, cuboid.pose)
        move_timed_points(cloud, np.zeros(len(cloud)), np.zeros(1), [cuboid.pose])
        rest_points(cloud, np.zeros(len(cloud)), (1.0, 0.0, 0.0))
        cluster(cloud, 0.5)
        grow_cluster(cloud, cuboid.center_m, 2.0)
        ground = GroundGrid.from_points(cloud)
        ground.ground_mask(cloud)
        fit_cuboid(cloud, cuboid.center_m, prior, ground=ground)
        fit_cuboid(cloud, cuboid, None)
        fit_tilted(cloud, cuboid, prior)
        fit_tilted(cloud, cuboid.center_m, prior, ground=ground)
    overlap_3d(cuboid, cuboid)
    suppress(overlap_rows([cuboid, cuboid]), np.ones(2), 0.5)


def _small_sweep(cuboid: Cuboid) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """A flat street with a box on it."""
    across = np.arange(-8.0, 8.0, 2 * _STEP_M)
    x, y = np.meshgrid(across + 8.0, across)
    street = np.stack([x.ravel(), y.ravel(), np.full(x.size, -1.65)], axis=1)
    u, z = np.meshgrid(np.arange(-0.5, 0.51, 0.1), np.arange(-0.5, 0.51, 0.25))
    faces = [np.stack([np.full(u.size, -0.5), u.ravel(), z.ravel()], axis=1)]
    faces.append(np.stack([u.ravel(), np.full(u.size, -0.5), z.ravel()], axis=1))
    own = np.concatenate(faces) * np.asarray(cuboid.size_m)
    points: np.ndarray[tuple[int, int], np.dtype[np.float32]] = np.concatenate([street, cuboid.pose.apply(own)]).astype(
        np.float32
    )
    return points
