"""Which cuboid of one label set is which of the other, frame by frame.

A similarity is between 0 (nothing in common) and 1 (the same): the overlap in bird's-eye view or in space,
or, for centres, one minus their distance in units of `REACH_M`, which is how TrackEval compares points.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from scipy.optimize import linear_sum_assignment

from worldline.geometry import overlap_matrix_3d, overlap_matrix_bev
from worldline.geometry.arrays import Float64s, Int64s

from .errors import AgreementError
from .sightings import Sightings

Measure: TypeAlias = Literal["bev", "3d", "center"]

REACH_M = 2.0
"""Centres this far apart have nothing in common, metres."""

ROUNDING = float(np.finfo(np.float64).eps)
"""A similarity that falls short of a threshold by less reaches it."""


@dataclass(frozen=True, slots=True, eq=False)
class FramePair:
    """One frame of two label sets.

    Attributes:
        a_tracks: (N,) int64, the track of each cuboid of A.
        b_tracks: (M,) int64, the track of each cuboid of B.
        similarity: (N, M) float64, 0 to 1.
        a_start: Where A's cuboids begin among its sightings.
        b_start: Where B's do.
    """

    a_tracks: Int64s
    b_tracks: Int64s
    similarity: Float64s
    a_start: int = 0
    b_start: int = 0


def pair_frames(a: Sightings, b: Sightings, measure: Measure) -> list[FramePair]:
    """Each frame of two label sets with the similarity of every two cuboids.

    Raises:
        AgreementError: They are of different numbers of frames, or there is no such measure.
    """
    if a.frame_count != b.frame_count:
        raise AgreementError(f"label sets of {a.frame_count} and {b.frame_count} frames cannot be compared")
    edges = np.arange(a.frame_count + 1)
    a_edges, b_edges = np.searchsorted(a.frames, edges).tolist(), np.searchsorted(b.frames, edges).tolist()
    pairs = []
    for frame in range(a.frame_count):
        of_a, of_b = slice(*a_edges[frame : frame + 2]), slice(*b_edges[frame : frame + 2])
        similarity = similarity_matrix(a.rows[of_a], b.rows[of_b], measure)
        pairs.append(FramePair(a.tracks[of_a], b.tracks[of_b], similarity, of_a.start, of_b.start))
    return pairs


def similarity_matrix(a_rows: Float64s, b_rows: Float64s, measure: Measure) -> Float64s:
    """How alike every two cuboids are.

    Args:
        a_rows: (N, 7) x, y, z of the centre, length, width, height, yaw.
        b_rows: (M, 7) the same, in the same frame.
        measure: What is compared.

    Returns:
        (N, M) float64, 0 to 1.

    Raises:
        AgreementError: There is no such measure.
        CuboidError: A row is no cuboid.
    """
    if measure == "bev":
        return overlap_matrix_bev(a_rows, b_rows)
    if measure == "3d":
        return overlap_matrix_3d(a_rows, b_rows)
    check_measure(measure)
    apart_m = np.linalg.norm(a_rows[:, None, :3] - b_rows[None, :, :3], axis=2)
    closeness: Float64s = np.maximum(0.0, 1.0 - apart_m / REACH_M)
    return closeness


def check_measure(measure: str) -> None:
    """Raise unless there is such a measure.

    Raises:
        AgreementError: There is not.
    """
    if measure not in get_args(Measure):
        raise AgreementError(f"a measure is bev, 3d or center, not {measure!r}")


def least_similarity(threshold: float, measure: Measure) -> float:
    """The similarity that a threshold asks for: an overlap above 0 up to 1, or metres up to below `REACH_M`.

    Raises:
        AgreementError: The threshold is outside.
    """
    if measure == "center":
        if not 0 <= threshold < REACH_M:
            raise AgreementError(f"centres may be from 0 to below {REACH_M:g} m apart to match, not {threshold:g}")
        return 1.0 - threshold / REACH_M
    if not 0 < threshold <= 1:
        raise AgreementError(f"an overlap's threshold lies above 0 and is at most 1, not {threshold:g}")
    return threshold


def match_most(similarity: Float64s, least: float) -> tuple[Int64s, Int64s]:
    """The most pairs that are alike enough, each cuboid in one at most; of those the most alike in sum.

    Their number is unique and does not change when the two sides are exchanged.

    Args:
        similarity: (N, M) float64, 0 to 1.
        least: Above 0.

    Returns:
        (P,) rows and (P,) columns of the pairs, in order of the rows.
    """
    enough = similarity >= least - ROUNDING
    score = np.where(enough, similarity + min(similarity.shape) + 1.0, 0.0)
    rows, columns = linear_sum_assignment(score, maximize=True)
    kept = enough[rows, columns]
    return rows[kept], columns[kept]
