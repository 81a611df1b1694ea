"""Trails: what is seen of one object in every frame, found by following it from where it is known.

From an anchor the object is followed frame by frame: a constant-velocity filter says where to look, `sight` says
where it is. What stands around it in each frame is kept, so that the whole path can be looked at again.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from worldline.geometry import wrap_angle
from worldline.geometry.arrays import Float32s, Float64s, Int64s
from worldline.geometry.pose import Vector

from .clearance import fit_plane, pick_above
from .habit import ROUND, Habit
from .scan import CLEAR_M, STREET_M, Sweeps
from .sight import FAR_COST, gauge, place_center, seek
from .smooth import fill_step, update_state
from .street import Street
from .velocity import find_velocity

KEPT_M = 1.5
"""How far around the object points are kept."""

MOVING_MPS = 0.7
"""What moves faster is not where something stands all the time."""

_WANTED_SHARE, _FIRST_SHARE = 1.2, 0.7
_SLIM_GROWN_M, _BOX_GROWN_M = 0.12, 0.3
_OWN_SHARE = 0.3
_ALL_SHARE = 0.5
_NEAR_M = 0.25
_FARTHEST_M = 1.6
_HEADED_MPS = 1.5
_WORTH_SHARE = 0.08
"""Fewer of the points expected than this are no sighting."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an object is followed in.

    Attributes:
        sweeps: Loads the points of a frame.
        clock_ns: (C,) times of all frames.
        sensor_at: Where the lidar is in a frame.
        street: Under everything, when it is known; else each frame's own is taken.
    """

    sweeps: Sweeps
    clock_ns: Int64s
    sensor_at: Callable[[int], Vector]
    street: Street | None = None

    def time_s(self, frames: Int64s) -> Float64s:
        """(F,) seconds since the first frame of the scene."""
        seconds: Float64s = (self.clock_ns[frames] - self.clock_ns[0]) * 1e-9
        return seconds

    def eyes(self, frames: Int64s) -> Float64s:
        """(F, 2) the lidar's place from above."""
        return np.array([self.sensor_at(frame)[:2] for frame in frames.tolist()], dtype=np.float64).reshape(-1, 2)


@dataclass(slots=True)
class Look:
    """What stands around a place in a frame.

    Attributes:
        points: (N, 3) world x and y, height over the street.
        plane: (3,) the street: height at the place, slopes.
        place: The place.
    """

    points: Float32s
    plane: Float64s
    place: tuple[float, float]

    def height_at(self, x_m: float, y_m: float) -> float:
        """The street's height somewhere near."""
        return float(self.plane[0] + self.plane[1] * (x_m - self.place[0]) + self.plane[2] * (y_m - self.place[1]))


@dataclass(slots=True)
class Trail:
    """The frames of one run from an anchor.

    Attributes:
        looks: By frame.
        states: By frame: x, y and velocity.
        yaws: By frame.
        is_seen: By frame: whether anything of the object was.
    """

    looks: dict[int, Look] = field(default_factory=dict)
    states: dict[int, Float64s] = field(default_factory=dict)
    yaws: dict[int, float] = field(default_factory=dict)
    is_seen: dict[int, bool] = field(default_factory=dict)


def look_around(
    around: Surroundings, frame: int, x_m: float, y_m: float, size_m: Vector, slack_m: float, plane: Float64s
) -> Look:
    """What stands on the street around a place.

    Args:
        around: The scene.
        frame: The frame.
        x_m: The place.
        y_m: The place.
        size_m: The object's size.
        slack_m: How far around its footprint.
        plane: (3,) the street expected there.
    """
    half_m = math.hypot(size_m[0], size_m[1]) / 2
    own = plane.copy()
    known = around.street is not None and around.street.plane_at(x_m, y_m, half_m, own)
    points = around.sweeps(frame, (x_m, y_m, float(plane[0])), half_m + (slack_m if known else max(slack_m, STREET_M)))
    points = np.ascontiguousarray(points, dtype=np.float32).reshape(-1, 3)
    if not known:
        fit_plane(points, x_m, y_m, half_m + STREET_M, own)
    picked = np.empty_like(points)
    low_m = min(CLEAR_M, size_m[2] / 4)
    count = pick_above(points, x_m, y_m, half_m + slack_m, own, 0.0, low_m, size_m[2] + 0.4, picked)
    return Look(picked[:count], own, (x_m, y_m))


