"""Times of frames that have none, or that do not increase."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from worldline.geometry.arrays import Int64s


def settle_times(
    pts: Sequence[int | None], dts: Sequence[int | None], step: float
) -> tuple[Int64s | None, tuple[int, ...]]:
    """The times of frames, in their order: as they are where they increase, else between their neighbours.

    Args:
        pts: Of each frame, in time base units.
        dts: Of each frame: stands in where the PTS have more faults, as in AVI.
        step: Units from one frame to the next, on average.

    Returns:
        (F,) strictly increasing times, None where they do not fit between their neighbours, and
        the frames whose times are estimated.
    """
    columns = [(column, _good(column)) for column in (pts, dts)]
    column, good = max(columns, key=lambda pair: len(pair[1]))
    frames = np.arange(len(column))
    if not good:
        return np.round(frames * step).astype(np.int64), tuple(range(len(column)))
    known = [int(column[frame] or 0) for frame in good]
    times = np.interp(frames, good, np.array(known, dtype=np.float64) - known[0])
    before, after = frames < good[0], frames > good[-1]
    times[before] = (frames[before] - good[0]) * step
    times[after] = known[-1] - known[0] + (frames[after] - good[-1]) * step
    whole = np.round(times).astype(np.int64) + known[0]
    whole[good] = known
    missing = tuple(sorted(set(range(len(column))) - set(good)))
    return (whole if (np.diff(whole) > 0).all() else None), missing


def _good(column: Sequence[int | None]) -> list[int]:
    """The frames of a longest part of the known times that increases."""
    tails: list[int] = []
    last: list[int] = []
    previous = [-1] * len(column)
    for frame, time in enumerate(column):
        if time is None:
            continue
        place = bisect_left(tails, time)
        previous[frame] = last[place - 1] if place else -1
        tails[place : place + 1] = [time]
        last[place : place + 1] = [frame]
    chain = []
    frame = last[-1] if last else -1
    while frame >= 0:
        chain.append(frame)
        frame = previous[frame]
    return chain[::-1]
