"""What a client says of the bytes it wants: ranges, tags it has, encodings it takes (RFC 9110)."""

from collections.abc import Iterable
from dataclasses import dataclass

_KNOWN = {
    b"accept": "accept",
    b"accept-encoding": "accept_encoding",
    b"if-none-match": "if_none_match",
    b"if-range": "if_range",
    b"range": "range",
}


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes [start, end) of a representation."""

    start: int
    end: int


@dataclass(slots=True)
class Conditions:
    """The headers of a request that decide what is sent; None where the request has none.

    Attributes:
        accept: Media types.
        accept_encoding: Content encodings.
        if_none_match: Tags of representations that the client has.
        if_range: The tag that a range is of.
        range: The bytes.
    """

    accept: str | None = None
    accept_encoding: str | None = None
    if_none_match: str | None = None
    if_range: str | None = None
    range: str | None = None

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> "Conditions":
        """Those of a request's headers; a header that comes twice is one list."""
        found = cls()
        for name, value in headers:
            known = _KNOWN.get(name)
            if known is not None:
                text, before = value.decode("latin-1"), getattr(found, known)
                setattr(found, known, text if before is None else f"{before}, {text}")
        return found

    def range_of(self, tag: str, size: int) -> ByteRange | str | None:
        """The part of a representation that is asked for; see `parse_range`."""
        if self.range is None or (self.if_range is not None and self.if_range != tag):
            return None
        return parse_range(self.range, size)


def accepts_encoding(header: str | None, encoding: str) -> bool:
    """Whether an Accept-Encoding header takes an encoding as gladly as none; no header takes none."""
    if not header:
        return False
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        weights[name.strip()] = _weight(parameters)
    own = weights.get(encoding, weights.get("*", 0.0))
    return own > 0 and own >= weights.get("identity", 0.0)


def matches_tag(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names an ETag."""
    if header is None:
        return False
    tags = [each.strip().removeprefix("W/") for each in header.split(",")]
    return tag in tags or "*" in tags


def parse_range(header: str, size: int) -> ByteRange | str | None:
    """The one range that a header asks for.

    Returns:
        The range; why it cannot be satisfied; or None where all is to be sent (several ranges, other
        units and what cannot be read are ignored, as RFC 9110 allows).
    """
    unit, _, ranges = header.partition("=")
    first, dash, last = ranges.strip().partition("-")
    if unit.strip().lower() != "bytes" or not dash or "," in ranges:
        return None
    if not all(each == "" or (each.isascii() and each.isdigit()) for each in (first, last)) or not (first or last):
        return None
    if len(first) > 18 or len(last) > 18:
        return None
    if not first:
        count = min(int(last), size)
        return ByteRange(size - count, size) if count else f"the last 0 of {size} bytes were asked for"
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    return ByteRange(start, end) if start < size else f"byte {start} was asked for, there are {size}"


def _weight(parameters: str) -> float:
    for each in parameters.split(";"):
        name, _, value = each.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
