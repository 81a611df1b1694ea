"""HOTA: how well two label sets agree on what is where, and on which is which.

Source: J. Luiten et al., HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking, IJCV 2021;
the numbers equal those of the authors' TrackEval.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from worldline.geometry.arrays import Float64s

from .matching import ROUNDING, FramePair

ALPHAS: Float64s = np.arange(0.05, 0.99, 0.05)
"""(19,) The least similarities of a match; every score is a mean over them."""


@dataclass(frozen=True, slots=True, eq=False)
class Hota:
    """Sums from which the scores follow; those of several classes or scenes may be added.

    Attributes:
        matched: (19,) float64, matches at each of `ALPHAS`.
        missed: (19,) float64, cuboids of A without a match.
        extra: (19,) float64, cuboids of B without a match.
        association: (19,) float64, sum over the matches of the Jaccard index of their two tracks.
        similarity: (19,) float64, sum over the matches of their similarity.
    """

    matched: Float64s
    missed: Float64s
    extra: Float64s
    association: Float64s
    similarity: Float64s

    def __add__(self, other: "Hota") -> "Hota":
        """Both together."""
        return Hota(
            self.matched + other.matched,
            self.missed + other.missed,
            self.extra + other.extra,
            self.association + other.association,
            self.similarity + other.similarity,
        )

    @property
    def hota(self) -> float:
        """The geometric mean of detection and association."""
        return float(np.sqrt(self._detection() * self._association()).mean())

    @property
    def det_a(self) -> float:
        """Detection: the Jaccard index of the cuboids."""
        return float(self._detection().mean())

    @property
    def ass_a(self) -> float:
        """Association: the mean Jaccard index of the tracks of a match; 0 where nothing matches."""
        return float(self._association().mean())

    @property
    def loc_a(self) -> float:
        """Localisation: the mean similarity of a match; 1 where nothing matches."""
        return float((np.maximum(1e-10, self.similarity) / np.maximum(1e-10, self.matched)).mean())

    def _detection(self) -> Float64s:
        return self.matched / np.maximum(1, self.matched + self.missed + self.extra)

    def _association(self) -> Float64s:
        return self.association / np.maximum(1, self.matched)


NOTHING = Hota(*(np.zeros(len(ALPHAS)) for _ in range(5)))
"""Of two empty label sets."""


def score_hota(pairs: Sequence[FramePair]) -> Hota:
    """HOTA of two label sets of one class, A being the truth (the scores do not change if B is)."""
    a_count = 1 + max((int(pair.a_tracks.max()) for pair in pairs if len(pair.a_tracks)), default=-1)
    b_count = 1 + max((int(pair.b_tracks.max()) for pair in pairs if len(pair.b_tracks)), default=-1)
    a_length, b_length = np.zeros((a_count, 1)), np.zeros((1, b_count))
    together = np.zeros((a_count, b_count))
    for pair in pairs:
        a_length[pair.a_tracks, 0] += 1
        b_length[0, pair.b_tracks] += 1
        together[np.ix_(pair.a_tracks, pair.b_tracks)] += _share(pair.similarity)
    alignment = together / np.maximum(1, a_length + b_length - together)

    matched, similarity_sum = np.zeros(len(ALPHAS)), np.zeros(len(ALPHAS))
    matches = np.zeros((len(ALPHAS), a_count, b_count))
    for pair in pairs:
        score = alignment[np.ix_(pair.a_tracks, pair.b_tracks)] * pair.similarity
        rows, columns = linear_sum_assignment(score, maximize=True)
        similarity = pair.similarity[rows, columns]
        reached = similarity >= ALPHAS[:, None] - ROUNDING
        matched += reached.sum(axis=1)
        similarity_sum += reached @ similarity
        matches[:, pair.a_tracks[rows], pair.b_tracks[columns]] += reached
    association = (matches * matches / np.maximum(1, a_length + b_length - matches)).sum(axis=(1, 2))
    return Hota(matched, a_length.sum() - matched, b_length.sum() - matched, association, similarity_sum)


def _share(similarity: Float64s) -> Float64s:
    """Each pair's similarity as a share of all that its two cuboids have with others."""
    whole = similarity.sum(axis=0)[None, :] + similarity.sum(axis=1)[:, None] - similarity
    share = np.zeros_like(similarity)
    np.divide(similarity, whole, out=share, where=whole > ROUNDING)
    return share
