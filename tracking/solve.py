"""Solving a whole track: from one click, or from the cuboids a person set, to every frame the object is in.

The object is followed from each anchor through all frames (`trail`); then all that was seen is taken together.
What stood still gets one cuboid from all frames' points (`stand`). What moved gets a smooth path through what
each frame shows of a rigid box (`sight`, `smooth`), a heading along its way (`heading`), and the size that all
frames agree on, again and again until it settles (`path`). Cuboids a person set are kept as they are, and the
rest is bent to them; a cuboid that a machine made is only where to begin.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worldline.geometry import Pose
from worldline.geometry.arrays import Float32s, Float64s, Int64s
from worldline.geometry.pose import Vector
from worldline.geometry.prior import SizePrior

from .errors import PropagationError
from .habit import Habit, habit_of
from .keyframe import Keyframe
from .path import solve_path
from .quality import judge_frames, judge_stand
from .sight import gauge
from .stand import Stand, fit_standing
from .track import Track
from .trail import Surroundings, Trail, first_velocity, follow_trail, look_around

STILL_SHARE = 0.5
"""What is found in place in this share of the frames, and lies where something stands all the time, stands still."""

_PLAINLY_STILL_SHARE = 0.75
_SURE_STILL_SHARE = 0.9
_SLOW_MPS = 3.0
_STANDING_SHARE = 0.2
_ROUND_STANDING_SHARE = 0.7
_SHORT_S = 1.5
_WIDE_M = 2.0
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Solution:
    """A track solved.

    Attributes:
        keyframes: In order of frame; those of a person as they were, all others ``propagated`` with their quality.
        size_m: The size.
        is_still: Whether it stands still: then one keyframe says it all.
        hidden: Frames in which nothing of it was seen: bridged by its motion.
        qualities: By frame: how likely the cuboid is right, 0 to 1.
    """

    keyframes: tuple[Keyframe, ...]
    size_m: Vector
    is_still: bool
    hidden: tuple[int, ...]
    qualities: dict[int, float]

    def within(self, frames: Sequence[int]) -> "Solution":
        """What of it lies in frames."""
        there = frozenset(frames)
        return Solution(
            tuple(each for each in self.keyframes if each.frame in there),
            self.size_m,
            self.is_still,
            tuple(frame for frame in self.hidden if frame in there),
            {frame: quality for frame, quality in self.qualities.items() if frame in there},
        )


def suggest_frames(solution: Solution) -> list[int]:
    """The frames most worth a look, the least sure first; none that a person set, one of what stands still."""
    drawn = {each.frame for each in solution.keyframes if each.is_drawn}
    if solution.is_still:
        return [each.frame for each in solution.keyframes if not each.is_drawn]
    return sorted(solution.qualities.keys() - drawn, key=lambda frame: (solution.qualities[frame], frame))


def solve_track(
    track: Track,
    frames: Sequence[int],
    around: Surroundings,
    prior: SizePrior,
    is_still: bool | None = None,
) -> Solution:
    """Solve a cuboid track over frames.

    Args:
        track: What is known: cuboids set by a person or accepted hold, the first other one is where to begin when
            there are none. The size holds when a person set any.
        frames: The frames in which the object is, increasing.
        around: The scene.
        prior: The usual size of its class.
        is_still: Whether it stands still; None when that has to be found out.

    Raises:
        PropagationError: The track has no cuboid in any of the frames.
    """
    asked = np.array(sorted(set(frames)), dtype=np.int64)
    anchors = {each.frame: each for each in track.keyframes if each.is_drawn and each.frame in set(asked.tolist())}
    if not anchors:
        anchors = {each.frame: each for each in track.keyframes[:1] if each.frame in set(asked.tolist())}
    if track.kind != "cuboid" or track.size_m is None or not anchors:
        raise PropagationError(f"track {track.id}: no cuboid in the frames asked for to begin with; click or draw one")
    is_sized = any(each.is_drawn for each in anchors.values())
    task = _Task(
        asked, anchors, track.size_m, is_sized, around, prior, habit_of(track.size_m if is_sized else prior.mean_m)
    )
    moved = _is_apart(anchors)
    if is_still is None:
        is_still = not moved and task.stands()
    return task.stand() if is_still else task.move()


def _is_apart(anchors: dict[int, Keyframe]) -> bool:
    places = np.array([each.shape.translation_m for each in anchors.values() if isinstance(each.shape, Pose)])
    return bool((np.ptp(places, axis=0) > 0.5).any())


class _Task:
    """One track being solved."""

    def __init__(
        self,
        frames: Int64s,
        anchors: dict[int, Keyframe],
        size_m: Vector,
        is_sized: bool,
        around: Surroundings,
        prior: SizePrior,
        habit: Habit,
    ) -> None:
        self.frames, self.anchors, self.is_sized = frames, anchors, is_sized
        self.around, self.prior, self.habit = around, prior, habit
        self.size_m = size_m if is_sized else prior.mean_m
        self.drawn_size_m = size_m
        self.eyes = around.eyes(frames)
        self.seen: set[int] = set()

    def _foot(self, keyframe: Keyframe) -> tuple[Float64s, Float64s]:
        """A keyframe's footprint and the street under it as it says."""
        shape = keyframe.shape
        assert isinstance(shape, Pose)  # noqa: S101  (a cuboid track's keyframes are poses)
        x, y, z = shape.translation_m
        half = self.drawn_size_m
        foot = np.array([x, y, shape.yaw_rad, half[0] / 2, half[1] / 2])
        return foot, np.array([z - half[2] / 2, 0.0, 0.0])

    # --- what stands still

    def stands(self) -> bool:
        """Whether the object is found in one place nearly all the time."""
        anchor = next(iter(self.anchors.values()))
        foot, plane = self._foot(anchor)
        counts, standing = np.zeros(len(self.frames)), 1.0
        gauged = np.empty(8)
        for number, frame in enumerate(self.frames.tolist()):
            look = look_around(self.around, frame, foot[0], foot[1], self.drawn_size_m, 0.5, plane)
            gauge(look.points, foot, gauged)
            counts[number] = gauged[0]
            if frame == anchor.frame and self.around.street is not None and len(look.points):
                near = np.hypot(look.points[:, 0] - foot[0], look.points[:, 1] - foot[1]) < max(foot[3], 0.5)
                standing = float(self.around.street.standing(look.points[near]).mean()) if near.any() else 0.0
        square = np.maximum(((self.eyes - foot[:2]) ** 2).sum(axis=1), 1.0)
        here = int(np.flatnonzero(self.frames == anchor.frame)[0])
        share = float((counts >= np.maximum(1, 0.1 * counts[here] * square[here] / square)).mean())
        lasted_s = float(np.ptp(self.around.time_s(self.frames)))
        if self.habit.is_slim:
            return share >= STILL_SHARE and standing >= _ROUND_STANDING_SHARE
        if lasted_s < _SHORT_S:
            return share >= _SURE_STILL_SHARE
        if share < STILL_SHARE or (standing < _STANDING_SHARE and share < _PLAINLY_STILL_SHARE):
            return False
        near = self.frames[max(here - 8, 0) : here + 9]
        velocity = first_velocity(self.around, near, anchor.frame, foot, self.size_m, self.habit, plane)
        if standing < _STANDING_SHARE:  # seen there too shortly for the street to know: only what does not creep
            return math.hypot(*velocity) == 0.0
        return share >= _PLAINLY_STILL_SHARE or math.hypot(*velocity) < _SLOW_MPS

    def stand(self) -> Solution:
        """One cuboid for all frames."""
        protected = [each for each in self.anchors.values() if each.is_drawn]
        anchor = protected[0] if protected else next(iter(self.anchors.values()))
        foot, plane = self._foot(anchor)
        if protected:
            self._gather(foot, plane)
            return self._still(anchor, self.drawn_size_m, 1.0)
        found: Stand | None = None
        for _ in range(2):
            points, eyes = self._gather(foot, plane)
            found = fit_standing(self._standing(points), points, eyes, foot, self.prior) or found
            if found is None:
                break
            foot = np.array([found.x_m, found.y_m, found.yaw_rad, found.size_m[0] / 2, found.size_m[1] / 2])
        if found is None:
            return self._still(anchor, self.drawn_size_m, 0.3)
        height_m = found.size_m[2]
        z = self._street_at(anchor.frame, foot, found.size_m, plane) + height_m / 2
        pose = Pose.from_yaw(found.yaw_rad, (found.x_m, found.y_m, z))
        quality = judge_stand(found.point_count, sum(found.seen))
        return self._still(Keyframe(anchor.frame, pose, "propagated", quality=round(quality, 4)), found.size_m, quality)

    def _still(self, keyframe: Keyframe, size_m: Vector, quality: float) -> Solution:
        hidden = tuple(sorted(set(self.frames.tolist()) - self.seen - {keyframe.frame}))
        return Solution((keyframe,), size_m, True, hidden, dict.fromkeys(self.frames.tolist(), round(quality, 4)))

    def _gather(self, foot: Float64s, plane: Float64s) -> tuple[Float32s, Float64s]:
        """All frames' points around a place, and where the sensor saw some from."""
        gathered, eyes = [], []
        self.seen = set()
        gauged = np.empty(8)
        mean = self.prior.mean_m
        for frame, eye in zip(self.frames.tolist(), self.eyes, strict=True):
            look = look_around(self.around, frame, foot[0], foot[1], mean, _WIDE_M, plane)
            gauge(look.points, foot, gauged)
            if gauged[0] > 0:
                self.seen.add(frame)
            if gauged[0] >= _FEWEST:
                gathered.append(look.points)
                eyes.append(eye)
        if not gathered:
            return np.empty((0, 3), dtype=np.float32), np.empty((0, 2))
        return np.concatenate(gathered), np.array(eyes)

    def _standing(self, points: Float32s) -> Float32s:
        """Those that lie where something stands most of the time."""
        if self.around.street is None or len(points) == 0:
            return points
        mask = self.around.street.standing(points)
        return points[mask] if mask.mean() > _STANDING_SHARE else points

    def _street_at(self, frame: int, foot: Float64s, size_m: Vector, plane: Float64s) -> float:
        return float(look_around(self.around, frame, foot[0], foot[1], size_m, 0.5, plane).plane[0])

    # --- what moves

    def move(self) -> Solution:
        """A path through all frames."""
        trails = self._follow()
        path = solve_path(
            self.frames, trails, self.anchors, self.drawn_size_m, self.is_sized, self.around, self.prior, self.habit
        )
        qualities = judge_frames(path)
        keyframes, by_frame = [], {}
        for number, frame in enumerate(self.frames.tolist()):
            anchor = self.anchors.get(frame)
            if anchor is not None and anchor.is_drawn:
                keyframes.append(anchor)
                by_frame[frame] = 1.0
                continue
            x, y, z, yaw = path.rows[number].tolist()
            quality = round(float(qualities[number]), 4)
            keyframes.append(Keyframe(frame, Pose.from_yaw(yaw, (x, y, z)), "propagated", quality=quality))
            by_frame[frame] = quality
        hidden = tuple(self.frames[~path.seen_mask].tolist())
        return Solution(tuple(keyframes), path.size_m, False, hidden, by_frame)

    def _follow(self) -> list[Trail]:
        """From each anchor both ways, up to the next anchor."""
        order = sorted(self.anchors)
        places = [int(np.flatnonzero(self.frames == frame)[0]) for frame in order]
        trails: list[Trail] = []
        for number, (frame, at) in enumerate(zip(order, places, strict=True)):
            anchor = self.anchors[frame]
            foot, plane = self._foot(anchor)
            start = places[number - 1] if number else 0
            end = places[number + 1] if number + 1 < len(places) else len(self.frames) - 1
            velocity = self._velocity(order, frame)
            if velocity is None:
                near = self.frames[max(at - 8, 0) : at + 9]
                velocity = first_velocity(self.around, near, frame, foot, self.size_m, self.habit, plane)
            for run in (self.frames[at : end + 1], self.frames[start : at + 1][::-1]):
                if len(run) > 1 or not trails:
                    trails.append(
                        follow_trail(
                            self.around, run.tolist(), foot, self.size_m, velocity, self.habit, plane, anchor.is_drawn
                        )
                    )
        return trails

    def _velocity(self, order: list[int], frame: int) -> tuple[float, float] | None:
        """What the anchors around tell, when there are any within three seconds."""
        others = [each for each in order if each != frame]
        if not others:
            return None
        nearest = min(others, key=lambda each: abs(each - frame))
        time_s = self.around.time_s(np.array([frame, nearest]))
        gone_s = float(time_s[1] - time_s[0])
        if abs(gone_s) > 3.0:
            return None
        here, there = self.anchors[frame].shape, self.anchors[nearest].shape
        assert isinstance(here, Pose) and isinstance(there, Pose)  # noqa: S101
        return (
            (there.translation_m[0] - here.translation_m[0]) / gone_s,
            (there.translation_m[1] - here.translation_m[1]) / gone_s,
        )
