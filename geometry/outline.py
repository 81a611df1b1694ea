"""Outlines: polygons on an image, what they enclose, and the outlines of a mask.

A polygon is (N, 2) float64: x and y of its corners in pixels, in order, closed by itself. A pixel is inside when its
centre is, by the even-odd rule; a centre on an edge belongs to the side right of it or below it.
"""

import numpy as np
from numba import njit

from .arrays import Bools, Float64s, Int64s
from .errors import MaskError

_CORNERS = 3


@njit(cache=True, nogil=True)
def _toggle(corners: Float64s, pixels: Bools) -> None:
    """Turn over what a polygon encloses: from each edge to the right side of the image."""
    height, width = pixels.shape
    count = len(corners)
    for n in range(count):
        x0, y0 = corners[n]
        x1, y1 = corners[(n + 1) % count]
        if y0 == y1:
            continue
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        for row in range(max(0, int(np.ceil(y0))), min(height, int(np.ceil(y1)))):
            x = x0 + (row - y0) * (x1 - x0) / (y1 - y0)
            for column in range(max(0, int(np.ceil(min(x, float(width))))), width):
                pixels[row, column] = not pixels[row, column]


@njit(cache=True, nogil=True)
def _trace(pixels: Bools, starts: Bools, corners: Int64s, first: int) -> tuple[int, int]:
    """Walk once round the region with the next start from a row on; gives how many corners, and the row."""
    height, width = pixels.shape
    for row in range(first, height):
        for column in range(width):
            if not starts[row, column]:
                continue
            used = 0
            y, x, dy, dx = row, column, 0, 1  # on the corner above and left, heading right along the top edge
            while True:
                if dx == 1:
                    starts[y, x] = False
                y, x = y + dy, x + dx
                # Pixels ahead of the corner, left and right of the way; the region is on the right.
                ahead_left = (y + (dy - dx - 1) // 2, x + (dx + dy - 1) // 2)
                ahead_right = (y + (dy + dx - 1) // 2, x + (dx - dy - 1) // 2)
                on_left = (
                    0 <= ahead_left[0] < height and 0 <= ahead_left[1] < width and pixels[ahead_left[0], ahead_left[1]]
                )
                on_right = (
                    0 <= ahead_right[0] < height
                    and 0 <= ahead_right[1] < width
                    and pixels[ahead_right[0], ahead_right[1]]
                )
                if not on_right:
                    turn_y, turn_x = dx, -dy  # to the right
                elif on_left:
                    turn_y, turn_x = -dx, dy
                else:
                    turn_y, turn_x = dy, dx
                if turn_y != dy or turn_x != dx:
                    corners[used, 0], corners[used, 1] = x, y
                    used += 1
                dy, dx = turn_y, turn_x
                if y == row and x == column and dy == 0 and dx == 1:
                    return used, row
    return 0, height


def check_polygon(corners: Float64s) -> Float64s:
    """The corners as float64.

    Raises:
        MaskError: They are not (N, 2) finite numbers, or fewer than three.
    """
    points = np.asarray(corners, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise MaskError(f"a polygon is (N, 2) finite pixels, not {points.shape}")
    if len(points) < _CORNERS:
        raise MaskError(f"a polygon has three corners or more, not {len(points)}")
    return points


def fill_polygons(polygons: list[Float64s], height_px: int, width_px: int) -> Bools:
    """(H, W) bool: pixels that an odd number of polygons enclose, so that holes are polygons too.

    Raises:
        MaskError: A polygon is none.
    """
    pixels = np.zeros((height_px, width_px), dtype=np.bool_)
    for corners in polygons:
        _toggle(check_polygon(corners), pixels)
    return pixels


def trace_outlines(pixels: Bools) -> list[Float64s]:
    """The outlines of a mask along the edges of its pixels; `fill_polygons` gives the mask again.

    Args:
        pixels: (H, W) bool.

    Returns:
        Polygons: outer ones clockwise on the screen, holes the other way; pixels that touch at a corner are apart.
    """
    inside = np.ascontiguousarray(pixels, dtype=np.bool_)
    height, width = inside.shape
    above = np.zeros_like(inside)
    above[1:] = inside[:-1]
    starts = np.zeros((height + 1, width + 1), dtype=np.bool_)
    starts[:height, :width] = inside & ~above  # each outline has an edge on top of a pixel, walked to the right
    corners = np.empty((4 * inside.size + 4, 2), dtype=np.int64)
    outlines = []
    count, row = _trace(inside, starts, corners, 0)
    while count > 0:
        outlines.append(corners[:count].astype(np.float64) - 0.5)
        count, row = _trace(inside, starts, corners, row)
    return outlines


def signed_area_px2(corners: Float64s) -> float:
    """The area, above 0 where the corners go clockwise on the screen (x right, y down)."""
    points = check_polygon(corners)
    x, y = points[:, 0], points[:, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)
