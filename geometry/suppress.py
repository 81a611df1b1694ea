"""Non-maximum suppression: of cuboids that cover one another, the one with the highest score.

In order of score, the highest first and of equal scores the one that stands first, each cuboid is kept unless it
overlaps one that is kept by more than the threshold; an overlap that equals it is allowed.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numba import njit

from .arrays import Float64s, Int64s
from .errors import CuboidError
from .overlap import check_rows, half_diagonals, overlap_near

View: TypeAlias = Literal["bev", "3d"]


def suppress(
    rows: Float64s, scores: Float64s, most_overlap: float, view: View = "bev", classes: Sequence[str] | None = None
) -> Int64s:
    """Which cuboids stay.

    Args:
        rows: (N, 7) x, y, z of the centre, length, width, height, yaw (`overlap_rows`).
        scores: (N,) The higher, the better.
        most_overlap: By how much two that stay may overlap, 0 to 1.
        view: Overlap from above, or in space.
        classes: (N,) A cuboid is measured against its own class only; None: against all.

    Returns:
        (K,) int64 numbers of those that stay, in order of score.

    Raises:
        CuboidError: A row is no cuboid, a score is not finite, a length differs, or the threshold is no share.
    """
    checked = check_rows(rows)
    score = np.asarray(scores, dtype=np.float64)
    if score.shape != (len(checked),) or not np.isfinite(score).all():
        raise CuboidError(f"scores are {len(checked)} finite numbers, one a cuboid, not of shape {score.shape}")
    if not 0 <= most_overlap <= 1:
        raise CuboidError(f"most_overlap is a share from 0 to 1, not {most_overlap}")
    if classes is not None and len(classes) != len(checked):
        raise CuboidError(f"there are {len(classes)} classes for {len(checked)} cuboids")
    kinds = np.zeros(len(checked), dtype=np.int64)
    if classes is not None and len(classes):
        kinds = np.unique(np.asarray(classes, dtype=np.str_), return_inverse=True)[1].astype(np.int64)
    order = np.argsort(-score, kind="stable")
    kept = np.empty(len(order), dtype=np.int64)
    return kept[: _suppress(checked, kinds, order, most_overlap, view == "3d", kept)]


@njit(cache=True, nogil=True)
def _suppress(rows, kinds, order, most_overlap, in_space, kept):  # type: ignore[no-untyped-def]
    polygon, clipped = np.empty((8, 2)), np.empty((8, 2))
    reach = half_diagonals(rows)
    count = 0
    for i in order:
        x, y, own = rows[i, 0], rows[i, 1], reach[i]
        stays = True
        for k in range(count):
            j = kept[k]
            dx, dy, apart = rows[j, 0] - x, rows[j, 1] - y, own + reach[j]
            if kinds[i] != kinds[j] or dx * dx + dy * dy > apart * apart:
                continue
            if overlap_near(rows[j], rows[i], in_space, polygon, clipped) > most_overlap:
                stays = False
                break
        if stays:
            kept[count] = i
            count += 1
    return count
