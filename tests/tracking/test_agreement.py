"""The agreement of label sets, and TrackEval's word on it."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import naive
from tests.referees.run import run_referee
from tests.tracking.label_sets import CLASSES, disturb, label_pairs, label_sets, make_labels, seeds
from tests.tracking.tracks import FRAME_COUNT, clocks, tracks
from worldline.geometry import Box, Pose
from worldline.tracking import Keyframe, Span, Track, cuboid_at
from worldline.tracking.agreement import THRESHOLD, compare_labels
from worldline.tracking.clear import score_clear
from worldline.tracking.errors import AgreementError
from worldline.tracking.hota import ALPHAS, score_hota
from worldline.tracking.identity import score_identity
from worldline.tracking.matching import FramePair, least_similarity, match_most, pair_frames, similarity_matrix
from worldline.tracking.sightings import Sightings, see_tracks

MEASURES = ("bev", "3d", "center")
measures = st.sampled_from(MEASURES)


def facts(agreement, digits=9):
    """Every number of an agreement, for comparison."""

    def told(scores):
        off = scores.deviation
        numbers = [scores.hota.hota, scores.hota.det_a, scores.hota.ass_a, scores.hota.loc_a, scores.clear.mota]
        numbers += [scores.clear.motp, scores.identity.idf1]
        if off is not None:
            numbers += [each.mean for each in (off.center_m, off.length_m, off.scale, off.heading_rad, off.axis_rad)]
        rounded = [None if each is None else round(each, digits) + 0.0 for each in numbers]
        counts = (scores.a_tracks, scores.b_tracks, scores.clear.switch_count, scores.clear.fragment_count)
        return [*rounded, *counts, *((each.count, each.a_count, each.b_count) for each in scores.matched)]

    by_class = {name: told(scores) for name, scores in agreement.by_class.items()}
    return {"all": told(agreement.overall), "confusions": dict(agreement.confusions), **by_class}


def renamed(labels, order):
    """The same labels with other track numbers and its sightings in another order."""
    numbers = np.random.default_rng(order).permutation(labels.track_count)
    rows = np.random.default_rng(order + 1).permutation(len(labels))
    classes = [""] * labels.track_count
    for old, new in enumerate(numbers):
        classes[new] = labels.classes[old]
    of_tracks = numbers[labels.tracks[rows]] if len(rows) else labels.tracks
    return Sightings(labels.frames[rows], of_tracks, labels.rows[rows], tuple(classes), labels.frame_count)


@given(label_sets(), measures)
def test_a_label_set_agrees_with_itself_in_everything(labels, measure):
    agreement = compare_labels(labels, labels, measure)
    assert set(agreement.by_class) == set(labels.classes)
    assert not agreement.confusions
    for scores in agreement.by_class.values():
        assert all(each.precision == each.recall == each.f1 == 1.0 for each in scores.matched)
        assert scores.hota.hota == scores.hota.det_a == scores.hota.ass_a == 1.0
        assert scores.hota.loc_a == pytest.approx(1.0, abs=1e-12)
        assert scores.clear.mota == scores.identity.idf1 == 1.0
        assert scores.clear.switch_count == scores.deviation.flip_count == 0
        assert scores.deviation.center_m.largest == scores.deviation.heading_rad.largest == 0.0
        assert scores.deviation.scale.largest == pytest.approx(0.0, abs=1e-12)
    if len(labels):
        assert agreement.overall.hota.hota == agreement.overall.clear.mota == agreement.overall.identity.idf1 == 1.0


@given(label_pairs(), measures)
def test_who_is_the_truth_changes_only_whose_fault_it_is(pair, measure):
    a, b = pair
    there, back = compare_labels(a, b, measure), compare_labels(b, a, measure)
    assert there.confusions == {(one, other): count for (other, one), count in back.confusions.items()}
    for name, scores in {**there.by_class, "all": there.overall}.items():
        other = back.overall if name == "all" else back.by_class[name]
        for one, two in zip(scores.matched, other.matched, strict=True):
            assert (one.f1, one.precision, one.recall) == (two.f1, two.recall, two.precision)
        assert scores.hota.hota == pytest.approx(other.hota.hota, abs=1e-12)
        assert scores.identity.idf1 == other.identity.idf1


@given(label_pairs(), measures, st.floats(-math.pi, math.pi), st.tuples(*[st.floats(-200, 200)] * 3))
def test_turning_and_moving_the_world_changes_nothing(pair, measure, yaw_rad, place_m):
    a, b = pair
    world = Pose.from_yaw(yaw_rad, place_m)
    moved = [each.moved([world] * each.frame_count) for each in pair]
    assert facts(compare_labels(*moved, measure), 7) == facts(compare_labels(a, b, measure), 7)


@given(label_pairs(), measures, st.integers(0, 1000))
def test_names_and_order_change_nothing(pair, measure, order):
    a, b = pair
    agreement = compare_labels(renamed(a, order), renamed(b, order + 7), measure)
    assert facts(agreement) == facts(compare_labels(a, b, measure))


@given(label_pairs(), measures)
def test_a_stricter_threshold_never_finds_more(pair, measure):
    found = compare_labels(*pair, measure, thresholds=(0.1, 0.2, 0.4, 0.6, 0.8, 0.9)).overall.matched
    counts = [each.count for each in found]
    assert counts == sorted(counts, reverse=measure != "center")


@given(label_pairs(), measures)
def test_all_classes_together_are_the_sum_of_the_classes(pair, measure):
    agreement = compare_labels(*pair, measure)
    parts = agreement.by_class.values()
    assert agreement.overall.a_count == len(pair[0]) == sum(part.a_count for part in parts)
    assert agreement.overall.b_count == len(pair[1]) == sum(part.b_count for part in parts)
    main = agreement.overall.matched_at(THRESHOLD[measure])
    assert main.count == sum(part.matched_at(THRESHOLD[measure]).count for part in parts)
    assert main.count == (agreement.overall.deviation.pair_count if agreement.overall.deviation else 0)


def told_frames(a, b, measure):
    pairs = pair_frames(a, b, measure)
    return pairs, [(each.a_tracks.tolist(), each.b_tracks.tolist(), each.similarity) for each in pairs]


@settings(max_examples=40)
@given(label_pairs(frame_count=5, track_count=3), measures, st.sampled_from([0.2, 0.5, 0.7]))
def test_the_scores_are_their_definitions_with_every_assignment_tried(pair, measure, least):
    a, b = pair
    pairs, frames = told_frames(a, b, measure)
    assert sum(len(match_most(each.similarity, least)[0]) for each in pairs) == naive.count_matches(frames, least)
    clear = score_clear(pairs, least)
    assert (clear.matched_count, clear.switch_count) == naive.count_switches(frames, least)
    assert score_identity(pairs, least).matched_count == naive.count_partners(frames, least)
    if len(a) + len(b):
        expected = np.mean([naive.hota_at(frames, alpha) for alpha in ALPHAS], axis=0)
        found = score_hota(pairs)
        np.testing.assert_allclose((found.det_a, found.ass_a, found.hota), expected, atol=1e-12)


@given(seeds, st.integers(0, 6), st.integers(0, 6), st.floats(0.05, 0.95))
def test_the_pairs_are_one_to_one_and_alike_enough(seed, rows, columns, least):
    similarity = np.random.default_rng(seed).random((rows, columns))
    of_a, of_b = match_most(similarity, least)
    assert len(set(of_a.tolist())) == len(set(of_b.tolist())) == len(of_a)
    assert (similarity[of_a, of_b] >= least).all()


@given(tracks(), clocks())
def test_sightings_are_the_cuboids_of_the_tracks(track, clock_ns):
    boxes = Track("b", "o", "box", "front", keyframes=(Keyframe(0, Box(0, 0, 1, 1)),), spans=(Span(0, 9),))
    asked = list(range(FRAME_COUNT - 1, -1, -3))
    seen = see_tracks([(boxes, "car"), (track, "van")], clock_ns, asked)
    shapes = {k: shape for k, frame in enumerate(asked) if (shape := cuboid_at(track, frame, clock_ns)) is not None}
    assert seen.frames.tolist() == list(shapes)
    assert seen.classes == (("van",) if shapes else ())
    for frame, row in zip(seen.frames.tolist(), seen.rows, strict=True):
        np.testing.assert_allclose(row[:6], (*shapes[frame].center_m, *shapes[frame].size_m), atol=1e-9)
        turned = math.remainder(row[6] - shapes[frame].yaw_rad, math.tau)
        assert abs(turned) < 1e-6 or abs(math.hypot(*shapes[frame].pose.rotation[:2, 0])) < 1e-3


def one(rows, class_name="car", frame_count=1):
    tracks_ = np.arange(len(rows))
    return Sightings(np.zeros(len(rows), np.int64), tracks_, np.array(rows), (class_name,) * len(rows), frame_count)


def test_the_differences_are_told_in_metres_and_radians():
    a = one([[0, 0, 0, 4, 2, 1.5, 3.0]])
    b = one([[0.3, -0.4, 0, 4.4, 1.9, 1.5, 3.0 + math.pi + 0.1]])
    off = compare_labels(a, b).overall.deviation
    assert off.pair_count == off.flip_count == 1
    assert off.center_m.mean == pytest.approx(0.5)
    assert (off.length_m.mean, off.width_m.mean, off.height_m.mean) == pytest.approx((0.4, 0.1, 0.0))
    assert off.heading_rad.mean == pytest.approx(math.pi - 0.1)
    assert off.axis_rad.median == off.axis_rad.p95 == pytest.approx(0.1)
    assert off.scale.mean == pytest.approx(1 - 4 * 1.9 * 1.5 / (4 * 2 * 1.5 + 4.4 * 1.9 * 1.5 - 4 * 1.9 * 1.5))


def test_a_confused_class_is_named_and_no_match():
    rows = [[0, 0, 0, 4, 2, 1.5, 0.2], [9, 0, 0, 4, 2, 1.5, 0.2]]
    agreement = compare_labels(one(rows), one(rows, "van"))
    assert agreement.confusions == {("car", "van"): 2}
    assert agreement.overall.matched_at(0.5).f1 == 0.0
    assert agreement.by_class["car"].clear.mota == 0.0
    assert agreement.by_class["van"].clear.mota is None


def test_two_empty_label_sets_have_no_score():
    overall = compare_labels(one([]), one([])).overall
    assert overall.matched[0].f1 is overall.clear.mota is overall.identity.idf1 is overall.deviation is None


def test_what_cannot_be_compared_says_why():
    labels = one([[0, 0, 0, 4, 2, 1.5, 0.0]])
    with pytest.raises(AgreementError, match="1 and 2 frames"):
        compare_labels(labels, one([[0, 0, 0, 4, 2, 1.5, 0.0]], frame_count=2))
    with pytest.raises(AgreementError, match="bev, 3d or center, not 'area'"):
        compare_labels(labels, labels, "area")
    with pytest.raises(AgreementError, match="bev, 3d or center, not 'area'"):
        similarity_matrix(labels.rows, labels.rows, "area")
    for threshold, measure in ((0.0, "bev"), (1.01, "3d"), (math.nan, "bev"), (2.0, "center"), (-1.0, "center")):
        with pytest.raises(AgreementError, match=r"threshold|apart"):
            compare_labels(labels, labels, measure, threshold)
    with pytest.raises(AgreementError, match="twice"):
        Sightings(np.array([0, 0]), np.array([0, 0]), np.ones((2, 7)), ("car",), 1)
    with pytest.raises(AgreementError, match="frames are 0 to 0"):
        Sightings(np.array([1]), np.array([0]), np.ones((1, 7)), ("car",), 1)
    with pytest.raises(AgreementError, match="1 frames and 0 poses"):
        labels.moved([])


def case_of(a, b, measure, least):
    classes = {}
    for name in sorted({*a.classes, *b.classes}):
        pairs = pair_frames(a.of_class(name), b.of_class(name), measure)
        classes[name] = [describe(each) for each in pairs]
    return {"threshold": least, "classes": classes}


def describe(pair: FramePair):
    similarity = pair.similarity.tolist()
    return {"a_tracks": pair.a_tracks.tolist(), "b_tracks": pair.b_tracks.tolist(), "similarity": similarity}


def test_trackeval_finds_the_same_numbers(tmp_path: Path):
    compared, cases = [], []
    for seed in range(90):
        measure, noise = MEASURES[seed % 3], (0.2, 1.0, 3.0)[seed // 3 % 3]
        threshold = (0.3, 0.5, 0.7)[seed % 2 + seed % 5 // 4]
        a = make_labels(seed, 20, 1 + seed % 25)
        b = disturb(a, seed + 1000, noise)
        compared.append(compare_labels(a, b, measure, threshold))
        cases.append(case_of(a, b, measure, least_similarity(threshold, measure)))
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases))
    found = run_referee("trackeval", path, script="trackeval_metrics")
    judged = 0
    for agreement, theirs in zip(compared, found, strict=True):
        assert set(theirs) == {*agreement.by_class, "all"}
        for name, scores in {**agreement.by_class, "all": agreement.overall}.items():
            check_against_trackeval(scores, theirs[name])
            judged += bool(scores.a_count and scores.b_count)
    assert judged > 100
    assert sum(each.overall.clear.switch_count for each in compared) > 50


def check_against_trackeval(ours, theirs):
    hota, clear, identity = ours.hota, ours.clear, ours.identity
    counts = {
        "CLR_TP": clear.matched_count,
        "CLR_FN": clear.missed_count,
        "CLR_FP": clear.extra_count,
        "IDSW": clear.switch_count,
        "Frag": clear.fragment_count,
        "IDTP": identity.matched_count,
        "IDFN": identity.missed_count,
        "IDFP": identity.extra_count,
    }
    assert {name: theirs[name] for name in counts} == counts
    scores = {"HOTA": hota.hota, "DetA": hota.det_a, "AssA": hota.ass_a, "LocA": hota.loc_a}
    scores |= {"HOTA_TP": hota.matched.mean(), "HOTA_FN": hota.missed.mean(), "HOTA_FP": hota.extra.mean()}
    if ours.a_count:
        scores |= {"IDR": identity.recall or 0.0}
    if ours.a_count and ours.b_count:  # where one is empty TrackEval says 0, we say what follows, or nothing
        scores |= {"MOTA": clear.mota, "MOTP": clear.motp or 0.0, "IDF1": identity.idf1, "IDP": identity.precision}
    for name, value in scores.items():
        assert theirs[name] == pytest.approx(value, abs=1e-6), name


def test_the_careless_hand_exercises_every_class():
    assert {name for seed in range(20) for name in make_labels(seed).classes} == set(CLASSES)
