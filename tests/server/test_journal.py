"""Laws of the journal, one by one."""

import json
import threading
from typing import Any

import pytest

from tests.server.journals import Desk, car, keyframe, track
from worldline.formats.errors import LabelError
from worldline.server.errors import (
    ChangeError,
    ProtectedKeyframeError,
    ReusedChangeIdError,
    StaleChangeError,
    UndoError,
    UnknownChangeError,
    UnknownRevisionError,
)

INF = float("inf")
A_CAR: dict[str, Any] = {
    "objects/a": car(),
    "tracks/a": track("a"),
    "tracks/a/keyframes/3": keyframe(1.0),
    "tracks/a/spans": [{"start": 3, "end": 9, "occlusion": 0}],
}


def test_a_repeated_id_is_answered_as_the_first_time_and_applied_once(desk: Desk) -> None:
    first = desk.change(A_CAR, id="one", based_on={})
    again = desk.change(A_CAR, id="one", based_on={})
    assert again.is_repeat
    assert (again.revision, again.ops, again.time_ns) == (first.revision, first.ops, first.time_ns)
    assert len(desk.history()) == 1
    assert len(desk.heard) == 1


def test_an_id_never_stands_for_two_changes(desk: Desk) -> None:
    desk.change(A_CAR, id="one")
    with pytest.raises(ReusedChangeIdError, match="another change"):
        desk.change({"objects/b": car(2)}, id="one")


def test_a_stale_change_is_refused_whole_with_both_values(desk: Desk) -> None:
    seen = desk.change(A_CAR).revision
    theirs = desk.change({"tracks/a/keyframes/3": keyframe(2.0)}, author="bob")
    before = desk.text()
    with pytest.raises(StaleChangeError) as refused:
        desk.change(
            {"tracks/a/keyframes/3": keyframe(3.0), "tracks/a/keyframes/4": keyframe(4.0)},
            based_on={"tracks/a/keyframes/3": seen},
        )
    (conflict,) = refused.value.detail["conflicts"]
    assert conflict["yours"]["shape"]["center_m"][0] == 3.0
    assert conflict["theirs"]["shape"]["center_m"][0] == 2.0
    assert (conflict["revision"], conflict["author"]) == (theirs.revision, "bob")
    assert desk.text() == before


def test_a_path_cleared_by_another_is_a_conflict_that_names_who(desk: Desk) -> None:
    seen = desk.change(A_CAR).revision
    desk.change({"tracks/a/keyframes/3": None}, author="bob")
    with pytest.raises(StaleChangeError) as refused:
        desk.change({"tracks/a/keyframes/3": keyframe(3.0)}, based_on={"tracks/a/keyframes/3": seen})
    (conflict,) = refused.value.detail["conflicts"]
    assert (conflict["theirs"], conflict["revision"], conflict["author"]) == (None, 0, "bob")


def test_people_on_different_frames_never_meet(desk: Desk) -> None:
    seen = desk.change(A_CAR).revision
    desk.change({"tracks/a/keyframes/4": keyframe(1.0)}, author="bob", based_on={"tracks/a": seen})
    desk.change({"tracks/a/keyframes/5": keyframe(2.0)}, author="ann", based_on={"tracks/a": seen})
    assert {"tracks/a/keyframes/4", "tracks/a/keyframes/5"} <= desk.state().keys()


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"tracks/b/keyframes/1": keyframe(0)}, "would hang on tracks/b"),
        ({"tracks/b": track("nobody")}, "would hang on objects/nobody"),
        ({"objects/b/attributes/color": "red"}, "would hang on objects/b"),
        ({"objects/a": None}, "would leave 1 paths"),
        ({"tracks/a": None}, "would leave 2 paths"),
        ({"objects/a": None, "tracks/a": None}, "would leave 2 paths"),
    ],
)
def test_nothing_hangs_on_nothing(desk: Desk, values: dict[str, Any], fault: str) -> None:
    desk.change(A_CAR)
    before = desk.text()
    with pytest.raises(ChangeError, match=fault):
        desk.change(values)
    assert desk.text() == before


