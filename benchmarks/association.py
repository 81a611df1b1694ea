"""Linking cuboids of single frames into tracks: known tracks without their ids, with noise, misses and strays.

Simulated streets, the labels of KITTI tracking sequences and an Argoverse 2 log where they are at hand. Each row is a
level of damage; HOTA and IDF1 compare the linked tracks with the truth (bird's-eye overlap; identity at 0.3), as
TrackEval does. AssA is the part of HOTA that ids decide. `true ids` is the ceiling: the same damaged
cuboids with the ids they had. Beside it the plain way: in each frame the nearest cuboid of
the same class within 2 m of where a track was last seen.

Run: python benchmarks/association.py
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from project import SHARED_DATA, machine
from scipy.optimize import linear_sum_assignment

from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Pose
from worldline.tracking.agreement import compare_labels
from worldline.tracking.associate import Detections, LinkOptions, link_detections
from worldline.tracking.sightings import Sightings, see_tracks

LEVELS = (  # noise of the centre (m), of the sizes (share) and the yaw (rad); share missed; share of strays
    ("as it is", 0.0, 0.0, 0.0),
    ("noise 0.1 m", 0.1, 0.0, 0.0),
    ("noise 0.2 m, 10 % missed, 5 % strays", 0.2, 0.1, 0.05),
    ("noise 0.3 m, 30 % missed, 10 % strays", 0.3, 0.3, 0.1),
)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """True tracks on a clock."""

    name: str
    truth: Sightings
    clock_ns: np.ndarray
    options: LinkOptions = LinkOptions()  # noqa: RUF009


def main() -> None:
    """Print the figures."""
    print(machine())
    for recording in recordings():
        truth = recording.truth
        print(f"{recording.name}: {len(truth)} cuboids, {truth.track_count} tracks, {truth.frame_count} frames")
        for what, noise, missed, strays in LEVELS:
            detections, ids = damage(truth, noise, missed, strays, np.random.default_rng(1))
            begun = time.perf_counter()
            links = link_detections(detections, recording.clock_ns, recording.options)
            seconds = time.perf_counter() - begun
            plain = link_nearest(detections)
            line = "; ".join(
                f"{name}: HOTA {s.hota.hota:.3f} AssA {s.hota.ass_a:.3f} IDF1 {s.identity.idf1:.3f} "
                f"switches {s.clear.switch_count} tracks {s.b_tracks}"
                for name, s in (
                    ("ours", score(recording, detections, links)),
                    ("nearest", score(recording, detections, plain)),
                    ("true ids", score(recording, detections, ids)),
                )
            )
            print(f"  {what}: {line}; {len(detections) / seconds:.0f} cuboids/s")


def score(recording: Recording, detections: Detections, links: np.ndarray):
    """The agreement of linked detections with the truth."""
    kept = links >= 0
    classes = ["" for _ in range(int(links.max()) + 1)]
    for name, number in zip(detections.classes, links.tolist(), strict=True):
        classes[number] = name
    found = Sightings(
        detections.frames[kept], links[kept], detections.rows[kept], tuple(classes), recording.truth.frame_count
    )
    return compare_labels(recording.truth, found, "bev", 0.3).overall


def damage(
    truth: Sightings, noise: float, missed: float, strays: float, rng: np.random.Generator
) -> tuple[Detections, np.ndarray]:
    """What a detector makes of the truth: no ids, noise, misses, strays, in no order; and the ids they had.

    Each stray has an id of its own.
    """
    rows = truth.rows.copy()
    rows[:, :3] += rng.normal(0, noise, (len(rows), 3)) * (1, 1, 0.5)
    rows[:, 3:6] *= np.exp(rng.normal(0, noise * 0.25, (len(rows), 3)))
    rows[:, 6] += rng.normal(0, noise * 0.3, len(rows))
    kept = np.flatnonzero(rng.random(len(rows)) >= missed)
    made = rng.choice(len(rows), round(strays * len(rows)))
    extra = rows[made].copy()
    extra[:, :2] += rng.uniform(-15, 15, (len(made), 2))
    numbers = np.concatenate([kept, made])
    every = np.concatenate([rows[kept], extra])
    order = rng.permutation(len(numbers))
    numbers, every = numbers[order], every[order]
    names = tuple(truth.classes[number] for number in truth.tracks[numbers].tolist())
    ids = np.concatenate([truth.tracks[kept], truth.track_count + np.arange(len(made))])[order]
    return Detections(truth.frames[numbers], every, names), ids


def link_nearest(detections: Detections, reach_m: float = 2.0) -> np.ndarray:
    """In each frame, of each class, the nearest to where a track was in the frame before."""
    links = np.full(len(detections), -1)
    following = 0
    names = np.array(detections.classes)
    for name in sorted(set(detections.classes)):
        last: dict[int, np.ndarray] = {}
        for frame in np.unique(detections.frames):
            here = np.flatnonzero((detections.frames == frame) & (names == name))
            tracks = list(last)
            if tracks and len(here):
                apart = np.linalg.norm(
                    np.array([last[k] for k in tracks])[:, None] - detections.rows[here][None, :, :2], axis=2
                )
                for a, b in zip(*linear_sum_assignment(np.where(apart <= reach_m, apart - 1e3, 0)), strict=True):
                    if apart[a, b] <= reach_m:
                        links[here[b]] = tracks[a]
            last = {}
            for k in here.tolist():
                if links[k] < 0:
                    links[k], following = following, following + 1
                last[int(links[k])] = detections.rows[k, :2]
    return links


def recordings() -> Iterator[Recording]:
    """Those that are at hand."""
    for seed in (411, 412):
        scene = simulate_scene(f"street {seed}", SimulationOptions(seed=seed, duration_s=20, cameras=False))
        yield of_scene(f"simulated street, seed {seed}, 10 Hz", scene)
        yield of_scene(f"simulated street, seed {seed}, 2 Hz", scene, 5)
    for sequence in ("0001", "0002"):
        labels = SHARED_DATA / f"kitti_tracking_{sequence}" / "training"
        if labels.is_dir():
            yield kitti_labels(labels, sequence)
    log = next((SHARED_DATA / "av2_adcf7d18").rglob("annotations.feather"), None) if SHARED_DATA.is_dir() else None
    if log is not None:
        yield argoverse(log)


def of_scene(name: str, scene, step: int = 1) -> Recording:
    """Every so many frames of a scene's labels."""
    classes = {each.id: each.class_name for each in scene.labels.objects}
    frames = range(0, scene.frame_count, step)
    tracks = ((track, classes[track.object_id]) for track in scene.labels.tracks)
    return Recording(name, see_tracks(tracks, scene.clock.time_ns, frames), scene.clock.time_ns[::step])


