"""Things that move on evenly, as association carries them: a Kalman filter of place and velocity seen from above.

State: x, y and their velocities; noise of acceleration; each cuboid's centre is a measurement. Height, heading and size
are followed by their running means.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from worldline.geometry.arrays import Float64s

GATE = 16.0
"""The largest squared distance, in deviations, of what may be the same thing: 3 in 10,000 are further."""

_HEIGHT_M = 0.6
_FREE_MPS = 12.0
_YAW_RAD = 0.5


@dataclass(frozen=True, slots=True)
class Style:
    """How objects of a class move.

    Attributes:
        along_mps: How fast one may be along its heading when nothing is known yet (deviation).
        across_mps: The same across the heading.
        shove_mps2: How much its velocity may change (deviation of acceleration).
        has_heading: Whether its yaw says anything about its motion and identity.
    """

    along_mps: float
    across_mps: float
    shove_mps2: float
    has_heading: bool = True


@dataclass(frozen=True, slots=True)
class Noise:
    """How far cuboids are usually off.

    Attributes:
        place_m: Their centre, seen from above (deviation).
        size_share: Their sides, as a share (deviation).
    """

    place_m: float
    size_share: float


VEHICLE = Style(9.0, 0.7, 2.5)
CYCLE = Style(4.5, 0.8, 2.0)
PERSON = Style(1.2, 1.2, 1.2, has_heading=False)
THING = Style(0.3, 0.3, 0.3, has_heading=False)

_STYLES = {
    **dict.fromkeys(("pedestrian", "person_sitting", "animal"), PERSON),
    **dict.fromkeys(("cyclist", "bicycle", "motorcycle"), CYCLE),
    **dict.fromkeys(("traffic_cone", "barrier"), THING),
}


def style_of(class_name: str) -> Style:
    """How objects of a class usually move; an unknown class moves as a vehicle does."""
    return _STYLES.get(class_name, VEHICLE)


def set_free(style: Style) -> Style:
    """The same where the ego's motion is not known, so that what stands still may seem to move any way."""
    return replace(
        style,
        along_mps=max(style.along_mps, _FREE_MPS),
        across_mps=max(style.across_mps, _FREE_MPS),
        shove_mps2=style.shove_mps2 + 2.0,
    )


class Moving:
    """One track while it is being made.

    Attributes:
        members: Numbers of its cuboids, in order of time.
        time_s: Of the last one.
    """

    def __init__(
        self, member: int, row: Float64s, time_s: float, style: Style, noise: "Noise", drift_mps: Float64s | None = None
    ) -> None:
        """Begin at a cuboid; `drift_mps` is how everything seems to move where the ego's motion is not known."""
        self.members, self.time_s = [member], time_s
        self._style, self._noise, self._size_share = style, noise.place_m**2, noise.size_share
        self._state = np.array([row[0], row[1], *(np.zeros(2) if drift_mps is None else drift_mps)])
        ahead = np.array([math.cos(row[6]), math.sin(row[6])])
        aside = np.array([-ahead[1], ahead[0]])
        along, across = style.along_mps**2, style.across_mps**2
        self._spread = np.zeros((4, 4))
        self._spread[:2, :2] = np.eye(2) * self._noise
        self._spread[2:, 2:] = along * np.outer(ahead, ahead) + across * np.outer(aside, aside)
        self._row = row.copy()

    @property
    def velocity_mps(self) -> Float64s:
        """(2,) As known now."""
        return self._state[2:]

    def predicted(self, now: float) -> Float64s:
        """(7,) The cuboid where even motion brings it."""
        state, _ = self._moved(now)
        row = self._row.copy()
        row[:2] = state[:2]
        return row

    def surprise(self, rows: Float64s, now: float) -> Float64s:
        """(M,) How surprising each cuboid would be as the next one; infinite where it cannot be.

        Twice the negative logarithm of its likelihood, up to a constant: so that a track that knows its motion
        is preferred to one that knows little and could be anywhere.
        """
        state, spread = self._moved(now)
        whole = spread[:2, :2] + np.eye(2) * self._noise
        off = rows[:, :2] - state[:2]
        squared = np.einsum("ij,jk,ik->i", off, np.linalg.inv(whole), off)
        size = np.log(rows[:, 3:6] / self._row[3:6]) / self._size_share
        gap_s = now - self.time_s
        height = (rows[:, 2] - self._row[2]) / (_HEIGHT_M + 0.5 * gap_s)
        extra = np.minimum((size**2).sum(axis=1), 12.0) + height**2
        if self._style.has_heading:
            turned = np.abs(np.angle(np.exp(1j * (rows[:, 6] - self._row[6]))))
            turned = np.minimum(turned, np.pi - turned)  # which end is ahead may have been told wrong
            extra += np.minimum((turned / (_YAW_RAD + 0.5 * gap_s)) ** 2, 6.0)
        told = squared + extra + np.log(np.linalg.det(whole))
        return np.where((squared <= GATE) & (np.abs(height) <= 4.0), told, np.inf)

    def take(self, member: int, row: Float64s, now: float) -> None:
        """Go on at the next cuboid."""
        state, spread = self._moved(now)
        gain = spread[:, :2] @ np.linalg.inv(spread[:2, :2] + np.eye(2) * self._noise)
        self._state = state + gain @ (row[:2] - state[:2])
        self._spread = spread - gain @ spread[:2]
        self._row[2] += 0.5 * (row[2] - self._row[2])
        self._row[3:6] += (row[3:6] - self._row[3:6]) / (1 + min(len(self.members), 10))
        self._row[6] = row[6]
        self.members.append(member)
        self.time_s = now

    def _moved(self, now: float) -> tuple[Float64s, Float64s]:
        return even_motion(self._state, self._spread, now - self.time_s, self._style.shove_mps2)


def even_motion(state: Float64s, spread: Float64s, step_s: float, shove_mps2: float) -> tuple[Float64s, Float64s]:
    """State and spread a step later, as far as nothing but small shoves happened.

    Args:
        state: (4,) x, y, their velocities.
        spread: (4, 4) Covariance.
        step_s: 0 or more.
        shove_mps2: Deviation of the acceleration, constant within the step.
    """
    turn = np.eye(4)
    turn[0, 2] = turn[1, 3] = step_s
    half = step_s * step_s / 2
    lever = np.array([[half, 0.0], [0.0, half], [step_s, 0.0], [0.0, step_s]])
    return turn @ state, turn @ spread @ turn.T + shove_mps2**2 * lever @ lever.T
