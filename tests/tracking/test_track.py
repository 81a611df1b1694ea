"""Laws of keyframes, spans and tracks."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.tracks import FRAME_COUNT, poses, spans, tracks
from worldline.geometry import Box, Pose
from worldline.tracking import Keyframe, KeyframeError, Span, SpanError, Track
from worldline.tracking.span import check_spans, cover_frame, join_spans

frames = st.integers(0, FRAME_COUNT - 1)


def frames_of(intervals):
    return {frame for frame in range(FRAME_COUNT + 1) if any(frame in span for span in intervals)}


def test_spans_are_half_open():
    span = Span(3, 5)
    assert [frame in span for frame in (2, 3, 4, 5)] == [False, True, True, False]
    assert Track("t", "o", size_m=(1, 1, 1), spans=(span, Span(7, 9))).frames == range(3, 9)


@pytest.mark.parametrize(("start", "end", "occlusion"), [(3, 3, 0), (4, 3, 0), (-1, 3, 0), (0, 1, 4), (0, 1, -1)])
def test_a_span_that_is_none_is_refused(start, end, occlusion):
    with pytest.raises(SpanError):
        Span(start, end, occlusion)


def test_spans_that_overlap_or_stand_out_of_order_are_refused():
    with pytest.raises(SpanError, match="overlap"):
        Track("t", "o", size_m=(1, 1, 1), spans=(Span(0, 5), Span(4, 6)))
    with pytest.raises(SpanError):
        check_spans((Span(5, 6), Span(0, 2)))


@given(spans())
def test_joining_spans_keeps_every_frame_and_its_occlusion(intervals):
    joined = join_spans(intervals)
    check_spans(joined)
    assert join_spans(joined) == joined
    for frame in range(FRAME_COUNT):
        before = [span.occlusion for span in intervals if frame in span]
        assert [span.occlusion for span in joined if frame in span] == before


@given(spans(), frames)
def test_covering_a_frame_makes_it_present_and_loses_none(intervals, frame):
    covered = cover_frame(intervals, frame)
    check_spans(covered)
    assert frame in frames_of(covered)
    assert frames_of(intervals) <= frames_of(covered)
    for kept in frames_of(intervals):
        (before,) = [span.occlusion for span in intervals if kept in span]
        (after,) = [span.occlusion for span in covered if kept in span]
        assert before == after


@given(tracks(), frames, poses())
def test_a_keyframe_set_is_there_and_the_others_are_unchanged(track, frame, pose):
    keyframe = Keyframe(frame, pose)
    edited = track.with_keyframe(keyframe)
    assert edited.keyframe_at(frame) == keyframe and edited.is_present(frame)
    assert [each for each in edited.keyframes if each.frame != frame] == [
        each for each in track.keyframes if each.frame != frame
    ]
    assert edited.with_keyframe(keyframe) == edited
    assert edited.without_keyframe(frame).keyframe_at(frame) is None


@given(tracks(), frames, poses())
def test_an_edit_leaves_the_track_it_was_made_from_alone(track, frame, pose):
    kept = replace(track)
    track.with_keyframe(Keyframe(frame, pose))
    track.with_size((1, 2, 3))
    track.with_spans(())
    assert track == kept


@given(tracks(), frames)
def test_removing_a_keyframe_that_is_not_there_is_refused(track, frame):
    if track.keyframe_at(frame) is None:
        with pytest.raises(KeyframeError, match=f"no keyframe at frame {frame}"):
            track.without_keyframe(frame)
    else:
        assert len(track.without_keyframe(frame).keyframes) == len(track.keyframes) - 1


def test_a_keyframe_of_a_person_or_accepted_by_one_is_protected():
    assert Keyframe(0, Pose()).is_protected
    assert Keyframe(0, Pose(), source="propagated", verified_by="ann").is_protected
    assert not Keyframe(0, Pose(), source="propagated", quality=0.5).is_protected
    assert not Keyframe(0, Pose(), source="imported").is_protected


@pytest.mark.parametrize(("frame", "quality"), [(-1, None), (0, 1.5), (0, -0.1), (0, float("nan"))])
def test_a_keyframe_that_is_none_is_refused(frame, quality):
    with pytest.raises(KeyframeError):
        Keyframe(frame, Pose(), source="model", quality=quality)


def test_a_track_refuses_shapes_of_another_kind_and_keyframes_out_of_order():
    with pytest.raises(KeyframeError, match="cuboid keyframe holds a Pose, not a Box"):
        Track("t", "o", size_m=(1, 1, 1), keyframes=(Keyframe(0, Box(0, 0, 1, 1)),))
    with pytest.raises(KeyframeError, match="strictly increase"):
        Track("t", "o", size_m=(1, 1, 1), keyframes=(Keyframe(3, Pose()), Keyframe(3, Pose())))
    with pytest.raises(KeyframeError, match="has a size"):
        Track("t", "o")
    with pytest.raises(KeyframeError, match="has none"):
        Track("t", "o", kind="box", size_m=(1, 1, 1))


def test_a_size_that_no_cuboid_could_have_is_refused():
    for size in ((0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, float("nan")), (1.0, float("inf"), 1.0)):
        with pytest.raises(KeyframeError, match="size"):
            Track("t", "o", size_m=size)


def test_attributes_and_occlusion_are_steps():
    track = Track(
        "t", "o", size_m=(1, 1, 1), spans=(Span(0, 4, 1), Span(4, 9, 2)), attributes={"brake": {2: True, 5: False}}
    )
    assert [track.attribute_at("brake", frame) for frame in (1, 2, 4, 5, 8)] == [None, True, True, False, False]
    assert track.attribute_at("door", 3) is None
    assert [track.occlusion_at(frame) for frame in (0, 3, 4, 8)] == [1, 1, 2, 2]
    with pytest.raises(SpanError, match="not present in frame 9"):
        track.occlusion_at(9)
