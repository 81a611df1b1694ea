"""By how much matched cuboids differ: in place, size and heading."""

from dataclasses import dataclass

import numpy as np

from worldline.geometry.arrays import Float64s


@dataclass(frozen=True, slots=True)
class Spread:
    """What is told of many differences, none of them below 0.

    Attributes:
        mean: Their mean.
        median: Half of them are not above it.
        p95: 95 of 100 are not above it.
        largest: The largest.
    """

    mean: float
    median: float
    p95: float
    largest: float


@dataclass(frozen=True, slots=True)
class Deviation:
    """How matched cuboids differ.

    Attributes:
        pair_count: How many were matched.
        center_m: Distance of the centres, in space.
        length_m: Difference of the lengths.
        width_m: Of the widths.
        height_m: Of the heights.
        scale: One minus the overlap in space of the two when laid upon each other (nuScenes' scale error).
        heading_rad: Difference of the headings, 0 to pi.
        axis_rad: The same where front and rear count as one, 0 to pi / 2.
        flip_count: Pairs whose headings are more than a quarter turn apart.
    """

    pair_count: int
    center_m: Spread
    length_m: Spread
    width_m: Spread
    height_m: Spread
    scale: Spread
    heading_rad: Spread
    axis_rad: Spread
    flip_count: int


def measure_deviation(a_rows: Float64s, b_rows: Float64s) -> Deviation | None:
    """How cuboids differ from their partners.

    Args:
        a_rows: (P, 7) x, y, z of the centre, length, width, height, yaw.
        b_rows: (P, 7) each one's partner, in the same frame.

    Returns:
        None where there is no pair.
    """
    if not len(a_rows):
        return None
    size_m = np.abs(a_rows[:, 3:6] - b_rows[:, 3:6])
    shared_m3 = np.minimum(a_rows[:, 3:6], b_rows[:, 3:6]).prod(axis=1)
    scale = 1 - shared_m3 / (a_rows[:, 3:6].prod(axis=1) + b_rows[:, 3:6].prod(axis=1) - shared_m3)
    heading_rad = np.abs(np.remainder(a_rows[:, 6] - b_rows[:, 6] + np.pi, 2 * np.pi) - np.pi)
    return Deviation(
        len(a_rows),
        _spread(np.linalg.norm(a_rows[:, :3] - b_rows[:, :3], axis=1)),
        _spread(size_m[:, 0]),
        _spread(size_m[:, 1]),
        _spread(size_m[:, 2]),
        _spread(np.maximum(scale, 0)),
        _spread(heading_rad),
        _spread(np.minimum(heading_rad, np.pi - heading_rad)),
        int((heading_rad > np.pi / 2).sum()),
    )


def _spread(values: Float64s) -> Spread:
    median, p95 = np.percentile(values, (50, 95)).tolist()
    return Spread(float(values.mean()), median, p95, float(values.max()))
