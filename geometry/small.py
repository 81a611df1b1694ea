"""People, cyclists, cones: things with no sides to speak of, as large as their class, around the points seen.

Their points tell where they stand and how tall they are; how long and wide they are, the class says better.
A thing much longer than wide, as a bicycle, shows its direction; the direction of a person is not in the points,
and is taken to be the one along which things mostly stand.
"""

from dataclasses import replace

import numpy as np

from .arrays import Float64s
from .lshape import reach_of
from .prior import SizePrior
from .sides import Sides, Sight, find_sides, is_thin, turned

_SETTLED_RAD = np.radians(15)
_ROUNDS = 2
_SPREADS = 2.0
_FEWEST = 3


def place_small(own: Float64s, sight: Sight, size: SizePrior, ahead_rad: float) -> tuple[Sides, Float64s]:
    """Where a small thing lies.

    Args:
        own: (N, 3) its points.
        sight: What was seen around it.
        size: The usual size of its class.
        ahead_rad: Where it heads, for all that is known.

    Returns:
        Its sides, and (N, 3) its points.
    """
    sides = find_sides(own, sight, 0.0, np.inf)
    for _ in range(_ROUNDS):
        inside_mask = sides.contain(sight.body)
        if inside_mask.sum() < _FEWEST or np.array_equal(sight.body[inside_mask], own):
            break
        own = sight.body[inside_mask]
        sides = find_sides(own, sight, sides.yaw_rad, _SETTLED_RAD)
    yaw = sides.yaw_rad if is_thin(size) else ahead_rad
    flat = turned(own[:, :2], yaw)
    middle = turned(sides.center[None], yaw)[0]
    reaches = []
    for axis in (0, 1):
        low, high = reach_of(flat[:, axis])
        mean, std = size.mean_m[axis], size.std_m[axis]
        half = min(max(mean, high - low), mean + _SPREADS * std) / 2
        reaches.append((float(middle[axis]) - half, float(middle[axis]) + half))
    return replace(sides, yaw_rad=yaw, along=reaches[0], across=reaches[1]), own
