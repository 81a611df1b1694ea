"""A finding: one rule, one track, a stretch of frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from worldline.geometry.arrays import Bools, Float64s, Int64s

Rule: TypeAlias = Literal[
    "speed", "acceleration", "turn_rate", "against_motion", "size", "overlap", "duplicate", "floating", "sunk",
    "empty", "gap",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says against a track.

    Attributes:
        rule: Which one.
        track_id: Against whom.
        other_id: The other track, where a rule is about two.
        start: The first frame, reference clock.
        end: One past the last.
        frame: The worst one, which is where to look.
        value: What was found there, in the limit's unit.
        limit: What is allowed.
        message: For people.
    """

    rule: Rule
    track_id: str
    other_id: str | None
    start: int
    end: int
    frame: int
    value: float
    limit: float
    message: str


def stretches(frames: Int64s, bad_mask: Bools, excess: Float64s) -> Iterator[tuple[int, int, int]]:
    """Runs of neighbouring bad frames.

    Args:
        frames: (N,) increasing.
        bad_mask: (N,).
        excess: (N,) how bad each is.

    Yields:
        First frame, one past the last, and the index of the worst.
    """
    bad = np.flatnonzero(bad_mask)
    if not bad.size:
        return
    breaks = np.flatnonzero(np.diff(frames[bad]) > 1) + 1
    for run in np.split(bad, breaks):
        yield int(frames[run[0]]), int(frames[run[-1]]) + 1, int(run[np.argmax(excess[run])])
