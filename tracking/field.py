"""Likelihood fields: how far each place around an object is from the object's own surface.

The object's own points are kept as hits in a grid of its own frame, seen from above in a few layers of
height: x forward, y left, both from the centre, heights above the underside. A layer's field is the
distance to the nearest cell that was hit, at most `FAR_M`. Where nothing was hit yet, the outline of the
cuboid stands in for the surface at `OUTLINE_M` more, so that parts which come into view find a place.
Heights are over the ground under the object, so the pattern of a sensor's rings does not pull it along.

Source: S. Thrun, W. Burgard, D. Fox, Probabilistic Robotics, 2005, 6.4, likelihood fields.
"""

import math

import numpy as np
from numba import njit

from worldline.geometry.arrays import Float32s, Float64s
from worldline.geometry.pose import Vector

CELL_M = 0.1
MARGIN_M = 1.2
FAR_M = 1.0
OUTLINE_M = 0.15
KNOWN_M = 0.12
LAYER_M = 0.4
MAX_LAYER_COUNT = 8
FADE = 0.97
"""What is left of a hit after a frame; the hits of the start keyframe never fade."""


class SurfaceField:
    """The surface of one object as it becomes known, and the distance to it.

    Attributes:
        distance_m: (L, X, Y) float32, distance to the surface at cell centres, at most `FAR_M`.
        layer_m: Height of a layer.
        corner_m: Where the centre of cell (0, 0) lies, (2,) float64.
    """

    __slots__ = ("_hits", "_kept", "_kept_m", "_outline", "corner_m", "distance_m", "layer_m")

    def __init__(self, size_m: Vector) -> None:
        """An empty field: only the outline is known.

        Args:
            size_m: Length, width and height of the object.
        """
        length_m, width_m, height_m = size_m
        layer_count = min(max(round(height_m / LAYER_M), 1), MAX_LAYER_COUNT)
        self.layer_m = height_m / layer_count
        half = np.array([math.ceil((side / 2 + MARGIN_M) / CELL_M) for side in (length_m, width_m)])
        self.corner_m: Float64s = -half * CELL_M
        shape = (layer_count, 2 * int(half[0]) + 1, 2 * int(half[1]) + 1)
        self._hits: Float32s = np.zeros(shape, dtype=np.float32)
        self._kept: Float32s = np.zeros(shape, dtype=np.float32)
        self._kept_m: Float32s = np.full(shape, FAR_M, dtype=np.float32)
        self._outline: Float32s = np.empty(shape, dtype=np.float32)
        self.distance_m: Float32s = np.empty(shape, dtype=np.float32)
        fill_outline(length_m / 2, width_m / 2, self.corner_m, self._outline)
        self._measure()

    def keep(self, own: Float32s) -> None:
        """Take points as the object's surface for good.

        Args:
            own: (N, 3) float32, the object's frame, metres; z from the underside.
        """
        add_hits(own, self.corner_m, self.layer_m, 1.0, self._kept)
        fill_distance(self._kept, np.full_like(self._kept, FAR_M), self._kept_m)
        self._measure()

    def add(self, own: Float32s, weight: float) -> None:
        """Take points as the object's surface, to fade unless seen again; earlier ones fade.

        Args:
            own: (N, 3) float32, the object's frame, metres; z from the underside.
            weight: What one frame's hit counts; at 1 a cell is surface.
        """
        self._hits *= FADE
        add_hits(own, self.corner_m, self.layer_m, weight, self._hits)
        # Near what is known for good nothing is added: it would only smear it, the way the object drifts.
        self._hits[self._kept_m < KNOWN_M] = 0
        self._measure()

    def _measure(self) -> None:
        fill_distance(self._hits + self._kept, self._outline, self.distance_m)


@njit(cache=True, nogil=True)
def fill_outline(half_length_m: float, half_width_m: float, corner_m: Float64s, out: Float32s) -> None:
    """Distance to the outline of the footprint plus `OUTLINE_M`, in the lower 60 % of the layers.

    Args:
        half_length_m: Half the length.
        half_width_m: Half the width.
        corner_m: (2,) The centre of cell (0, 0).
        out: (L, X, Y) Filled.
    """
    layer_count = out.shape[0]
    for i in range(out.shape[1]):
        x = abs(corner_m[0] + i * CELL_M) - half_length_m
        for j in range(out.shape[2]):
            y = abs(corner_m[1] + j * CELL_M) - half_width_m
            away = math.hypot(max(x, 0.0), max(y, 0.0)) if x > 0 or y > 0 else min(-x, -y)
            away = min(away + OUTLINE_M, FAR_M)
            for layer in range(layer_count):
                out[layer, i, j] = away if layer < 0.6 * layer_count else FAR_M


@njit(cache=True, nogil=True)
def add_hits(own: Float32s, corner_m: Float64s, layer_m: float, weight: float, hits: Float32s) -> None:
    """Count points into cells; each frame's share of a cell is at most `weight`.

    Args:
        own: (N, 3) The object's frame; z from the underside.
        corner_m: (2,) The centre of cell (0, 0).
        layer_m: Height of a layer.
        weight: Added to each cell that is hit, once. A point near the border of a layer hits both.
        hits: (L, X, Y) Changed.
    """
    seen = np.zeros(hits.shape, dtype=np.bool_)
    for n in range(own.shape[0]):
        i = math.floor((own[n, 0] - corner_m[0]) / CELL_M + 0.5)
        j = math.floor((own[n, 1] - corner_m[1]) / CELL_M + 0.5)
        if not (0 <= i < hits.shape[1] and 0 <= j < hits.shape[2]):
            continue
        level = own[n, 2] / layer_m
        for layer in range(math.floor(level - 0.3), math.floor(level + 0.3) + 1):
            if 0 <= layer < hits.shape[0] and not seen[layer, i, j]:
                seen[layer, i, j] = True
                hits[layer, i, j] += weight


@njit(cache=True, nogil=True)
def fill_distance(hits: Float32s, outline: Float32s, out: Float32s) -> None:
    """Distance from each cell centre to the nearest centre of a cell with hits of 1 or more.

    Args:
        hits: (L, X, Y) What each cell counts.
        outline: (L, X, Y) The distance never is above this.
        out: (L, X, Y) Filled, metres, at most `FAR_M`.
    """
    reach = math.ceil(FAR_M / CELL_M)
    count_x, count_y = hits.shape[1], hits.shape[2]
    along = np.empty((count_x, count_y), dtype=np.int32)
    for layer in range(hits.shape[0]):
        for i in range(count_x):
            run = reach
            for j in range(count_y):
                run = 0 if hits[layer, i, j] >= 1 else min(run + 1, reach)
                along[i, j] = run
            run = reach
            for j in range(count_y - 1, -1, -1):
                run = 0 if hits[layer, i, j] >= 1 else min(run + 1, reach)
                along[i, j] = min(along[i, j], run)
        for i in range(count_x):
            first, last = max(i - reach, 0), min(i + reach, count_x - 1)
            for j in range(count_y):
                best = reach * reach
                for other in range(first, last + 1):
                    square = (other - i) * (other - i) + along[other, j] * along[other, j]
                    best = min(best, square)
                out[layer, i, j] = min(CELL_M * math.sqrt(best), outline[layer, i, j])
