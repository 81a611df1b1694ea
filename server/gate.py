"""The gate: which requests may come in at all. Pure ASGI, for HTTP and WebSockets alike.

On loopback the browser is the danger: any page may send requests to this machine (cross-site) or
have its own name resolve to it (DNS rebinding). So the Host must be one of ours, and what changes
something, or opens a live connection, must come from one of our own pages. With a token, every
request but the page that takes it must show it.
"""

import hashlib
import hmac
import json
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import RefusedError, ServerError, TokenError, TooLargeError, describe_error
from .settings import Settings, is_loopback

COOKIE = "worldline"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Lets in what may come in."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Guard an application."""
        self._app = app
        self._settings = settings
        self._token = settings.token.get_secret_value() if settings.token is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request or connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._check_host(headers)
            self._check_origin(scope, headers)
            self._check_size(headers)
            if self._token is not None and self._brings_token(scope):
                await _hand_out_cookie(scope, send, self._cookie())
                return
            if self._token is not None and not self._shows_token(headers):
                raise TokenError(
                    "this server asks for a token: open the address with ?token=SECRET once, "
                    "or send the header Authorization: Bearer SECRET"
                )
        except ServerError as error:
            await _refuse(scope, receive, send, error)
            return
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            limited = _Limited(receive, send, self._settings.max_body_bytes)
            await self._app(scope, limited.receive, limited.send)
        else:
            await self._app(scope, receive, send)

    def _check_host(self, headers: Headers) -> None:
        if not self._settings.is_loopback:
            return
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        if not is_loopback(name) and name not in self._settings.allowed_hosts:
            raise RefusedError(
                f"this server does not answer to the name {host!r}: open it by 127.0.0.1 or localhost, "
                "or allow the name with WORLDLINE_ALLOWED_HOSTS"
            )

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        origin = headers.get("origin")
        if origin is None or (scope["type"] == "http" and scope["method"] in _SAFE):
            return
        if urlsplit(origin).netloc != headers.get("host") and origin not in self._settings.allowed_origins:
            raise RefusedError(f"pages of {origin} may not change anything here")

    def _check_size(self, headers: Headers) -> None:
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._settings.max_body_bytes:
            raise _too_large(self._settings.max_body_bytes)

    def _shows_token(self, headers: Headers) -> bool:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(shown.encode(), (self._token or "").encode()):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and hmac.compare_digest(cookie.value.encode(), self._cookie().encode())

    def _brings_token(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        brought = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token", "")
        return hmac.compare_digest(brought.encode(), (self._token or "").encode())

    def _cookie(self) -> str:
        return hmac.new((self._token or "").encode(), b"worldline cookie", hashlib.sha256).hexdigest()


class _Limited:
    """Counts a body that does not say how long it is, and answers for the application when it is too long."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._limit = receive, send, limit
        self._left = limit

    async def receive(self) -> Message:
        """The next piece of the body."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _too_large(self._limit)
        return message

    async def send(self, message: Message) -> None:
        """The next piece of the answer."""
        if self._left >= 0:
            await self._send(message)
        elif message["type"] == "http.response.start":
            await _answer(self._send, _too_large(self._limit))


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"a request's body may be {limit} bytes at most", limit=limit)


async def _hand_out_cookie(scope: Scope, send: Send, cookie: str) -> None:
    rest = [(name, value) for name, value in parse_qsl(scope["query_string"].decode("latin-1")) if name != "token"]
    path = "/" + scope["path"].lstrip("/")  # never //elsewhere
    location = path + (f"?{urlencode(rest)}" if rest else "")
    headers = [
        (b"location", location.encode("utf-8")),
        (b"set-cookie", f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000".encode()),
        (b"cache-control", b"no-store"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: Scope, receive: Receive, send: Send, error: ServerError) -> None:
    if scope["type"] == "websocket":
        await receive()
        status, _ = describe_error(error)
        await send({"type": "websocket.close", "code": 4000 + status, "reason": str(error)[:100]})
    else:
        await _answer(send, error)


async def _answer(send: Send, error: ServerError) -> None:
    status, body = describe_error(error)
    data = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="worldline"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
