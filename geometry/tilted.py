"""Fitting at any rotation: a robot's arm, a crate on a ramp, a thing in a cloud that has no ground.

A cluster grows from the click in steps as long as its points lie apart. Its rotation is the one in which points lie
closest to the three faces that the sensor sees, in the smallest box: a search from the principal axes in ever
smaller turns. Which of the three sides is the length, the usual size of the class says, else the longest level one.
"""

import itertools
import math

import numpy as np
from numba import njit

from .arrays import Float64s, Floats
from .clusters import grow_cluster
from .cuboid import Cuboid
from .errors import FitError
from .fit import FEWEST_POINTS, Fit
from .ground import GroundGrid
from .inside import check_points, inside_mask
from .pose import Pose, Vector
from .prior import SizePrior
from .rays import split_cloud
from .seed import body_mask

_MOST_POINTS = 400
_MOST_BODY = 4000
_SPACINGS = 5.0
_LEAST_STEP_M, _MOST_STEP_M = 0.02, 0.4
_STEP_SHARE = 0.5
_LONGEST_STEPS = 2.0
_REACH_SHARES = 1.2
_UNKNOWN_REACH_M = 3.0
_CAP_SHARE = 0.15
_VOLUME_COST = 0.15
_LONG_ROLLS_RAD, _ROLLS_RAD = np.radians([15.0, 30.0, 45.0, 60.0, 75.0]), np.radians([45.0])
_TURNS_RAD = np.radians([5.0, 2.0, 0.8, 0.3])
_FEWEST_SURE = 20
_FLAT_SHARE = 0.1
_LEAST_SIDE_M = 0.01


