"""HEAD: every address that can be read answers it, as GET does but without the body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MARK = "worldline.head"


class HeadAsGet:
    """Lets routes that know GET alone answer HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for GET and leave the body out."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET", _MARK: True}, receive, send_head)


def is_head(scope: Scope) -> bool:
    """Whether the body of an answer will be left out, so that it need not be read."""
    return _MARK in scope
