"""What is known about a size before anything is measured."""

import math
from dataclasses import dataclass

from .errors import CuboidError
from .pose import Vector


@dataclass(frozen=True, slots=True)
class SizePrior:
    """The usual size of a class of things and how much it varies.

    Attributes:
        mean_m: Length, width and height, metres.
        std_m: Their standard deviations, metres.

    Raises:
        CuboidError: A number is not finite or not above zero.
    """

    mean_m: Vector
    std_m: Vector

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("mean_m", "std_m"):
            value = getattr(self, name)
            if len(value) != 3 or not all(math.isfinite(side) and side > 0 for side in value):
                raise CuboidError(f"a size prior's {name} must be 3 finite metres above 0, not {value}")
            object.__setattr__(self, name, tuple(float(side) for side in value))
