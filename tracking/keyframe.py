"""Keyframes: the shape of a track at one frame, and who made it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from worldline.geometry import Box, Pose

from .errors import KeyframeError

Shape: TypeAlias = Pose | Box
"""A cuboid track's keyframe is a pose (the size is the track's), a box track's is a box."""

Source: TypeAlias = Literal["human", "propagated", "imported", "model"]


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A shape at one frame.

    Attributes:
        frame: Index on the clock of the track's space (the world's is the scene's reference clock).
        shape: ``world_from_cuboid`` or a box in pixels.
        source: What made it.
        verified_by: The person who accepted what a machine made.
        quality: How sure the machine was, 0 to 1.
    """

    frame: int
    shape: Shape
    source: Source = "human"
    verified_by: str | None = None
    quality: float | None = None

    def __post_init__(self) -> None:
        """Check the frame and the quality."""
        if self.frame < 0:
            raise KeyframeError(f"a keyframe's frame is 0 or more, not {self.frame}")
        if self.quality is not None and not 0 <= self.quality <= 1:
            raise KeyframeError(f"a keyframe's quality is between 0 and 1, not {self.quality}")

    @property
    def is_protected(self) -> bool:
        """A person made or accepted it, so no machine may change it."""
        return self.source == "human" or self.verified_by is not None

    @property
    def is_drawn(self) -> bool:
        """A person put it there or accepted it; a fit to one click, which has a quality, is only a beginning."""
        return self.verified_by is not None or (self.source == "human" and self.quality is None)
