"""Paths: where a rigid box was in every frame, from all that was seen of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from worldline.geometry import Pose
from worldline.geometry.arrays import Bools, Float32s, Float64s, Int64s
from worldline.geometry.pose import Vector
from worldline.geometry.prior import SizePrior

from .habit import ROUND, Habit
from .heading import head_along
from .keyframe import Keyframe
from .sight import gauge_all, place_all
from .smooth import smooth_path
from .stand import height_from
from .trail import Look, Surroundings, Trail

ROUNDS = 4
_GROWN_M = (0.6, 0.6, 0.4, 0.25)
_SLIM_GROWN_M = 0.15
"""How far beyond the box its points may lie, from round to round."""

_HAND_M = 0.03
_HAND_RAD = math.radians(1.5)
_CLICK_RAD = math.radians(60)
_DOUBT_M = 0.15
"""Width of the robust loss on what a frame shows against the path."""

_FEWEST_POINTS = 12


@dataclass(frozen=True, slots=True)
class Path:
    """A box in every frame.

    Attributes:
        rows: (F, 4) x, y, z and yaw.
        size_m: Its size.
        seen_mask: (F,) whether anything of it was seen.
        gauges: (F, 8) what was; see `sight`.
        apart_m: (F,) how far what was seen is from the path.
        spread_m: (F,) how unsure the path is.
        speed_mps: (F,).
        agree_m: (F,) how far the runs from the anchors on both sides are apart; 0 where there is one.
    """

    rows: Float64s
    size_m: Vector
    seen_mask: Bools
    gauges: Float64s
    apart_m: Float64s
    spread_m: Float64s
    speed_mps: Float64s
    agree_m: Float64s


def solve_path(
    frames: Int64s,
    trails: list[Trail],
    anchors: Mapping[int, Keyframe],
    size_m: Vector,
    is_sized: bool,
    around: Surroundings,
    prior: SizePrior,
    habit: Habit,
) -> Path:
    """The path and the size that agree best with all that was seen.

    Args:
        frames: (F,) increasing.
        trails: What was found from each anchor, both ways.
        anchors: Keyframes to begin with, those of a person to be kept.
        size_m: The size so far.
        is_sized: Whether it is to be kept.
        around: The scene.
        prior: The usual size.
        habit: How it moves.
    """
    time_s, eyes = around.time_s(frames), around.eyes(frames)
    looks, states, agree_m = _merge(frames, trails, time_s, anchors)
    points, first = _pool(looks)
    size = np.array(size_m if is_sized else prior.mean_m, dtype=np.float64)
    centers = states[:, :2].copy()
    fixed_mask = np.array([frame in anchors and anchors[frame].is_drawn for frame in frames.tolist()])
    set_mask, set_rad, set_spread = _set_headings(frames, anchors)
    covariances = np.tile(np.diag([0.1, 0.1, 0.5, 0.5]), (len(frames), 1, 1))
    yaw = head_along(time_s, states, covariances, habit, set_mask, set_rad, set_spread)
    gauges, seen, info = np.zeros((len(frames), 8)), np.zeros((len(frames), 2)), np.zeros((len(frames), 2, 2))
    for turn in range(ROUNDS):
        feet = _feet(centers, yaw, size, eyes, habit)
        grown_m = _SLIM_GROWN_M if habit.is_slim else _GROWN_M[turn]
        gauge_all(points, first, feet, gauges, grown_m)
        if not is_sized and turn > 0:
            size[:2] = _agree_on_size(points, first, gauges, centers, yaw, eyes, prior, habit, size)
            feet = _feet(centers, yaw, size, eyes, habit)
            gauge_all(points, first, feet, gauges, grown_m)
        place_all(gauges, feet, eyes, habit.form, seen, info)
        if turn > 0:
            apart = np.hypot(*(seen - centers).T)
            info *= (1 / (1 + (apart / _DOUBT_M) ** 2) ** 2)[:, None, None]
        for number in np.flatnonzero(fixed_mask).tolist():
            shape = anchors[int(frames[number])].shape
            assert isinstance(shape, Pose)  # noqa: S101  (a cuboid track's keyframes are poses)
            seen[number] = shape.translation_m[:2]
            info[number] = np.eye(2) / _HAND_M**2
        states, covariances = smooth_path(time_s, seen, info, habit.unrest(yaw))
        centers = states[:, :2].copy()
        yaw = head_along(time_s, states, covariances, habit, set_mask, set_rad, set_spread)
    seen_mask = (gauges[:, 0] > 0) | fixed_mask
    if not is_sized:
        size[2] = _height(points, first, gauges, prior)
    z = np.array([look.height_at(*center) for look, center in zip(looks, centers.tolist(), strict=True)]) + size[2] / 2
    z += _lift(frames, anchors, fixed_mask, z, time_s)
    apart = np.where(gauges[:, 0] > 0, np.hypot(*(seen - centers).T), 0.0)
    spread = np.sqrt((covariances[:, 0, 0] + covariances[:, 1, 1]) / 2)
    rows = np.column_stack([centers, z, yaw])
    length, width, height = size.tolist()
    speed = np.hypot(states[:, 2], states[:, 3])
    return Path(rows, (length, width, height), seen_mask, gauges, apart, spread, speed, agree_m)


def _merge(
    frames: Int64s, trails: list[Trail], time_s: Float64s, anchors: Mapping[int, Keyframe]
) -> tuple[list[Look], Float64s, Float64s]:
    """In each frame what the run from the nearer anchor found; how far two runs are apart."""
    at_s = {int(frame): float(at) for frame, at in zip(frames, time_s, strict=True)}
    looks, states, agree = [], [], []
    for frame in frames.tolist():
        holding = [trail for trail in trails if frame in trail.looks]
        starts = [next(iter(trail.looks)) for trail in holding]
        order = sorted(range(len(holding)), key=lambda k: (abs(at_s[starts[k]] - at_s[frame]), k))
        best = holding[order[0]]
        looks.append(best.looks[frame])
        states.append(best.states[frame])
        other = [holding[k] for k in order if starts[k] != starts[order[0]]]
        apart = math.dist(best.states[frame][:2], other[0].states[frame][:2]) if other else 0.0
        agree.append(0.0 if frame in anchors else apart)
    return looks, np.array(states), np.array(agree)


def _pool(looks: list[Look]) -> tuple[Float32s, Int64s]:
    """All frames' points in one array, and where each frame's begin."""
    kept = [look.points for look in looks]
    first: Int64s = np.cumsum([0, *(len(each) for each in kept)])
    return (np.concatenate(kept) if kept else np.empty((0, 3), dtype=np.float32)), first


def _set_headings(frames: Int64s, anchors: Mapping[int, Keyframe]) -> tuple[Bools, Float64s, Float64s]:
    mask, angle, spread = np.zeros(len(frames), dtype=np.bool_), np.zeros(len(frames)), np.ones(len(frames))
    for number, frame in enumerate(frames.tolist()):
        keyframe = anchors.get(frame)
        if keyframe is not None and isinstance(keyframe.shape, Pose):
            mask[number], angle[number] = True, keyframe.shape.yaw_rad
            spread[number] = _HAND_RAD if keyframe.is_drawn else _CLICK_RAD
    return mask, angle, spread


def _feet(centers: Float64s, yaw: Float64s, size: Float64s, eyes: Float64s, habit: Habit) -> Float64s:
    """(F, 5) footprints; what is round looks along the line of sight."""
    if habit.form == ROUND:
        half = np.full(len(centers), habit.radius_m((size[0], size[1], size[2])))
        away = centers - eyes
        return np.column_stack([centers, np.arctan2(away[:, 1], away[:, 0]), half, half])
    halves = np.tile(size[:2] / 2, (len(centers), 1))
    return np.column_stack([centers, yaw, halves])


def _agree_on_size(
    points: Float32s,
    first: Int64s,
    gauges: Float64s,
    centers: Float64s,
    yaw: Float64s,
    eyes: Float64s,
    prior: SizePrior,
    habit: Habit,
    size: Float64s,
) -> Float64s:
    """Length and width from the frames that see both ends."""
    if habit.is_slim:
        return np.array(prior.mean_m[:2])
    wide = np.column_stack([centers, yaw, np.tile(size[:2] / 2 + 0.35, (len(centers), 1))])
    out = np.zeros_like(gauges)
    gauge_all(points, first, wide, out)
    away = eyes - centers
    bearing = np.arctan2(away[:, 1], away[:, 0]) - yaw
    found = np.empty(2)
    for k in range(2):
        broadside = np.abs(np.sin(bearing)) if k == 0 else np.abs(np.cos(bearing))
        tells = (out[:, 0] >= _FEWEST_POINTS) & (broadside > 0.35)
        mean, std = prior.mean_m[k], prior.std_m[k]
        if not tells.any():
            found[k] = mean
            continue
        spans = (out[:, 3 + 2 * k] - out[:, 2 + 2 * k])[tells]
        seen = float(np.quantile(spans, 0.75))
        doubt = 0.05 + 0.25 / math.sqrt(tells.sum())
        weight = std**2 / (std**2 + doubt**2)
        found[k] = min(max(weight * seen + (1 - weight) * mean, mean - 2.5 * std), mean + 2.5 * std)
    return found


def _height(points: Float32s, first: Int64s, gauges: Float64s, prior: SizePrior) -> float:
    """From the highest points of the frames that show most."""
    order = np.argsort(-gauges[:, 0])[:20]
    tops = [points[first[k] : first[k + 1], 2] for k in order.tolist() if gauges[k, 0] >= 3]
    return height_from(np.concatenate(tops) if tops else np.empty(0, dtype=np.float32), prior)


def _lift(
    frames: Int64s, anchors: Mapping[int, Keyframe], fixed_mask: Bools, z: Float64s, time_s: Float64s
) -> Float64s:
    """What a person's cuboids say about the height over what the street says, between them in proportion."""
    at = np.flatnonzero(fixed_mask)
    if len(at) == 0:
        return np.zeros(len(z))
    told = np.array([anchors[int(frames[k])].shape.translation_m[2] for k in at.tolist()])  # type: ignore[union-attr]
    lift: Float64s = np.interp(time_s, time_s[at], told - z[at])
    return lift
