"""What the doctor says of one thing that is wrong."""

from collections.abc import Callable
from dataclasses import dataclass

Tell = Callable[[str, int, int], None]
"""Told of a scene how many files of how many are read."""


@dataclass(frozen=True, slots=True)
class Ailment:
    """Something that is wrong.

    Attributes:
        kind: What, as one word for programs.
        where: The file, folder, table or URL.
        message: In words.
        fix: What to do about it.
        scene: Of which scene.
        mended: Whether it was put right.
    """

    kind: str
    where: str
    message: str
    fix: str
    scene: str | None = None
    mended: bool = False
