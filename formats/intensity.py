"""Intensity of points on a format's own scale."""

import numpy as np
from numpy.typing import NDArray

from worldline.geometry.arrays import Float32s

from .scene import Scene

INTENSITY_MAX = "intensity_max"
"""Key of a scene's `meta`: what its source calls full intensity."""

_SCALES = (1.0, 255.0, 65535.0)


def full_intensity(scene: Scene, lidar: str) -> float:
    """What a scene's source calls full intensity.

    The scene's `meta` says it; else integers fill their type's range, and floats run to the least of 1, 255 and
    65535 that the first frame with points does not exceed.
    """
    said = scene.meta.get(INTENSITY_MAX)
    if isinstance(said, int | float) and said > 0:
        return float(said)
    for frame in range(len(scene.sensor(lidar).clock)):
        values = scene.data.sweep(lidar, frame).fields.get("intensity")
        if values is None:
            return 1.0
        if values.dtype.kind in "ui":
            return float(2 ** (8 * values.dtype.itemsize - (values.dtype.kind == "i")) - 1)
        if len(values):
            largest = float(np.max(values.astype(np.float64)))
            return next((scale for scale in _SCALES if largest <= scale), _SCALES[-1])
    return 1.0


def scaled_intensity(values: NDArray[np.generic], own: float, full: float) -> Float32s:
    """Intensities with another full scale.

    Args:
        values: (N,) any numbers.
        own: Their full scale.
        full: The full scale wanted.

    Returns:
        (N,) float32; the values themselves where the scales are one.
    """
    if own == full:
        return np.asarray(values, dtype=np.float32)
    return (np.asarray(values, dtype=np.float64) * (full / own)).astype(np.float32)