def kitti_labels(training: Path, sequence: str) -> Recording:
    """All labels of a KITTI sequence, in the camera's moving frame: no ego poses are needed to link."""
    frames, tracks, rows, names = [], [], [], {}
    for line in (training / "label_02" / f"{sequence}.txt").read_text().splitlines():
        word = line.split()
        if word[2] == "DontCare":
            continue
        height, width, length, x, y, z, turn = map(float, word[10:17])
        frames.append(int(word[0]))
        tracks.append(int(word[1]))
        rows.append([z, -x, -y + height / 2, length, width, height, -turn - np.pi / 2])
        names[int(word[1])] = word[2].lower()
    numbers = {track: k for k, track in enumerate(sorted(names))}
    count = max(frames) + 1
    truth = Sightings(
        np.array(frames),
        np.array([numbers[track] for track in tracks]),
        np.array(rows),
        tuple(names[track] for track in sorted(names)),
        count,
    )
    clock = np.arange(count, dtype=np.int64) * 100_000_000
    return Recording(
        f"KITTI {sequence}, all labels, the camera's own frame", truth, clock, LinkOptions(ego_is_known=False)
    )


def argoverse(path: Path) -> Recording:
    """An Argoverse 2 log, in the world."""
    from pyarrow import feather

    table = feather.read_table(path)
    column: Callable[[str], np.ndarray] = lambda name: np.array(table[name].to_pylist())  # noqa: E731
    poses = feather.read_table(path.parent / "city_SE3_egovehicle.feather")
    at = {time: k for k, time in enumerate(poses["timestamp_ns"].to_pylist())}
    time_ns = column("timestamp_ns")
    clock = np.unique(time_ns)
    rows, kept = [], []
    values = {name: column(name) for name in ("qw", "qx", "qy", "qz", "tx_m", "ty_m", "tz_m")}
    sizes = np.stack([column(name) for name in ("length_m", "width_m", "height_m")], axis=1)
    ego = {name: poses[name].to_pylist() for name in ("qw", "qx", "qy", "qz", "tx_m", "ty_m", "tz_m")}
    for k in range(len(time_ns)):
        number = at.get(int(time_ns[k]))
        if number is None:
            continue
        pose = _pose(ego, number) @ _pose(values, k)
        rows.append([*pose.translation_m, *sizes[k], pose.yaw_rad])
        kept.append(k)
    ids = column("track_uuid")[kept]
    known, tracks = np.unique(ids, return_inverse=True)
    names = dict(zip(ids.tolist(), (name.lower() for name in column("category")[kept].tolist()), strict=True))
    frames = np.searchsorted(clock, time_ns[kept])
    truth = Sightings(frames, tracks, np.array(rows), tuple(names[each] for each in known.tolist()), len(clock))
    return Recording("Argoverse 2 log, world, 10 Hz", truth, clock)


def _pose(values, k: int):
    w, x, y, z, tx, ty, tz = (float(values[name][k]) for name in ("qw", "qx", "qy", "qz", "tx_m", "ty_m", "tz_m"))
    return Pose((w, x, y, z), (tx, ty, tz))


if __name__ == "__main__":
    main()
