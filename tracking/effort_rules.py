"""What labelling costs by the rules that look at no points.

Each rule fills the frames between keyframes in its own way (`FILLS`). The annotator draws the object in the
frame of the click, looks at all frames, corrects the one that is furthest off, looks at what changed, and so on
until all are right. Copying forward and labelling frame by frame go through the frames in order instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from worldline.geometry import Pose
from worldline.geometry.arrays import Float64s, Int64s
from worldline.geometry.pose import Vector

from .effort import Hand, Outcome, Target, find_right
from .interpolate import poses_at
from .keyframe import Keyframe
from .track import Track

Keys: TypeAlias = Mapping[int, Pose]
"""The keyframes set so far, by frame."""


@dataclass(frozen=True, slots=True)
class Ride:
    """The clock and where the sensor was.

    Attributes:
        clock_ns: (C,) times of all frames.
        world_from_sensor: (C, 4, 4) float64, the sensor held upright.
    """

    clock_ns: Int64s
    world_from_sensor: Float64s

    @property
    def yaw_rad(self) -> Float64s:
        """(C,) heading of the sensor."""
        yaw: Float64s = np.arctan2(self.world_from_sensor[:, 1, 0], self.world_from_sensor[:, 0, 0])
        return yaw


Fill: TypeAlias = Callable[[Target, Keys, Vector, Ride], Float64s]
"""(F, 7) what the tool shows in the frames judged."""


def fill_linear_in_sensor(target: Target, keys: Keys, size_m: Vector, ride: Ride) -> Float64s:
    """Straight lines in the sensor's frame, as CVAT and SUSTechPOINTS draw them."""
    at = np.array(sorted(keys))
    world_m = np.array([keys[frame].translation_m for frame in at.tolist()])
    offset_m = world_m - ride.world_from_sensor[at, :3, 3]
    own_m = np.einsum("kji,kj->ki", ride.world_from_sensor[at, :3, :3], offset_m)
    own_rad = np.unwrap([keys[frame].yaw_rad for frame in at.tolist()] - ride.yaw_rad[at])
    centers_m, yaw_rad = _along(target, at, own_m, own_rad, ride)
    poses = ride.world_from_sensor[target.frames]
    centers_m = np.einsum("fij,fj->fi", poses[:, :3, :3], centers_m) + poses[:, :3, 3]
    return _rows(centers_m, size_m, yaw_rad + ride.yaw_rad[target.frames])


def fill_linear_in_world(target: Target, keys: Keys, size_m: Vector, ride: Ride) -> Float64s:
    """Straight lines in the world."""
    at = np.array(sorted(keys))
    world_m = np.array([keys[frame].translation_m for frame in at.tolist()])
    world_rad = np.unwrap([keys[frame].yaw_rad for frame in at.tolist()])
    centers_m, yaw_rad = _along(target, at, world_m, world_rad, ride)
    return _rows(centers_m, size_m, yaw_rad)


def fill_hermite(target: Target, keys: Keys, size_m: Vector, ride: Ride) -> Float64s:
    """This project's curves in the world."""
    keyframes = tuple(Keyframe(frame, keys[frame]) for frame in sorted(keys))
    track = Track("t", target.object_id, size_m=size_m, keyframes=keyframes, spans=target.spans)
    return rows_of(track, target, ride.clock_ns)


FILLS: Mapping[str, Fill] = MappingProxyType(
    {
        "linear in the sensor frame": fill_linear_in_sensor,
        "linear in the world": fill_linear_in_world,
        "ours without points": fill_hermite,
    }
)


def label_by_interpolation(target: Target, fill: Fill, ride: Ride, hand: Hand) -> Outcome:
    """Correct the frame that is furthest off until all are right."""
    drawn = hand.draw(target.cuboid(target.click_index))
    keys = {int(target.frames[target.click_index]): drawn.pose}
    shown = np.full(target.rows.shape, np.nan)
    looked = 1
    while True:
        rows = fill(target, keys, drawn.size_m, ride)
        is_key_mask = np.isin(target.frames, list(keys))
        changed_mask = ~np.isclose(rows, shown, rtol=0, atol=1e-9).all(axis=1) & ~is_key_mask
        looked += int(changed_mask.sum())
        shown = rows
        right_mask, overlaps = find_right(target, rows)
        wrong = np.flatnonzero(~right_mask & ~is_key_mask)
        if len(wrong) == 0:
            return Outcome(len(keys), looked)
        away_m = np.linalg.norm(rows[wrong, :3] - target.rows[wrong, :3], axis=1)
        worst = int(wrong[np.lexsort((-away_m, overlaps[wrong]))[0]])
        keys[int(target.frames[worst])] = hand.place(target.cuboid(worst))


def label_by_copying(target: Target, ride: Ride, hand: Hand) -> Outcome:
    """Frame after frame, each begins as a copy of the one before in the sensor's frame, as in labelCloud."""
    drawn = hand.draw(target.cuboid(0))
    key, actions = {int(target.frames[0]): drawn.pose}, 1
    right_mask, _ = find_right(target, fill_linear_in_sensor(target, key, drawn.size_m, ride))
    for index in range(1, len(target.frames)):
        if not right_mask[index]:
            key, actions = {int(target.frames[index]): hand.place(target.cuboid(index))}, actions + 1
            right_mask, _ = find_right(target, fill_linear_in_sensor(target, key, drawn.size_m, ride))
    return Outcome(actions, len(target.frames))


def label_frame_by_frame(target: Target) -> Outcome:
    """A cuboid is set in every frame."""
    return Outcome(len(target.frames), len(target.frames))


def rows_of(track: Track, target: Target, clock_ns: Int64s) -> Float64s:
    """(F, 7) A track in the frames judged."""
    poses = poses_at(track, target.frames.tolist(), clock_ns)
    w, x, y, z = poses.rotations_wxyz.T
    yaw_rad = np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z))
    return _rows(poses.centers_m, track.size_m or target.size_m, yaw_rad)


def _along(target: Target, at: Int64s, centers_m: Float64s, yaw_rad: Float64s, ride: Ride) -> tuple[Float64s, Float64s]:
    """Centres and headings on straight lines over time; outside the keyframes the nearest one holds."""
    asked_ns, key_ns = (ride.clock_ns[frames].astype(np.float64) for frames in (target.frames, at))
    along = np.stack([np.interp(asked_ns, key_ns, centers_m[:, axis]) for axis in range(3)], axis=1)
    return along, np.interp(asked_ns, key_ns, yaw_rad)


def _rows(centers_m: Float64s, size_m: Vector, yaw_rad: Float64s) -> Float64s:
    return np.column_stack([centers_m, np.tile(size_m, (len(centers_m), 1)), yaw_rad])
