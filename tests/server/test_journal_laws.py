"""Laws of the journal, under any sequence of what people and machines do."""

import json
import tempfile
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.server.journals import Desk, car, keyframe, opened_desk, track
from worldline.formats.documents import labels_from_paths
from worldline.server.change import Applied
from worldline.server.errors import ProtectedKeyframeError, ServerError, StaleChangeError, UndoError
from worldline.server.rules import is_protected

OBJECTS = st.sampled_from(["a", "b"])
FRAMES = st.integers(0, 3)
CAUSES = st.sampled_from(["manual", "manual", "propagated", "interpolated", "model", "import"])
SOURCES = st.sampled_from(["human", "propagated", "model", "imported"])


@st.composite
def asked_values(draw: st.DrawFn) -> dict[str, Any]:
    """Some paths with values, often such that rules refuse them."""
    values: dict[str, Any] = {}
    for _ in range(draw(st.integers(1, 4))):
        name, frame = draw(OBJECTS), draw(FRAMES)
        pair = draw(
            st.sampled_from(
                [
                    (f"objects/{name}", car(draw(st.integers(1, 3)))),
                    (f"tracks/{name}", track(name)),
                    (f"tracks/{name}/keyframes/{frame}", keyframe(draw(st.integers(0, 9)), draw(SOURCES))),
                    (f"tracks/{name}/spans", [{"start": frame, "end": frame + 2, "occlusion": 0}]),
                    (f"tracks/{name}/attributes/brake/{frame}", draw(st.booleans())),
                    (f"objects/{name}/attributes/color", draw(st.sampled_from(["red", "blue"]))),
                ]
            )
        )
        values[pair[0]] = None if draw(st.integers(0, 3)) == 0 else pair[1]
    if draw(st.integers(0, 2)) == 0:
        for name in ("a", "b"):
            values |= {f"objects/{name}": car(1 if name == "a" else 2), f"tracks/{name}": track(name)}
    return values


class Journals(RuleBasedStateMachine):
    """A scene that people, machines and stale clients write at, compared with a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.desk: Desk = self.stack.enter_context(
            opened_desk(Path(self.stack.enter_context(tempfile.TemporaryDirectory())))
        )
        self.twin: dict[str, str] = {}
        self.applied: list[Applied] = []
        self.texts = [""]

    def teardown(self) -> None:
        """Close the journal."""
        self.stack.close()

    def accept(self, applied: Applied) -> None:
        """Follow an accepted change in the twin."""
        for op in applied.ops:
            assert op.before == self.twin.get(op.path)
            if op.value is None:
                self.twin.pop(op.path, None)
            else:
                self.twin[op.path] = op.value
        self.applied.append(applied)
        self.texts.append(self.desk.text())

    @rule(values=asked_values(), cause=CAUSES)
    def change(self, values: dict[str, Any], cause: str) -> None:
        """Someone who saw the newest state asks for a change."""
        before = self.desk.text()
        protected = {path for path in values if is_protected(path, self.twin.get(path))}
        try:
            applied = self.desk.change(values, cause=cause)
        except (ServerError, ValueError) as refused:
            assert not isinstance(refused, StaleChangeError)
            assert self.desk.text() == before
            return
        assert cause == "manual" or not protected
        self.accept(applied)

    @rule(values=asked_values(), data=st.data())
    def stale_change(self, values: dict[str, Any], data: st.DataObject) -> None:
        """Someone who saw an older state asks for a change."""
        seen = data.draw(st.integers(0, len(self.applied)))
        then = {path: revision for path, (_, revision) in self.desk.state(seen).items()}
        now = {path: revision for path, (_, revision) in self.desk.state().items()}
        is_stale = any(then.get(path, 0) != now.get(path, 0) for path in values)
        before = self.desk.text()
        try:
            applied = self.desk.change(values, based_on=then)
        except (ServerError, ValueError) as refused:
            assert self.desk.text() == before
            assert not is_stale or isinstance(refused, StaleChangeError | ValueError)
            return
        assert not is_stale, "a stale change overwrote another"
        self.accept(applied)

    @precondition(lambda self: self.applied)
    @rule(data=st.data())
    def undo_newest_and_redo(self, data: st.DataObject) -> None:
        """Undo of the newest change gives the text before, and its undo the text after."""
        newest = self.applied[-1]
        undone = self.desk.undo(newest.id)
        assert undone.skipped == ()
        self.accept(undone)
        assert self.texts[-1] == self.texts[-3]
        if data.draw(st.booleans()):
            self.accept(self.desk.undo(undone.id))
            assert self.texts[-1] == self.texts[-3]

    @precondition(lambda self: self.applied)
    @rule(data=st.data())
    def undo_any(self, data: st.DataObject) -> None:
        """Undo touches only paths on which what the change set still stands, and gives what stood before."""
        target = data.draw(st.sampled_from(self.applied))
        try:
            undone = self.desk.undo(target.id)
        except UndoError:
            return
        wrote = {op.path: (op.value, op.before) for op in target.ops}
        for op in undone.ops:
            stood, value = wrote[op.path]
            assert op.before == stood
            assert op.value == value or self.lost_its_number(op.path, value, op.value)
        assert {op.path for op in undone.ops} | set(undone.skipped) == {op.path for op in target.ops}
        self.accept(undone)

    def lost_its_number(self, path: str, wanted: str | None, found: str | None) -> bool:
        """An object that comes back when its number is another's gets a free one, and is the same otherwise."""
        if wanted is None or found is None or not path.startswith("objects/"):
            return False
        old, new = json.loads(wanted), json.loads(found)
        objects = [
            json.loads(value) for each, value in self.twin.items() if each.startswith("objects/") and each != path
        ]
        taken = {each["number"] for each in objects if isinstance(each, dict) and "number" in each}
        return old["number"] in taken and new["number"] not in taken and {**old, "number": 0} == {**new, "number": 0}

    @precondition(lambda self: self.applied)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """A change that arrives again is answered as before and does nothing."""
        target = data.draw(st.sampled_from(self.applied))
        before = self.desk.text()
        values = {op.path: None if op.value is None else json.loads(op.value) for op in target.ops}
        again = self.desk.change(values, cause=target.cause, id=target.id)
        assert (again.revision, again.ops, again.is_repeat) == (target.revision, target.ops, True)
        assert self.desk.text() == before

    @invariant()
    def state_is_the_twin(self) -> None:
        """The state is the fold of the changes, now and at every revision."""
        assert {path: value for path, (value, _) in self.desk.state().items()} == self.twin
        assert self.desk.text() == self.texts[-1]
        if len(self.applied) > 1:
            middle = len(self.applied) // 2
            assert self.desk.text(middle) == self.texts[middle]

    @invariant()
    def labels_can_be_read(self) -> None:
        """Whatever was accepted is labels: nothing hangs on nothing, no number stands twice."""
        labels_from_paths({path: json.loads(value) for path, value in self.twin.items()})

    @invariant()
    def everyone_heard_everything(self) -> None:
        """Listeners hear each change once, in order."""
        assert [each.revision for each in self.desk.heard] == [each.revision for each in self.applied]


