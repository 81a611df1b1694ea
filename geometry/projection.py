"""Cuboids on images: the edges to draw, and the box around what is seen.

Without distortion a straight edge stays straight, so clipping its ends is exact. Behind a
distorting lens an edge is drawn as a chain of short pieces.
"""

from itertools import pairwise

import numpy as np

from .arrays import Bools, Float64s
from .box import Box
from .camera import Camera
from .clipping import clip_polygon, clip_segment, convex_hull
from .cuboid import EDGES, Cuboid
from .pose import Pose

NEAR_M = 0.05
"""What is nearer to the plane of the lens than this is cut off."""

_PIECES = 32
_BISECTIONS = 40
_RIM_STEPS = 24
_FACE_EPSILON = 1e-12


def project_cuboid(camera: Camera, camera_from_frame: Pose, cuboid: Cuboid) -> list[Float64s]:
    """The visible parts of a cuboid's 12 edges, hidden lines included.

    Args:
        camera: The camera.
        camera_from_frame: Where the cuboid's frame stands in the camera's.
        cuboid: In that frame.

    Returns:
        Polylines, each (K, 2) float64 pixels within the image, K >= 2.
    """
    lines: list[Float64s] = []
    for chain in _project_edges(camera, camera_from_frame, cuboid):
        line: list[Float64s] = []
        for start, end in pairwise(chain):
            kept = clip_segment(start, end, camera)
            if kept is None or (line and not np.array_equal(line[-1], kept[0])):
                if line:
                    lines.append(np.array(line))
                line = []
            if kept is not None:
                line = [*(line or [kept[0]]), kept[1]]
        if line:
            lines.append(np.array(line))
    return lines


def cuboid_box(camera: Camera, camera_from_frame: Pose, cuboid: Cuboid) -> tuple[Box | None, Box | None, float]:
    """The box around the part of a cuboid that a camera sees.

    Args:
        camera: The camera.
        camera_from_frame: Where the cuboid's frame stands in the camera's.
        cuboid: In that frame.

    Returns:
        The box around what lies in the image (None when nothing does), the box around all that is
        in front of the camera as if the image had no border (None when nothing is), and the
        truncation: the share of the second box's area that the first one lacks, 0 to 1.
    """
    chains = _project_edges(camera, camera_from_frame, cuboid)
    seen = [*chains, _rim_hits(camera, camera_from_frame, cuboid)] if camera.model != "pinhole" else chains
    places = np.concatenate(seen) if seen else np.empty((0, 2))
    if len(places) == 0:
        return None, None, 1.0
    whole = _bounds(places)
    if camera.contains(places).all():
        return whole, whole, 0.0
    if (
        whole.right_px < 0
        or whole.bottom_px < 0
        or (whole.left_px > camera.width_px - 1 or whole.top_px > camera.height_px - 1)
    ):
        return None, whole, 1.0
    kept = clip_polygon(convex_hull(places), camera)
    if len(kept) == 0:
        return None, whole, 1.0
    visible = _bounds(kept)
    truncation = 1 - visible.area_px2 / whole.area_px2 if whole.area_px2 > 0 else 0.0
    return visible, whole, min(max(truncation, 0.0), 1.0)


def _project_edges(camera: Camera, camera_from_frame: Pose, cuboid: Cuboid) -> list[Float64s]:
    """Chains of pixels, (K, 2) each, of the parts of the edges that the lens can see."""
    corners = camera_from_frame.apply(cuboid.corners())
    if camera.model == "pinhole":
        return _project_straight(camera, corners)
    chains: list[Float64s] = []
    for first, second in EDGES:
        a, b = corners[first], corners[second]
        shares = np.linspace(0, 1, _PIECES + 1)
        in_lens = _in_lens(camera, a + shares[:, None] * (b - a))
        for start, end in _runs(in_lens):
            run = shares[start:end]
            if start > 0:
                run = np.insert(run, 0, _bisect(camera, a, b, shares[start], shares[start - 1]))
            if end < len(shares):
                run = np.append(run, _bisect(camera, a, b, shares[end - 1], shares[end]))
            chains.append(camera.project(a + run[:, None] * (b - a))[0])
    return chains


def _project_straight(camera: Camera, corners: Float64s) -> list[Float64s]:
    """The pixels of each edge's two ends, (2, 2), where a lens bends nothing: one projection for all."""
    spans = [(edge, span) for edge in EDGES if (span := _clip_near(corners[edge[0], 2], corners[edge[1], 2]))]
    if not spans:
        return []
    starts = corners[[first for (first, _), _ in spans]][:, None]
    steps = corners[[second for (_, second), _ in spans]][:, None] - starts
    shares = np.array([span for _, span in spans])[:, :, None]
    pixels = camera.project((starts + shares * steps).reshape(-1, 3))[0]
    return list(pixels.reshape(-1, 2, 2))


def _clip_near(start_z: float, end_z: float) -> tuple[float, float] | None:
    """Shares of an edge between which it is in front of the near plane."""
    if start_z < NEAR_M and end_z < NEAR_M:
        return None
    if start_z >= NEAR_M and end_z >= NEAR_M:
        return 0.0, 1.0
    cut = (NEAR_M - start_z) / (end_z - start_z)
    cut += 1e-12 if start_z < NEAR_M else -1e-12
    return (cut, 1.0) if start_z < NEAR_M else (0.0, cut)


def _in_lens(camera: Camera, points: Float64s) -> Bools:
    near = points[:, 2] >= NEAR_M if camera.model != "fisheye" else np.linalg.norm(points, axis=1) >= NEAR_M
    in_lens: Bools = near & ~np.isnan(camera.project(points)[0][:, 0])
    return in_lens


def _bisect(camera: Camera, a: Float64s, b: Float64s, inside: float, outside: float) -> float:
    """The last share of an edge that the lens sees."""
    for _ in range(_BISECTIONS):
        middle = (inside + outside) / 2
        if _in_lens(camera, (a + middle * (b - a))[None])[0]:
            inside = middle
        else:
            outside = middle
    return inside


def _runs(mask: Bools) -> list[tuple[int, int]]:
    """Half-open index ranges in which the mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _rim_hits(camera: Camera, camera_from_frame: Pose, cuboid: Cuboid) -> Float64s:
    """Pixels of the image's border behind which the cuboid lies: a face may fill the view without an edge in it."""
    x = np.linspace(0, camera.width_px - 1, _RIM_STEPS)
    y = np.linspace(0, camera.height_px - 1, _RIM_STEPS)
    right, bottom = np.full_like(y, camera.width_px - 1), np.full_like(x, camera.height_px - 1)
    rim = np.concatenate([np.stack(side, axis=1) for side in ((x, 0 * x), (x, bottom), (0 * y, y), (right, y))])
    camera_from_cuboid = camera_from_frame @ cuboid.pose
    rays = camera.unproject(rim) @ camera_from_cuboid.rotation
    origin = np.asarray(camera_from_cuboid.inverse().translation_m)
    half = np.asarray(cuboid.size_m) / 2
    step = np.where(np.abs(rays) < _FACE_EPSILON, _FACE_EPSILON, rays)
    one, two = (-half - origin) / step, (half - origin) / step
    enter, leave = np.minimum(one, two).max(axis=1), np.maximum(one, two).min(axis=1)
    hits: Float64s = rim[(enter <= leave) & (leave > NEAR_M)]
    return hits


def _bounds(places: Float64s) -> Box:
    left, top = places.min(axis=0)
    right, bottom = places.max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))
