"""A track's cuboids in all frames in which it is present, as arrays."""

from dataclasses import dataclass

import numpy as np

from worldline.geometry.arrays import Float64s, Int64s
from worldline.tracking.interpolate import poses_at
from worldline.tracking.track import Track


@dataclass(frozen=True, slots=True)
class Sampled:
    """A track, frame by frame.

    Attributes:
        track: The track.
        class_name: Its object's.
        frames: (N,) in which it is present, increasing.
        times_s: (N,) from the first frame of the scene.
        runs: (N,) counts up where frames are missing in between.
        rows: (N, 7) float64, world: x, y, z, length, width, height, yaw.
    """

    track: Track
    class_name: str
    frames: Int64s
    times_s: Float64s
    runs: Int64s
    rows: Float64s


def sample_track(track: Track, class_name: str, clock_ns: Int64s) -> Sampled:
    """Sample a cuboid track.

    Raises:
        KeyframeError: It is of boxes, or a keyframe lies outside the clock.
    """
    spans = [np.arange(span.start, min(span.end, len(clock_ns))) for span in track.spans]
    asked = np.concatenate(spans) if spans else np.empty(0, dtype=np.int64)
    poses = poses_at(track, asked.tolist(), clock_ns)
    frames = asked[poses.present_mask].astype(np.int64)
    centers, (w, x, y, z) = poses.centers_m[poses.present_mask], poses.rotations_wxyz[poses.present_mask].T
    yaws = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    sizes = np.broadcast_to(np.array(track.size_m or (1.0, 1.0, 1.0)), (len(frames), 3))
    rows = np.column_stack([centers, sizes, yaws])
    times_s = (clock_ns[frames] - clock_ns[0]) / 1e9 if len(frames) else np.empty(0)
    return Sampled(track, class_name, frames, times_s, np.cumsum(np.diff(frames, prepend=frames[:1]) > 1), rows)
