"""Tickets: addresses under which a client reads stored bytes from the bucket itself.

A client that can follow them says so by taking `MEDIA_TYPE`; every other one gets the bytes. A ticket names
ranges of presigned addresses. Those are signed anew long before they expire, so that a ticket may be kept for
a while and the same address is asked for again and again, which caches like.
"""

import json
import time
from collections import OrderedDict
from datetime import timedelta
from threading import Lock
from urllib.parse import urlsplit

from starlette.responses import Response

from worldline.formats.store import BucketPlace, StoredBytes

from .bytes_response import StoredResponse
from .conditions import Conditions
from .hot import Located
from .settings import Settings

MEDIA_TYPE = "application/vnd.worldline.parts+json"
_VALID_FOR = timedelta(hours=2)
_FRESH_S = 3600.0
_KEEP_S = 1800
_MOST_ADDRESSES = 4096


class Presigning:
    """Signs addresses of files. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        """Sign where the settings say so."""
        self._is_on = bool(settings.scenes) and settings.s3_delivery == "presigned"
        self._signed: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._lock = Lock()

    def applies(self, located: Located) -> bool:
        """Whether a client may be sent to the bucket for these bytes: as they are there, in no encoding of HTTP's."""
        return self._is_on and all(
            isinstance(part.place, BucketPlace) and part.encoding is None for part in located.parts
        )

    def ticket(self, located: Located) -> Response:
        """The answer that says where the bytes are."""
        parts = [{"url": self._address(part), "offset": part.offset, "size": part.size} for part in located.parts]
        body = json.dumps({"parts": parts, "media_type": located.parts[0].media_type}).encode()
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"private, max-age=%d" % _KEEP_S),
            (b"vary", b"Accept"),
        ]
        return StoredResponse(200, headers, body)

    def _address(self, part: StoredBytes) -> str:
        place = part.place
        if not isinstance(place, BucketPlace):
            raise TypeError(f"{part.path} is in no bucket")
        with self._lock:
            signed_s, address = self._signed.get(part.path, (0.0, ""))
        now_s = time.monotonic()
        if not address or now_s - signed_s > _FRESH_S:
            address = place.presigned(part.file, _VALID_FOR)
            with self._lock:
                self._signed[part.path] = (now_s, address)
                if len(self._signed) > _MOST_ADDRESSES:
                    self._signed.popitem(last=False)
        return address


def takes_tickets(conditions: Conditions) -> bool:
    """Whether a client can follow a ticket."""
    return conditions.accept is not None and MEDIA_TYPE in conditions.accept


def bucket_origin(settings: Settings) -> str | None:
    """The origin that pages must be allowed to read from; None where they read from the server alone."""
    if not settings.scenes or settings.s3_delivery != "presigned":
        return None
    if settings.s3_endpoint is None:
        return f"https://s3.{settings.s3_region}.amazonaws.com"
    parts = urlsplit(settings.s3_endpoint)
    return f"{parts.scheme}://{parts.netloc}"
