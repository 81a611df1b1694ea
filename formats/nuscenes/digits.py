"""How many digits are written: so many that nothing is lost, so few that reading and writing again changes none.

A pose that was read is put together out of others and taken apart again, which moves the last bit of a
float64. On a grid of a nanometre, and of 1e-12 for a quaternion, it comes back to where it stood.
"""

import math

from worldline.geometry.pose import Vector

_PLACE_DIGITS = 9
_TURN_DIGITS = 12
_MOST_ROUNDS = 8


def place_row(place_m: Vector, origin_m: Vector) -> list[float]:
    """A place on the map, in whole nanometres."""
    return [round(a + b, _PLACE_DIGITS) + 0.0 for a, b in zip(place_m, origin_m, strict=True)]


def turn_row(rotation_wxyz: tuple[float, float, float, float]) -> list[float]:
    """A unit quaternion whose digits stay when a reader brings it to length 1."""
    row = [round(value, _TURN_DIGITS) + 0.0 for value in rotation_wxyz]
    for _ in range(_MOST_ROUNDS):
        length = math.hypot(*row)
        again = [round(value / length, _TURN_DIGITS) + 0.0 for value in row]
        if again == row:
            break
        row = again
    return row
