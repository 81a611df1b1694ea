"""Spans: the half-open frame intervals in which a track is present."""

from dataclasses import dataclass
from itertools import pairwise

from .errors import SpanError


@dataclass(frozen=True, slots=True)
class Span:
    """Present from frame `start` up to, not including, frame `end`.

    Attributes:
        start: First frame.
        end: One past the last frame.
        occlusion: 0 visible, 1 partly, 2 largely hidden, 3 unknown.
    """

    start: int
    end: int
    occlusion: int = 0

    def __post_init__(self) -> None:
        """Check the ends and the occlusion."""
        if not 0 <= self.start < self.end:
            raise SpanError(f"a span has 0 <= start < end, not [{self.start}, {self.end})")
        if self.occlusion not in (0, 1, 2, 3):
            raise SpanError(f"occlusion is 0, 1, 2 or 3, not {self.occlusion}")

    def __contains__(self, frame: int) -> bool:
        """Whether the frame lies in the span."""
        return self.start <= frame < self.end


def check_spans(spans: tuple[Span, ...]) -> None:
    """Raise unless spans stand in order and do not overlap.

    Raises:
        SpanError: Two spans overlap or stand in the wrong order.
    """
    for before, after in pairwise(spans):
        if after.start < before.end:
            raise SpanError(f"spans overlap or are out of order: {before} then {after}")


def join_spans(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The same frames with neighbours of equal occlusion made one."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end == span.start and joined[-1].occlusion == span.occlusion:
            joined[-1] = Span(joined[-1].start, span.end, span.occlusion)
        else:
            joined.append(span)
    return tuple(joined)


def cover_frame(spans: tuple[Span, ...], frame: int) -> tuple[Span, ...]:
    """Spans that are also present at a frame: the gap to the nearest span is filled with its occlusion."""
    if any(frame in span for span in spans):
        return spans
    if not spans:
        return (Span(frame, frame + 1),)
    before = max((span for span in spans if span.end <= frame), key=lambda span: span.end, default=None)
    after = min((span for span in spans if span.start > frame), key=lambda span: span.start, default=None)
    if after is None or (before is not None and frame - before.end < after.start - frame):
        assert before is not None  # noqa: S101  (one of the two exists: spans is not empty)
        grown = {before: Span(before.start, frame + 1, before.occlusion)}
    else:
        grown = {after: Span(frame, after.end, after.occlusion)}
    return join_spans(tuple(grown.get(span, span) for span in spans))
