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
_SMALL_GROWTH = 0.008
_SMALL_STEP_M = 0.25
_SHORTER = 0.75
_MOST_SPLITS = 3
_SLIVER_SHARE = 0.5
_ASLANT_SHARE = 0.2
_SPLIT_SPREADS, _SMALL_SPLIT_SPREADS = 3.0, 2.0
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
    is_small = size is not None and size.mean_m[0] < SMALL_M
    step, growth = (_SMALL_STEP_M, _SMALL_GROWTH) if is_small else (_STEP_M, _GROWTH)
    step += growth * float(np.hypot(*(place - origin)[:2]))
    best = _grow_largest(body, place, step, reach_m)
    for _ in range(_MOST_SPLITS):
        if size is None or best.sum() < _WELL_CLUSTERED or not _is_oversize(body[best], size):
            break
        step *= _SHORTER  # two things that touch: shorter steps may part them
        parted = _grow_largest(body, place, step, reach_m)
        if parted.sum() < _WELL_CLUSTERED:
            break
        best = parted
    if size is not None and not is_small and best.any() and _is_sliver(body[best], size):
        joined = _grow_largest(body, place, size.mean_m[1], reach_m)  # a face seen aslant has wide gaps
        if joined.sum() > best.sum() and not _is_oversize(body[joined], size):
            best = joined
    return best


def _grow_largest(body: Float64s, place: Float64s, step_m: float, reach_m: float) -> Bools:
    """The cluster at a place, or the largest close by where that one is a few stray points."""
    away = np.linalg.norm(body - place, axis=1)
    best = np.zeros(len(body), dtype=np.bool_)
    tried = best.copy()
    for start in np.argsort(away):
        if away[start] > _CLICK_REACH_M or best.sum() >= _WELL_CLUSTERED:
            break
        if not tried[start]:
            x, y, z = (float(value) for value in body[start])
            grown = grow_cluster(body, (x, y, z), step_m, reach_m=reach_m)
            tried |= grown
            best = grown if grown.sum() > best.sum() else best
    return best


def _is_sliver(own: Float64s, size: SizePrior) -> bool:
    """Whether points reach over less than a part of the class's width, as those of one column do."""
    return float(np.hypot(*np.ptp(own[:, :2], axis=0))) < _SLIVER_SHARE * size.mean_m[1]


def _is_oversize(own: Float64s, size: SizePrior) -> bool:
    """Whether points reach further than one thing of the class can."""
    x, y = own[:, 0] - own[:, 0].mean(), own[:, 1] - own[:, 1].mean()
    along = 0.5 * math.atan2(2 * float((x * y).sum()), float((x * x).sum() - (y * y).sum()))
    cosine, sine = math.cos(along), math.sin(along)
    spans = float(np.ptp(cosine * y - sine * x)), float(np.ptp(cosine * x + sine * y))
    is_small = size.mean_m[0] < SMALL_M
    spreads = _SMALL_SPLIT_SPREADS if is_small else _SPLIT_SPREADS
    length, width = (mean + spreads * std for mean, std in zip(size.mean_m[:2], size.std_m[:2], strict=True))
    longest = length if is_small else math.hypot(length, width)
    return spans[1] > longest or spans[0] > width + _ASLANT_SHARE * length
