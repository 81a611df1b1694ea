"""One rectangle for all that was seen: sides, middle and heading moved together until nothing is explained better."""

import numpy as np

from .arrays import Bools, Float64s
from .likelihood import Evidence, descend, rate_rectangle
from .prior import SizePrior
from .sides import Sides, Sight, turned

MOST_POINTS = 300
_STEPS_M = np.array([0.3, 0.12, 0.05])
_TURNS_RAD = np.radians([6.0, 2.5, 1.0])
_MOST_STARTS = 3
_HOPELESS = 10.0
_CLEAR_GAIN = 3.0
_SPREADS = 3.0


def refine_sides(
    starts: list[Sides], own_mask: Bools, sight: Sight, size: SizePrior, ahead_rad: float, ahead_cost: float
) -> Sides:
    """Refine the best of several rectangles; the first stays as it is unless that is clearly worse.

    Args:
        starts: Where to start, the most likely first.
        own_mask: (N,) which points of the sight are taken for the object's.
        sight: What was seen.
        size: The usual size of the class.
        ahead_rad: Direction along which such things mostly stand, either way.
        ahead_cost: Cost of standing across it.

    Returns:
        The cheapest.
    """
    own, others = sight.body[own_mask], sight.body[~own_mask]
    stride = 1 + len(own) // MOST_POINTS
    own = own[::stride]
    points = np.ascontiguousarray(np.concatenate([own, others[::stride]]))
    ray_stride = 1 + len(sight.rays) // MOST_POINTS
    rays = np.ascontiguousarray(sight.rays[::ray_stride])
    mean, std = np.array(size.mean_m), np.array(size.std_m)
    weight = sight.ray_weight * ray_stride / stride
    ground_m = float(sight.ground_m)
    seen = Evidence(points, len(own), rays, float(weight), sight.origin, ground_m, mean, std, sight.is_around)
    ahead = np.array([ahead_rad, ahead_cost])
    boxes = [np.array([*each.center, each.yaw_rad, each.length_m, each.width_m]) for each in starts[:_MOST_STARTS]]
    costs = [float(rate_rectangle(box, seen, ahead)) for box in boxes]
    cost, box, start = costs[0], boxes[0], starts[0]
    bar = costs[0] - _CLEAR_GAIN
    for place, begun, first in zip(boxes, costs, starts[:_MOST_STARTS], strict=True):
        if begun > min(cost, bar) + _HOPELESS:
            continue
        moved = place.copy()
        moved[3:] = np.clip(moved[3:], np.maximum(mean[:2] - _SPREADS * std[:2], 0.05), mean[:2] + _SPREADS * std[:2])
        reached = float(descend(moved, seen, ahead, _STEPS_M, _TURNS_RAD))
        if reached < min(cost, bar):
            cost, box, start = reached, moved, first
    return _sides_of(box, start, cost)


def _sides_of(box: Float64s, start: Sides, cost: float) -> Sides:
    along, across = turned(box[None, :2], float(box[2]))[0].tolist()
    length, width = float(box[3]) / 2, float(box[4]) / 2
    reach = (along - length, along + length), (across - width, across + width)
    return Sides(float(box[2]), *reach, cost, start.on_sides, start.seen)
