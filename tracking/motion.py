"""Motion: where an object will be next, from where it was.

Constant velocity and turn rate in the plane; each measurement moves the estimate part of the way.
"""

import math
from dataclasses import dataclass, replace

from worldline.geometry import wrap_angle

FOLLOW = 0.6
"""How much of a new velocity is believed."""

FOLLOW_TURN = 0.35

FASTEST_MPS = 18.0
"""How fast an object of unknown velocity may be."""

FASTEST_BY_LENGTH_MPS = ((1.2, 3.5), (2.3, 10.0))
"""How fast an object up to a length may be over the ground: people, then riders."""

HARDEST_MPS2 = 7.0
FASTEST_TURN_RADPS = 0.7


@dataclass(frozen=True, slots=True)
class Motion:
    """A stand on the ground and how it changes.

    Attributes:
        x_m: World.
        y_m: World.
        yaw_rad: Heading.
        vx_mps: World, metres a second of the direction of travel, which may be back in time.
        vy_mps: World.
        turn_radps: Turn rate.
        is_known: Whether the velocity was ever measured.
    """

    x_m: float
    y_m: float
    yaw_rad: float
    vx_mps: float = 0.0
    vy_mps: float = 0.0
    turn_radps: float = 0.0
    is_known: bool = False

    @property
    def speed_mps(self) -> float:
        """Length of the velocity."""
        return math.hypot(self.vx_mps, self.vy_mps)

    def predict(self, step_s: float) -> "Motion":
        """Where it will be after a time, the velocity turning with the heading."""
        half = self.turn_radps * step_s / 2
        vx = self.vx_mps * math.cos(half) - self.vy_mps * math.sin(half)
        vy = self.vx_mps * math.sin(half) + self.vy_mps * math.cos(half)
        return replace(
            self,
            x_m=self.x_m + vx * step_s,
            y_m=self.y_m + vy * step_s,
            yaw_rad=self.yaw_rad + 2 * half,
            vx_mps=self.vx_mps * math.cos(2 * half) - self.vy_mps * math.sin(2 * half),
            vy_mps=self.vx_mps * math.sin(2 * half) + self.vy_mps * math.cos(2 * half),
        )

    def measure(self, x_m: float, y_m: float, yaw_rad: float, step_s: float) -> "Motion":
        """The estimate after the object was found somewhere.

        Args:
            x_m: Where.
            y_m: Where.
            yaw_rad: Its heading there.
            step_s: Time since this estimate.
        """
        expected = self.predict(step_s)
        vx, vy = (x_m - self.x_m) / step_s, (y_m - self.y_m) / step_s
        turn = wrap_angle(yaw_rad - self.yaw_rad) / step_s
        if self.is_known:
            vx = expected.vx_mps + FOLLOW * (vx - expected.vx_mps)
            vy = expected.vy_mps + FOLLOW * (vy - expected.vy_mps)
            turn = self.turn_radps + FOLLOW_TURN * (turn - self.turn_radps)
        else:
            turn = 0.0
        turn = min(max(turn, -FASTEST_TURN_RADPS), FASTEST_TURN_RADPS)
        return Motion(x_m, y_m, yaw_rad, vx, vy, turn, True)

    def reach(self, step_s: float, fastest_mps: float = FASTEST_MPS) -> tuple[float, float, float]:
        """How far along and across the heading and in yaw the next stand may be from the predicted one."""
        if not self.is_known:
            return 0.5 + fastest_mps * step_s, 0.5 + fastest_mps * step_s, 0.1 + 0.3 * min(step_s, 1.0)
        slack = HARDEST_MPS2 * step_s * step_s / 2
        return 0.4 + slack, 0.3 + slack / 3, 0.08 + 0.3 * min(step_s, 1.0)
