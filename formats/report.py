"""What a reader left out and what a writer could not carry: said, never silent."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """Something a format could not carry, or a source had that was skipped.

    Attributes:
        what: The thing, as ``boxes behind the camera``.
        count: How many.
        why: The reason, and what to do where something can be done.
    """

    what: str
    count: int
    why: str


@dataclass(slots=True)
class Losses:
    """Collects losses, adding up those of one kind."""

    _counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, what: str, why: str, count: int = 1) -> None:
        """Count one more (or several more) of a kind."""
        if count:
            self._counts[what, why] = self._counts.get((what, why), 0) + count

    def listed(self) -> tuple[Loss, ...]:
        """All of them, in order of what they are."""
        return tuple(sorted(Loss(what, count, why) for (what, why), count in self._counts.items()))
