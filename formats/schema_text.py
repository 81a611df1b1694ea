"""Label schemas as text that people write: YAML, or JSON."""

import json
from collections.abc import Hashable
from typing import Any

import yaml
from pydantic import ValidationError

from .errors import LabelError
from .schema import LabelSchema

LARGEST_TEXT = 2**20
"""Bytes; a thousand classes are a quarter of it."""

_HEAD = """\
# The label schema. Sizes are length, width, height in metres: the mean and the spread that a fit takes as
# its prior. rotates: yaw, or full for what may pitch and roll. The version is the one that a change is based on.
"""
_LONGEST_VALUE = 60
_MOST_FAULTS = 3


class _Loader(yaml.SafeLoader):
    """YAML without what a schema never has: aliases, and one key twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "aliases are not taken: write it out", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} twice", key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


def schema_text(schema: LabelSchema) -> str:
    """A schema as YAML, the same text every time."""
    body = yaml.safe_dump(
        schema.model_dump(mode="json"), default_flow_style=None, sort_keys=False, allow_unicode=True, width=10_000
    )
    return _HEAD + body


def parse_schema(text: str | bytes, *, is_json: bool = False, source: str | None = None) -> LabelSchema:
    """A schema that people wrote.

    Args:
        text: YAML, or JSON.
        is_json: It is JSON.
        source: The file, for the error.

    Raises:
        LabelError: It is neither, or not a schema; names the field and its value.
    """
    if len(text) > LARGEST_TEXT:
        raise LabelError(f"a label schema has at most {LARGEST_TEXT} bytes, this has {len(text)}", path=source)
    try:
        if isinstance(text, bytes):
            text = text.decode()
        found = json.loads(text) if is_json else yaml.load(text, _Loader)  # noqa: S506 (it is a SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = None if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
        raise LabelError(f"not YAML: {error.problem or error.context}", path=source, place=place) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        raise LabelError(f"not {'JSON' if is_json else 'YAML'}: {said}", path=source) from error
    return check_schema(found, source=source)


def check_schema(document: Any, *, source: str | None = None) -> LabelSchema:
    """A schema of JSON values.

    Raises:
        LabelError: It is none; names the field and its value.
    """
    if not isinstance(document, dict):
        raise LabelError("a label schema has the fields version and classes", path=source)
    try:
        return LabelSchema.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    said = [f"{_field(each['loc'], document)}: {_reason(each)}" for each in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        said.append(f"and {len(faults) - _MOST_FAULTS} more faults")
    raise LabelError("; ".join(said), path=source)


def _field(place: tuple[int | str, ...], document: dict[str, Any]) -> str:
    """As in ``classes[2].size_m[0] (bus)``."""
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place).lstrip(".")
    if len(place) > 2 and place[0] == "classes" and isinstance(place[1], int):
        each = document["classes"][place[1]]
        name = each.get("name") if isinstance(each, dict) else None
        if isinstance(name, str):
            text += f" ({name[:_LONGEST_VALUE]})"
    return text


def _reason(fault: Any) -> str:
    reason = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] in ("missing", "value_error"):
        return reason
    value = repr(fault["input"])
    shown = value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}..."
    hint = "; colors stand in quotes" if fault["loc"][-1] == "color" and fault["input"] is None else ""
    return f"{reason}, not {shown}{hint}"
