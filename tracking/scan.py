"""Scans: what stands on the street around a place in one frame."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from worldline.geometry.arrays import Float32s, Float64s
from worldline.geometry.pose import Vector

from .clearance import fit_plane, pick_above
from .errors import LostError, PropagationError

CLEAR_M = 0.2
"""Points lower than this over the street are street."""

STREET_M = 2.0
"""How far around the footprint the street is looked for."""


class Sweeps(Protocol):
    """The points of a frame in the world."""

    def __call__(self, frame: int, around: Vector, radius_m: float) -> Float32s:
        """Points of a frame.

        Args:
            frame: The frame.
            around: A place in the world.
            radius_m: Points further than this from the place, seen from above, may be left out.

        Returns:
            (N, 3) float32, world, metres.
        """
        ...


@dataclass(frozen=True, slots=True)
class Scan:
    """What stands around a place.

    Attributes:
        points: (N, 3) float32, world x and y, and height over the object's underside if it were there.
        plane: (3,) The street: its height at the place, its slopes along x and y.
    """

    points: Float32s
    plane: Float64s


def scan_around(
    sweeps: Sweeps,
    frame: int,
    place: Vector,
    slack_m: float,
    size_m: Vector,
    plane: Float64s,
    underside_m: float,
) -> Scan:
    """The points above the street around a place.

    Args:
        sweeps: Loads the points of a frame.
        frame: The frame.
        place: Where the object is looked for.
        slack_m: How far from there it may be.
        size_m: Its size.
        plane: (3,) The street expected at the place; changed to what is found.
        underside_m: Height of the object's underside over the street.

    Returns:
        The points and the street.

    Raises:
        LostError: No points at all lie around the place.
        PropagationError: The sweep is no list of points.
    """
    half_m = math.hypot(size_m[0], size_m[1]) / 2
    radius_m = half_m + max(slack_m, STREET_M)
    points = np.ascontiguousarray(sweeps(frame, place, radius_m), dtype=np.float32)
    if points.ndim != 2 or points.shape[1] != 3:
        raise PropagationError(f"the points of frame {frame} are (N, 3), not {points.shape}")
    if len(points) == 0:
        raise LostError(f"left the sensor's view: nothing within {radius_m:.0f} m of its place in frame {frame}")
    x, y, _ = place
    fit_plane(points, x, y, half_m + STREET_M, plane)
    picked = np.empty_like(points)
    low_m, top_m = min(CLEAR_M, size_m[2] / 4) - underside_m, size_m[2] + CLEAR_M
    count = pick_above(points, x, y, half_m + slack_m, plane, underside_m, low_m, top_m, picked)
    return Scan(picked[:count], plane)
