"""Habits: how things of a class move and what their points show of them."""

from dataclasses import dataclass

import numpy as np

from worldline.geometry.arrays import Float64s
from worldline.geometry.pose import Vector

PERSON_LENGTH_M = 1.3
RIDER_WIDTH_M = 1.2

BOX, ROUND, RIDING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Habit:
    """How a class of things moves.

    Attributes:
        fastest_mps: It is not faster.
        unrest_m2ps3: Spectral density of its acceleration along its way.
        aside_m2ps3: And across.
        turn_radps: By how much its heading wanders in a second.
        turn_rad_per_m: And in a metre of its way.
        window_s: Around a frame, to tell the velocity there.
        form: What its points show: 0 the sides of a box, 1 a round thing's near half, 2 a rider in his plane.
    """

    fastest_mps: float
    unrest_m2ps3: float
    aside_m2ps3: float
    turn_radps: float
    turn_rad_per_m: float
    window_s: float
    form: int

    @property
    def is_slim(self) -> bool:
        """Whether its points gather around its middle (people, riders) rather than on the sides of a box."""
        return self.form != BOX

    def unrest(self, yaw_rad: Float64s) -> Float64s:
        """(F, 2, 2) spectral density of the acceleration of something heading so."""
        cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
        along = np.stack([cos, sin], axis=-1)
        across = np.stack([-sin, cos], axis=-1)
        density: Float64s = (
            self.unrest_m2ps3 * along[..., :, None] * along[..., None, :]
            + self.aside_m2ps3 * across[..., :, None] * across[..., None, :]
        )
        return density

    def radius_m(self, size_m: Vector) -> float:
        """Half a side of the square around the points of something round."""
        return max(size_m[0], size_m[1]) / 2


PERSON = Habit(4.0, 0.2, 0.2, 0.06, 0.1, 0.85, ROUND)
RIDER = Habit(14.0, 1.0, 0.3, 0.02, 0.04, 0.45, RIDING)
VEHICLE = Habit(35.0, 2.0, 0.4, 0.01, 0.03, 0.35, BOX)


def habit_of(size_m: Vector) -> Habit:
    """The habit of things of a size: people are short, riders narrow, all else drives."""
    if size_m[0] <= PERSON_LENGTH_M:
        return PERSON
    return RIDER if size_m[1] <= RIDER_WIDTH_M else VEHICLE
