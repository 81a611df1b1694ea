"""How far cuboids are off, told from the tracks they make."""

from collections.abc import Sequence

import numpy as np

from worldline.geometry.arrays import Float64s

from .moving import Noise

USUAL = Noise(0.25, 0.25)
"""Where too little is known to tell."""

_LEAST, _MOST = Noise(0.1, 0.06), Noise(0.6, 0.4)
_FEWEST = 20
_TO_DEVIATION = 1.4826
"""From the median of absolute deviations to the standard deviation of a normal distribution."""


def tell_noise(pieces: Sequence[list[int]], rows: Float64s, time_s: Float64s) -> Noise:
    """The noise of a class's cuboids.

    Places: how far each is from the straight line between the ones before and after it, which even motion leaves at
    the noise. Sizes: how far the sides of a track's cuboids are from their median.

    Args:
        pieces: Each track's members in order of time.
        rows: (N, 7) All cuboids.
        time_s: (N,) Their times.
    """
    bends, sides = [], []
    for members in pieces:
        if len(members) < 3:
            continue
        place, at = rows[members, :2], time_s[members]
        share = ((at[1:-1] - at[:-2]) / (at[2:] - at[:-2]))[:, None]
        off = place[1:-1] - (1 - share) * place[:-2] - share * place[2:]
        close = at[2:] - at[:-2] <= 1.0
        bends.append((off / np.sqrt(1 + share**2 + (1 - share) ** 2))[close].ravel())
        size = np.log(rows[members, 3:6])
        sides.append((size - np.median(size, axis=0)).ravel())
    return Noise(
        _deviation(bends, USUAL.place_m, _LEAST.place_m, _MOST.place_m),
        _deviation(sides, USUAL.size_share / 1.5, _LEAST.size_share / 1.5, _MOST.size_share / 1.5) * 1.5,
    )


def _deviation(parts: list[Float64s], usual: float, least: float, most: float) -> float:
    values = np.concatenate(parts) if parts else np.empty(0)
    if len(values) < _FEWEST:
        return usual
    return float(np.clip(_TO_DEVIATION * np.median(np.abs(values)), least, most))