def test_an_object_is_deleted_with_all_that_hangs_on_it(desk: Desk) -> None:
    made = desk.change(A_CAR)
    gone = desk.change(dict.fromkeys(A_CAR))
    assert desk.text() == ""
    desk.undo(gone.id)
    assert desk.text() == desk.text(made.revision)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"objects/b": {"class_name": "spaceship", "number": 2}}, "unknown class 'spaceship'"),
        ({"objects/b": {"class_name": "car"}}, "number: Field required"),
        ({"objects/b": {"class_name": "car", "number": -1}}, "number"),
        ({"tracks/b": {**track("a"), "size_m": [1.0, 0.0, 1.0]}}, "above 0"),
        ({"tracks/b": {**track("a"), "size_m": None}}, "has a size"),
        ({"tracks/b": {**track("a"), "size_m": [99_999_999.0, 1.0, 1.0]}}, "at most 300 m"),
        ({"tracks/a/keyframes/9": keyframe(1e60)}, "farther than"),
        ({"tracks/b": {**track("a"), "space": "moon"}}, "no space is called 'moon'"),
        ({"tracks/a": {**track("a"), "space": "lidar"}}, "keeps its kind"),
        ({"tracks/a/keyframes/50": keyframe(0)}, "outside the 50 frames"),
        ({"tracks/a/keyframes/1": {"shape": {"box_px": [0, 0, 1, 1]}}}, "cannot hold a box"),
        ({"tracks/a/keyframes/1": {"shape": {"center_m": [0, 0, 0], "rotation_wxyz": [2, 0, 0, 0]}}}, "norm 1"),
        (
            {"tracks/a/keyframes/1": {"shape": {"center_m": [0, 0, float("inf")], "rotation_wxyz": [1, 0, 0, 0]}}},
            "shape",
        ),
        ({"tracks/a/spans": [{"start": 4, "end": 4}]}, "start < end"),
        ({"tracks/a/spans": [{"start": 4, "end": 9}, {"start": 8, "end": 12}]}, "overlap"),
        ({"tracks/a/spans": [{"start": 4, "end": 51}]}, "outside the 50 frames"),
        ({"ignore_regions/moon/1": [[0, 0, 1, 1]]}, "no space is called 'moon'"),
        ({"ignore_regions/front/1": [[5, 0, 1, 1]]}, "left <= right"),
        ({"objects/../etc": car()}, "no label has such a path"),
        ({"nonsense": 1}, "no label has such a path"),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_its_path(desk: Desk, values: dict[str, Any], fault: str) -> None:
    desk.change(A_CAR)
    before = desk.text()
    with pytest.raises(LabelError, match=fault) as refused:
        desk.change(values)
    assert next(iter(values)) in str(refused.value)
    assert desk.text() == before


@pytest.mark.parametrize("cause", ["propagated", "interpolated", "model", "import"])
@pytest.mark.parametrize("kept", [keyframe(1.0), keyframe(1.0, "propagated", "ann")])
@pytest.mark.parametrize("value", [keyframe(9.0, "propagated"), None])
def test_a_machine_never_alters_what_a_person_made_or_accepted(desk: Desk, cause: str, kept: Any, value: Any) -> None:
    desk.change({**A_CAR, "tracks/a/keyframes/3": kept})
    before = desk.text()
    with pytest.raises(ProtectedKeyframeError, match="tracks/a/keyframes/3"):
        desk.change({"tracks/a/keyframes/4": keyframe(1.0, "model"), "tracks/a/keyframes/3": value}, cause=cause)
    assert desk.text() == before


@pytest.mark.parametrize("value", [keyframe(1.0), keyframe(1.0, "propagated", "ann")])
def test_a_machine_cannot_pose_as_a_person(desk: Desk, value: Any) -> None:
    desk.change(A_CAR)
    with pytest.raises(ChangeError, match="must not say that a person made it"):
        desk.change({"tracks/a/keyframes/4": value}, cause="propagated")


def test_a_machine_may_replace_what_a_machine_made(desk: Desk) -> None:
    desk.change({**A_CAR, "tracks/a/keyframes/3": keyframe(1.0, "propagated")})
    desk.change({"tracks/a/keyframes/3": keyframe(2.0, "model")}, cause="model")
    assert "2.0" in desk.state()["tracks/a/keyframes/3"][0]


def test_undo_restores_only_what_nobody_changed_since_and_says_what_it_left(desk: Desk) -> None:
    desk.change(A_CAR)
    mine = desk.change({"tracks/a/keyframes/3": keyframe(2.0), "tracks/a/keyframes/4": keyframe(2.0)})
    desk.change({"tracks/a/keyframes/3": keyframe(7.0)}, author="bob")
    undone = desk.undo(mine.id)
    assert undone.skipped == ("tracks/a/keyframes/3",)
    assert "7.0" in desk.state()["tracks/a/keyframes/3"][0]
    assert "tracks/a/keyframes/4" not in desk.state()


def test_undo_of_a_creation_leaves_what_others_hung_on_it(desk: Desk) -> None:
    made = desk.change(A_CAR)
    desk.change({"tracks/a/keyframes/9": keyframe(9.0)}, author="bob")
    undone = desk.undo(made.id)
    assert set(undone.skipped) == {"objects/a", "tracks/a"}
    assert desk.state().keys() == {"objects/a", "tracks/a", "tracks/a/keyframes/9"}


def test_undo_does_not_bring_back_parts_of_what_is_gone(desk: Desk) -> None:
    desk.change(A_CAR)
    cleared = desk.change({"tracks/a/keyframes/3": None})
    desk.change({"objects/a": None, "tracks/a": None, "tracks/a/spans": None})
    with pytest.raises(UndoError) as refused:
        desk.undo(cleared.id)
    assert refused.value.detail["skipped"] == ["tracks/a/keyframes/3"]


