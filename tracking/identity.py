"""Identity: how much of the tracks agrees when each track has one partner for the whole scene (IDF1).

Source: E. Ristani et al., Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking, 2016;
the numbers equal TrackEval's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from .matching import FramePair


@dataclass(frozen=True, slots=True)
class Identity:
    """Counts from which the scores follow; those of several classes or scenes may be added.

    Attributes:
        matched_count: Cuboids that match within their tracks' partnership.
        missed_count: Cuboids of A that do not.
        extra_count: Cuboids of B that do not.
    """

    matched_count: int = 0
    missed_count: int = 0
    extra_count: int = 0

    def __add__(self, other: "Identity") -> "Identity":
        """Both together."""
        return Identity(
            self.matched_count + other.matched_count,
            self.missed_count + other.missed_count,
            self.extra_count + other.extra_count,
        )

    @property
    def idf1(self) -> float | None:
        """Share of all cuboids that match within a partnership; None where there is no cuboid."""
        whole = 2 * self.matched_count + self.missed_count + self.extra_count
        return 2 * self.matched_count / whole if whole else None

    @property
    def precision(self) -> float | None:
        """Share of B's cuboids; None where B has none."""
        b_count = self.matched_count + self.extra_count
        return self.matched_count / b_count if b_count else None

    @property
    def recall(self) -> float | None:
        """Share of A's cuboids; None where A has none."""
        a_count = self.matched_count + self.missed_count
        return self.matched_count / a_count if a_count else None


def score_identity(pairs: Sequence[FramePair], least: float) -> Identity:
    """Identity of two label sets of one class.

    Args:
        pairs: Each frame.
        least: The least similarity of a match, above 0; here, as in TrackEval, without room for rounding.
    """
    a_tracks = 1 + max((int(pair.a_tracks.max()) for pair in pairs if len(pair.a_tracks)), default=-1)
    b_tracks = 1 + max((int(pair.b_tracks.max()) for pair in pairs if len(pair.b_tracks)), default=-1)
    together = np.zeros((a_tracks, b_tracks), dtype=np.int64)
    for pair in pairs:
        together[np.ix_(pair.a_tracks, pair.b_tracks)] += pair.similarity >= least
    rows, columns = linear_sum_assignment(together, maximize=True)
    matched = int(together[rows, columns].sum())
    a_count = sum(len(pair.a_tracks) for pair in pairs)
    b_count = sum(len(pair.b_tracks) for pair in pairs)
    return Identity(matched, a_count - matched, b_count - matched)
