"""Label schemas: which classes there are, how they look, and how large they typically are."""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import Field, field_validator

from worldline.geometry.pose import Vector

from .documents import Document
from .errors import LabelError


class ClassDocument(Document):
    """A class of objects: name, colour, the mean and spread of its size, and whether it may pitch and roll."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    color: str = Field(pattern=r"^#[0-9a-f]{6}$")
    size_m: Vector
    spread_m: Vector
    rotates: Literal["yaw", "full"] = "yaw"


class LabelSchema(Document):
    """The classes of a project."""

    version: int = Field(ge=1)
    classes: tuple[ClassDocument, ...] = Field(min_length=1)

    @field_validator("classes")
    @classmethod
    def _unique(cls, classes: tuple[ClassDocument, ...]) -> tuple[ClassDocument, ...]:
        names = [each.name for each in classes]
        if len(set(names)) < len(names):
            raise ValueError(f"class names must be unique: {names}")
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
