"""Slow, obvious twins of grid queries and of suppression."""

import numpy as np
from numpy.typing import NDArray

from tests.naive import naive_overlap
from worldline.geometry import Cuboid


def naive_near(points: NDArray[np.floating], place: tuple[float, float, float], radius_m: float) -> list[int]:
    """Numbers of the finite points within a radius, seen from above."""
    wide = points.astype(np.float64)
    return [
        number
        for number, (x, y, z) in enumerate(wide.tolist())
        if np.isfinite([x, y, z]).all()
        and (x - place[0]) * (x - place[0]) + (y - place[1]) * (y - place[1]) <= radius_m * radius_m
    ]


def naive_suppress(cuboids: list[Cuboid], scores: list[float], most_overlap: float, in_space: bool) -> list[int]:
    """The best that is left stays and strikes out what overlaps it, until nothing is left."""
    left = sorted(range(len(cuboids)), key=lambda number: (-scores[number], number))
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [one for one in left if naive_overlap(cuboids[best], cuboids[one])[in_space] <= most_overlap]
    return kept
