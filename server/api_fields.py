"""Fields of lidar points as the sensor gave them: read from the lossless source for whoever asks for one."""

from typing import Annotated
from urllib.parse import quote

import zstandard
from anyio import to_thread
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from worldline.formats.store import StoredScene

from .bytes_response import ASK_AGAIN, FOR_EVER
from .conditions import Conditions, accepts_encoding, matches_tag
from .protocol import ErrorDocument
from .services import Services

router = APIRouter(prefix="/api/scenes/{scene}/data/{generation}", tags=["data"])

_ZSTD_LEVEL = 1
_ANSWERS: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The values.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    304: {"description": "You have them."},
    425: {"description": "The block of a growing scene is not there yet.", "model": ErrorDocument},
}


@router.get("/fields/{sensor}/{block:int}", responses=_ANSWERS, response_class=Response)
async def read_field(
    request: Request,
    scene: str,
    generation: str,
    sensor: str,
    block: int,
    name: Annotated[str, Query(min_length=1, max_length=80, description="The field's name.")],
) -> Response:
    """A field of a block's points: little-endian values, point by point; the scene document has their type."""
    services = Services.of(request)
    is_ready = services.scenes.row(scene).state == "ready"
    asked = Conditions.of(request.scope["headers"])
    is_packed = accepts_encoding(asked.accept_encoding, "zstd")
    tag = f'"{generation}-f-{quote(sensor)}-{block}-{quote(name, safe="")}{"" if is_packed else "-decoded"}"'
    headers = {"ETag": tag, "Cache-Control": FOR_EVER if is_ready else ASK_AGAIN, "Vary": "Accept-Encoding"}
    if matches_tag(asked.if_none_match, tag):
        return Response(status_code=304, headers=headers)

    def read(stored: StoredScene) -> bytes:
        data = stored.field_bytes(sensor, name, block)
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(data) if is_packed else data

    body = await to_thread.run_sync(services.scenes.locate, scene, generation, read)
    if is_packed:
        headers["Content-Encoding"] = "zstd"
    return Response(body, headers=headers, media_type="application/octet-stream")
