"""Fitting: from a click or a rough box to a cuboid.

The ground goes, a cluster grows from the click, the L of its two visible sides gives the heading
(X. Zhang et al. 2017), and the class's usual size and the rays that passed beside it say how far
the object reaches where it was not seen. The frame of the points has z up.
"""

import math
from dataclasses import dataclass

import numpy as np

from .arrays import Float64s, Floats
from .cuboid import Cuboid
from .errors import FitError
from .ground import GroundGrid
from .inside import check_points
from .pose import Pose, Vector, wrap_angle
from .prior import SizePrior
from .rays import split_cloud
from .seed import body_mask, box_mask, click_mask
from .sides import Sides, Sight, find_sides, turned

FEWEST_POINTS = 3
"""Points below which nothing is fitted."""

_UNKNOWN_REACH_M = 4.0
_GROUND_REACH_M = 30.0
_ROUNDS = 3
_SETTLED_RAD = math.radians(15)
_LEAST_HEIGHT_M = 0.1
_BOX_SPREAD = 0.1
_ROOF_SHARE = 0.75
_ROOF_POINTS = 5
_ROOF_OFFSET_SHARE = 0.05
_CAR_LENGTHS_M = (3.0, 6.5)
_CAR_HEIGHT_M = 2.1


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted cuboid and how far to trust it.

    Attributes:
        cuboid: In the frame of the points, upright.
        quality: 0 to 1: how many points it rests on, how well they lie on its visible sides, and
            how much of its size was seen.
        point_count: Points it rests on.
        reason: What makes it doubtful, None when nothing does.
    """

    cuboid: Cuboid
    quality: float
    point_count: int
    reason: str | None = None


def fit_cuboid(
    points: Floats,
    seed: Vector | Cuboid,
    prior: SizePrior | None,
    sensor_origin_m: Vector = (0.0, 0.0, 0.0),
    heading_hint_rad: float | None = None,
    ground: GroundGrid | None = None,
) -> Fit:
    """Fit a cuboid to the object at a click or in a rough box.

    Which end is the front is a guess: within a quarter turn of the hint, else of the rough box,
    else with the roof of a car behind its middle, else within a quarter turn of the frame's +x
    (straight ahead, in a lidar's frame).

    Args:
        points: (N, 3) a sweep, z up, metres.
        seed: A place on the object, or a rough box around it.
        prior: The usual size of its class; without one the box closes around the seen points.
        sensor_origin_m: Where the sensor was: unseen parts lie away from it.
        heading_hint_rad: Where it probably heads.
        ground: The sweep's ground, found around the seed when absent.

    Returns:
        The cuboid, its quality and what it rests on.

    Raises:
        FitError: Fewer than `FEWEST_POINTS` points above the ground at the seed.
        CloudError: The points are not N x 3.
    """
    cloud = check_points(points)
    origin = np.asarray(sensor_origin_m, dtype=np.float64)
    box = seed if isinstance(seed, Cuboid) else None
    place = np.asarray(seed.center_m if isinstance(seed, Cuboid) else seed, dtype=np.float64)
    size = prior or (_prior_of_box(box) if box else None)
    reach = 1.1 * max(size.mean_m[0], box.length_m if box else 0.0) + 1.0 if size else _UNKNOWN_REACH_M
    around, rays = split_cloud(cloud, place, origin, reach)
    if ground is None:
        near, _ = split_cloud(cloud, place, place, _GROUND_REACH_M)
        ground = GroundGrid.from_points(near)
    body = around[body_mask(around, ground, size)]
    own = body[box_mask(body, box) if box else click_mask(body, place, origin, size, reach)]
    if len(own) < FEWEST_POINTS:
        raise FitError(
            f"{len(own)} points above the ground at ({place[0]:.2f}, {place[1]:.2f}, {place[2]:.2f}), "
            f"at least {FEWEST_POINTS} are needed: click on the object's points, or draw a box around them",
            len(own),
        )
    sight = Sight(body, rays, origin, _ground_under(own, ground), size)
    sides = find_sides(own, sight, box.yaw_rad if box else 0.0, math.pi / 4 if box else math.inf)
    for _ in range(_ROUNDS - 1):
        inside_mask = sides.contain(body)
        if inside_mask.sum() < FEWEST_POINTS or np.array_equal(body[inside_mask], own):
            break
        own = body[inside_mask]
        sides = find_sides(own, sight, sides.yaw_rad, _SETTLED_RAD)
    height = _height_of(own, sight)
    hint = heading_hint_rad if heading_hint_rad is not None or box is None else box.yaw_rad
    yaw = _choose_heading(own, sides, height, sight.ground_m, hint)
    x, y = (float(value) for value in sides.center)
    pose = Pose.from_yaw(yaw, (x, y, sight.ground_m + height / 2))
    return _judge(Cuboid(pose, (sides.length_m, sides.width_m, height)), len(own), sides)


def _prior_of_box(box: Cuboid) -> SizePrior:
    length, width, height = (_BOX_SPREAD * side for side in box.size_m)
    return SizePrior(box.size_m, (length, width, height))


def _ground_under(own: Float64s, ground: GroundGrid) -> float:
    heights = ground.heights_m(own)
    known = heights[~np.isnan(heights)]
    return float(np.median(known)) if len(known) else float(own[:, 2].min())


def _height_of(own: Float64s, sight: Sight) -> float:
    seen = float(own[:, 2].max()) - sight.ground_m
    if sight.size is None:
        return max(seen, _LEAST_HEIGHT_M)
    mean, std = sight.size.mean_m[2], sight.size.std_m[2]
    return max(min(max(seen, mean - std), mean + 2 * std), _LEAST_HEIGHT_M)


def _choose_heading(own: Float64s, sides: Sides, height: float, ground_m: float, hint_rad: float | None) -> float:
    """One of the two headings along the length."""
    yaw = sides.yaw_rad
    if hint_rad is None:
        offset = _roof_offset(own, sides, height, ground_m)
        return wrap_angle(yaw + math.pi if offset > 0 or (offset == 0 and math.cos(yaw) < 0) else yaw)
    return wrap_angle(yaw if math.cos(yaw - hint_rad) >= 0 else yaw + math.pi)


def _roof_offset(own: Float64s, sides: Sides, height: float, ground_m: float) -> float:
    """How far ahead of the middle a car's roof lies, in shares of the length; 0 when it does not tell."""
    top = own[own[:, 2] - ground_m > _ROOF_SHARE * height]
    is_car = _CAR_LENGTHS_M[0] <= sides.length_m <= _CAR_LENGTHS_M[1] and height <= _CAR_HEIGHT_M
    if not is_car or len(top) < _ROOF_POINTS:
        return 0.0
    along = turned(top[:, :2], sides.yaw_rad)[:, 0]
    offset = ((along.min() + along.max()) / 2 - sum(sides.along) / 2) / sides.length_m
    return float(offset) if abs(offset) >= _ROOF_OFFSET_SHARE else 0.0


def _judge(cuboid: Cuboid, count: int, sides: Sides) -> Fit:
    amount = 1 - math.exp(-count / 30)
    quality = min(max(amount * (0.5 + 0.5 * sides.on_sides) * (0.4 + 0.6 * sides.seen), 0.0), 1.0)
    reason = None
    if count < 10:
        reason = f"it rests on only {count} points"
    elif sides.seen < 0.5:
        reason = "less than half of its outline was seen, the rest is the usual size of its class"
    elif sides.on_sides < 0.3:
        reason = "its points do not lie on two sides of a box"
    return Fit(cuboid, quality, count, reason)
