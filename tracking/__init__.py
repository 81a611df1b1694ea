"""Time: keyframes, spans, tracks, interpolation and propagation."""

from .errors import KeyframeError, LostError, PropagationError, SpanError, TrackingError
from .interpolate import SampledPoses, box_at, boxes_at, cuboid_at, poses_at, shape_at
from .keyframe import Keyframe, Shape, Source
from .propagate import Direction, Propagation, propagate
from .scan import Sweeps
from .span import Span
from .track import Track
from .warm import warm_up

__all__ = [
    "Direction",
    "Keyframe",
    "KeyframeError",
    "LostError",
    "Propagation",
    "PropagationError",
    "SampledPoses",
    "Shape",
    "Source",
    "Span",
    "SpanError",
    "Sweeps",
    "Track",
    "TrackingError",
    "box_at",
    "boxes_at",
    "cuboid_at",
    "poses_at",
    "propagate",
    "shape_at",
    "warm_up",
]
