"""Space: poses, cuboids, boxes, cameras, overlap, ground, clusters and fitting."""

from .box import Box
from .camera import Camera
from .clusters import cluster, grow_cluster
from .cuboid import EDGES, Cuboid
from .distortion import CameraModel
from .errors import CameraError, CloudError, CuboidError, FitError, GeometryError, PoseError
from .fit import Fit, fit_cuboid
from .ground import GroundGrid
from .inside import inside_mask, points_inside
from .overlap import overlap_3d, overlap_bev, overlap_matrix_3d, overlap_matrix_bev, overlap_rows
from .pose import Pose, interpolate_pose, wrap_angle
from .prior import SizePrior
from .projection import cuboid_box, project_cuboid
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
    "Pose",
    "PoseError",
    "SizePrior",
    "cluster",
    "cuboid_box",
    "fit_cuboid",
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
    "warm_up",
    "wrap_angle",
]
