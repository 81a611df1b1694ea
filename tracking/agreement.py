"""How well two label sets of one scene agree: A is what B is measured against.

Cuboids match only within their class, each with one at most. What holds of all classes together is the sum
over the classes, never a mean of their scores.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from worldline.geometry.arrays import Int64s

from .clear import Clear, score_clear
from .deviation import Deviation, measure_deviation
from .hota import NOTHING, Hota, score_hota
from .identity import Identity, score_identity
from .matching import FramePair, Measure, check_measure, least_similarity, match_most, pair_frames
from .sightings import Sightings

THRESHOLDS: Mapping[Measure, tuple[float, ...]] = MappingProxyType(
    {"bev": (0.3, 0.5, 0.7), "3d": (0.3, 0.5, 0.7), "center": (0.5, 1.0, 1.5)}
)
"""At which matches are counted, unless said: overlaps, or metres between centres."""

THRESHOLD: Mapping[Measure, float] = MappingProxyType({"bev": 0.5, "3d": 0.5, "center": 1.0})
"""At which identities and differences are told, unless said."""


@dataclass(frozen=True, slots=True)
class Matched:
    """How many cuboids have a partner.

    Attributes:
        threshold: The least overlap, or the largest distance of centres, metres.
        count: Pairs.
        a_count: Cuboids of A.
        b_count: Cuboids of B.
    """

    threshold: float
    count: int
    a_count: int
    b_count: int

    @property
    def precision(self) -> float | None:
        """Share of B's cuboids with a partner; None where B has none."""
        return self.count / self.b_count if self.b_count else None

    @property
    def recall(self) -> float | None:
        """Share of A's cuboids with a partner; None where A has none."""
        return self.count / self.a_count if self.a_count else None

    @property
    def f1(self) -> float | None:
        """Share of all cuboids with a partner; None where there is no cuboid."""
        whole = self.a_count + self.b_count
        return 2 * self.count / whole if whole else None


@dataclass(frozen=True, slots=True)
class Scores:
    """The agreement on one class, or on all.

    Attributes:
        a_tracks: Tracks that A has.
        b_tracks: Tracks that B has.
        matched: At each threshold, in order.
        deviation: Of the pairs at the main threshold; None where there is none.
        hota: Over all thresholds of similarity.
        clear: At the main threshold.
        identity: At the main threshold.
    """

    a_tracks: int
    b_tracks: int
    matched: tuple[Matched, ...]
    deviation: Deviation | None
    hota: Hota
    clear: Clear
    identity: Identity

    @property
    def a_count(self) -> int:
        """Cuboids that A has."""
        return self.matched[0].a_count

    @property
    def b_count(self) -> int:
        """Cuboids that B has."""
        return self.matched[0].b_count

    def matched_at(self, threshold: float) -> Matched:
        """The matches at one of the thresholds."""
        return next(each for each in self.matched if each.threshold == threshold)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of two label sets.

    Attributes:
        measure: What cuboids were compared by.
        threshold: The main one.
        frame_count: How many frames both were looked at in.
        overall: All classes together.
        by_class: Each class that A or B has, in order of the name.
        confusions: Pairs of cuboids left without a partner that would match at the main threshold if their classes
            did not differ, by A's class and B's.
    """

    measure: Measure
    threshold: float
    frame_count: int
    overall: Scores
    by_class: Mapping[str, Scores]
    confusions: Mapping[tuple[str, str], int]


def compare_labels(
    a: Sightings,
    b: Sightings,
    measure: Measure = "bev",
    threshold: float | None = None,
    thresholds: Sequence[float] | None = None,
) -> Agreement:
    """Compare two label sets of the same frames.

    Args:
        a: What the other is measured against.
        b: The other.
        measure: Overlap in bird's-eye view, overlap in space, or distance of the centres.
        threshold: The least overlap, or the largest distance, metres, for identities and differences;
            `THRESHOLD` if None.
        thresholds: Further ones at which matches are counted; `THRESHOLDS` if None.

    Raises:
        AgreementError: The sets are of different numbers of frames, or a measure or threshold means nothing.
    """
    check_measure(measure)
    main = THRESHOLD[measure] if threshold is None else threshold
    asked = sorted({main, *(THRESHOLDS[measure] if thresholds is None else thresholds)})
    least = {each: least_similarity(each, measure) for each in asked}
    by_class: dict[str, Scores] = {}
    partners = []
    for name in sorted({*a.classes, *b.classes}):
        a_part, b_part = a.of_class(name), b.of_class(name)
        pairs = pair_frames(a_part, b_part, measure)
        found = {each: _match(pairs, least[each]) for each in asked}
        rows = a_part.rows[found[main][0]], b_part.rows[found[main][1]]
        partners.append(rows)
        by_class[name] = Scores(
            a_part.track_count,
            b_part.track_count,
            tuple(Matched(each, len(found[each][0]), len(a_part), len(b_part)) for each in asked),
            measure_deviation(*rows),
            score_hota(pairs),
            score_clear(pairs, least[main]),
            score_identity(pairs, least[main]),
        )
    a_rows, b_rows = (np.concatenate([np.empty((0, 7)), *(rows[side] for rows in partners)]) for side in (0, 1))
    overall = _add_up(list(by_class.values()), asked, measure_deviation(a_rows, b_rows))
    return Agreement(measure, main, a.frame_count, overall, by_class, _confusions(a, b, measure, least[main]))


def _match(pairs: Sequence[FramePair], least: float) -> tuple[Int64s, Int64s]:
    """Which sightings of A match which of B."""
    rows, columns = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for pair in pairs:
        of_a, of_b = match_most(pair.similarity, least)
        rows.append(pair.a_start + of_a)
        columns.append(pair.b_start + of_b)
    return np.concatenate(rows), np.concatenate(columns)


def _add_up(parts: Sequence[Scores], thresholds: Sequence[float], deviation: Deviation | None) -> Scores:
    matched = []
    for k, threshold in enumerate(thresholds):
        counts = [(part.matched[k].count, part.matched[k].a_count, part.matched[k].b_count) for part in parts]
        count, a_count, b_count = (sum(each) for each in zip((0, 0, 0), *counts, strict=True))
        matched.append(Matched(threshold, count, a_count, b_count))
    return Scores(
        sum(part.a_tracks for part in parts),
        sum(part.b_tracks for part in parts),
        tuple(matched),
        deviation,
        sum((part.hota for part in parts), NOTHING),
        sum((part.clear for part in parts), Clear()),
        sum((part.identity for part in parts), Identity()),
    )


def _confusions(a: Sightings, b: Sightings, measure: Measure, least: float) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    a_classes, b_classes = np.array(a.classes, dtype=np.str_), np.array(b.classes, dtype=np.str_)
    for pair in pair_frames(a, b, measure):
        of_a, of_b = a_classes[pair.a_tracks], b_classes[pair.b_tracks]
        rows, columns = match_most(np.where(of_a[:, None] == of_b[None, :], pair.similarity, 0.0), least)
        left = pair.similarity.copy()
        left[rows], left[:, columns] = 0.0, 0.0
        rows, columns = match_most(left, least)
        found.update(zip(of_a[rows].tolist(), of_b[columns].tolist(), strict=True))
    return dict(sorted(found.items()))
