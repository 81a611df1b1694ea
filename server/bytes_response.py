"""Sending stored bytes as they are: conditional requests, ranges, and the encoding the client takes."""

import json

import anyio.to_thread
import zstandard
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from worldline.formats.errors import StoreError
from worldline.formats.store import StoredBytes
from worldline.formats.store.place import AGAIN

from .conditions import ByteRange, Conditions, accepts_encoding, matches_tag
from .errors import error_body
from .head import is_head
from .hot import HotBytes, Located
from .reading import read_parts

FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"

Headers = list[tuple[bytes, bytes]]


class StoredResponse(Response):
    """An answer whose headers are ready: two messages and nothing else."""

    def __init__(self, status: int, headers: Headers, body: bytes | memoryview = b"") -> None:
        """Answer with these; the length stands in the headers."""
        self.status_code = status
        self.raw_headers = headers
        self.body = body
        self.background = None

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


async def respond_stored(
    request: Request, located: Located, cache_control: str, hot: HotBytes | None = None
) -> Response:
    """The answer to a request for stored bytes.

    Args:
        request: With its conditions.
        located: Where the bytes are.
        cache_control: How long they may be kept.
        hot: Where bytes that were read whole are kept, by their tag.
    """
    asked = Conditions.of(request.scope["headers"])
    stored = located.parts[0]
    encoding = stored.encoding
    passes = encoding is None or accepts_encoding(asked.accept_encoding, encoding)
    tag = f'"{located.tag}"' if passes else f'"{located.tag}-decoded"'
    headers: Headers = [
        (b"etag", tag.encode()),
        (b"cache-control", cache_control.encode()),
        (b"accept-ranges", b"bytes"),
    ]
    if encoding is not None:
        headers.append((b"vary", b"Accept-Encoding"))
    if asked.if_none_match is not None and matches_tag(asked.if_none_match, tag):
        return StoredResponse(304, headers)
    data = located.data if passes else await _decoded(located)
    size = located.size if data is None else len(data)
    wanted = asked.range_of(tag, size)
    if isinstance(wanted, str):
        return _unsatisfiable(headers, wanted, size)
    if passes and encoding is not None:
        headers.append((b"content-encoding", encoding.encode()))
    headers.append((b"content-type", stored.media_type.encode("latin-1")))
    part = wanted or ByteRange(0, size)
    headers.append((b"content-length", b"%d" % (part.end - part.start)))
    if wanted is not None:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (part.start, part.end - 1, size)))
    if is_head(request.scope):
        return StoredResponse(206 if wanted else 200, headers)
    if data is None:
        data = await read_parts(located.parts, part)
        if wanted is None and hot is not None:
            hot.fill(located, data)
    elif wanted is not None:
        data = data[part.start : part.end]
    return StoredResponse(206 if wanted else 200, headers, data)


def _unsatisfiable(headers: Headers, why: str, size: int) -> Response:
    body = json.dumps(error_body("range", why, {"size": size})).encode()
    headers.append((b"content-range", b"bytes */%d" % size))
    headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    return StoredResponse(416, headers, body)


async def _decoded(located: Located) -> bytes:
    data = located.data
    if data is None:
        data = await read_parts(located.parts, ByteRange(0, located.size))
    return await anyio.to_thread.run_sync(_decode, located.parts[0], data)


def _decode(stored: StoredBytes, data: bytes | memoryview) -> bytes:
    try:
        plain: bytes = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    except zstandard.ZstdError as error:
        raise StoreError(f"not zstd: {error}", path=stored.path, fix=AGAIN) from error
    return plain
