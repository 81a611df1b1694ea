"""Label schemas: which classes there are, how they look, and how large they typically are."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import Field, field_validator

from .documents import Document, Finite
from .errors import LabelError

LARGEST_SIDE_M = 300.0
"""No thing on a road; a slip of the keyboard would make every view hopeless."""

MOST_CLASSES = 1000

_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]+$"

Side = Annotated[Finite, Field(gt=0, le=LARGEST_SIDE_M)]
"""Metres."""


class ClassDocument(Document):
    """A class of objects: name, colour, the mean and spread of its size, and whether it may pitch and roll."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)
    title: str = Field(pattern=_ONE_LINE, max_length=80)
    color: str = Field(pattern=r"^#[0-9a-f]{6}$")
    size_m: tuple[Side, Side, Side]
    spread_m: tuple[Side, Side, Side]
    rotates: Literal["yaw", "full"] = "yaw"


class LabelSchema(Document):
    """The classes of a project; the version grows with each change of them."""

    version: int = Field(ge=1, le=2**31 - 1)
    classes: tuple[ClassDocument, ...] = Field(min_length=1, max_length=MOST_CLASSES)

    @field_validator("classes")
    @classmethod
    def _unique(cls, classes: tuple[ClassDocument, ...]) -> tuple[ClassDocument, ...]:
        names = [each.name for each in classes]
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ValueError(f"class names must be unique; more than once: {', '.join(twice[:5])}")
        return classes

    def find_class(self, name: str) -> ClassDocument:
        """The class of that name.

        Raises:
            LabelError: There is none.
        """
        for each in self.classes:
            if each.name == name:
                return each
        raise LabelError(f"unknown class {name!r}", fix=f"known classes: {', '.join(c.name for c in self.classes)}")


@cache
def default_schema() -> LabelSchema:
    """The schema that a new project starts with."""
    text = (files(__package__) / "schemas" / "driving.yaml").read_text(encoding="utf-8")
    return LabelSchema.model_validate(yaml.safe_load(text))
