"""The points of an object: the cluster at a click, or what stands in a rough box."""

import math

import numpy as np

from .arrays import Bools, Float64s
from .clusters import grow_cluster
from .cuboid import Cuboid
from .ground import GroundGrid
from .inside import inside_mask
from .prior import SizePrior

SMALL_M = 2.5
"""Things shorter than this stand closer to others, and their points closer together."""

_GROWTH = 0.008
_STEP_M = 0.4
_SMALL_STEP_M = 0.25
_FEET_M = 0.25
_SMALL_FEET_M = 0.15
_BOX_MARGIN_M = 0.3
_CLICK_REACH_M = 1.5
_WELL_CLUSTERED = 8


def body_mask(points: Float64s, ground: GroundGrid, size: SizePrior | None) -> Bools:
    """Which points stand above the ground and no higher than the class grows.

    Args:
        points: (N, 3) z up, metres.
        ground: Their ground; where none is known, every point counts as above it.
        size: The usual size of the class, None when nothing is known.

    Returns:
        (N,) bool.
    """
    above = points[:, 2] - ground.heights_m(points)
    feet = _SMALL_FEET_M if size is not None and size.mean_m[0] < SMALL_M else _FEET_M
    top = size.mean_m[2] + 3 * size.std_m[2] if size else math.inf
    mask: Bools = np.isnan(above) | ((above > feet) & (above < top))
    return mask


def box_mask(body: Float64s, box: Cuboid) -> Bools:
    """Which points lie in a rough box, or just outside it.

    Args:
        body: (N, 3) points above the ground, the box's frame, metres.
        box: The rough box.

    Returns:
        (N,) bool.
    """
    length, width, height = (side + 2 * _BOX_MARGIN_M for side in box.size_m)
    return inside_mask(body, Cuboid(box.pose, (length, width, height)))


def click_mask(body: Float64s, place: Float64s, origin: Float64s, size: SizePrior | None, reach_m: float) -> Bools:
    """Which points hang together with the one at a click.

    A stray point at the click gives way to the largest cluster close by.

    Args:
        body: (N, 3) points above the ground, metres.
        place: (3,) the click.
        origin: (3,) the sensor: steps grow with the range.
        size: The usual size of the class, None when nothing is known.
        reach_m: How far from the click the object may reach.

    Returns:
        (N,) bool, all False when nothing is near.
    """
    away = np.linalg.norm(body - place, axis=1)
    step = _SMALL_STEP_M if size is not None and size.mean_m[0] < SMALL_M else _STEP_M
    step += _GROWTH * float(np.hypot(*(place - origin)[:2]))
    best = np.zeros(len(body), dtype=np.bool_)
    tried = best.copy()
    for start in np.argsort(away):
        if away[start] > _CLICK_REACH_M or best.sum() >= _WELL_CLUSTERED:
            break
        if not tried[start]:
            x, y, z = (float(value) for value in body[start])
            grown = grow_cluster(body, (x, y, z), step, reach_m=reach_m)
            tried |= grown
            best = grown if grown.sum() > best.sum() else best
    return best
