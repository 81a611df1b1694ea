"""What is allowed: limits that a project may change, by class."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one class. A limit that is infinite never finds anything.

    Attributes:
        speed_mps: Of the centre.
        acceleration_mps2: Of the centre, over a second.
        turn_rate_radps: Of the yaw.
        against_motion_rad: Between heading and motion, while it moves at `moving_mps` or more.
        moving_mps: Speed from which motion has a direction.
        size_spreads: Spreads of the class from its mean size.
        overlap: Share of the smaller footprint that another object may cover.
        duplicate: Overlap in space from which two objects of a class are taken for one.
        floating_m: Underside above the ground.
        sunk_m: Underside below the ground.
        gap_s: The shortest absence that is taken for one.
    """

    speed_mps: float = 60.0
    acceleration_mps2: float = 8.0
    turn_rate_radps: float = 1.2
    against_motion_rad: float = math.radians(25)
    moving_mps: float = 1.5
    size_spreads: float = 4.0
    overlap: float = 0.15
    duplicate: float = 0.6
    floating_m: float = 0.5
    sunk_m: float = 0.5
    gap_s: float = 0.5


_PERSON = Limits(speed_mps=10.0, acceleration_mps2=6.0, turn_rate_radps=math.inf, against_motion_rad=math.inf)
_CYCLE = Limits(speed_mps=20.0, acceleration_mps2=6.0, turn_rate_radps=2.0)
_STILL = Limits(speed_mps=1.0, acceleration_mps2=2.0, turn_rate_radps=0.5, against_motion_rad=math.inf)

DEFAULT_LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "pedestrian": _PERSON,
        "person_sitting": _PERSON,
        "animal": Limits(speed_mps=20.0, turn_rate_radps=math.inf, against_motion_rad=math.inf),
        "cyclist": _CYCLE,
        "bicycle": _CYCLE,
        "motorcycle": Limits(turn_rate_radps=1.5),
        "traffic_cone": _STILL,
        "barrier": _STILL,
    }
)
"""By class name; a class that is not named has `Limits()`."""
