"""Changes: what a person undoes, an atomic group of ops on label paths.

Values are canonical JSON text here, so that what is stored, compared and answered is one thing.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from worldline.formats.documents import canonical_json, check_value

from .errors import ChangeError

Cause: TypeAlias = Literal["manual", "propagated", "interpolated", "model", "import", "undo"]

MACHINES: frozenset[str] = frozenset({"propagated", "interpolated", "model", "import"})
"""Causes that may not alter what a person made or accepted."""

GUESSERS: frozenset[str] = frozenset({"propagated", "interpolated", "model"})
"""Causes whose keyframes must say that a machine made them."""

MAX_OPS = 1_000_000


@dataclass(frozen=True, slots=True)
class Op:
    """One path to set or clear.

    Attributes:
        path: As in the label model.
        value: Canonical JSON; None clears.
        based_on: The revision of the path that the author saw; 0 where it was absent.
    """

    path: str
    value: str | None
    based_on: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What an author asks for.

    Attributes:
        id: Made by the client; the same id is the same change, however often it arrives.
        label: What it does, for people.
        cause: What made it.
        author: Who.
        ops: In order, each path once.
        undoes: The change that this one undoes.
        skipped: Paths that an undo could not restore.
    """

    id: str
    label: str
    cause: Cause
    author: str
    ops: tuple[Op, ...]
    undoes: str | None = None
    skipped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is something to do, once a path."""
        if not self.ops:
            raise ChangeError("a change has at least one op")
        if len(self.ops) > MAX_OPS:
            raise ChangeError(f"a change has at most {MAX_OPS} ops, not {len(self.ops)}")
        paths = {op.path for op in self.ops}
        if len(paths) < len(self.ops):
            seen: set[str] = set()
            twice = next(op.path for op in self.ops if op.path in seen or seen.add(op.path))  # type: ignore[func-returns-value]
            raise ChangeError(f"a change has each path once; {twice} stands twice", path=twice)


@dataclass(frozen=True, slots=True)
class AppliedOp:
    """An op as it was stored.

    Attributes:
        path: The path.
        value: Canonical JSON now; None where absent.
        before: Canonical JSON before; None where absent.
    """

    path: str
    value: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class Applied:
    """A change in the journal.

    Attributes:
        revision: Of the scene, counting from 1.
        id: The change's id.
        label: What it did.
        author: Who.
        cause: What made it.
        time_ns: When it was accepted, nanoseconds since 1970.
        ops: What it set and cleared.
        skipped: Paths that an undo could not restore.
        is_repeat: It was in the journal before it was asked for.
    """

    revision: int
    id: str
    label: str
    author: str
    cause: str
    time_ns: int
    ops: tuple[AppliedOp, ...]
    skipped: tuple[str, ...] = ()
    is_repeat: bool = False


def checked_op(path: str, value: Any, based_on: int) -> Op:
    """An op whose value is what its path holds.

    Raises:
        LabelError: It is not.
    """
    if value is None:
        check_path(path)
        return Op(path, None, based_on)
    return Op(path, canonical_json(check_value(path, value)), based_on)


def check_path(path: str) -> None:
    """Raise unless a path is one of the label model's; its value is not looked at.

    Raises:
        LabelError: No label has such a path.
    """
    try:
        check_value(path, None)
    except ValueError as error:
        if getattr(error, "fix", ""):  # the path itself is unknown, not only the value
            raise


def ops_from_paths(paths: Iterable[tuple[str, Any]]) -> tuple[Op, ...]:
    """Ops that create every path of a scene's labels."""
    return tuple(checked_op(path, value, 0) for path, value in paths)


def applied_json(applied: Applied, *, with_before: bool = False, **extra: Any) -> str:
    """The text of an applied change on the wire, built from the stored texts."""
    ops = ",".join(
        f'{{"path":{json.dumps(op.path, ensure_ascii=False)},"value":{op.value or "null"}'
        + (f',"before":{op.before or "null"}}}' if with_before else "}")
        for op in applied.ops
    )
    facts = {
        **extra,
        "id": applied.id,
        "revision": applied.revision,
        "label": applied.label,
        "author": applied.author,
        "cause": applied.cause,
        "time_ns": applied.time_ns,
        "skipped": list(applied.skipped),
    }
    return f'{json.dumps(facts, ensure_ascii=False)[:-1]},"ops":[{ops}]}}'
