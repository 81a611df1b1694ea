"""What labelling costs with the assistants: one click, then corrections where the tool is least sure.

The annotator does only what a person can: click to fit, set a keyframe, propagate, interpolate. What stands
still is held where it is. What moves is propagated from each keyframe that was set, both ways, up to the next
one that was; where that comes out worse than the curve through the keyframes alone, the curve is taken.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from worldline.geometry import Cuboid, FitError
from worldline.geometry.arrays import Bools, Float32s, Float64s
from worldline.geometry.pose import Vector

from .effort import HEADING_RAD, Hand, Outcome, Target, find_right, turned
from .effort_rules import Ride, rows_of
from .keyframe import Keyframe
from .propagate import Direction, propagate
from .scan import Sweeps
from .track import Track

_FLIPPED_RAD = np.pi / 2
_SAME_M = 1e-9


@dataclass(frozen=True, slots=True)
class Tool:
    """What the annotator works with.

    Attributes:
        fit: From a frame, a point of the object and its class to a cuboid, both in the world.
        sweeps: Loads the points of a frame.
        sensor_at: Where the lidar is in the world in a frame.
        ride: The clock and the poses.
    """

    fit: Callable[[int, Vector, str], Cuboid]
    sweeps: Sweeps
    sensor_at: Callable[[int], Vector]
    ride: Ride


def label_with_tool(target: Target, tool: Tool, hand: Hand, *, may_interpolate: bool = True) -> Outcome:
    """Click, then look where the tool is least sure and correct, until all frames are right.

    Args:
        target: The truth.
        tool: The assistants.
        hand: The annotator's.
        may_interpolate: Whether propagated keyframes are taken away where that makes more frames right.
    """
    return _Labelling(target, tool, hand, may_interpolate).run()


def find_click(target: Target, index: int, sweeps: Sweeps, random: np.random.Generator) -> Vector:
    """A random point of the object in a judged frame; its centre when the points round out of the cuboid."""
    cuboid = target.cuboid(index)
    points: Float32s = sweeps(int(target.frames[index]), cuboid.center_m, max(cuboid.size_m))
    own = points[cuboid.contains(points)]
    if len(own) == 0:
        return cuboid.center_m
    x, y, z = own[random.integers(len(own))].tolist()
    return (x, y, z)


class _Labelling:
    """One object being labelled: its track so far and what was spent on it."""

    def __init__(self, target: Target, tool: Tool, hand: Hand, may_interpolate: bool) -> None:
        self._target, self._tool, self._hand = target, tool, hand
        self._may_interpolate = may_interpolate
        self._index_of = {frame: index for index, frame in enumerate(target.frames.tolist())}
        self._origins: dict[int, int] = {}  # from which keyframe of a person each machine keyframe was carried
        self._actions, self._looked, self._commands, self._seconds = 0, 0, 0, 0.0
        self._causes: Counter[str] = Counter()
        self._is_sized = False
        self._track = self._click()
        self._rows = self._shown()

    def run(self) -> Outcome:
        """All of it, after the click."""
        target, first = self._target, int(self._target.frames[self._target.click_index])
        seen_mask = np.zeros(len(target.frames), dtype=np.bool_)
        if not target.is_still:
            self._propagate(first)
            self._rows = self._shown()
        while True:
            wrong = self._look(seen_mask)
            if wrong is None:
                break
            self._correct(wrong)
            shown = self._rows
            self._rows = self._shown()
            changed_mask = ~np.isclose(self._rows, shown, rtol=0, atol=_SAME_M, equal_nan=True).all(axis=1)
            seen_mask &= ~changed_mask
            seen_mask[wrong] = True  # it was just set by hand
        causes = MappingProxyType(dict(self._causes))
        return Outcome(self._actions, self._looked, self._commands, self._seconds, causes)

    def _click(self) -> Track:
        """The track after the first click; what is wrong in that frame is seen at once and corrected there."""
        target, index = self._target, self._target.click_index
        frame = int(target.frames[index])
        point = find_click(target, index, self._tool.sweeps, self._hand.random)
        self._actions, self._looked = 1, 1
        begun = time.perf_counter()
        cuboid = self._fit(frame, point)
        self._seconds += time.perf_counter() - begun
        if cuboid is None:
            cause: str | None = "click: nothing to fit"
        else:
            cause = self._fault(index, np.array([[*cuboid.center_m, *cuboid.size_m, cuboid.yaw_rad]]), "click")
        if cuboid is None or cause is not None:
            self._spend(cause or "click")
            self._is_sized = True
            cuboid = self._hand.draw(target.cuboid(index))
        keyframes = (Keyframe(frame, cuboid.pose),)
        return Track("t", target.object_id, size_m=cuboid.size_m, keyframes=keyframes, spans=target.spans)

    def _fit(self, frame: int, point: Vector) -> Cuboid | None:
        try:
            return self._tool.fit(frame, point, self._target.class_name)
        except FitError:
            return None

    def _look(self, seen_mask: Bools) -> int | None:
        """Look at frames, the least sure first, up to one that is wrong: its index, or None when all are right."""
        right_mask, _ = find_right(self._target, self._rows)
        for index in self._suggest(seen_mask):
            self._looked += 1
            seen_mask[index] = True
            if not right_mask[index]:
                return index
        return None

    def _suggest(self, seen_mask: Bools) -> list[int]:
        """What to look at: frames without a keyframe, the furthest from any, then by quality; none set by hand."""
        keyframes = {each.frame: each for each in self._track.keyframes}
        at = np.array(list(keyframes))
        asked = []
        for index in np.flatnonzero(~seen_mask).tolist():
            frame = int(self._target.frames[index])
            keyframe = keyframes.get(frame)
            if keyframe is None or keyframe.source != "human":
                quality = 0.0 if keyframe is None or keyframe.quality is None else keyframe.quality
                asked.append((quality, -int(np.abs(at - frame).min()), index))
        return [index for *_, index in sorted(asked)]

    def _correct(self, index: int) -> None:
        """One action: the frame's keyframe by hand, and what follows from it."""
        target, frame = self._target, int(self._target.frames[index])
        keyframe = self._track.keyframe_at(frame)
        word = "held" if target.is_still else "not propagated" if keyframe is None else "propagated"
        self._spend(self._fault(index, self._rows[index : index + 1], word) or word)
        if not self._is_sized:
            drawn = self._hand.draw(target.cuboid(index))
            self._is_sized = True
            self._track = self._track.with_size(drawn.size_m)
            if target.is_still:  # the one cuboid there is is put right
                self._track = replace(self._track, keyframes=())
            pose = drawn.pose
        else:
            pose = self._hand.place(target.cuboid(index))
        self._forget_beyond(frame)
        self._origins.pop(frame, None)
        self._track = self._track.with_keyframe(Keyframe(frame, pose))
        if not target.is_still:
            self._propagate(frame)

    def _forget_beyond(self, frame: int) -> None:
        """What was carried on through a frame that turned out wrong is taken away: interpolate, in the viewer."""
        origin = self._origins.get(frame)
        if origin is None:
            return
        side = 1 if frame > origin else -1
        stale = {at for at, start in self._origins.items() if start == origin and (at - frame) * side > 0}
        kept = tuple(each for each in self._track.keyframes if each.frame not in stale or each.is_protected)
        self._track = replace(self._track, keyframes=kept)

    def _propagate(self, frame: int) -> None:
        """Both ways from a keyframe that was set, up to the next that was or as far as the object is judged."""
        set_frames = [each.frame for each in self._track.keyframes if each.is_protected]
        low = max((at for at in set_frames if at < frame), default=int(self._target.frames[0]) - 1)
        high = min((at for at in set_frames if at > frame), default=int(self._target.frames[-1]) + 1)
        if high - frame > 1:
            self._carry(frame, "forward", range(frame + 1, high))
        if frame - low > 1:
            self._carry(frame, "backward", range(low + 1, frame))

    def _carry(self, frame: int, direction: Direction, gap: range) -> None:
        """Fill the frames between two keyframes that were set."""
        tool = self._tool
        self._commands += 1
        begun = time.perf_counter()
        clock_ns = tool.ride.clock_ns
        # One frame more than the gap: propagation then sees the keyframe at its end, and closes on it.
        found = propagate(self._track, frame, direction, len(gap) + 1, tool.sweeps, clock_ns, tool.sensor_at)
        self._seconds += time.perf_counter() - begun
        carried = {each.frame: each for each in found.keyframes if each.frame in gap and each.frame in self._index_of}
        self._origins.update(dict.fromkeys(carried, frame))
        fresh = {each.frame: each for each in self._track.keyframes} | carried
        self._track = replace(self._track, keyframes=tuple(fresh[at] for at in sorted(fresh)))
        if self._may_interpolate:
            self._clear_if_better(gap)

    def _clear_if_better(self, gap: range) -> None:
        """Keep what was carried into a gap, or the curve without it: the one with more frames right."""
        others = tuple(each for each in self._track.keyframes if each.frame not in gap)
        curve = replace(self._track, keyframes=others)
        inside_mask = (self._target.frames >= gap.start) & (self._target.frames < gap.stop)
        right_counts = [
            int(find_right(self._target, rows_of(track, self._target, self._tool.ride.clock_ns))[0][inside_mask].sum())
            for track in (self._track, curve)
        ]
        self._looked += int(inside_mask.sum())  # at the one that is not kept
        if right_counts[1] >= right_counts[0]:
            self._commands += 1
            self._track = curve

    def _shown(self) -> Float64s:
        return rows_of(self._track, self._target, self._tool.ride.clock_ns)

    def _fault(self, index: int, rows: Float64s, word: str) -> str | None:
        """What is wrong with a frame, None when nothing is."""
        target = self._target
        one = replace(
            target,
            frames=target.frames[index : index + 1],
            rows=target.rows[index : index + 1],
            point_counts=target.point_counts[index : index + 1],
        )
        right_mask, _ = find_right(one, rows)
        if right_mask[0]:
            return None
        apart_rad = float(turned(rows[:, 6], one.rows[:, 6])[0])
        if apart_rad > _FLIPPED_RAD:
            return f"{word}: other way round"
        exact = np.column_stack([rows[:, :6], one.rows[:, 6:]])
        is_turn = apart_rad > HEADING_RAD and bool(find_right(one, exact)[0][0])
        return f"{word}: heading" if is_turn else f"{word}: place or size"

    def _spend(self, cause: str) -> None:
        self._actions += 1
        self._causes[cause] += 1
