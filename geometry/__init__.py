"""Space: poses, cuboids, boxes, cameras, overlap, ground, clusters and fitting."""

from .box import Box
from .camera import Camera
from .clusters import cluster, grow_cluster
from .cuboid import EDGES, Cuboid
from .distortion import CameraModel
from .errors import CameraError, CloudError, CuboidError, FitError, GeometryError, PoseError
from .fit import Fit, fit_cuboid
from .grid import PointGrid, points_inside
from .ground import GroundGrid
from .inside import inside_mask
from .overlap import overlap_3d, overlap_bev, overlap_matrix_3d, overlap_matrix_bev, overlap_rows
from .pose import Pose, interpolate_pose, wrap_angle
from .prior import SizePrior
from .projection import cuboid_box, project_cuboid
from .suppress import suppress
from .tilted import fit_tilted
from .warm import warm_up

__all__ = [
    "EDGES",
    "Box",
    "Camera",
    "CameraError",
    "CameraModel",
    "CloudError",
    "Cuboid",
    "CuboidError",
    "Fit",
    "FitError",
    "GeometryError",
    "GroundGrid",
    "PointGrid",
    "Pose",
    "PoseError",
    "SizePrior",
    "cluster",
    "cuboid_box",
    "fit_cuboid",
    "fit_tilted",
    "grow_cluster",
    "inside_mask",
    "interpolate_pose",
    "overlap_3d",
    "overlap_bev",
    "overlap_matrix_3d",
    "overlap_matrix_bev",
    "overlap_rows",
    "points_inside",
    "project_cuboid",
    "suppress",
    "warm_up",
    "wrap_angle",
]
