"""Boxes on an image: upright rectangles in pixels.

Pixel coordinates are 0-based; the centre of the top left pixel is (0, 0).
"""

import math
from dataclasses import dataclass

from .errors import GeometryError


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle of an image.

    Attributes:
        left_px: Smallest x.
        top_px: Smallest y.
        right_px: Largest x.
        bottom_px: Largest y.

    Raises:
        GeometryError: A number is not finite, or right < left, or bottom < top.
    """

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float

    def __post_init__(self) -> None:
        """Check the numbers."""
        sides = (self.left_px, self.top_px, self.right_px, self.bottom_px)
        if not all(map(math.isfinite, sides)) or self.right_px < self.left_px or self.bottom_px < self.top_px:
            raise GeometryError(f"a box is left <= right and top <= bottom in finite pixels: {sides}")

    @property
    def width_px(self) -> float:
        """Right minus left."""
        return self.right_px - self.left_px

    @property
    def height_px(self) -> float:
        """Bottom minus top."""
        return self.bottom_px - self.top_px

    @property
    def area_px2(self) -> float:
        """Width times height."""
        return self.width_px * self.height_px

    def overlap(self, other: "Box") -> float:
        """Intersection over union, 0 when both are empty."""
        width = min(self.right_px, other.right_px) - max(self.left_px, other.left_px)
        height = min(self.bottom_px, other.bottom_px) - max(self.top_px, other.top_px)
        shared = max(width, 0.0) * max(height, 0.0)
        whole = self.area_px2 + other.area_px2 - shared
        return shared / whole if whole > 0 else 0.0
