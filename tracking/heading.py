"""Headings of what moves: where it goes, held where it stands, turning no faster than its kind."""

import math

import numpy as np
from scipy.linalg import solveh_banded

from worldline.geometry.arrays import Bools, Float64s

from .habit import Habit

LEAST_MPS = 0.3
_OWN_RAD = math.radians(3)
"""How far a heading is from the direction of motion in a curve or a step aside."""


def head_along(
    time_s: Float64s,
    states: Float64s,
    covariances: Float64s,
    habit: Habit,
    set_mask: Bools,
    set_rad: Float64s,
    set_spread_rad: Float64s,
) -> Float64s:
    """Headings along a path.

    Args:
        time_s: (F,) increasing.
        states: (F, 4) x, y and their velocities.
        covariances: (F, 4, 4).
        habit: How it turns.
        set_mask: (F,) where a heading is set otherwise.
        set_rad: (F,) what it is there.
        set_spread_rad: (F,) how sure that is. Something set for sure to head against the motion goes backwards.

    Returns:
        (F,) in (-pi, pi].
    """
    speed = np.hypot(states[:, 2], states[:, 3])
    spread = np.sqrt(np.maximum(covariances[:, 2, 2] + covariances[:, 3, 3], 1e-6) / 2)
    going = np.arctan2(states[:, 3], states[:, 2])
    tells = speed > np.maximum(LEAST_MPS, 1.5 * spread)
    sure = set_mask & tells & (set_spread_rad < math.radians(15))
    if sure.any() and np.cos(set_rad[sure] - going[sure]).sum() < 0:
        going = going + math.pi
    own = (spread / np.maximum(speed, 1e-3)) ** 2 + _OWN_RAD**2
    weight = np.where(tells, 1 / own, 0.0)
    set_weight = np.where(set_mask, 1 / set_spread_rad**2, 0.0)
    if not tells.any() and not set_mask.any():
        return np.zeros(len(time_s))
    if len(time_s) == 1:
        return set_rad.copy() if set_mask.all() else going
    # Angles are unwrapped from one that tells to the next; a heading set is brought near those around it.
    known = np.flatnonzero(tells)
    angle = np.zeros(len(time_s))
    if len(known):
        angle[known] = np.unwrap(going[known])
        near = known[np.abs(np.arange(len(time_s))[:, None] - known).argmin(axis=1)]
        set_near = angle[near] + (set_rad - angle[near] + math.pi) % (2 * math.pi) - math.pi
    else:
        first = set_rad[set_mask][0]
        set_near = first + (set_rad - first + math.pi) % (2 * math.pi) - math.pi
    step_s = np.maximum(np.diff(time_s), 1e-3)
    way_m = np.hypot(*np.diff(states[:, :2], axis=0).T)
    stiff = 1 / (habit.turn_radps**2 * step_s + habit.turn_rad_per_m**2 * way_m + 1e-8)
    diagonal = weight + set_weight + 1e-9
    diagonal[:-1] += stiff
    diagonal[1:] += stiff
    bands = np.zeros((2, len(time_s)))
    bands[0, 1:], bands[1] = -stiff, diagonal
    heading = solveh_banded(bands, weight * angle + set_weight * np.where(set_mask, set_near, 0.0))
    wrapped: Float64s = -((-heading + math.pi) % (2 * math.pi) - math.pi)
    return wrapped
