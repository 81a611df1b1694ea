"""The live connection of a scene."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from .errors import UnknownSceneError
from .live import Connection
from .messages import PresenceRequest
from .services import Services

router = APIRouter()

_GONE, _BAD_MESSAGE = 4404, 4422


@router.websocket("/api/scenes/{scene}/live")
async def follow_scene(socket: WebSocket, scene: str, client: str = "") -> None:
    """Hear changes, presence and readiness; say where you are."""
    services = Services.of(socket)
    await socket.accept()
    try:
        scene_id = services.scenes.row(scene).id
    except UnknownSceneError as error:
        await socket.close(_GONE, str(error)[:100])
        return
    connection = services.live.join(scene_id, client[:80])
    sending = asyncio.create_task(_send(socket, connection))
    try:
        while True:
            message = PresenceRequest.model_validate_json(await socket.receive_text())
            services.live.move(scene_id, connection, message.frame, message.object)
    except (ValidationError, KeyError):  # not text, or not a message of ours
        await _close(socket, _BAD_MESSAGE, "a client sends {type: presence, frame, object}")
    except (WebSocketDisconnect, RuntimeError):  # the other side, or our sender, closed it
        pass
    finally:
        services.live.leave(scene_id, connection)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending


async def _send(socket: WebSocket, connection: Connection) -> None:
    while (text := await connection.messages.get()) is not None:
        try:
            await socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            return
    await _close(socket, _GONE, "the scene is gone, or you do not keep up: look again")


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(code, reason)
