"""Undo: a new change that restores what a change altered, and only what nobody has altered since."""

import json
from collections.abc import Mapping, Set
from typing import Any

from sqlalchemy import Connection

from .change import Applied, AppliedOp, Change, Op
from .commit import children_of, commit_change, stored_entries
from .errors import UndoError, UnknownChangeError
from .history import find_change
from .rules import parent_of
from .standing import standing_values


def commit_undo(connection: Connection, scene_id: int, change_id: str, new_id: str, author: str) -> Applied:
    """Undo a change; undoing an undo is a redo. A repeated `new_id` answers what it answered first.

    Raises:
        UnknownChangeError: The scene has no such change.
        UndoError: Nothing of it can be restored: all of it was altered since.
    """
    repeated = find_change(connection, scene_id, new_id)
    if repeated is not None:
        return repeated
    target = find_change(connection, scene_id, change_id)
    if target is None:
        raise UnknownChangeError(f"the scene has no change {change_id}")
    standing = standing_values(connection, scene_id, [op.path for op in target.ops])
    restorable = [op for op in target.ops if standing[op.path].now == standing[op.path].after[target.revision]]
    restorable = _that_hang_on_something(connection, scene_id, restorable)
    kept = {op.path for op in restorable}
    skipped = tuple(op.path for op in target.ops if op.path not in kept)
    if not restorable:
        raise UndoError(
            f"nothing of {target.label!r} can be undone: all of it was changed since", skipped=list(skipped)
        )
    now = stored_entries(connection, scene_id, kept)
    ops = tuple(Op(op.path, op.before, now[op.path].revision if op.path in now else 0) for op in restorable)
    change = Change(new_id, _label(target), "undo", author, ops, undoes=change_id, skipped=skipped)
    return commit_change(connection, scene_id, change)


def _that_hang_on_something(connection: Connection, scene_id: int, ops: list[AppliedOp]) -> list[AppliedOp]:
    """Those ops that can be restored together without leaving anything hang on nothing."""
    parents = {op.path: parent_of(op.path, _document(op)) if op.before is not None else None for op in ops}
    existing = stored_entries(
        connection, scene_id, {parent for parent in parents.values() if parent is not None}
    ).keys()
    vanishing = [op.path for op in ops if op.before is None and op.path.count("/") == 1]
    children = {path: children_of(connection, scene_id, path) for path in vanishing}
    while True:
        plan = {op.path: op.before for op in ops}
        hanging = {parents[path] for path, before in plan.items() if before is not None}
        fitting = [op for op in ops if _fits(op, plan, parents, existing, children, hanging)]
        if len(fitting) == len(ops):
            return ops
        ops = fitting


def _fits(
    op: AppliedOp,
    plan: Mapping[str, str | None],
    parents: Mapping[str, str | None],
    existing: Set[str],
    children: Mapping[str, Set[str]],
    hanging: Set[str | None],
) -> bool:
    """Whether, once the plan is carried out, an op's path hangs on something and nothing hangs on it wrongly."""
    if op.before is not None:
        parent = parents[op.path]
        if parent is None:
            return True
        return plan[parent] is not None if parent in plan else parent in existing
    if op.path in hanging:
        return False
    return all(child in plan and parents[child] != op.path for child in children.get(op.path, ()))


def _document(op: AppliedOp) -> Any:
    return json.loads(op.before) if op.before is not None and op.path.count("/") == 1 else None


def _label(target: Applied) -> str:
    if target.cause != "undo":
        return f"undo {target.label}"
    if target.label.startswith("undo "):
        return "redo " + target.label.removeprefix("undo ")
    return "undo " + target.label.removeprefix("redo ")
