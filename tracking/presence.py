"""Presence: in which frames an object is, from those in which it was seen."""

from collections.abc import Collection, Sequence

from worldline.geometry.arrays import Int64s

from .span import Span, join_spans

BRIDGED_S = 3.0
"""An object that is not seen for so long is gone; if it comes back, it is for a person to say so."""

HIDDEN = 2
"""Occlusion of frames in which nothing was seen."""


def find_presence(frames: Sequence[int], hidden: Collection[int], known: int, clock_ns: Int64s) -> list[int]:
    """The frames around a known one up to where the object was last seen.

    Args:
        frames: Those looked at, increasing.
        hidden: Those of them in which nothing was seen.
        known: A frame in which the object is.
        clock_ns: (C,) times of all frames.

    Returns:
        Unbroken within `frames`: hidden stretches up to `BRIDGED_S` are part of it, but not its ends.
    """
    away = frozenset(hidden)
    seen = [frame for frame in frames if frame not in away or frame == known]
    if known not in seen:
        return []
    at = seen.index(known)
    first = last = at
    while first > 0 and int(clock_ns[seen[first]] - clock_ns[seen[first - 1]]) <= _longest(frames, clock_ns):
        first -= 1
    while last + 1 < len(seen) and int(clock_ns[seen[last + 1]] - clock_ns[seen[last]]) <= _longest(frames, clock_ns):
        last += 1
    return [frame for frame in frames if seen[first] <= frame <= seen[last]]


def present_spans(frames: Sequence[int], hidden: Collection[int]) -> tuple[Span, ...]:
    """Spans over frames, those in which nothing was seen being occluded."""
    away = frozenset(hidden)
    return join_spans(tuple(Span(frame, frame + 1, HIDDEN if frame in away else 0) for frame in frames))


def _longest(frames: Sequence[int], clock_ns: Int64s) -> float:
    """How long a hidden stretch may be: at least one frame of any scene."""
    if len(frames) < 2:
        return BRIDGED_S * 1e9
    return max(BRIDGED_S * 1e9, 2.1 * int(clock_ns[frames[1]] - clock_ns[frames[0]]))
