"""Rules that every change keeps: labels mean something, hang on something, and people's work stays.

All of it is checked before the first write, so a refused change leaves nothing behind.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from worldline.formats.errors import LabelError
from worldline.formats.schema import LARGEST_SIDE_M, LabelSchema
from worldline.geometry import Box, Cuboid, GeometryError, Pose
from worldline.tracking import Span, TrackingError
from worldline.tracking.span import check_spans

from .change import GUESSERS, MACHINES, Change
from .errors import ChangeError, ProtectedKeyframeError

_FARTHEST_M = 1e7  # of the scene's own origin

Values = Mapping[str, str | None]
Children = Callable[[str], set[str]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a change is judged against.

    Attributes:
        before: Canonical JSON of the paths it touches and of those they hang on; None where absent.
        children: The paths that hang on a path, as stored.
        spaces: How many frames each space has.
        schema: The classes there are.
    """

    before: Values
    children: Children
    spaces: Mapping[str, int]
    schema: LabelSchema


def parent_of(path: str, value: Any) -> str | None:
    """The path that a path hangs on; a track's parent is its object."""
    root, name, *rest = path.split("/", 2)
    if root == "ignore_regions":
        return None
    if rest:
        return f"{root}/{name}"
    return f"objects/{value['object']}" if root == "tracks" and value is not None else None


def check_change(change: Change, around: Surroundings) -> None:
    """Raise unless a change keeps the rules.

    Raises:
        ChangeError: It would leave labels that hang on nothing, or a machine poses as a person.
        ProtectedKeyframeError: A machine would alter what a person made or accepted.
        LabelError: A value means nothing in this scene.
    """
    after: dict[str, Any] = {path: _parsed(text) for path, text in around.before.items()}
    after |= {op.path: _parsed(op.value) for op in change.ops}
    for op in change.ops:
        value = after[op.path]
        if value is not None:
            _check_parent(op.path, value, after)
            _check_meaning(op.path, value, after, around)
    _check_cleared({op.path for op in change.ops if op.value is None}, change, after, around.children)
    if change.cause in MACHINES:
        _check_people(change, around.before)


def _check_parent(path: str, value: Any, after: Mapping[str, Any]) -> None:
    parent = parent_of(path, value)
    if parent is not None and after.get(parent) is None:
        raise ChangeError(f"{path} would hang on {parent}, which does not exist", path=path, missing=parent)


def _check_cleared(cleared: set[str], change: Change, after: Mapping[str, Any], children: Children) -> None:
    touched = {op.path for op in change.ops}
    hanging = {parent_of(op.path, after[op.path]): op.path for op in change.ops if op.value is not None}
    for path in cleared:
        left = (children(path) - touched) if path.count("/") == 1 else set()
        if path in hanging:
            left.add(hanging[path])
        if left:
            shown = ", ".join(sorted(left)[:3])
            raise ChangeError(
                f"clearing {path} would leave {len(left)} paths that hang on it ({shown}): "
                "clear them in the same change",
                path=path,
                left=sorted(left)[:100],
            )


def _check_people(change: Change, before: Values) -> None:
    protected = [op.path for op in change.ops if is_protected(op.path, before.get(op.path))]
    if protected:
        raise ProtectedKeyframeError(
            f"{len(protected)} keyframes were made or accepted by a person and stay as they are "
            f"({', '.join(protected[:3])})",
            paths=protected,
        )
    if change.cause in GUESSERS:
        for op in change.ops:
            if is_protected(op.path, op.value):
                raise ChangeError(
                    f"{op.path}: a keyframe of cause {change.cause} must not say that a person made it", path=op.path
                )


def is_protected(path: str, text: str | None) -> bool:
    """Whether a stored value is a keyframe that a person made or accepted."""
    if text is None or "/keyframes/" not in path:
        return False
    value = json.loads(text)
    return value["source"] == "human" or value.get("verified_by") is not None


def _check_meaning(path: str, value: Any, after: Mapping[str, Any], around: Surroundings) -> None:
    root, name, *rest = path.split("/")
    try:
        if root == "objects":
            if not rest:
                around.schema.find_class(value["class_name"])
        elif root == "ignore_regions":
            _check_frame(name, int(rest[0]), path, around.spaces)
            for box in value:
                Box(*box)
        elif not rest:
            _check_track(path, value, around)
        else:
            _check_part(path, rest, value, after[f"tracks/{name}"], around.spaces)
    except (GeometryError, TrackingError) as error:
        raise LabelError(str(error), place=path) from error
    except LabelError as error:
        if error.place:
            raise
        raise LabelError(str(error), place=path) from error


def _check_track(path: str, track: Any, around: Surroundings) -> None:
    if track["space"] not in around.spaces:
        raise LabelError(f"no space is called {track['space']!r}", place=path, fix=f"spaces: {sorted(around.spaces)}")
    if (track["kind"] == "cuboid") != (track["size_m"] is not None):
        raise LabelError("a cuboid track has a size and a box track has none", place=path)
    if track["size_m"] is not None:
        Cuboid(Pose(), tuple(track["size_m"]))
        if max(track["size_m"]) > LARGEST_SIDE_M:
            raise LabelError(f"size_m {track['size_m']}: a side is at most {LARGEST_SIDE_M:.0f} m", place=path)
    before = _parsed(around.before.get(path))
    if before is not None and (before["kind"], before["space"]) != (track["kind"], track["space"]):
        raise LabelError("a track keeps its kind and space", place=path, fix="make another track of the object")


def _check_part(path: str, rest: list[str], value: Any, track: Any, spaces: Mapping[str, int]) -> None:
    if rest[0] == "spans":
        spans = tuple(Span(**span) for span in value)
        check_spans(spans)
        if spans:
            _check_frame(track["space"], spans[-1].end - 1, path, spaces)
        return
    _check_frame(track["space"], int(rest[-1]), path, spaces)
    if rest[0] == "keyframes":
        shape = value["shape"]
        kind = "box" if "box_px" in shape else "cuboid"
        if kind != track["kind"]:
            raise LabelError(f"a {track['kind']} track's keyframe cannot hold a {kind}", place=path)
        if kind == "box":
            Box(*shape["box_px"])
        else:
            Pose(tuple(shape["rotation_wxyz"]), tuple(shape["center_m"]))
            if max(map(abs, shape["center_m"])) > _FARTHEST_M:
                raise LabelError(f"center_m {shape['center_m']}: farther than {_FARTHEST_M:.0f} m", place=path)


def _check_frame(space: str, frame: int, path: str, spaces: Mapping[str, int]) -> None:
    if space not in spaces:
        raise LabelError(f"no space is called {space!r}", place=path, fix=f"spaces: {sorted(spaces)}")
    if frame >= spaces[space]:
        raise LabelError(f"frame {frame} lies outside the {spaces[space]} frames of {space}", place=path)


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)
