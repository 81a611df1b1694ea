"""CLEAR: matches, misses, extras and changes of identity (MOTA, MOTP).

Source: K. Bernardin and R. Stiefelhagen, Evaluating Multiple Object Tracking Performance: The CLEAR MOT
Metrics, 2008; the numbers equal TrackEval's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from .matching import ROUNDING, FramePair

_CONTINUED = 1000.0
"""A pair that goes on from the frame before outweighs every similarity."""


@dataclass(frozen=True, slots=True)
class Clear:
    """Sums from which the scores follow; those of several classes or scenes may be added.

    Attributes:
        matched_count: Cuboids of A with a match.
        missed_count: Cuboids of A without.
        extra_count: Cuboids of B without.
        switch_count: Matches whose track of B is another than at the track of A's match before.
        fragment_count: How often a track of A was found again after it was lost.
        similarity_sum: Over the matches.
    """

    matched_count: int = 0
    missed_count: int = 0
    extra_count: int = 0
    switch_count: int = 0
    fragment_count: int = 0
    similarity_sum: float = 0.0

    def __add__(self, other: "Clear") -> "Clear":
        """Both together."""
        return Clear(
            self.matched_count + other.matched_count,
            self.missed_count + other.missed_count,
            self.extra_count + other.extra_count,
            self.switch_count + other.switch_count,
            self.fragment_count + other.fragment_count,
            self.similarity_sum + other.similarity_sum,
        )

    @property
    def mota(self) -> float | None:
        """One minus misses, extras and switches for each cuboid of A, at most 1; None where A has none."""
        a_count = self.matched_count + self.missed_count
        return (self.matched_count - self.extra_count - self.switch_count) / a_count if a_count else None

    @property
    def motp(self) -> float | None:
        """Mean similarity of a match; None where there is none."""
        return self.similarity_sum / self.matched_count if self.matched_count else None


def score_clear(pairs: Sequence[FramePair], least: float) -> Clear:
    """CLEAR of two label sets of one class, A being the truth.

    Args:
        pairs: Each frame.
        least: The least similarity of a match, above 0.
    """
    matched = missed = extra = switches = 0
    similarity_sum = 0.0
    partner: dict[int, int] = {}
    """The track of B that each track of A was last matched with."""
    going_on: dict[int, int] = {}
    """Those of the last frame in which both had cuboids."""
    begun: dict[int, int] = {}
    """How often each track of A was found after it had not been."""
    for pair in pairs:
        a_count, b_count = pair.similarity.shape
        if not a_count or not b_count:
            missed, extra = missed + a_count, extra + b_count
            continue
        before = np.array([going_on.get(track, -1) for track in pair.a_tracks.tolist()])
        score = _CONTINUED * (pair.b_tracks[None, :] == before[:, None]) + pair.similarity
        score[pair.similarity < least - ROUNDING] = 0
        rows, columns = linear_sum_assignment(score, maximize=True)
        kept = score[rows, columns] > ROUNDING
        rows, columns = rows[kept], columns[kept]
        now = dict(zip(pair.a_tracks[rows].tolist(), pair.b_tracks[columns].tolist(), strict=True))
        switches += sum(partner.get(a_track, b_track) != b_track for a_track, b_track in now.items())
        for a_track in now.keys() - going_on.keys():
            begun[a_track] = begun.get(a_track, 0) + 1
        partner |= now
        going_on = now
        matched, missed, extra = matched + len(now), missed + a_count - len(now), extra + b_count - len(now)
        similarity_sum += float(pair.similarity[rows, columns].sum())
    fragments = sum(times - 1 for times in begun.values())
    return Clear(matched, missed, extra, switches, fragments, similarity_sum)
