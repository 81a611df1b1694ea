"""Frames between keyframes: the one place where they are computed.

Server, exporters and (by a twin in TypeScript) the viewer show the same shapes. A shape exists in
the frames of the track's spans. On a keyframe it is the keyframe's own, to the last bit. Before the
first keyframe and after the last, the nearest one holds. Between two keyframes the centre runs on a
cubic Hermite curve in the track's space over time, the rotation turns by the shorter arc at an even
rate, and the sides of a box run on straight lines. Where the object is absent in between, the path
over the gap is straight and no velocity is taken across it; only the frames present are answered.
The formulae are in ``docs/interpolation.md``, and shared cases in ``tests/cases/interpolation.json``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from worldline.geometry import Box, Cuboid, Pose
from worldline.geometry.arrays import Bools, Float64s, Int64s

from .curves import fill_boxes, fill_poses, fill_velocities
from .errors import KeyframeError
from .keyframe import Shape
from .span import Span, join_spans
from .track import Track


@dataclass(frozen=True, slots=True)
class SampledPoses:
    """A cuboid track's poses in many frames.

    Attributes:
        present_mask: (N,) Whether the track has a shape in the frame.
        centers_m: (N, 3) float64, the track's space; NaN where absent.
        rotations_wxyz: (N, 4) float64 unit quaternions; NaN where absent.
    """

    present_mask: Bools
    centers_m: Float64s
    rotations_wxyz: Float64s


def shape_at(track: Track, frame: int, clock_ns: Int64s) -> Shape | None:
    """The track's shape in a frame.

    Args:
        track: A cuboid or a box track.
        frame: Index on the clock of the track's space.
        clock_ns: (F,) That clock, strictly increasing.

    Returns:
        A pose or a box; None where the track is not present or has no keyframe.

    Raises:
        KeyframeError: The frame or a keyframe lies outside the clock, or the clock stands still.
    """
    if not track.keyframes or not track.is_present(frame):
        return None
    keyframe = track.keyframe_at(frame)
    if keyframe is not None:
        return keyframe.shape
    if track.kind == "box":
        left, top, right, bottom = boxes_at(track, (frame,), clock_ns)[0].tolist()
        return Box(left, top, right, bottom)
    poses = poses_at(track, (frame,), clock_ns)
    w, qx, qy, qz = poses.rotations_wxyz[0].tolist()
    x, y, z = poses.centers_m[0].tolist()
    return Pose((w, qx, qy, qz), (x, y, z))


def cuboid_at(track: Track, frame: int, clock_ns: Int64s) -> Cuboid | None:
    """The cuboid of a cuboid track in a frame, None where it has none; see `shape_at`.

    Raises:
        KeyframeError: The track is of boxes; or as `shape_at`.
    """
    _check_kind(track, "cuboid")
    shape = shape_at(track, frame, clock_ns)
    return Cuboid(shape, track.size_m) if isinstance(shape, Pose) and track.size_m is not None else None


def box_at(track: Track, frame: int, clock_ns: Int64s) -> Box | None:
    """The box of a box track in a frame, None where it has none; see `shape_at`.

    Raises:
        KeyframeError: The track is of cuboids; or as `shape_at`.
    """
    _check_kind(track, "box")
    shape = shape_at(track, frame, clock_ns)
    return shape if isinstance(shape, Box) else None


def poses_at(track: Track, frames: Iterable[int], clock_ns: Int64s) -> SampledPoses:
    """The poses of a cuboid track in many frames at once; the same numbers as `shape_at`.

    Raises:
        KeyframeError: The track is of boxes; or as `shape_at`.
    """
    _check_kind(track, "cuboid")
    asked = np.fromiter(frames, dtype=np.int64)
    present_mask = _present(track, asked)
    centers_m, rotations_wxyz = np.full((asked.size, 3), np.nan), np.full((asked.size, 4), np.nan)
    poses = [keyframe.shape for keyframe in track.keyframes if isinstance(keyframe.shape, Pose)]
    if present_mask.any():
        at_ns, key_ns = _times(track, asked[present_mask], clock_ns)
        key_m = np.array([pose.translation_m for pose in poses])
        key_wxyz = np.array([pose.rotation_wxyz for pose in poses])
        joined_mask = _joined(track)
        key_mps = np.zeros_like(key_m)
        fill_velocities(key_ns, key_m, joined_mask, key_mps)
        out_m, out_wxyz = np.empty((at_ns.size, 3)), np.empty((at_ns.size, 4))
        fill_poses(at_ns, key_ns, key_m, key_wxyz, key_mps, joined_mask, out_m, out_wxyz)
        centers_m[present_mask], rotations_wxyz[present_mask] = out_m, out_wxyz
    return SampledPoses(present_mask, centers_m, rotations_wxyz)


def boxes_at(track: Track, frames: Iterable[int], clock_ns: Int64s) -> Float64s:
    """The boxes of a box track in many frames at once; the same numbers as `shape_at`.

    Returns:
        (N, 4) float64, left, top, right, bottom in pixels; NaN where absent.

    Raises:
        KeyframeError: The track is of cuboids; or as `shape_at`.
    """
    _check_kind(track, "box")
    asked = np.fromiter(frames, dtype=np.int64)
    present_mask = _present(track, asked)
    sides_px = np.full((asked.size, 4), np.nan)
    boxes = [keyframe.shape for keyframe in track.keyframes if isinstance(keyframe.shape, Box)]
    if present_mask.any():
        at_ns, key_ns = _times(track, asked[present_mask], clock_ns)
        key_px = np.array([(box.left_px, box.top_px, box.right_px, box.bottom_px) for box in boxes])
        out_px = np.empty((at_ns.size, 4))
        fill_boxes(at_ns, key_ns, key_px, out_px)
        sides_px[present_mask] = out_px
    return sides_px


def _check_kind(track: Track, kind: str) -> None:
    if track.kind != kind:
        raise KeyframeError(f"track {track.id} is of kind {track.kind}, not {kind}")


def _present(track: Track, frames: Int64s) -> Bools:
    present_mask = np.zeros(frames.size, dtype=np.bool_)
    if track.keyframes:
        for span in track.spans:
            present_mask |= (frames >= span.start) & (frames < span.end)
    return present_mask


def _times(track: Track, frames: Int64s, clock_ns: Int64s) -> tuple[Int64s, Int64s]:
    """Times of the frames asked for and of the keyframes."""
    key_frames = np.array([keyframe.frame for keyframe in track.keyframes], dtype=np.int64)
    last = max(int(frames.max()), int(key_frames[-1]))
    if last >= len(clock_ns):
        raise KeyframeError(f"track {track.id}: frame {last} lies outside the clock's {len(clock_ns)} frames")
    clock_ns = np.asarray(clock_ns, dtype=np.int64)
    key_ns = clock_ns[key_frames]
    if np.any(np.diff(key_ns) <= 0):
        raise KeyframeError(f"track {track.id}: the clock does not increase between keyframes: {key_ns.tolist()}")
    return clock_ns[frames], key_ns


def _joined(track: Track) -> Bools:
    """(K - 1,) Whether the track is present in every frame from each keyframe to the next."""
    unbroken = join_spans(tuple(Span(span.start, span.end) for span in track.spans))
    return np.array(
        [any(a.frame in span and b.frame in span for span in unbroken) for a, b in pairwise(track.keyframes)], np.bool_
    )
