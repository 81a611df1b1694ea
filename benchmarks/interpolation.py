"""How often a computed frame agrees with the one a person drew, on real tracks.

Every so many seconds a keyframe is kept, the frames between are computed, and a frame counts where
its cuboid overlaps the person's by an IoU of 0.7 or more. Three ways side by side: straight lines in
the moving ego frame, straight lines in the world, and the curves of `worldline.tracking.interpolate`.

Needs the Argoverse 2 log in the shared data folder (WORLDLINE_SHARED_DATA) and pyarrow:
``python benchmarks/interpolation.py``.
"""

import os
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.feather
from shapely.geometry import Polygon

from worldline.geometry import Cuboid, Pose, interpolate_pose
from worldline.tracking import Keyframe, Span, Track, cuboid_at

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
LOG = Path("av2_adcf7d18", "sensor", "val", "adcf7d18-0510-35b0-a2fa-b4cea13a6d76")
VEHICLES = {"REGULAR_VEHICLE", "LARGE_VEHICLE", "BUS", "BOX_TRUCK", "TRUCK"}
MOVING_M = 5.0
AGREE_IOU = 0.7


@dataclass
class DrawnTrack:
    """One vehicle as a person drew it."""

    size_m: tuple[float, float, float]
    time_ns: list[int] = field(default_factory=list)
    world_from_cuboid: list[Pose] = field(default_factory=list)
    world_from_ego: list[Pose] = field(default_factory=list)

    @property
    def is_moving(self) -> bool:
        """Whether it is ever farther than `MOVING_M` from where it starts."""
        centers = np.array([pose.translation_m for pose in self.world_from_cuboid])
        return bool(np.linalg.norm(centers - centers[0], axis=1).max() > MOVING_M)


def read_tracks(log: Path) -> list[DrawnTrack]:
    """The moving vehicles of an Argoverse 2 sensor log."""
    ego = pyarrow.feather.read_table(log / "city_SE3_egovehicle.feather").to_pylist()
    world_from_ego = {row["timestamp_ns"]: _pose(row) for row in ego}
    rows = pyarrow.feather.read_table(log / "annotations.feather").to_pylist()
    tracks: dict[str, DrawnTrack] = {}
    for row in sorted(rows, key=lambda row: row["timestamp_ns"]):
        if row["category"] not in VEHICLES:
            continue
        size_m = (row["length_m"], row["width_m"], row["height_m"])
        track = tracks.setdefault(row["track_uuid"], DrawnTrack(size_m))
        track.time_ns.append(row["timestamp_ns"])
        track.world_from_ego.append(world_from_ego[row["timestamp_ns"]])
        track.world_from_cuboid.append(track.world_from_ego[-1] @ _pose(row))
    return [track for track in tracks.values() if len(track.time_ns) > 1 and track.is_moving]


def measure(tracks: list[DrawnTrack], step: int) -> dict[str, float]:
    """Share of the frames between keyframes that agree, for each way."""
    agreed: dict[str, list[bool]] = {"linear in the ego frame": [], "linear in the world": [], "worldline": []}
    for drawn in tracks:
        count = len(drawn.time_ns)
        frames = sorted({*range(0, count, step), count - 1})
        keyframes = tuple(Keyframe(frame, drawn.world_from_cuboid[frame]) for frame in frames)
        track = Track("t", "o", size_m=drawn.size_m, keyframes=keyframes, spans=(Span(0, count),))
        clock_ns = np.array(drawn.time_ns)
        for start, end in pairwise(frames):
            for frame in range(start + 1, end):
                share = float((clock_ns[frame] - clock_ns[start]) / (clock_ns[end] - clock_ns[start]))
                a, b = drawn.world_from_cuboid[start], drawn.world_from_cuboid[end]
                ego_a, ego_b = drawn.world_from_ego[start].inverse() @ a, drawn.world_from_ego[end].inverse() @ b
                computed = {
                    "linear in the ego frame": drawn.world_from_ego[frame] @ interpolate_pose(ego_a, ego_b, share),
                    "linear in the world": interpolate_pose(a, b, share),
                }
                curved = cuboid_at(track, frame, clock_ns)
                assert curved is not None
                truth = Cuboid(drawn.world_from_cuboid[frame], drawn.size_m)
                for way, pose in (*computed.items(), ("worldline", curved.pose)):
                    agreed[way].append(overlap(truth, Cuboid(pose, drawn.size_m)) >= AGREE_IOU)
    return {way: float(np.mean(each)) for way, each in agreed.items()}


def overlap(a: Cuboid, b: Cuboid) -> float:
    """Intersection over union of two upright cuboids."""
    shared_m2 = Polygon(a.corners()[:4, :2]).intersection(Polygon(b.corners()[:4, :2])).area
    top = min(a.center_m[2] + a.height_m / 2, b.center_m[2] + b.height_m / 2)
    bottom = max(a.center_m[2] - a.height_m / 2, b.center_m[2] - b.height_m / 2)
    shared_m3 = shared_m2 * max(top - bottom, 0.0)
    return float(shared_m3 / (a.volume_m3 + b.volume_m3 - shared_m3))


def _pose(row: dict[str, float]) -> Pose:
    return Pose((row["qw"], row["qx"], row["qy"], row["qz"]), (row["tx_m"], row["ty_m"], row["tz_m"]))


def main() -> None:
    """Print the table."""
    log = Path(os.environ.get("WORLDLINE_SHARED_DATA", _BESIDE)) / LOG
    if not log.exists():
        print(f"skipped: needs the Argoverse 2 log at {log} (set WORLDLINE_SHARED_DATA)")
        return
    tracks = read_tracks(log)
    print(f"{len(tracks)} moving vehicles; share of computed frames with IoU >= {AGREE_IOU}")
    for step in (10, 20, 30, 50):
        shares = measure(tracks, step)
        print(f"keyframes {step / 10:.0f} s apart: " + ", ".join(f"{way} {share:.1%}" for way, share in shares.items()))


if __name__ == "__main__":
    main()
