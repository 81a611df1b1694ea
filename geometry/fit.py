"""Fitting: from a click or a rough box to a cuboid.

The ground goes, a cluster grows from the click, the L of its two visible sides gives headings to
start from (X. Zhang et al. 2017); then sides, middle and heading move together until points, the rays
that passed and the class's usual size agree best. The frame of the points has z up. A map or merged sweeps have no
sensor that saw them: points lie on any of the four sides, and where the ground was seen nothing stands, as if each
of its points had been seen from straight above.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from .arrays import Bools, Float64s, Floats
from .cuboid import Cuboid
from .errors import FitError
from .ground import GroundGrid
from .heading import VEHICLE_M, TrafficSide, front_log_odds
from .inside import check_points
from .pose import Pose, Vector, wrap_angle
from .prior import SizePrior
from .rays import split_cloud
from .refine import refine_sides
from .seed import SMALL_M, body_mask, box_mask, click_mask
from .sides import Sides, Sight, find_all_sides, find_sides, is_thin, turned
from .small import place_small
from .trust import rate_fit

FEWEST_POINTS = 3
"""Points below which nothing is fitted."""

_UNKNOWN_REACH_M = 4.0
_GROUND_REACH_M = 30.0
_MOST_BODY, _MOST_RAYS = 2000, 800
_ROUNDS = 2
_SETTLED_RAD = math.radians(15)
_LEAST_HEIGHT_M = 0.1
_FOOT_SHARES = np.array([0.1, 0.5, 0.9])
_LOW_QUANTILE = 0.25
_BEAM_RAD = 0.0075
_ABOVE_M = 1000.0
_BARE_M = 0.1
_HEIGHT_SPREADS = 1.0
_POINTS_A_STRAY, _MOST_STRAY = 50, 3
_BOX_SPREAD = 0.1
_UNDECIDED = 0.3
_AHEAD_COST, _HINT_COST = 2.0, 8.0


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted cuboid and how far to trust it.

    Attributes:
        cuboid: In the frame of the points, upright unless it was asked for at any rotation.
        quality: 0 to 1: the chance that it overlaps the truth in space by 0.7, or by 0.5 when the class is small,
            and that a vehicle or a cycle heads the right way; see `trust`.
        point_count: Points it rests on.
        reason: What makes it doubtful, None when nothing does.
        flip_probability: The chance that it is the other way round, 0 to 0.5.
        std: Standard deviations, metres and radians: of the middle along the length, across and up, of the yaw, of
            length, width and height; empty where they are not known.
    """

    cuboid: Cuboid
    quality: float
    point_count: int
    reason: str | None = None
    flip_probability: float = 0.5
    std: tuple[float, ...] = ()


def fit_cuboid(
    points: Floats,
    seed: Vector | Cuboid,
    prior: SizePrior | None,
    sensor_origin_m: Vector | None = (0.0, 0.0, 0.0),
    heading_hint_rad: float | None = None,
    ground: GroundGrid | None = None,
    *,
    ahead_rad: float = 0.0,
    traffic_side: TrafficSide | None = "right",
) -> Fit:
    """Fit an upright cuboid to the object at a click or in a rough box.

    Which end is the front: within a quarter turn of the hint, else of the rough box, else what its shape and
    traffic say (`heading`), with the chance that this is wrong.

    Args:
        points: (N, 3) a sweep, z up, metres.
        seed: A place on the object, or a rough box around it.
        prior: The usual size of its class; without one the box closes around the seen points.
        sensor_origin_m: Where the sensor was: unseen parts lie away from it. None: the points were seen from many
            places, as those of a map.
        heading_hint_rad: Where it probably heads: the direction of its motion, or of its track.
        ground: The sweep's ground, found around the seed when absent.
        ahead_rad: Where the sensor's carrier looks: vehicles mostly stand along it. Weak; nothing without a sensor.
        traffic_side: On which side of the road traffic keeps; None when there is none.

    Returns:
        The cuboid, its quality and what it rests on.

    Raises:
        FitError: Fewer than `FEWEST_POINTS` points above the ground at the seed.
        CloudError: The points are not N x 3.
    """
    cloud = check_points(points)
    box = seed if isinstance(seed, Cuboid) else None
    place = np.asarray(seed.center_m if isinstance(seed, Cuboid) else seed, dtype=np.float64)
    is_around = sensor_origin_m is None
    origin = np.asarray(sensor_origin_m or (place[0], place[1], place[2] + _ABOVE_M), dtype=np.float64)
    size = prior or (_prior_of_box(box) if box else None)
    reach = 1.1 * max(size.mean_m[0], box.length_m if box else 0.0) + 1.0 if size else _UNKNOWN_REACH_M
    around, rays = split_cloud(cloud, place, origin, reach)
    if ground is None:
        near, _ = split_cloud(cloud, place, place, _GROUND_REACH_M)
        ground = GroundGrid.from_points(near)
    is_body = body_mask(around, ground, size)
    rays = around[around[:, 2] - ground.heights_m(around) < _BARE_M] if is_around else rays
    body, body_stride = _thin(around[is_body], _MOST_BODY)
    rays, ray_stride = _thin(rays, _MOST_RAYS)
    own_mask = box_mask(body, box) if box else click_mask(body, place, origin, size, reach)
    own = body[own_mask]
    if len(own) < FEWEST_POINTS:
        raise FitError(
            f"{len(own)} points above the ground at ({place[0]:.2f}, {place[1]:.2f}, {place[2]:.2f}), "
            f"at least {FEWEST_POINTS} are needed: click on the object's points, or draw a box around them",
            len(own),
        )
    sight = Sight(body, rays, origin, _ground_under(own, ground), size, ray_stride / body_stride, is_around)
    hint = heading_hint_rad if heading_hint_rad is not None or box is None else box.yaw_rad
    along = ahead_rad if hint is None else hint
    if size is None:
        sides = find_sides(own, sight, along, math.pi / 4 if box else math.inf)
    elif size.mean_m[0] < SMALL_M and box is None:
        sides, own = place_small(own, sight, size, along)
    else:
        cost = _HINT_COST if hint is not None else 0.0 if sight.is_around else _AHEAD_COST
        starts, own_mask = _settle(own_mask, sight, along, math.pi / 4 if box else math.inf, cost)
        cost = cost if size.mean_m[0] >= SMALL_M or hint is not None else 0.0
        sides = refine_sides(starts, own_mask, sight, size, along, cost)
        inside_mask = sides.contain(body)
        own = body[inside_mask] if inside_mask.sum() >= FEWEST_POINTS else body[own_mask]
    sight = replace(sight, ground_m=_ground_below(sides, ground, sight.ground_m))
    height = _height_of(own, sight)
    odds = front_log_odds(own, sides, height, sight, ahead_rad, traffic_side)
    if hint is not None:
        odds = _HINT_COST * math.cos(sides.yaw_rad - hint)
    yaw = wrap_angle(sides.yaw_rad if odds >= 0 else sides.yaw_rad + math.pi)
    x, y = (float(value) for value in sides.center)
    pose = Pose.from_yaw(yaw, (x, y, sight.ground_m + height / 2))
    cuboid = Cuboid(pose, (sides.length_m, sides.width_m, height))
    count = len(own) * body_stride
    trust = rate_fit(cuboid, count, sides, sight)
    flip = 1 / (1 + math.exp(abs(odds)))
    quality, reason = trust.quality, trust.reason
    if size is not None and (size.mean_m[0] >= VEHICLE_M or is_thin(size)):  # the others' heading nobody can tell
        quality *= 1 - flip
        if reason is None and flip > _UNDECIDED:
            reason = "which end is its front is not clear from its points"
    return Fit(cuboid, quality, count, reason, flip, trust.std)