def first_velocity(
    around: Surroundings, frames: Int64s, frame: int, foot: Float64s, size_m: Vector, habit: Habit, plane: Float64s
) -> tuple[float, float]:
    """The velocity at an anchor from the frames around it; zero when nothing tells."""
    time_s = around.clock_ns[frames] * 1e-9
    here_s = float(around.clock_ns[frame]) * 1e-9
    near = [
        other
        for other, apart_s in zip(frames.tolist(), np.abs(time_s - here_s).tolist(), strict=True)
        if other != frame and (apart_s <= habit.window_s or abs(other - frame) == 1)
    ]
    slack = 0.5
    own_look = look_around(around, frame, foot[0], foot[1], size_m, slack, plane)
    gauged = np.empty(8)
    cos, sin = math.cos(foot[2]), math.sin(foot[2])
    offset = own_look.points[:, :2] - foot[:2]
    along, across = offset[:, 0] * cos + offset[:, 1] * sin, offset[:, 1] * cos - offset[:, 0] * sin
    own = own_look.points[(np.abs(along) <= foot[3] + 0.2) & (np.abs(across) <= foot[4] + 0.2)]
    if not near or len(own) < 3:
        return 0.0, 0.0
    if habit.is_slim and around.street is not None:
        moving = ~around.street.standing(own)
        own = own[moving] if moving.sum() >= 3 else own
    gauge(own, foot, gauged)
    center = own[:, :2].mean(axis=0).astype(np.float64)
    looks, ahead = [], []
    for other in near:
        gone = (float(around.clock_ns[other]) * 1e-9) - here_s
        there = look_around(around, other, foot[0], foot[1], size_m, habit.fastest_mps * abs(gone) + 0.5, plane)
        points = there.points
        if habit.is_slim and around.street is not None:
            points = points[~around.street.standing(points)]
        looks.append(points)
        ahead.append(gone)
    first = np.cumsum([0, *(len(each) for each in looks)])
    farthest = max(abs(each) for each in ahead)
    found = np.zeros(2)
    step_mps = 0.2 / farthest
    worth = find_velocity(
        own, np.concatenate(looks), first, np.array(ahead), center, habit.fastest_mps, step_mps, found
    )
    return (float(found[0]), float(found[1])) if worth > 0.1 else (0.0, 0.0)