def fit_tilted(
    points: Floats,
    seed: Vector | Cuboid,
    prior: SizePrior | None,
    sensor_origin_m: Vector | None = (0.0, 0.0, 0.0),
    ground: GroundGrid | None = None,
) -> Fit:
    """Fit a cuboid of any rotation to the thing at a click or in a rough box.

    Args:
        points: (N, 3) z up, metres.
        seed: A place on the thing, or a rough box around it.
        prior: The usual size of its class; without one the box closes around the seen points.
        sensor_origin_m: Where the sensor was: unseen parts lie away from it. None: the points were seen from many
            places, as those of a map.
        ground: The points' ground; without one nothing is taken for ground.

    Returns:
        The cuboid; its x may point either way.

    Raises:
        FitError: Fewer than `FEWEST_POINTS` points at the seed.
        CloudError: The points are not N x 3.
    """
    cloud = check_points(points)
    origin = np.full(3, np.nan) if sensor_origin_m is None else np.asarray(sensor_origin_m, dtype=np.float64)
    place = np.asarray(seed.center_m if isinstance(seed, Cuboid) else seed, dtype=np.float64)
    sides = prior.mean_m if prior else seed.size_m if isinstance(seed, Cuboid) else None
    reach = _REACH_SHARES * float(np.linalg.norm(sides)) if sides else _UNKNOWN_REACH_M
    near, _ = split_cloud(cloud, place, place if sensor_origin_m is None else origin, reach)
    near = near[np.abs(near[:, 2] - place[2]) <= reach]
    if ground is not None:
        near = near[body_mask(near, ground, None)]
    near = near[:: max(-(-len(near) // _MOST_BODY), 1)]
    own = near[inside_mask(near, seed)] if isinstance(seed, Cuboid) else _grow(near, place, reach, sides)
    if len(own) < FEWEST_POINTS:
        raise FitError(
            f"{len(own)} points at ({place[0]:.2f}, {place[1]:.2f}, {place[2]:.2f}), "
            f"at least {FEWEST_POINTS} are needed: click on the object's points, or draw a box around them",
            len(own),
        )
    few = np.ascontiguousarray(own[:: 1 + len(own) // _MOST_POINTS])
    start = seed.pose.rotation if isinstance(seed, Cuboid) else None
    rotation, cost = _search_rotation(few, origin, start)
    cuboid = _assign(own @ rotation, rotation, origin, prior)
    return _judge(cuboid, len(own), cost)


def _grow(near: Float64s, place: Float64s, reach_m: float, sides: Vector | None) -> Float64s:
    """The cluster at a click, in steps of a few times the distance between neighbours."""
    if len(near) == 0:
        return near
    away = np.linalg.norm(near - place, axis=1)
    close = near[np.argsort(away)[:50]]
    gaps = np.linalg.norm(close[:, None] - close[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    most = max(min(_STEP_SHARE * min(sides), _MOST_STEP_M), _LEAST_STEP_M) if sides else _MOST_STEP_M
    step = min(max(_SPACINGS * float(np.median(gaps.min(axis=1))), _LEAST_STEP_M), max(most, _LEAST_STEP_M))
    x, y, z = near[int(np.argmin(away))].tolist()
    grown = near[grow_cluster(near, (x, y, z), step, reach_m=reach_m)]
    while len(grown) < _FEWEST_SURE and step < _LONGEST_STEPS * most:  # seen at a glance, points lie apart
        step *= 2
        grown = near[grow_cluster(near, (x, y, z), step, reach_m=reach_m)]
    own: Float64s = grown
    return own


def _search_rotation(own: Float64s, origin: Float64s, start: Float64s | None) -> tuple[Float64s, float]:
    """The rotation of least cost, its columns the box's axes, and how far points lie off its faces, 0 to 1."""
    _, axes = np.linalg.eigh(np.cov(own.T) + 1e-12 * np.eye(3))
    upright = _upright_axes(own)
    best, lowest, off_faces = upright, math.inf, 1.0
    rolled = [axes @ _roll(axis, turn) for axis in (2, 1, 0) for turn in (_LONG_ROLLS_RAD if axis == 2 else _ROLLS_RAD)]
    for first in (start, axes, upright, *rolled):
        if first is not None:
            rotation = np.array(first if np.linalg.det(first) > 0 else -first, order="C")
            total, faces = _descend(rotation, own, origin, _TURNS_RAD)
            if total < lowest:
                best, lowest, off_faces = rotation, float(total), float(faces)
    return best, off_faces


def _roll(axis: int, turn_rad: float) -> Float64s:
    """A turn about one of the axes."""
    a, b = (axis + 1) % 3, (axis + 2) % 3
    turn = np.eye(3)
    turn[a, a] = turn[b, b] = math.cos(turn_rad)
    turn[b, a], turn[a, b] = math.sin(turn_rad), -math.sin(turn_rad)
    return turn


def _upright_axes(own: Float64s) -> Float64s:
    """The principal axes seen from above."""
    _, flat = np.linalg.eigh(np.cov(own[:, :2].T) + 1e-12 * np.eye(2))
    axes = np.eye(3)
    axes[:2, :2] = flat
    return axes


def _assign(along: Float64s, rotation: Float64s, origin: Float64s, prior: SizePrior | None) -> Cuboid:
    """Name the axes length, width and height, and add what was not seen, away from the sensor."""
    low, high = along.min(axis=0), along.max(axis=0)
    spans = high - low
    order = min(itertools.permutations(range(3)), key=lambda each: _oddness(spans, rotation, each, prior))
    axes = rotation[:, order]
    low, high, eye = low[list(order)], high[list(order)], (origin @ rotation)[list(order)]
    if prior is not None:
        missing = np.maximum(np.asarray(prior.mean_m) - (high - low), 0.0)
        is_low_seen = np.abs(eye - low) < np.abs(eye - high)
        above = missing / 2 if np.isnan(eye).any() else np.where(is_low_seen, missing, 0.0)
        high, low = high + above, low - (missing - above)
    axes = axes * np.array([-1.0 if axes[0, 0] < 0 else 1.0, 1.0, -1.0 if axes[2, 2] < 0 else 1.0])
    flips = np.sign((axes * rotation[:, order]).sum(axis=0))
    middle = (low + high) / 2 * flips
    if np.linalg.det(axes) < 0:
        axes[:, 1], middle[1] = -axes[:, 1], -middle[1]
    center = axes @ middle
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = axes, center
    length, width, height = np.maximum(high - low, _LEAST_SIDE_M).tolist()
    return Cuboid(Pose.from_matrix(matrix), (length, width, height))


def _oddness(spans: Float64s, rotation: Float64s, order: tuple[int, ...], prior: SizePrior | None) -> float:
    """How odd it would be to call the axes length, width and height in an order."""
    lean = 1 - abs(float(rotation[2, order[2]]))
    if prior is None:
        return lean * 10 + float(spans[order[1]] > spans[order[0]])
    long = (spans[list(order)] - np.asarray(prior.mean_m)) / np.asarray(prior.std_m)
    short = np.minimum(long, 0.0) * _FLAT_SHARE  # what is too small may not have been seen
    return float((np.maximum(long, 0.0) ** 2).sum() + (short**2).sum() + lean)


def _judge(cuboid: Cuboid, count: int, cost: float) -> Fit:
    quality = (1 - math.exp(-count / _FEWEST_SURE)) * max(1 - cost, 0.0)
    reason = None
    if count < _FEWEST_SURE:
        reason = f"it rests on only {count} points: the rotation may be off"
    return Fit(cuboid, min(max(quality, 0.0), 1.0), count, reason)


@njit(cache=True, nogil=True)
def rate_rotation(rotation, own, origin):  # type: ignore[no-untyped-def]
    """Mean capped distance to the nearest seen face, in shares of the cap, and the logarithm of the volume."""
    count = len(own)
    along = own @ rotation
    eye = origin @ rotation
    face, other, spans = np.empty(3), np.empty(3), np.empty(3)
    is_around = np.isnan(origin[0])
    for d in range(3):
        low, high = np.min(along[:, d]), np.max(along[:, d])
        face[d] = low if abs(eye[d] - low) < abs(eye[d] - high) else high
        other[d] = low if is_around else face[d]
        spans[d] = max(high - low, _LEAST_SIDE_M)
    cap = max(_CAP_SHARE * np.sort(spans)[1], _LEAST_SIDE_M)
    total = 0.0
    for p in range(count):
        gap = cap
        for d in range(3):
            gap = min(gap, abs(along[p, d] - face[d]), abs(along[p, d] - other[d]))
        total += gap * gap
    return total / (count * cap * cap), _VOLUME_COST * np.log(spans[0] * spans[1] * spans[2])


@njit(cache=True, nogil=True)
def _descend(rotation, own, origin, turns):  # type: ignore[no-untyped-def]
    """Turn about the box's own axes while that lowers the cost; the rotation is changed in place."""
    faces, volume = rate_rotation(rotation, own, origin)
    best = faces + volume
    for turn in turns:
        for _ in range(8):
            before = best
            for axis in range(3):
                for sign in (1.0, -1.0):
                    cosine, sine = np.cos(turn), sign * np.sin(turn)
                    trial = rotation.copy()
                    a, b = (axis + 1) % 3, (axis + 2) % 3
                    trial[:, a] = cosine * rotation[:, a] + sine * rotation[:, b]
                    trial[:, b] = cosine * rotation[:, b] - sine * rotation[:, a]
                    rated = rate_rotation(trial, own, origin)
                    if rated[0] + rated[1] < best - 1e-9:
                        best, faces = rated[0] + rated[1], rated[0]
                        rotation[:] = trial
            if before - best < 1e-6:
                break
    return best, faces
