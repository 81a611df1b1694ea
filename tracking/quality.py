"""Quality: how likely the cuboid in a frame is right."""

import numpy as np

from worldline.geometry.arrays import Float64s

from .path import Path

WEIGHTS = (3.401, -0.16, -2.744, -5.364, -2.751, -2.0, 0.112, -0.317, -2.925)
"""Of a logistic regression on two simulated streets after one click on each object (seeds 1 and 2); that of runs that
disagree, which a first click does not have, was set by hand. `describe_frames` says of what."""


def describe_frames(path: Path) -> Float64s:
    """(F, 9) what the probability is computed from.

    One; of the frame: points, how far what they show is from the path, how unsure the path is, strange points around,
    how far two runs are apart; of the whole track: its points, its typical distance from what was seen, and the
    share of frames in which nothing was.
    """
    count = path.gauges[:, 0]
    seen = count > 0
    ring = path.gauges[:, 1] / np.maximum(count + path.gauges[:, 1], 1)
    apart = float(np.median(path.apart_m[seen])) if seen.any() else 1.0
    whole = (np.log1p(count).mean(), min(apart, 1.0), 1 - seen.mean())
    return np.column_stack(
        [
            np.ones(len(count)),
            np.log1p(count),
            np.minimum(path.apart_m, 1.0),
            np.minimum(path.spread_m, 1.0),
            ring,
            np.minimum(path.agree_m, 2.0),
            *(np.full(len(count), value) for value in whole),
        ]
    )


def judge_frames(path: Path) -> Float64s:
    """(F,) the probability of each frame to be right."""
    told = describe_frames(path) @ np.array(WEIGHTS)
    chance: Float64s = 1 / (1 + np.exp(-np.clip(told, -30, 30)))
    return chance


STAND_WEIGHTS = (-1.963, 0.573, -0.408)
"""The same of what stands still."""


def judge_stand(point_count: int, side_count: int) -> float:
    """The probability of a standing cuboid to be right: of its points and of how many of its sides were seen."""
    told = float(np.dot(STAND_WEIGHTS, (1.0, np.log1p(point_count), side_count)))
    return float(1 / (1 + np.exp(-told)))
