"""How far to trust a fit: a chance of being right, standard deviations, and what makes it doubtful.

The chance is a logistic regression of "overlaps the truth in space by 0.7 (small classes: 0.5)" on what a fit knows
about itself, learnt from clicks on simulated streets and half of the KITTI objects; docs/fitting.md says how well
it holds on the others.
"""

import math
from dataclasses import dataclass

import numpy as np

from .cuboid import Cuboid
from .seed import SMALL_M
from .sides import Sides, Sight

_QUALITIES = (0.15, 0.45, 0.7, 0.95)
_ALONG, _ACROSS = (1.1, 0.7, 0.45, 0.35), (0.6, 0.33, 0.15, 0.1)
"""Errors of the middle that two in three fits stay below, by quality, in spreads of the class's length."""

_YAW_RAD = (0.14, 0.08, 0.025, 0.015)
_LENGTH, _WIDTH, _HEIGHT = 0.7, 0.5, 0.5
"""Likewise of the sides, in spreads of the class's."""

_SMALL_YAW_RAD = 0.5
_UNKNOWN_SPREAD = 0.2
_GROUND_STD_M = 0.05
_CHANCE = (-0.06, 0.88, 2.1, 0.82, -0.93, -1.35)
"""Log odds: by themselves, for log points over 4, outline seen, points on sides, log range over 3, oddness of size."""

_SMALL_CHANCE = (0.1, 2.03, 3.81, 0.71, 1.4, -2.09)
_CAUTION = 0.85
_MOST_ODD = 9.0
_ENOUGH = 10
_USUAL_M = 20.0


@dataclass(frozen=True, slots=True)
class Trust:
    """What a fit is worth.

    Attributes:
        quality: 0 to 1.
        reason: What makes it doubtful, None when nothing does.
        std: Of the middle along, across and up, yaw, length, width, height.
    """

    quality: float
    reason: str | None
    std: tuple[float, ...]


def rate_fit(cuboid: Cuboid, count: int, sides: Sides, sight: Sight) -> Trust:
    """Rate a fit.

    Args:
        cuboid: What was fitted.
        count: Points it rests on.
        sides: Its sides.
        sight: What was seen.
    """
    quality = _chance(cuboid, count, sides, sight)
    std = _spread(cuboid, quality, sight)
    reason = None
    if count < _ENOUGH:
        reason = f"it rests on only {count} points"
    elif sides.seen < 0.5:
        reason = "less than half of its outline was seen, the rest is the usual size of its class"
    elif sides.on_sides < 0.3:
        reason = f"its points do not lie on {'the' if sight.is_around else 'two'} sides of a box"
    return Trust(quality, reason, std)


def _chance(cuboid: Cuboid, count: int, sides: Sides, sight: Sight) -> float:
    """The chance that a fit is right; without a usual size it is told from the points alone, as vehicles are."""
    x, y, _ = cuboid.pose.translation_m
    range_m = _USUAL_M if sight.is_around else max(math.hypot(x - sight.origin[0], y - sight.origin[1]), 1.0)
    odd = 0.0
    if sight.size is not None:
        pairs = zip(cuboid.size_m[:2], sight.size.mean_m[:2], sight.size.std_m[:2], strict=True)
        odd = min(sum(((side - mean) / std) ** 2 for side, mean, std in pairs), _MOST_ODD)
    is_small = sight.size is not None and sight.size.mean_m[0] < SMALL_M
    on_sides = sides.on_sides * sides.seen if sight.is_around else sides.on_sides  # any one face lies on a side
    facts = (1.0, math.log(max(count, 1)) - 4, sides.seen, on_sides, math.log(range_m) - 3, odd)
    weights = _SMALL_CHANCE if is_small else _CHANCE
    odds = _CAUTION * sum(weight * fact for weight, fact in zip(weights, facts, strict=True))
    return min(count / _ENOUGH, 1.0) / (1 + math.exp(-odds))


def _spread(cuboid: Cuboid, quality: float, sight: Sight) -> tuple[float, ...]:
    """Standard deviations as measured beside the truth; the curvature of the cost says nothing about them."""
    length, width, height = sight.size.std_m if sight.size else (_UNKNOWN_SPREAD * side for side in cuboid.size_m)
    along = length * float(np.interp(quality, _QUALITIES, _ALONG))
    across = length * float(np.interp(quality, _QUALITIES, _ACROSS))
    is_small = sight.size is not None and sight.size.mean_m[0] < SMALL_M
    yaw = _SMALL_YAW_RAD if is_small else float(np.interp(quality, _QUALITIES, _YAW_RAD))
    z = math.hypot(_GROUND_STD_M, _HEIGHT * height / 2)
    return (along, across, z, yaw, _LENGTH * length, _WIDTH * width, _HEIGHT * height)
