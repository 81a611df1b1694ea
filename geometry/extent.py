"""How far an object reaches along one axis, where part of it may not have been seen.

Three things speak: the points it has, the usual size of its class, and the rays that passed
through places where it therefore is not. Each candidate is a place and a size; the cheapest wins.
"""

from dataclasses import dataclass

import numpy as np

from .arrays import Float64s
from .rays import count_through

_THROUGH_COST = 20.0
_INSIDE_GAIN = 6.0
_SLIDE_COST = 0.3
_SLACK_M = 0.1
_SKIN_M = 0.05
_BAND_SHARES = (0.15, 0.55)
"""Where rays count, in shares of the height: above the kerb and below the windows."""

_SIZE_STEPS = np.arange(-2.0, 2.1, 0.5)
_SLIDE_STEPS = np.linspace(0.0, 1.0, 5)
_MOST_OVER = 2.5


@dataclass(frozen=True, slots=True)
class Scene:
    """What a sensor saw around one object, in the object's turned frame.

    Attributes:
        flat: (N, 2) the points above the ground, along and across.
        rays: (R, 3) ends of the rays that may have passed through, turned likewise, z kept.
        origin: (3,) the sensor, turned likewise.
        own_count: Points taken for the object's own.
        ground_m: Height of the ground.
        height_m: The usual height of the class.
        ray_weight: How many rays each of the rays stands for, for each point that a point stands for.
        is_around: The points were seen from many places: any side may be the one that was not seen.
    """

    flat: Float64s
    rays: Float64s
    origin: Float64s
    own_count: int
    ground_m: float
    height_m: float
    ray_weight: float = 1.0
    is_around: bool = False


Reach = tuple[float, float]


def place_reach(scene: Scene, axis: int, seen: Reach, other: Reach, mean_m: float, std_m: float) -> tuple[Reach, float]:
    """Where an object begins and ends along an axis.

    Args:
        scene: What was seen.
        axis: 0 along the length, 1 across.
        seen: Where its points begin and end along the axis.
        other: Where it begins and ends along the other axis.
        mean_m: Its usual size along the axis.
        std_m: The standard deviation of that.

    Returns:
        Where it begins and ends, and what that costs: comparable between headings.
    """
    low, high = seen
    starts, sizes = _candidates(low, high, mean_m, std_m)
    ends = starts + sizes
    through = _count_through_candidates(scene, axis, starts, sizes, other)
    beside = scene.flat[:, 1 - axis]
    along = np.sort(scene.flat[(beside >= other[0] - _SKIN_M) & (beside <= other[1] + _SKIN_M), axis])
    inside = np.searchsorted(along, ends + _SKIN_M, "right") - np.searchsorted(along, starts - _SKIN_M, "left")
    eye = scene.origin[axis]
    slide = np.abs(starts - low) if abs(eye - low) < abs(eye - high) else np.abs(ends - high)
    if scene.is_around:
        slide = np.minimum(np.abs(starts - low), np.abs(ends - high))
    cost = (
        0.5 * ((sizes - mean_m) / std_m) ** 2
        + _THROUGH_COST * through / scene.own_count
        - _INSIDE_GAIN * np.minimum(inside / scene.own_count, 2.0)
        + _SLIDE_COST * slide / std_m
    )
    best = int(np.argmin(cost))
    return (float(starts[best]), float(ends[best])), float(cost[best])


def _candidates(low: float, high: float, mean_m: float, std_m: float) -> tuple[Float64s, Float64s]:
    """Starts and sizes: sizes about the seen and the usual one, slid from covering the far to the near end."""
    seen = high - low
    most = mean_m + _MOST_OVER * std_m
    least = min(max(seen, mean_m - 2 * std_m), most)
    about = np.concatenate([[seen, seen + _SLACK_M], mean_m + std_m * _SIZE_STEPS])
    sizes = np.unique(np.clip(about, max(least, _SKIN_M), most))
    firsts = np.where(sizes >= seen, high - sizes, low)
    lasts = np.where(sizes >= seen, low, high - sizes)
    starts = firsts[:, None] + (lasts - firsts)[:, None] * _SLIDE_STEPS
    return starts.ravel(), np.repeat(sizes, len(_SLIDE_STEPS))


def _count_through_candidates(scene: Scene, axis: int, starts: Float64s, sizes: Float64s, other: Reach) -> Float64s:
    """Rays through each candidate, less a slack at its sides."""
    boxes = np.empty((len(starts), 6))
    boxes[:, axis] = starts + sizes / 2
    boxes[:, 1 - axis] = (other[0] + other[1]) / 2
    boxes[:, 3 + axis] = np.maximum(sizes - 2 * _SLACK_M, _SKIN_M)
    boxes[:, 4 - axis] = max(other[1] - other[0] - 2 * _SLACK_M, _SKIN_M)
    bottom, top = (scene.ground_m + share * scene.height_m for share in _BAND_SHARES)
    boxes[:, 2], boxes[:, 5] = (bottom + top) / 2, top - bottom
    weighted: Float64s = scene.ray_weight * count_through(scene.rays, scene.origin, boxes).astype(np.float64)
    return weighted