def follow_trail(
    around: Surroundings,
    frames: list[int],
    foot: Float64s,
    size_m: Vector,
    velocity_mps: tuple[float, float],
    habit: Habit,
    plane: Float64s,
    is_sure: bool,
) -> Trail:
    """Follow an object from an anchor through frames.

    Args:
        around: The scene.
        frames: In the order of following, the anchor's first.
        foot: (5,) its footprint in the first.
        size_m: Its size.
        velocity_mps: There, of time running forward.
        habit: How it moves.
        plane: (3,) the street there.
        is_sure: Whether a person put it there.
    """
    trail = Trail()
    state = np.array([foot[0], foot[1], *velocity_mps])
    covariance = np.diag([1e-3, 1e-3, 1.0, 1.0] if is_sure else [0.3, 0.3, 1.0, 1.0])
    yaw, plane = float(foot[2]), plane.copy()
    carry, noise = np.empty((4, 4)), np.empty((4, 4))
    gauged, seen, info = np.empty(8), np.empty(2), np.empty((2, 2))
    expected = 0.0
    before = frames[0]
    unseen_s = 0.0
    place = (float(foot[0]), float(foot[1]))
    for frame in frames:
        step_s = (int(around.clock_ns[frame]) - int(around.clock_ns[before])) * 1e-9
        fill_step(abs(step_s), habit.unrest_m2ps3 * np.eye(2), carry, noise)
        carry[:2, 2:] *= math.copysign(1.0, step_s)
        noise[:2, 2:] *= math.copysign(1.0, step_s)
        noise[2:, :2] *= math.copysign(1.0, step_s)
        state, covariance = carry @ state, carry @ covariance @ carry.T + noise
        speed = math.hypot(state[2], state[3])
        if speed > _HEADED_MPS:
            turn = wrap_angle(math.atan2(state[3], state[2]) - yaw)
            turn = turn if abs(turn) <= math.pi / 2 else wrap_angle(turn + math.pi)
            yaw = wrap_angle(yaw + turn * min(0.2 + speed / 20, 1.0))
        plane[0] += plane[1] * (state[0] - place[0]) + plane[2] * (state[1] - place[1])
        look = look_around(around, frame, state[0], state[1], size_m, KEPT_M, plane)
        if habit.is_slim and around.street is not None:
            moving = look.points[~around.street.standing(look.points)]
            own = _footprint(state, yaw, size_m, habit, np.array(around.sensor_at(frame)[:2]))
            gauge(look.points, own, gauged)
            all_count = gauged[0]
            gauge(moving, own, gauged)
            square = max(float(((own[:2] - around.eyes(np.array([frame]))[0]) ** 2).sum()), 1.0)
            is_own = all_count > _ALL_SHARE * expected / square
            if gauged[0] > _OWN_SHARE * all_count or not (is_own and expected):
                look.points = moving
        plane, place = look.plane.copy(), look.place
        eye = np.array(around.sensor_at(frame)[:2])
        reach = np.minimum(_NEAR_M + 2 * np.sqrt(np.diag(covariance)[:2].mean()), _FARTHEST_M)
        if habit.form == ROUND:
            reach = min(reach, 0.9)
        turned = _footprint(state, yaw, size_m, habit, eye)
        step_m = 0.1 if reach < 0.6 else 0.2
        is_seen = False
        if len(look.points):
            range_2 = max((eye[0] - turned[0]) ** 2 + (eye[1] - turned[1]) ** 2, 1.0)
            if expected:
                wanted = max(_WANTED_SHARE * expected / range_2, 1.0)
            else:  # nothing is known yet: as many as there are around it
                gauge(look.points, turned, gauged, float(reach) / 2)
                wanted = max(_FIRST_SHARE * gauged[0], 1.0)
            worth = seek(look.points, turned, eye, np.array([reach, reach]), step_m, habit.form, wanted, seen)
            turned[:2] = seen
            gauge(look.points, turned, gauged, _SLIM_GROWN_M if habit.is_slim else _BOX_GROWN_M)
            if gauged[0] >= max(1.0, _WORTH_SHARE * expected / range_2) and worth > -FAR_COST / 2:
                place_center(gauged, turned, eye, habit.form, seen, info)
                update_state(state, covariance, seen, info)
                is_seen = True
                expected = expected + 0.2 * (gauged[0] * range_2 - expected) if expected else gauged[0] * range_2
        unseen_s = 0.0 if is_seen else unseen_s + abs(step_s)
        trail.looks[frame], trail.states[frame] = look, state.copy()
        trail.yaws[frame], trail.is_seen[frame] = yaw, is_seen
        before = frame
    return trail


def _footprint(state: Float64s, yaw: float, size_m: Vector, habit: Habit, eye: Float64s) -> Float64s:
    if habit.form == ROUND:
        half = habit.radius_m(size_m)
        return np.array([state[0], state[1], math.atan2(state[1] - eye[1], state[0] - eye[0]), half, half])
    return np.array([state[0], state[1], yaw, size_m[0] / 2, size_m[1] / 2])
