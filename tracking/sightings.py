"""Sightings: every cuboid of a set of tracks in every frame, as arrays.

They stand in an order that knows nothing of ids: by frame, then by place; tracks are numbered as they come
into sight. What is computed from them can therefore not depend on what anybody called anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from worldline.geometry import Pose
from worldline.geometry.arrays import Float64s, Int64s

from .errors import AgreementError
from .interpolate import poses_at
from .track import WORLD, Track


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """The cuboids of one label set.

    Attributes:
        frames: (N,) int64, 0 to `frame_count` - 1, never falling.
        tracks: (N,) int64, which track, 0 to T - 1; a track stands once in a frame.
        rows: (N, 7) float64: x, y, z of the centre, length, width, height, yaw; world, metres and radians.
        classes: (T,) The class of each track.
        frame_count: How many frames were looked at.

    Raises:
        AgreementError: Lengths differ, a frame or a track lies outside, or a track stands twice in a frame.
    """

    frames: Int64s
    tracks: Int64s
    rows: Float64s
    classes: tuple[str, ...]
    frame_count: int

    def __post_init__(self) -> None:
        """Check the arrays and bring them into the one order."""
        frames, tracks = np.asarray(self.frames, dtype=np.int64), np.asarray(self.tracks, dtype=np.int64)
        rows = np.asarray(self.rows, dtype=np.float64).reshape(-1, 7)
        if not len(frames) == len(tracks) == len(rows):
            raise AgreementError(f"{len(frames)} frames, {len(tracks)} tracks, {len(rows)} rows: one each a sighting")
        if len(frames) and (frames.min() < 0 or frames.max() >= self.frame_count):
            raise AgreementError(f"frames are 0 to {self.frame_count - 1}, not {frames.min()} to {frames.max()}")
        if len(tracks) and (tracks.min() < 0 or tracks.max() >= len(self.classes)):
            raise AgreementError(f"tracks are 0 to {len(self.classes) - 1}, not {tracks.min()} to {tracks.max()}")
        order = np.lexsort((*rows.T[::-1], frames))
        frames, rows = frames[order], rows[order]
        seen, first, numbers = np.unique(tracks[order], return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(first))  # numbered by when it came into sight
        tracks = rank[numbers].astype(np.int64)
        if len(np.unique(frames * max(len(seen), 1) + tracks)) < len(frames):
            raise AgreementError("a track stands twice in one frame")
        classes = tuple(self.classes[int(number)] for number in seen[np.argsort(first)])
        for name, value in (("frames", frames), ("tracks", tracks), ("rows", rows), ("classes", classes)):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        """How many cuboids."""
        return len(self.frames)

    @property
    def track_count(self) -> int:
        """Tracks that are seen at least once."""
        return len(self.classes)

    def of_class(self, name: str) -> "Sightings":
        """Those of one class."""
        kept = np.array([each == name for each in self.classes], dtype=np.bool_)[self.tracks]
        return Sightings(self.frames[kept], self.tracks[kept], self.rows[kept], self.classes, self.frame_count)

    def moved(self, poses: Sequence[Pose]) -> "Sightings":
        """The same cuboids in another frame of reference.

        Args:
            poses: (F,) `new_from_old` of each frame.

        Raises:
            AgreementError: There is not a pose for each frame.
        """
        if len(poses) != self.frame_count:
            raise AgreementError(f"there are {self.frame_count} frames and {len(poses)} poses")
        rows = self.rows.copy()
        for frame, pose in enumerate(poses):
            of = slice(*np.searchsorted(self.frames, (frame, frame + 1)))
            rows[of, :3] = pose.apply(self.rows[of, :3])
            yaw_rad = self.rows[of, 6]
            ahead = np.stack([np.cos(yaw_rad), np.sin(yaw_rad), np.zeros(len(yaw_rad))], axis=1) @ pose.rotation.T
            rows[of, 6] = np.arctan2(ahead[:, 1], ahead[:, 0])
        return Sightings(self.frames, self.tracks, rows, self.classes, self.frame_count)


def see_tracks(tracks: Iterable[tuple[Track, str]], clock_ns: Int64s, frames: Sequence[int] | None = None) -> Sightings:
    """The cuboids of tracks in frames; tracks of boxes and of other spaces than the world's have none.

    Args:
        tracks: Each with its class.
        clock_ns: (F,) The clock that the tracks' frames count.
        frames: Which of its frames to look at, each once: frame k of the answer is `frames[k]`; all if None.

    Raises:
        KeyframeError: A frame lies outside the clock.
    """
    looked = np.arange(len(clock_ns)) if frames is None else np.asarray(frames, dtype=np.int64)
    classes: list[str] = []
    parts: list[tuple[Int64s, Int64s, Float64s]] = []
    for track, class_name in tracks:
        if track.size_m is None or track.space != WORLD:
            continue
        poses = poses_at(track, looked, clock_ns)
        at = np.flatnonzero(poses.present_mask)
        w, x, y, z = poses.rotations_wxyz[at].T
        rows = np.empty((len(at), 7))
        rows[:, :3], rows[:, 3:6] = poses.centers_m[at], track.size_m
        rows[:, 6] = np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z))
        parts.append((at, np.full(len(at), len(classes)), rows))
        classes.append(class_name)
    if not parts:
        nothing = np.empty(0, dtype=np.int64)
        return Sightings(nothing, nothing, np.empty((0, 7)), (), len(looked))
    of_frames, of_tracks, of_rows = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Sightings(of_frames, of_tracks, of_rows, tuple(classes), len(looked))