def test_a_change_cleared_by_undo_and_set_again_by_another_is_not_undone_twice(desk: Desk) -> None:
    desk.change(A_CAR)
    mine = desk.change({"tracks/a/keyframes/5": keyframe(5.0)})
    desk.undo(mine.id)
    with pytest.raises(UndoError):
        desk.undo(mine.id)


def test_changes_undone_one_after_another_give_each_text_before(desk: Desk) -> None:
    texts, made = [desk.text()], []
    for n in range(4):
        made.append(desk.change({**A_CAR, "tracks/a/keyframes/3": keyframe(float(n))}))
        texts.append(desk.text())
    undone = []
    for change in reversed(made):
        assert desk.text() == texts.pop()
        undone.append(desk.undo(change.id))
    assert desk.text() == texts.pop() == ""
    for change in reversed(undone):
        desk.undo(change.id)
    assert "3.0" in desk.state()["tracks/a/keyframes/3"][0]
    with pytest.raises(UndoError):
        desk.undo(undone[0].id)


def test_what_another_undid_in_between_does_not_hinder_undo(desk: Desk) -> None:
    desk.change(A_CAR)
    before = desk.text()
    mine = desk.change({"tracks/a/keyframes/5": keyframe(5.0)})
    theirs = desk.change({"tracks/a/keyframes/5": keyframe(6.0)}, author="bob")
    with pytest.raises(UndoError):
        desk.undo(mine.id)
    desk.undo(theirs.id)
    desk.undo(mine.id)
    assert desk.text() == before


def test_undoing_an_undo_is_a_redo(desk: Desk) -> None:
    made = desk.change(A_CAR)
    undone = desk.undo(made.id)
    assert desk.text() == ""
    redone = desk.undo(undone.id)
    assert desk.text() == desk.text(made.revision)
    assert (undone.label, redone.label) == ("undo test", "redo test")


def test_a_repeated_undo_is_one_undo(desk: Desk) -> None:
    made = desk.change(A_CAR)
    first = desk.undo(made.id, id="back")
    again = desk.undo(made.id, id="back")
    assert (first.revision, first.ops) == (again.revision, again.ops)
    assert len(desk.history()) == 2


def test_an_unknown_change_cannot_be_undone(desk: Desk) -> None:
    with pytest.raises(UnknownChangeError):
        desk.undo("nothing")


def test_two_who_number_alike_get_two_numbers(desk: Desk) -> None:
    desk.change({"objects/a": car(1)})
    applied = desk.change({"objects/b": car(1), "objects/c": car(5)}, author="bob")
    assert [op.value for op in applied.ops] == ['{"class_name":"car","number":6}', '{"class_name":"car","number":5}']


def test_numbers_may_be_swapped_in_one_change(desk: Desk) -> None:
    desk.change({"objects/a": car(1), "objects/b": car(2)})
    desk.change({"objects/a": car(2), "objects/b": car(1)})
    assert desk.state()["objects/a"][0] == '{"class_name":"car","number":2}'


def test_a_path_stands_once_in_a_change(desk: Desk) -> None:
    from worldline.server.change import Change, checked_op

    op = checked_op("objects/a", car(), 0)
    with pytest.raises(ChangeError, match="stands twice"):
        Change("x", "x", "manual", "ann", (op, op))
    with pytest.raises(ChangeError, match="at least one op"):
        Change("x", "x", "manual", "ann", ())
    assert desk.text() == ""


def test_there_is_no_future_to_look_at(desk: Desk) -> None:
    with pytest.raises(UnknownRevisionError):
        desk.state(1)


def test_writers_at_once_each_get_their_own_revision(desk: Desk) -> None:
    desk.change({"objects/a": car(), "tracks/a": track("a")})

    def write(frame: int) -> None:
        desk.change({f"tracks/a/keyframes/{frame}": keyframe(float(frame))}, based_on={})

    threads = [threading.Thread(target=write, args=(frame,)) for frame in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [change.revision for change in desk.history()] == list(range(1, 34))
    assert [change.revision for change in desk.heard] == list(range(1, 34))
    assert len(desk.state()) == 34


def test_an_object_that_comes_back_when_its_number_is_taken_gets_a_free_one(desk: Desk) -> None:
    made = desk.change({"objects/a": car(1), "objects/b": car(2)})
    gone = desk.undo(made.id)
    desk.change({"objects/a": car(2)})
    back = desk.undo(gone.id)
    (op,) = back.ops
    assert (op.path, json.loads(op.value or "")["class_name"]) == ("objects/b", "car")
    assert json.loads(op.value or "")["number"] not in (None, 2)
    assert back.skipped == ("objects/a",)
