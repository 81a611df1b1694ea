"""Sensor data: stored bytes, passed through unopened.

A generation never changes, so its bytes may be kept for ever.
"""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from worldline.formats.store import StoredBytes, StoredScene

from .bytes_response import ASK_AGAIN, FOR_EVER, respond_stored
from .conditions import Conditions
from .hot import Located
from .presigning import takes_tickets
from .protocol import ErrorDocument
from .services import Services

router = APIRouter(prefix="/api/scenes/{scene}/data/{generation}", tags=["data"])

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS: dict[int | str, dict[str, object]] = {
    200: {"description": "The bytes.", "content": {"application/octet-stream": _BYTES}},
    206: {"description": "The range of bytes.", "content": {"application/octet-stream": _BYTES}},
    304: {"description": "You have them."},
    416: {"description": "There is no such range.", "model": ErrorDocument},
    425: {"description": "The frame of a growing scene is not there yet.", "model": ErrorDocument},
}


def _parameters(*numbers: str) -> dict[str, object]:
    """The path's parameters, described: these endpoints read them themselves, which is twice as quick."""
    kinds = {"scene": "string", "generation": "string", "sensor": "string"} | dict.fromkeys(numbers, "integer")
    return {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": kind}} for name, kind in kinds.items()
        ]
    }


@router.get(
    "/points/{sensor}/{block:int}", responses=_ANSWERS, response_class=Response, openapi_extra=_parameters("block")
)
async def read_points(request: Request) -> Response:
    """A display block as it is stored, in the `coding` that the scene document names (docs/codecs.md)."""
    asked = request.path_params
    scene, generation, sensor, block = asked["scene"], asked["generation"], asked["sensor"], asked["block"]
    tag = f"{generation}-p-{quote(sensor)}-{block}"
    return await _respond(request, scene, generation, tag, lambda it: (it.display_block(sensor, block),))


@router.get(
    "/images/{sensor}/{frame:int}", responses=_ANSWERS, response_class=Response, openapi_extra=_parameters("frame")
)
async def read_image(request: Request) -> Response:
    """A camera's image file."""
    asked = request.path_params
    scene, generation, sensor, frame = asked["scene"], asked["generation"], asked["sensor"], asked["frame"]
    tag = f"{generation}-i-{quote(sensor)}-{frame}"
    return await _respond(request, scene, generation, tag, lambda it: (it.image_bytes(sensor, frame),))


@router.get("/packets/{sensor}", responses=_ANSWERS, response_class=Response)
async def read_packets(
    request: Request,
    scene: str,
    generation: str,
    sensor: str,
    first: Annotated[int, Query(ge=0)],
    count: Annotated[int, Query(ge=1, le=10_000)],
) -> Response:
    """Encoded packets of a video in decode order, one after another."""
    tag = f"{generation}-v-{quote(sensor)}-{first}-{count}"
    return await _respond(request, scene, generation, tag, lambda it: it.packet_bytes(sensor, first, count))


async def _respond(
    request: Request,
    scene: str,
    generation: str,
    tag: str,
    find: Callable[[StoredScene], tuple[StoredBytes, ...]],
) -> Response:
    services = Services.of(request)
    scenes, hot = services.scenes, services.hot
    row = scenes.row(scene)
    known = hot.find((row.folder, tag)) if row.generation == generation else None
    if known is not None:
        return await _answer(request, services, known, FOR_EVER)
    if scenes.is_at_hand(row):
        parts = scenes.locate(scene, generation, find)
    else:
        parts = await to_thread.run_sync(scenes.locate, scene, generation, find)
    located = Located(parts, tag, (row.folder, tag))
    if row.state != "ready" or row.generation != generation:
        return await _answer(request, services, located, ASK_AGAIN)
    hot.keep(located)
    return await _answer(request, services, located, FOR_EVER)


async def _answer(request: Request, services: Services, located: Located, cache_control: str) -> Response:
    if services.presigning.applies(located):
        if takes_tickets(Conditions.of(request.scope["headers"])):
            return services.presigning.ticket(located)
        response = await respond_stored(request, located, cache_control, services.hot)
        response.raw_headers.append((b"vary", b"Accept"))
        return response
    return await respond_stored(request, located, cache_control, services.hot)
