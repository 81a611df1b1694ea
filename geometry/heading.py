"""Which end of a box is its front, and how sure that is.

A car's cabin stands nearer to its rear: behind the face that is seen, what is tall begins after a bonnet or soon.
A lorry's cab is lower than its load. Where the shape says nothing, traffic does, weakly: things on the side of the
road that the sensor keeps to head its way, those on the other side towards it.
"""

import math
from typing import Literal

import numpy as np

from .arrays import Float64s
from .prior import SizePrior
from .sides import Sides, Sight, is_thin, turned

TrafficSide = Literal["right", "left"]

VEHICLE_M = 3.0
"""Classes longer than this are vehicles."""

_LORRY_M = 6.5
_TALL_SHARE, _LORRY_TALL_SHARE = 0.68, 0.9
_FEWEST_TALL = 3
_SETBACK_SHARE, _LORRY_SETBACK_SHARE = 0.19, 0.12
_SETBACK_WEIGHT = 20.0
_MOST_BY_SHAPE, _MOST_BY_LORRY = 4.0, 1.0
_ASIDE_M = 2.2
_OWN_LANE_M = 1.2
_BY_SIDE, _BY_LANE, _BY_AHEAD, _BY_PERSON = 1.5, 1.5, 0.8, 0.05
_ALONG_COSINE = 0.8


def front_log_odds(
    own: Float64s, sides: Sides, height_m: float, sight: Sight, ahead_rad: float, traffic_side: TrafficSide | None
) -> float:
    """Log odds that the front lies in the direction of the sides' yaw, against the opposite.

    Args:
        own: (N, 3) the object's points.
        sides: Where it lies.
        height_m: How tall it is.
        sight: What was seen, and the usual size of its class.
        ahead_rad: Where the sensor's carrier looks.
        traffic_side: On which side of the road it keeps, None when that is unknown.

    Returns:
        0 when nothing tells.
    """
    size = sight.size
    by_shape = _by_shape(own, sides, height_m, sight, size) if size and size.mean_m[0] >= VEHICLE_M else 0.0
    return by_shape + _by_traffic(sides, sight, ahead_rad, traffic_side, size)


def _by_shape(own: Float64s, sides: Sides, height_m: float, sight: Sight, size: SizePrior) -> float:
    """How far behind each end the tall part begins, the end that the sensor sees counting most."""
    is_lorry = size.mean_m[0] >= _LORRY_M
    share = _LORRY_TALL_SHARE if is_lorry else _TALL_SHARE
    tall = own[own[:, 2] - sight.ground_m > share * height_m]
    if len(tall) < _FEWEST_TALL:
        return 0.0
    along = turned(tall[:, :2], sides.yaw_rad)[:, 0]
    eye = float(turned(sight.origin[None, :2], sides.yaw_rad)[0, 0])
    ahead_end, behind_end = sides.along[1], sides.along[0]
    ahead_setback = (ahead_end - float(np.quantile(along, 0.95))) / sides.length_m
    behind_setback = (float(np.quantile(along, 0.05)) - behind_end) / sides.length_m
    usual = _LORRY_SETBACK_SHARE if is_lorry else _SETBACK_SHARE
    if sight.is_around:
        evidence = (ahead_setback - behind_setback) / 2
    elif eye > ahead_end:
        evidence = ahead_setback - usual
    elif eye < behind_end:
        evidence = usual - behind_setback
    else:
        evidence = (ahead_setback - behind_setback) / 2
    most = _MOST_BY_LORRY if is_lorry else _MOST_BY_SHAPE
    return max(min(_SETBACK_WEIGHT * evidence, most), -most)


def _by_traffic(
    sides: Sides, sight: Sight, ahead_rad: float, side: TrafficSide | None, size: SizePrior | None
) -> float:
    if sight.is_around:
        return 0.0
    cosine = math.cos(sides.yaw_rad - ahead_rad)
    odds = _BY_AHEAD * cosine
    if size is not None and size.mean_m[0] < VEHICLE_M and not is_thin(size):
        return _BY_PERSON * cosine
    if size is None or abs(cosine) < _ALONG_COSINE or side is None:
        return odds
    _, aside = turned(sides.center[None] - sight.origin[:2], ahead_rad)[0].tolist()
    aside = aside if side == "right" else -aside  # now positive is the side of those who come towards
    if aside > _ASIDE_M:
        odds = -_BY_SIDE * math.copysign(1.0, cosine)
    elif aside < _OWN_LANE_M:
        odds = _BY_LANE * math.copysign(1.0, cosine)
    return odds
