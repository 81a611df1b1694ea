"""The table of errors."""

import importlib
import inspect
from pathlib import Path

import pytest

from worldline.formats.errors import FormatError, LabelError
from worldline.server.errors import TABLE, describe_error

LAYERS = ("geometry", "tracking", "formats", "server")


def error_classes() -> list[type[Exception]]:
    return [
        each
        for layer in LAYERS
        for _, each in inspect.getmembers(importlib.import_module(f"worldline.{layer}.errors"), inspect.isclass)
        if issubclass(each, Exception) and each.__module__.startswith(f"worldline.{layer}")
    ]


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_error_class_has_a_row(kind: type[Exception]) -> None:
    status, code = TABLE[kind]
    assert 400 <= status < 600
    assert code.replace("_", "").isalpha()


def test_every_code_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
    for status, code in TABLE.values():
        assert f"| `{code}` | {status} |" in text, code


def test_an_error_answers_with_its_facts() -> None:
    status, body = describe_error(LabelError("bad", path="a.txt", place="line 3", fix="mend it"))
    assert status == 422
    assert body["detail"] == {"path": "a.txt", "place": "line 3", "fix": "mend it"}


def test_a_class_without_a_row_answers_as_its_parent() -> None:
    class NewError(FormatError):
        pass

    assert describe_error(NewError("x"))[0] == TABLE[FormatError][0]
