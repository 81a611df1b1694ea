"""nuScenes: 13 tables of records that name each other by tokens, and the files of the sensors.

Boxes are in the map's frame with their size as width, length, height and a quaternion w, x, y, z;
times are whole microseconds. Both orders exist only in this folder.
"""

from .reading import NuScenesReader
from .writing import NuScenesWriter

READER = NuScenesReader()
WRITER = NuScenesWriter()

__all__ = ["READER", "WRITER", "NuScenesReader", "NuScenesWriter"]
