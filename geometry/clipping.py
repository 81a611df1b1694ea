"""Lines and polygons of an image, cut at its borders: the outermost pixel centres."""

import numpy as np

from .arrays import Float64s
from .camera import Camera


def clip_segment(start: Float64s, end: Float64s, camera: Camera) -> tuple[Float64s, Float64s] | None:
    """The part of a segment in the image (Liang and Barsky 1984), None when there is none."""
    enter, leave = 0.0, 1.0
    step = end - start
    for axis, last in ((0, camera.width_px - 1), (1, camera.height_px - 1)):
        if step[axis] == 0:
            if not 0 <= start[axis] <= last:
                return None
            continue
        near, far = -start[axis] / step[axis], (last - start[axis]) / step[axis]
        enter, leave = max(enter, min(near, far)), min(leave, max(near, far))
    if enter >= leave:
        return None
    rim = (camera.width_px - 1, camera.height_px - 1)
    return (
        start if enter == 0 else np.clip(start + enter * step, 0, rim),
        end if leave == 1 else np.clip(start + leave * step, 0, rim),
    )


def convex_hull(places: Float64s) -> Float64s:
    """(K, 2) the convex hull, counter-clockwise (A. M. Andrew's monotone chain, 1979)."""
    ordered = [tuple(place) for place in np.unique(places, axis=0)]
    chains = []
    for direction in (ordered, ordered[::-1]):
        chain: list[tuple[float, ...]] = []
        for place in direction:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], place) <= 0:
                chain.pop()
            chain.append(place)
        chains.append(chain)
    hull = chains[0][:-1] + chains[1][:-1]
    return np.array(hull if hull else ordered)


def _turn(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def clip_polygon(polygon: Float64s, camera: Camera) -> Float64s:
    """The part of a convex polygon in the image (I. Sutherland and G. Hodgman 1974)."""
    for axis, bound, sign in (
        (0, 0.0, 1.0),
        (0, camera.width_px - 1.0, -1.0),
        (1, 0.0, 1.0),
        (1, camera.height_px - 1.0, -1.0),
    ):
        depth = sign * (polygon[:, axis] - bound)
        kept: list[Float64s] = []
        for index in range(len(polygon)):
            before = index - 1
            if (depth[index] >= 0) != (depth[before] >= 0):
                share = depth[before] / (depth[before] - depth[index])
                crossing = polygon[before] + share * (polygon[index] - polygon[before])
                crossing[axis] = bound
                kept.append(crossing)
            if depth[index] >= 0:
                kept.append(polygon[index])
        polygon = np.array(kept).reshape(-1, 2)
        if len(polygon) == 0:
            break
    return polygon
