"""Cuboids: a box with a place, a heading and a size.

The frame of a cuboid sits at its centre: length along its own +x (the heading), width along
+y, height along +z.
"""

from dataclasses import dataclass

import numpy as np

from .arrays import Bools, Float64s, Floats
from .errors import CuboidError
from .inside import inside_mask
from .pose import Pose, Vector, are_finite

CORNER_SIGNS: Float64s = np.array(
    [
        [1, 1, -1],
        [1, -1, -1],
        [-1, -1, -1],
        [-1, 1, -1],
        [1, 1, 1],
        [1, -1, 1],
        [-1, -1, 1],
        [-1, 1, 1],
    ],
    dtype=np.float64,
)
"""(8, 3) Corners in half sizes: the bottom from front left clockwise seen from above, then the top."""

EDGES: tuple[tuple[int, int], ...] = (
    (0, 1), (1, 2), (2, 3), (3, 0),
    (4, 5), (5, 6), (6, 7), (7, 4),
    (0, 4), (1, 5), (2, 6), (3, 7),
)  # fmt: skip
"""Corner numbers of the 12 edges."""


@dataclass(frozen=True, slots=True)
class Cuboid:
    """A box in a frame of reference, most often the world.

    Attributes:
        pose: ``frame_from_cuboid``: the centre and the rotation.
        size_m: Length, width and height, metres.

    Raises:
        CuboidError: A size is not finite or not above zero.
    """

    pose: Pose
    size_m: Vector

    def __post_init__(self) -> None:
        """Check the size."""
        if not are_finite(self.size_m, 3) or min(self.size_m) <= 0:
            raise CuboidError(f"size_m (length, width, height) must be finite and above 0: {self.size_m}")
        length, width, height = (float(side) for side in self.size_m)
        object.__setattr__(self, "size_m", (length, width, height))

    @property
    def center_m(self) -> Vector:
        """The centre, metres."""
        return self.pose.translation_m

    @property
    def yaw_rad(self) -> float:
        """The heading about +z."""
        return self.pose.yaw_rad

    @property
    def length_m(self) -> float:
        """Side along the heading."""
        return self.size_m[0]

    @property
    def width_m(self) -> float:
        """Side across the heading."""
        return self.size_m[1]

    @property
    def height_m(self) -> float:
        """Side along the cuboid's own +z."""
        return self.size_m[2]

    @property
    def volume_m3(self) -> float:
        """Length times width times height."""
        return self.size_m[0] * self.size_m[1] * self.size_m[2]

    def corners(self) -> Float64s:
        """(8, 3) float64, the frame's metres, in the order of `CORNER_SIGNS`."""
        return self.pose.apply(CORNER_SIGNS * (np.asarray(self.size_m) / 2))

    def contains(self, points: Floats) -> Bools:
        """Which points lie in the cuboid; a point exactly on a face does.

        Args:
            points: (N, 3) the cuboid's frame, metres; a point with a NaN lies in nothing.

        Returns:
            (N,) bool.
        """
        return inside_mask(points, self)

    def moved(self, a_from_b: Pose) -> "Cuboid":
        """A cuboid of frame b as a cuboid of frame a."""
        return Cuboid(a_from_b @ self.pose, self.size_m)