def _settle(
    own_mask: Bools, sight: Sight, along_rad: float, within_rad: float, weight: float
) -> tuple[list[Sides], Bools]:
    """Where to start refining from, and the points that lie in the most likely start."""
    own = sight.body[own_mask]
    starts = find_all_sides(own, sight, along_rad, within_rad)
    starts.sort(key=lambda sides: sides.cost + weight * math.sin(sides.yaw_rad - along_rad) ** 2)
    sides = starts[0]
    for _ in range(_ROUNDS):
        inside_mask = sides.contain(sight.body)
        if inside_mask.sum() < FEWEST_POINTS or np.array_equal(inside_mask, own_mask):
            break
        own_mask = inside_mask
        sides = find_sides(sight.body[own_mask], sight, sides.yaw_rad, _SETTLED_RAD)
    apart = [s for s in starts if abs(math.remainder(s.yaw_rad - sides.yaw_rad, math.pi)) > _SETTLED_RAD]
    return [sides, *apart], own_mask


def _thin(points: Float64s, most: int) -> tuple[Float64s, int]:
    """Every so many points, so that no more than `most` are left, and how many each stands for."""
    stride = max(-(-len(points) // most), 1)
    return points[::stride], stride


def _prior_of_box(box: Cuboid) -> SizePrior:
    length, width, height = (_BOX_SPREAD * side for side in box.size_m)
    return SizePrior(box.size_m, (length, width, height))


def _ground_under(own: Float64s, ground: GroundGrid) -> float:
    heights = ground.heights_m(own)
    known = heights[~np.isnan(heights)]
    return float(np.median(known)) if len(known) else float(own[:, 2].min())


def _ground_below(sides: Sides, ground: GroundGrid, otherwise_m: float) -> float:
    """Where the underside stands: on the lower of the ground below it, a wheel's breadth inside its sides."""
    shares = _FOOT_SHARES
    along = sides.along[0] + shares * sides.length_m
    across = sides.across[0] + shares * sides.width_m
    places = np.stack(np.meshgrid(along, across), axis=-1).reshape(-1, 2)
    heights = ground.heights_m(turned(places, -sides.yaw_rad))
    known = heights[~np.isnan(heights)]
    return float(np.quantile(known, _LOW_QUANTILE)) if len(known) else otherwise_m


def _height_of(own: Float64s, sight: Sight) -> float:
    """The usual height, not below the top that was seen, nor above where the next beam would have hit."""
    stray = min(len(own) // _POINTS_A_STRAY, _MOST_STRAY)
    seen = float(np.partition(own[:, 2], len(own) - 1 - stray)[len(own) - 1 - stray]) - sight.ground_m
    if sight.size is None:
        return max(seen, _LEAST_HEIGHT_M)
    mean, std = sight.size.mean_m[2], sight.size.std_m[2]
    beam_m = _BEAM_RAD * float(np.hypot(*(own[:, :2].mean(axis=0) - sight.origin[:2])))
    least = max(seen, mean - _HEIGHT_SPREADS * std)
    height = min(max(mean, least), max(seen + beam_m, least))
    return max(min(height, mean + 2 * std), _LEAST_HEIGHT_M)
