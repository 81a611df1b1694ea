"""Sensor data: stored bytes, passed through unopened.

A generation never changes, so its bytes may be kept for ever.
"""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from worldline.formats.store import StoredBytes, StoredScene

from .bytes_response import ASK_AGAIN, FOR_EVER, respond_stored
from .protocol import ErrorDocument, PacketsIndexDocument
from .services import Services, ServicesOf

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
    """A display block: int16 planes x, y, z, intensity, little-endian, as zstd."""
    asked = request.path_params
    scene, generation, sensor, block = asked["scene"], asked["generation"], asked["sensor"], asked["block"]
    services = Services.of(request)
    stored = services.scenes.locate(scene, generation, lambda it: it.display_block(sensor, block))
    return await _respond(request, services, scene, (stored,), f"{generation}-p-{quote(sensor)}-{block}")


@router.get(
    "/images/{sensor}/{frame:int}", responses=_ANSWERS, response_class=Response, openapi_extra=_parameters("frame")
)
async def read_image(request: Request) -> Response:
    """A camera's image file."""
    asked = request.path_params
    scene, generation, sensor, frame = asked["scene"], asked["generation"], asked["sensor"], asked["frame"]
    services = Services.of(request)
    stored = services.scenes.locate(scene, generation, lambda it: it.image_bytes(sensor, frame))
    return await _respond(request, services, scene, (stored,), f"{generation}-i-{quote(sensor)}-{frame}")


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
    services = Services.of(request)
    parts = services.scenes.locate(scene, generation, lambda it: it.packet_bytes(sensor, first, count))
    return await _respond(request, services, scene, parts, f"{generation}-v-{quote(sensor)}-{first}-{count}")


@router.get("/packets-index/{sensor}")
def read_packets_index(services: ServicesOf, scene: str, generation: str, sensor: str) -> PacketsIndexDocument:
    """Size, time, key flag and frame of each packet of a video."""

    def find(stored: StoredScene) -> PacketsIndexDocument:
        index = stored.video_index(sensor)
        return PacketsIndexDocument(
            size=list(index.size), pts=list(index.pts), key=list(index.key), frame=list(index.frame)
        )

    return services.scenes.locate(scene, generation, find)


async def _respond(
    request: Request, services: Services, scene: str, parts: Sequence[StoredBytes], tag: str
) -> Response:
    is_ready = services.scenes.row(scene).state == "ready"
    return await respond_stored(request, parts, tag, FOR_EVER if is_ready else ASK_AGAIN)
