"""Pages of frames: times, poses, names and indexes of some hundred frames of a sensor.

A generation never changes, so a whole page may be kept for ever; the pages of a growing scene may not.
"""

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from worldline.formats.store import StoredScene
from worldline.formats.store.frames import FramePage, clock_bytes, find_named, frame_page, video_columns

from .protocol import FrameDocument, SceneName
from .services import Services, ServicesOf

router = APIRouter(prefix="/api/scenes/{scene}", tags=["data"])

_FOR_EVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_COLUMNS: dict[int | str, dict[str, object]] = {
    200: {"description": "A header and columns.", "content": {"application/octet-stream": _BYTES}}
}


@router.get("/data/{generation}/frames/{sensor}/{page}", responses=_COLUMNS, response_class=Response)
async def read_frames(
    scene: SceneName, generation: str, sensor: str, page: Annotated[int, Path(ge=0)], services: ServicesOf
) -> Response:
    """A page of a sensor's frames: what belongs to each, as columns (`formats/store/frames.py`)."""

    def find(stored: StoredScene) -> FramePage:
        stored.refresh()
        return frame_page(stored, sensor, page)

    found = await anyio.to_thread.run_sync(services.scenes.locate, scene, generation, find)
    return _respond(services, scene, found.data, found.is_whole)


@router.get("/data/{generation}/clock/{sensor}", responses=_COLUMNS, response_class=Response)
async def read_clock(scene: SceneName, generation: str, sensor: str, services: ServicesOf) -> Response:
    """All times of a sensor: float64 nanoseconds after the scene's start, little-endian."""
    data = await anyio.to_thread.run_sync(services.scenes.locate, scene, generation, lambda it: clock_bytes(it, sensor))
    return _respond(services, scene, data, True)


@router.get("/data/{generation}/packets-index/{sensor}", responses=_COLUMNS, response_class=Response)
async def read_packets_index(scene: SceneName, generation: str, sensor: str, services: ServicesOf) -> Response:
    """PTS, size, key flag and frame of each packet of a video, in decode order, as columns."""
    data = await anyio.to_thread.run_sync(
        services.scenes.locate, scene, generation, lambda it: video_columns(it, sensor)
    )
    return _respond(services, scene, data, True)


@router.get("/frames")
def find_frame(
    scene: SceneName,
    services: ServicesOf,
    name: Annotated[str, Query(min_length=1, max_length=1000, description="The source's own name of a frame.")],
) -> FrameDocument:
    """The frame that the source calls so."""
    stored = services.scenes.stored(scene)
    return FrameDocument(frame=find_named(stored, stored.scene.reference, name))


def _respond(services: Services, scene: str, data: bytes, is_whole: bool) -> Response:
    keeps = is_whole and services.scenes.row(scene).state == "ready"
    headers = {"Cache-Control": _FOR_EVER if keeps else _ASK_AGAIN}
    return Response(data, headers=headers, media_type="application/octet-stream")