TestJournals = pytest.mark.filterwarnings("error")(Journals.TestCase)
TestJournals.settings = settings(max_examples=40, stateful_step_count=25)


@given(data=st.data())
@settings(max_examples=25)
def test_any_interleaving_of_lossy_clients_ends_with_all_equal(data: st.DataObject) -> None:
    """Three clients whose messages are lost, doubled, delayed and reordered converge on the server's state."""
    with tempfile.TemporaryDirectory() as folder, opened_desk(Path(folder)) as desk:
        desk.change({"objects/a": car(), "tracks/a": track("a")})
        clients = [Client(desk) for _ in range(3)]
        for _ in range(data.draw(st.integers(5, 25))):
            client = data.draw(st.sampled_from(clients))
            step = data.draw(st.sampled_from(["edit", "send", "send twice", "lose answer", "hear", "hear some"]))
            if step == "edit":
                client.edit(data.draw(FRAMES), data.draw(st.integers(0, 9)))
            elif step.startswith("hear"):
                client.hear(data.draw(st.integers(1, 3)) if step == "hear some" else None)
            else:
                client.send(doubled=step == "send twice", lost=step == "lose answer")
        for client in clients:
            client.settle()
        for client in clients:
            client.hear(None)
            assert client.view() == desk.text()


class Client:
    """A window: what the server said, and edits of its own that are not acknowledged."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.revision = 0
        self.known: dict[str, tuple[str, int]] = {}
        self.waiting: list[tuple[str, str, dict[str, Any]]] = []

    def edit(self, frame: int, x: int) -> None:
        """Set a keyframe here; it is sent later."""
        self.waiting.append((str(uuid.uuid4()), f"tracks/a/keyframes/{frame}", keyframe(float(x))))

    def send(self, *, doubled: bool, lost: bool) -> None:
        """Send the oldest edit; a refused one is given up, a lost answer means sending it again."""
        if not self.waiting:
            return
        name, path, value = self.waiting[0]
        based_on = {path: self.known[path][1]} if path in self.known else {}
        for _ in range(2 if doubled else 1):
            try:
                self.desk.change({path: value}, id=name, based_on=based_on)
            except (StaleChangeError, ProtectedKeyframeError):
                self.hear(None)  # theirs stays; the user would be asked here
                break
        if not lost:
            self.waiting.pop(0)

    def hear(self, limit: int | None) -> None:
        """Hear of changes since the last one heard, in order."""
        for change in [each for each in self.desk.history() if each.revision > self.revision][:limit]:
            self.revision = change.revision
            for op in change.ops:
                if op.value is None:
                    self.known.pop(op.path, None)
                else:
                    self.known[op.path] = (op.value, change.revision)

    def settle(self) -> None:
        """Send all that waits."""
        while self.waiting:
            self.send(doubled=False, lost=False)

    def view(self) -> str:
        """What this window shows."""
        return "\n".join(f"{path} {value}" for path, (value, _) in sorted(self.known.items()))
