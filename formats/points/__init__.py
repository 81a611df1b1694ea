"""Point clouds as files: PCD, PLY, LAS, LAZ, KITTI .bin, nuScenes .pcd.bin and .npy.

A file is a scene of one frame; a folder of files is a scene of one lidar, a frame a file in
natural order of their names. Frames are 0.1 s apart, unless every name is a time in
nanoseconds (19 digits) or microseconds (16 digits).
"""

from .cloud import Cloud
from .files import read_cloud
from .reader import READER

__all__ = ["READER", "Cloud", "read_cloud"]
