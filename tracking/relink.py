"""Relinking: ends of tracks joined to beginnings of later ones, offline.

Of each track the last second tells how it went on and the first second where it came from, by a straight line through
its places. Two may be one when each, carried on into the gap, meets the other; of all ways to pair ends with
beginnings the one with the least sum of surprises is taken, and again while something was joined.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from worldline.geometry.arrays import Float64s

from .moving import GATE, Noise, Style

_WINDOW_S = 1.0
_LONE_COST = 12.0
"""What it costs to leave an end and a beginning alone: a pair that is more surprising is not joined."""

_SLOW_MPS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _End:
    """One end of a track: when, where, how it moves there and how sure that is."""

    time_s: float
    row: Float64s
    velocity_mps: Float64s
    spread_mps: Float64s

    def carried(self, time_s: float) -> Float64s:
        return self.row[:2] + self.velocity_mps * (time_s - self.time_s)


def relink(
    pieces: Sequence[list[int]], rows: Float64s, time_s: Float64s, style: Style, noise: Noise, most_gap_s: float
) -> list[list[int]]:
    """Join tracks that go on in others.

    Args:
        pieces: Each track's members in order of time.
        rows: (N, 7) All cuboids.
        time_s: (N,) Their times.
        style: How such objects move.
        noise: How far cuboids are usually off.
        most_gap_s: The longest gap.

    Returns:
        The tracks, each as members in order of time.
    """
    tracks = [list(each) for each in pieces]
    while len(tracks) > 1:
        tails = [_end(each, rows, time_s, style, noise.place_m, last=True) for each in tracks]
        heads = [_end(each, rows, time_s, style, noise.place_m, last=False) for each in tracks]
        cost = np.full((len(tracks), len(tracks)), 2 * _LONE_COST)
        starts = np.array([head.time_s for head in heads])
        for a, tail in enumerate(tails):
            for b in np.flatnonzero((starts > tail.time_s) & (starts - tail.time_s <= most_gap_s + 1e-9)).tolist():
                if a != b:
                    cost[a, b] = min(_surprise(tail, heads[b], style, noise), 2 * _LONE_COST)
        one, other = linear_sum_assignment(np.minimum(cost, _LONE_COST))
        joined = {int(a): int(b) for a, b in zip(one, other, strict=True) if cost[a, b] < _LONE_COST}
        if not joined:
            return tracks
        tracks = _join(tracks, joined)
    return tracks


def _join(tracks: list[list[int]], joined: dict[int, int]) -> list[list[int]]:
    """Chains of tracks made one; a chain has no loop, since time only goes on."""
    followers = set(joined.values())
    made = []
    for first in range(len(tracks)):
        if first in followers:
            continue
        members, at = list(tracks[first]), first
        while at in joined:
            at = joined[at]
            members += tracks[at]
        made.append(members)
    return made


def _end(members: list[int], rows: Float64s, time_s: Float64s, style: Style, noise_m: float, last: bool) -> _End:
    at = members[-1] if last else members[0]
    near = np.array([k for k in members if abs(time_s[k] - time_s[at]) <= _WINDOW_S])
    row = rows[at].copy()
    row[3:6] = np.median(rows[members, 3:6], axis=0)
    ahead = np.array([np.cos(row[6]), np.sin(row[6])])
    aside = np.array([-ahead[1], ahead[0]])
    known = style.along_mps**2 * np.outer(ahead, ahead) + style.across_mps**2 * np.outer(aside, aside)
    # A straight line through the places, drawn towards rest as far as the class says that rest is likely.
    lever = time_s[near] - time_s[near].mean()
    told = float(lever @ lever) / noise_m**2
    spread = np.linalg.inv(np.linalg.inv(known) + np.eye(2) * told)
    velocity = spread @ (lever @ (rows[near, :2] - rows[near, :2].mean(axis=0)) / noise_m**2)
    if len(near) > 2:
        middle = rows[near, :2].mean(axis=0)
        row[:2] = middle + velocity * (time_s[at] - time_s[near].mean())
    return _End(float(time_s[at]), row, np.asarray(velocity, np.float64), np.asarray(spread, np.float64))


def _surprise(tail: _End, head: _End, style: Style, noise: Noise) -> float:
    noise_m = noise.place_m
    gap_s = head.time_s - tail.time_s
    off = [head.row[:2] - tail.carried(head.time_s), tail.row[:2] - head.carried(tail.time_s)]
    # Shoves add up within the gap; an object that halted or set off in it is bounded by what both ends say.
    shove = (style.shove_mps2 * min(gap_s, 2.0) * gap_s / 4) ** 2
    surprises = []
    for each, end in zip(off, (tail, head), strict=True):
        spread = end.spread_mps * gap_s**2 + np.eye(2) * (2 * noise_m**2 + shove)
        squared = float(each @ np.linalg.solve(spread, each))
        if squared > GATE:
            return np.inf
        surprises.append(squared + 0.5 * float(np.log(np.linalg.det(spread) / noise_m**4)))
    told = sum(surprises) / 2
    size = np.log(head.row[3:6] / tail.row[3:6]) / (0.6 * noise.size_share)
    height = (head.row[2] - tail.row[2]) / (0.5 + 0.5 * gap_s)
    told += min(float(size @ size), 12.0) + height**2
    slow = max(np.hypot(*tail.velocity_mps), np.hypot(*head.velocity_mps)) < _SLOW_MPS
    if style.has_heading and not slow:
        turned = abs(np.angle(np.exp(1j * (head.row[6] - tail.row[6]))))
        told += (min(turned, np.pi - turned) / (0.3 + 0.3 * gap_s)) ** 2
    return float(told)
