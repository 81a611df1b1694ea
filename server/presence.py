"""Presence: who looks at a scene, with a name and a colour that tell people apart."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

COLORS = ("#f2c14e", "#7fb2ff", "#ff8fa3", "#8ce99a", "#d0a2ff", "#ffa94d", "#66d9e8", "#e599f7")


@dataclass(slots=True)
class Person:
    """Someone who looks at a scene.

    Attributes:
        client: The connection's own id.
        name: For people.
        color: For people.
        frame: Where they are.
        object: What they have selected.
    """

    client: str
    name: str
    color: str
    frame: int | None = None
    object: str | None = None

    def document(self) -> dict[str, Any]:
        """As sent."""
        return asdict(self)


def free_name(people: Iterable[Person]) -> str:
    """``Guest 1``, or the next that nobody has."""
    taken = {person.name for person in people}
    return next(name for number in count(1) if (name := f"Guest {number}") not in taken)


def free_color(people: Iterable[Person]) -> str:
    """The colour that the fewest people have, the first of them."""
    used = [person.color for person in people]
    return min(COLORS, key=used.count)
