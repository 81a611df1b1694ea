"""The short way to sensor data: one look at the address, before the routes of everything else.

The same endpoints are described, and can be reached, as routes of `api_data`.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .api_data import read_image, read_packets, read_points
from .errors import TABLE

_ADDRESS = re.compile(rb"/api/scenes/([^/]+)/data/([^/]+)/(points|images|packets)/([^/]+)(?:/(\d{1,12}))?")
_PACKETS = re.compile(rb"first=(\d{1,12})&count=(\d{1,5})")
_KNOWN = tuple(TABLE)

Answer = Callable[[Request, Exception], Awaitable[Response]]


class DataPlane:
    """Answers requests for blocks, images and packets whose address is in order; others go on to the routes."""

    def __init__(self, app: ASGIApp, answer_error: Answer) -> None:
        """Stand before an application; its errors are answered as its routes' are."""
        self._app = app
        self._answer_error = answer_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        call = _endpoint_of(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if call is None:
            await self._app(scope, receive, send)
            return
        endpoint, scope["path_params"], asked = call
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request, **asked)
        except _KNOWN as error:
            response = await self._answer_error(request, error)
        await response(scope, receive, send)


def _endpoint_of(scope: Scope) -> tuple[Callable[..., Awaitable[Response]], dict[str, Any], dict[str, Any]] | None:
    """The endpoint that an address is of, its path's parameters, and its own."""
    address = _ADDRESS.fullmatch(scope.get("raw_path") or b"")
    if address is None:
        return None
    scene, generation, kind, sensor, number = address.groups()
    names: dict[str, Any] = {"scene": _name(scene), "generation": _name(generation), "sensor": _name(sensor)}
    if kind == b"packets":
        query = _PACKETS.fullmatch(scope["query_string"])
        if number is not None or query is None or not 1 <= int(query[2]) <= 10_000:
            return None
        return read_packets, {}, {**names, "first": int(query[1]), "count": int(query[2])}
    if number is None:
        return None
    if kind == b"points":
        return read_points, {**names, "block": int(number)}, {}
    return read_image, {**names, "frame": int(number)}, {}


def _name(coded: bytes) -> str:
    text = coded.decode("latin-1")
    return unquote(text) if "%" in text else text
