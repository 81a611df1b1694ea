"""What labelling costs when the whole track is solved from one click, and again after each correction.

The annotator does only what a person can: click, solve, set a keyframe, say that a thing stands or moves, and
take machine-made keyframes away between two of his own.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from worldline.geometry import Cuboid
from worldline.geometry.arrays import Bools, Float64s
from worldline.geometry.pose import Vector

from .effort import Hand, Outcome, Target, explain_fault, find_right
from .effort_ours import find_click
from .effort_rules import Ride, rows_of
from .keyframe import Keyframe
from .scan import Sweeps
from .solve import Solution
from .track import Track

_SAME_M = 1e-9


@dataclass(frozen=True, slots=True)
class Solver:
    """What the annotator works with.

    Attributes:
        begin: From a frame, a point of the object and its class to a cuboid, in the world.
        solve: From a track, the frames the object is in, its class and whether it stands still (None: find out) to
            the track in all of them.
        sweeps: Loads the points of a frame.
        ride: The clock and the poses.
    """

    begin: Callable[[int, Vector, str], Cuboid]
    solve: Callable[[Track, list[int], str, bool | None], Solution]
    sweeps: Sweeps
    ride: Ride


def label_by_solving(target: Target, solver: Solver, hand: Hand) -> Outcome:
    """Click, solve, then look where the tool is least sure, correct and solve again, until all frames are right.

    Args:
        target: The truth.
        solver: The tool.
        hand: The annotator's.
    """
    return _Labelling(target, solver, hand).run()


class _Labelling:
    """One object being labelled: its track so far and what was spent on it."""

    def __init__(self, target: Target, solver: Solver, hand: Hand) -> None:
        self._target, self._solver, self._hand = target, solver, hand
        self._frames = target.frames.tolist()
        self._looked, self._commands, self._seconds = 0, 0, 0.0
        self._causes: Counter[str] = Counter()
        self._is_still: bool | None = None
        self._is_sized = False
        index = target.click_index
        point = find_click(target, index, solver.sweeps, hand.random)
        begun = time.perf_counter()
        cuboid = solver.begin(self._frames[index], point, target.class_name)
        self._seconds += time.perf_counter() - begun
        self._actions = 1
        keyframes = (Keyframe(self._frames[index], cuboid.pose, "propagated"),)
        self._track = Track("t", target.object_id, size_m=cuboid.size_m, keyframes=keyframes, spans=target.spans)
        self._qualities: dict[int, float] = {}
        self._solve()
        self._rows = self._shown(self._track)

    def run(self) -> Outcome:
        """All of it, after the click."""
        seen_mask = np.zeros(len(self._frames), dtype=np.bool_)
        while (wrong := self._look(seen_mask)) is not None:
            self._correct(wrong)
            shown, self._rows = self._rows, self._shown(self._track)
            changed_mask = ~np.isclose(self._rows, shown, rtol=0, atol=_SAME_M, equal_nan=True).all(axis=1)
            seen_mask &= ~changed_mask
            for keyframe in self._hand_made():
                seen_mask[self._frames.index(keyframe.frame)] = True
        causes = MappingProxyType(dict(self._causes))
        return Outcome(self._actions, self._looked, self._commands, self._seconds, causes)

    def _look(self, seen_mask: Bools) -> int | None:
        """Look at frames, the least sure first, up to one that is wrong: its index, or None when all are right."""
        right_mask, _ = find_right(self._target, self._rows)
        unseen = np.flatnonzero(~seen_mask).tolist()
        for index in sorted(unseen, key=lambda each: (self._qualities.get(self._frames[each], 0.0), each)):
            self._looked += 1
            seen_mask[index] = True
            if not right_mask[index]:
                return index
        return None

    def _correct(self, index: int) -> None:
        """One action: the frame's keyframe by hand; then all is solved again."""
        target, frame = self._target, self._frames[index]
        self._actions += 1
        self._causes[explain_fault(target, index, self._rows[index : index + 1]) or "lost"] += 1
        if not self._is_sized:
            drawn = self._hand.draw(target.cuboid(index))
            self._is_sized = True
            self._track, pose = self._track.with_size(drawn.size_m), drawn.pose
        else:
            pose = self._hand.place(target.cuboid(index))
        is_first = not self._hand_made()
        if is_first or self._is_still:  # one cuboid that is not enough for what stands: it moves after all
            self._is_still = target.is_still and is_first
            self._commands += 1
        kept = tuple(each for each in self._track.keyframes if each.is_drawn)
        self._track = replace(self._track, keyframes=kept).with_keyframe(Keyframe(frame, pose))
        self._solve()

    def _solve(self) -> None:
        """All frames from what was set by hand; where the curve through that is better, it is taken."""
        begun = time.perf_counter()
        found = self._solver.solve(self._track, self._frames, self._target.class_name, self._is_still)
        self._seconds += time.perf_counter() - begun
        self._commands += 1
        mine = self._hand_made()
        self._qualities = dict(found.qualities)
        self._track = replace(self._track, size_m=found.size_m, keyframes=found.keyframes)
        if len(mine) > 1 and not found.is_still:
            for before, after in pairwise(mine):
                self._clear_if_better(before.frame, after.frame)

    def _clear_if_better(self, start: int, end: int) -> None:
        """Keep what was solved between two keyframes set by hand, or the curve: the one with more frames right."""
        others = tuple(each for each in self._track.keyframes if not start < each.frame < end)
        curve = replace(self._track, keyframes=others)
        inside = (self._target.frames > start) & (self._target.frames < end)
        if not inside.any():
            return
        counts = [int(find_right(self._target, self._shown(each))[0][inside].sum()) for each in (self._track, curve)]
        if counts[1] > counts[0]:
            self._commands += 1
            self._looked += int(inside.sum())  # at the one that is not kept
            self._track = curve

    def _hand_made(self) -> list[Keyframe]:
        return [each for each in self._track.keyframes if each.is_drawn]

    def _shown(self, track: Track) -> Float64s:
        return rows_of(track, self._target, self._solver.ride.clock_ns)
