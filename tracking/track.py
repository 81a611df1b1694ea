"""Tracks: one object's path through time in one space.

A track holds few keyframes, its rigid size once, and where it exists. Every other frame is
computed by `interpolate`, never stored. A track is a value: an edit returns a new one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, TypeAlias

from worldline.geometry import Box, Pose
from worldline.geometry.pose import Vector

from .errors import KeyframeError, SpanError
from .keyframe import Keyframe
from .span import Span, check_spans, cover_frame

Kind: TypeAlias = Literal["cuboid", "box"]
AttributeValue: TypeAlias = str | int | float | bool
Steps: TypeAlias = Mapping[int, AttributeValue]
"""A step function of the frame: each value holds from its frame on."""

WORLD = "world"


@dataclass(frozen=True, slots=True)
class Track:
    """An object's path.

    Attributes:
        id: Unique in the scene.
        object_id: The object whose path it is.
        kind: What shape its keyframes have.
        space: ``world``, or the camera in whose image the shape lies.
        size_m: Length, width and height of a cuboid track; None for a box track.
        keyframes: In order of frame, each frame once.
        spans: Where it is present, in order, without overlap.
        attributes: Values over time by attribute name.

    Raises:
        KeyframeError: Keyframes out of order, or of another shape than the kind's, or a bad size.
        SpanError: Spans overlap.
    """

    id: str
    object_id: str
    kind: Kind = "cuboid"
    space: str = WORLD
    size_m: Vector | None = None
    keyframes: tuple[Keyframe, ...] = ()
    spans: tuple[Span, ...] = ()
    attributes: Mapping[str, Steps] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Check order, shapes and size."""
        expected = Pose if self.kind == "cuboid" else Box
        for keyframe in self.keyframes:
            if not isinstance(keyframe.shape, expected):
                raise KeyframeError(
                    f"track {self.id}: a {self.kind} keyframe holds a {expected.__name__}, "
                    f"not a {type(keyframe.shape).__name__} (frame {keyframe.frame})"
                )
        frames = [keyframe.frame for keyframe in self.keyframes]
        if any(b <= a for a, b in pairwise(frames)):
            raise KeyframeError(f"track {self.id}: keyframes must strictly increase: {frames}")
        if (self.kind == "cuboid") != (self.size_m is not None):
            raise KeyframeError(f"track {self.id}: a cuboid track has a size and a box track has none")
        if self.size_m is not None:
            if not all(math.isfinite(side) and side > 0 for side in self.size_m):
                raise KeyframeError(f"track {self.id}: a size is 3 finite lengths above 0: {self.size_m}")
            length, width, height = (float(side) for side in self.size_m)
            object.__setattr__(self, "size_m", (length, width, height))
        check_spans(self.spans)

    @property
    def frames(self) -> range:
        """From the first to the last frame in which the track is present."""
        return range(self.spans[0].start, self.spans[-1].end) if self.spans else range(0)

    def is_present(self, frame: int) -> bool:
        """Whether a span holds the frame."""
        return any(frame in span for span in self.spans)

    def occlusion_at(self, frame: int) -> int:
        """The occlusion of the span that holds the frame.

        Raises:
            SpanError: The track is not present then.
        """
        for span in self.spans:
            if frame in span:
                return span.occlusion
        raise SpanError(f"track {self.id} is not present in frame {frame}")

    def keyframe_at(self, frame: int) -> Keyframe | None:
        """The keyframe of exactly this frame."""
        return next((keyframe for keyframe in self.keyframes if keyframe.frame == frame), None)

    def attribute_at(self, name: str, frame: int) -> AttributeValue | None:
        """The value of an attribute that holds at a frame; None before its first step."""
        steps = self.attributes.get(name, {})
        past = [step for step in steps if step <= frame]
        return steps[max(past)] if past else None

    def with_keyframe(self, keyframe: Keyframe) -> "Track":
        """This track with a keyframe set; the track is present there."""
        others = [other for other in self.keyframes if other.frame != keyframe.frame]
        keyframes = tuple(sorted((*others, keyframe), key=lambda each: each.frame))
        return replace(self, keyframes=keyframes, spans=cover_frame(self.spans, keyframe.frame))

    def without_keyframe(self, frame: int) -> "Track":
        """This track without the keyframe of a frame.

        Raises:
            KeyframeError: There is none.
        """
        if self.keyframe_at(frame) is None:
            raise KeyframeError(f"track {self.id} has no keyframe at frame {frame}")
        return replace(self, keyframes=tuple(each for each in self.keyframes if each.frame != frame))

    def with_size(self, size_m: Vector) -> "Track":
        """This track with another rigid size."""
        return replace(self, size_m=size_m)

    def with_spans(self, spans: tuple[Span, ...]) -> "Track":
        """This track with other spans."""
        return replace(self, spans=spans)
