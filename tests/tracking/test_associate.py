"""Laws of linking the cuboids of single frames into tracks."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.referees.run import run_referee
from tests.shared_data import shared_data
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.tracking.agreement import compare_labels
from worldline.tracking.associate import Detections, LinkOptions, link_detections
from worldline.tracking.errors import AssociationError
from worldline.tracking.sightings import Sightings, see_tracks

seeds = st.integers(0, 2**32 - 1)
CAR = (4.4, 1.8, 1.5)


def clock(count: int, hz: float = 10.0) -> np.ndarray:
    return (np.arange(count) * 1e9 / hz).astype(np.int64)


def detections_of(truth: Sightings, seed: int = 1, noise: float = 0.0, missed: float = 0.0):
    """Cuboids without ids, in no order, and the ids they had."""
    rng = np.random.default_rng(seed)
    rows = truth.rows.copy()
    rows[:, :3] += rng.normal(0, noise, (len(rows), 3)) * (1, 1, 0.5)
    rows[:, 6] += rng.normal(0, 0.3 * noise, len(rows))
    kept = rng.permutation(len(rows))
    kept = kept[rng.random(len(kept)) >= missed]
    names = tuple(truth.classes[number] for number in truth.tracks[kept].tolist())
    return Detections(truth.frames[kept], rows[kept], names), truth.tracks[kept]


def same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = len(np.unique(np.stack([one, other]), axis=1).T)
    return pairs == len(np.unique(one)) == len(np.unique(other))


def paths(*tracks: list[tuple[int, float, float, float]]) -> tuple[Detections, np.ndarray]:
    """Cars, each by (frame, x, y, yaw)."""
    rows = [[x, y, 0.75, *CAR, yaw] for track in tracks for _, x, y, yaw in track]
    frames = [frame for track in tracks for frame, *_ in track]
    ids = np.repeat(np.arange(len(tracks)), [len(track) for track in tracks])
    return Detections(np.array(frames), np.array(rows), ("car",) * len(rows)), ids


@pytest.fixture(scope="module")
def street():
    scene = simulate_scene("street", SimulationOptions(seed=401, duration_s=12, cameras=False))
    classes = {each.id: each.class_name for each in scene.labels.objects}
    tracks = [(track, classes[track.object_id]) for track in scene.labels.tracks]
    return tracks, scene.clock.time_ns


@pytest.mark.parametrize("step", [1, 5])
def test_perfect_cuboids_get_their_ids_back(street, step: int) -> None:
    tracks, clock_ns = street
    truth = see_tracks(tracks, clock_ns, range(0, len(clock_ns), step))
    detections, ids = detections_of(truth)
    assert same_partition(link_detections(detections, clock_ns[::step]), ids)


def test_noise_and_misses_cost_little_more_than_they_must(street) -> None:
    tracks, clock_ns = street
    truth = see_tracks(tracks, clock_ns)
    detections, ids = detections_of(truth, 3, 0.15, 0.2)

    def score(links: np.ndarray):
        names = dict(zip(links.tolist(), detections.classes, strict=True))
        classes = tuple(names[number] for number in range(len(names)))
        numbers = np.unique(links, return_inverse=True)[1]
        found = Sightings(detections.frames, numbers, detections.rows, classes, truth.frame_count)
        return compare_labels(truth, found, "bev", 0.3).overall

    ours, best = score(link_detections(detections, clock_ns)), score(np.unique(ids, return_inverse=True)[1])
    assert ours.hota.ass_a > 0.97 * best.hota.ass_a
    assert ours.identity.idf1 > 0.98 * best.identity.idf1


@given(seeds, st.floats(2.0, 15.0), st.floats(2.0, 15.0), st.floats(0.5, 2.6))
@settings(max_examples=25)
def test_two_that_cross_keep_their_identity(seed: int, fast: float, slow: float, angle: float) -> None:
    rng = np.random.default_rng(seed)
    both = []
    for speed, yaw in ((fast, 0.0), (slow, angle)):
        ahead = np.array([np.cos(yaw), np.sin(yaw)])
        both.append(
            [
                (frame, *(ahead * speed * (frame - 20) / 10 + rng.normal(0, 0.05, 2)).tolist(), yaw)
                for frame in range(41)
                if not (18 < frame < 22 and speed == slow)  # it is hidden while they cross
            ]
        )
    detections, ids = paths(*both)
    assert same_partition(link_detections(detections, clock(41)), ids)


def test_an_object_that_was_hidden_for_seconds_is_one_and_what_is_longer_away_is_two() -> None:
    for gap, count in ((30, 1), (60, 2)):
        frames = [*range(20), *range(20 + gap, 40 + gap)]
        detections, _ = paths([(frame, 0.8 * frame, 0.0, 0.0) for frame in frames])
        assert len(np.unique(link_detections(detections, clock(40 + gap)))) == count


def test_neither_the_order_nor_the_origin_of_time_matters(street) -> None:
    tracks, clock_ns = street
    truth = see_tracks(tracks, clock_ns, range(40))
    detections, _ = detections_of(truth, 1, 0.2, 0.2)
    links = link_detections(detections, clock_ns[:40])
    order = np.random.default_rng(5).permutation(len(detections))
    shuffled = Detections(
        detections.frames[order], detections.rows[order], tuple(detections.classes[k] for k in order.tolist())
    )
    assert np.array_equal(link_detections(shuffled, clock_ns[:40] + 10**18), links[order])


def test_classes_are_never_mixed_and_doubles_are_left_out() -> None:
    row = [0.0, 0.0, 0.75, *CAR, 0.0]
    beside = [0.3, 0.0, 0.75, *CAR, 0.0]
    frames = np.array([0, 0, 1, 1])
    mixed = Detections(frames, np.array([row, row, row, row]), ("car", "van", "van", "car"))
    assert link_detections(mixed, clock(2)).tolist() == [0, 1, 1, 0]
    doubled = Detections(frames, np.array([row, beside, row, beside]), ("car",) * 4, np.array([0.9, 0.5, 0.4, 0.8]))
    assert link_detections(doubled, clock(2), LinkOptions(most_overlap=0.5)).tolist() == [0, -1, -1, 0]


def test_where_the_ego_is_unknown_what_stands_still_may_move() -> None:
    parked = [[(frame, 6.0 * k - 1.2 * frame, 3.0, 1.57) for frame in range(15)] for k in range(6)]
    detections, ids = paths(*parked)
    assert same_partition(link_detections(detections, clock(15), LinkOptions(ego_is_known=False)), ids)


def test_nothing_and_one_cuboid_are_linked_too() -> None:
    nothing = Detections(np.empty(0, np.int64), np.empty((0, 7)), ())
    assert link_detections(nothing, clock(3)).tolist() == []
    one, _ = paths([(1, 0.0, 0.0, 0.0)])
    assert link_detections(one, clock(3)).tolist() == [0]


def test_what_means_nothing_is_refused() -> None:
    row = np.array([[0.0, 0.0, 0.75, *CAR, 0.0]])
    with pytest.raises(AssociationError, match="outside the 2 frames"):
        link_detections(Detections(np.array([2]), row, ("car",)), clock(2))
    for frames, rows, names, scores in (
        ([0], row, (), None),
        ([-1], row, ("car",), None),
        ([0], row * np.nan, ("car",), None),
        ([0], row * 0, ("car",), None),
        ([0], row, ("car",), [np.nan]),
    ):
        with pytest.raises(AssociationError):
            Detections(np.array(frames), rows, names, None if scores is None else np.array(scores))
    for wrong in ({"noise_m": 0.0}, {"long_gap_s": np.inf}, {"most_overlap": 2.0}):
        with pytest.raises(AssociationError, match=next(iter(wrong))):
            LinkOptions(**wrong)


@pytest.mark.parametrize(("sequence", "least"), [("0001", 0.93), ("0002", 0.97)])
def test_trackeval_finds_the_ids_that_kitti_gave(sequence: str, least: float, tmp_path: Path) -> None:
    source = shared_data(f"kitti_tracking_{sequence}", "training", "label_02", f"{sequence}.txt")
    rng = np.random.default_rng(1)
    lines, frames, rows, names = [], [], [], []
    for line in source.read_text().splitlines():
        word = line.split()
        if word[2] == "DontCare" or rng.random() < 0.1:
            continue
        height, width, length, x, y, z, turn = map(float, word[10:17])
        lines.append(word)
        frames.append(int(word[0]))
        place = np.array([z, -x, -y + height / 2]) + rng.normal(0, 0.1, 3)
        rows.append([*place, length, width, height, -turn - np.pi / 2 + rng.normal(0, 0.03)])
        names.append(word[2])
    found = Detections(np.array(frames), np.array(rows), tuple(names))
    links = link_detections(found, clock(max(frames) + 1), LinkOptions(ego_is_known=False))
    ours, best = tmp_path / "ours.txt", tmp_path / "best.txt"
    # TrackEval's KITTI is one of images: the 2D boxes stay as they are, and the ids alone decide.
    ours.write_text("".join(" ".join([w[0], str(k), *w[2:]]) + "\n" for w, k in zip(lines, links, strict=True)))
    best.write_text("".join(" ".join(w) + "\n" for w in lines))
    scored, ceiling = (run_referee("trackeval", source, each) for each in (ours, best))
    for name in ("HOTA", "MOTA"):
        assert scored["car"][name] > least * ceiling["car"][name]
