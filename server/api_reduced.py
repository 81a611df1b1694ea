"""Small pictures of a camera's frames, for strips and lists."""

import anyio
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from .bytes_response import ASK_AGAIN, FOR_EVER
from .protocol import ErrorDocument
from .services import ServicesOf

router = APIRouter(prefix="/api/scenes/{scene}/data/{generation}", tags=["data"])


@router.api_route(
    "/reduced/{sensor}/{width_px:int}/{frame:int}",
    methods=["GET"],
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "You have it."},
        425: {"description": "The frame of a growing scene is not there yet.", "model": ErrorDocument},
    },
)
async def read_reduced(
    request: Request, services: ServicesOf, scene: str, generation: str, sensor: str, width_px: int, frame: int
) -> Response:
    """A frame's small picture, 160, 320 or 640 pixels wide (or as wide as the frame), as JPEG."""
    find = services.reduced.find
    image = await anyio.to_thread.run_sync(find, scene, generation, sensor, width_px, frame)
    is_ready = services.scenes.row(scene).state == "ready"
    tag = f'"{generation}-r-{width_px}-{frame}"'
    headers = {"Cache-Control": FOR_EVER if is_ready else ASK_AGAIN, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(image.data, media_type=image.media_type, headers=headers)
