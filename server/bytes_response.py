"""Sending stored bytes as they are: conditional requests, ranges, and the encoding the client takes."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import anyio.to_thread
import zstandard
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from worldline.formats.errors import StoreError
from worldline.formats.store import StoredBytes

from .errors import error_body

FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes [start, end) of a representation."""

    start: int
    end: int


async def respond_stored(request: Request, parts: Sequence[StoredBytes], tag: str, cache_control: str) -> Response:
    """The answer to a request for stored bytes.

    Args:
        request: With its conditions.
        parts: Where the bytes are, one after another, all of one kind; encoded ones are one part.
        tag: What names these bytes for ever; the ETag is made of it.
        cache_control: How long they may be kept.
    """
    stored = parts[0]
    is_plain = stored.encoding is None
    passes = is_plain or accepts_encoding(request.headers.get("accept-encoding"), stored.encoding or "")
    headers = {
        "ETag": f'"{tag}"' if passes else f'"{tag}-decoded"',
        "Cache-Control": cache_control,
        "Accept-Ranges": "bytes",
    }
    if not is_plain:
        headers["Vary"] = "Accept-Encoding"
    if matches_tag(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if passes:
        if stored.encoding is not None:
            headers["Content-Encoding"] = stored.encoding
        size, data = sum(part.size for part in parts), None
    else:
        data = await anyio.to_thread.run_sync(_decoded, stored)
        size = len(data)
    wanted = _range_of(request, headers["ETag"], size)
    if wanted is None:
        body = data if data is not None else await _read(parts, ByteRange(0, size))
        return Response(body, headers=headers, media_type=stored.media_type)
    if isinstance(wanted, str):
        headers["Content-Range"] = f"bytes */{size}"
        headers.pop("Content-Encoding", None)
        return JSONResponse(error_body("range", wanted, {"size": size}), 416, headers)
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.end - 1}/{size}"
    body = data[wanted.start : wanted.end] if data is not None else await _read(parts, wanted)
    return Response(body, 206, headers, media_type=stored.media_type)


async def _read(parts: Sequence[StoredBytes], wanted: ByteRange) -> bytes | memoryview:
    pieces, offset = [], 0
    for part in parts:
        piece = ByteRange(max(wanted.start - offset, 0), min(wanted.end - offset, part.size))
        if piece.start < piece.end:
            pieces.append(await read_part(part, piece))
        offset += part.size
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def read_part(stored: StoredBytes, part: ByteRange) -> bytes | memoryview:
    """Some of the stored bytes: at once where the system has them in memory, on a thread where not.

    Raises:
        StoreError: The file is gone or ends too early.
    """
    try:
        descriptor = os.open(stored.path, os.O_RDONLY)
    except OSError as error:
        raise StoreError("a stored file is gone", path=stored.path.name, fix="import the scene again") from error
    try:
        size, offset = part.end - part.start, stored.offset + part.start
        data: bytes | memoryview | None = _read_cached(descriptor, size, offset)
        if data is None:
            data = await anyio.to_thread.run_sync(os.pread, descriptor, size, offset)
    finally:
        os.close(descriptor)
    if len(data) < size:
        raise StoreError(
            f"expected {size} bytes, found {len(data)}",
            path=stored.path.name,
            place=f"byte {offset}",
            fix="import the scene again",
        )
    return data


def accepts_encoding(header: str | None, encoding: str) -> bool:
    """Whether an Accept-Encoding header takes an encoding; no header takes none."""
    wildcard = False
    for part in (header or "").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        takes = not any(piece.replace(" ", "") in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for piece in parameters)
        if name == encoding:
            return takes
        if name == "*":
            wildcard = takes
    return wildcard


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
    if not first:
        count = min(int(last), size)
        return ByteRange(size - count, size) if count else f"the last 0 of {size} bytes were asked for"
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    return ByteRange(start, end) if start < size else f"byte {start} was asked for, there are {size}"


def _range_of(request: Request, tag: str, size: int) -> ByteRange | str | None:
    header = request.headers.get("range")
    condition = request.headers.get("if-range")
    if header is None or (condition is not None and condition != tag):
        return None
    return parse_range(header, size)


def _read_cached(descriptor: int, size: int, offset: int) -> memoryview | None:
    """The bytes if the system has all of them in memory."""
    buffer = bytearray(size)
    try:
        count = os.preadv(descriptor, [buffer], offset, os.RWF_NOWAIT)
    except OSError:  # not in memory, or a file system that cannot tell
        return None
    return memoryview(buffer) if count == size else None


def _decoded(stored: StoredBytes) -> bytes:
    try:
        data: bytes = zstandard.ZstdDecompressor().decompressobj().decompress(stored.read())
    except zstandard.ZstdError as error:
        raise StoreError(f"not zstd: {error}", path=stored.path.name, fix="import the scene again") from error
    return data
