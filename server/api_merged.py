"""Merged clouds over HTTP, and the octrees of any cloud."""

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path
from starlette.responses import Response

from worldline.formats.merged import SENSOR
from worldline.formats.store import StoredScene
from worldline.formats.store.document import pose_values
from worldline.formats.store.octree.pages import octree_bytes

from .bytes_response import ASK_AGAIN, FOR_EVER
from .merging import Merge
from .protocol import MergedCloudDocument, MergedDocument, MergeRequest, SceneName
from .services import ServicesOf

router = APIRouter(prefix="/api/scenes/{scene}", tags=["data"])

_BYTES = {"schema": {"type": "string", "format": "binary"}}


@router.post("/merged")
def merge(scene: SceneName, asked: MergeRequest, services: ServicesOf) -> MergedDocument:
    """A merged cloud; asking again with the same tells how far it is."""
    wanted = Merge(asked.kind, asked.track, asked.first, asked.count, asked.voxel_m)
    found = services.merged.request(scene, wanted)
    cloud = None
    if found.state == "ready" and found.generation is not None:
        cloud = services.scenes.locate(scene, found.generation, _describe)
    return MergedDocument(state=found.state, done=found.done, total=found.total, message=found.message, cloud=cloud)


@router.get(
    "/data/{generation}/octree/{sensor}/{frame}",
    responses={200: {"description": "A header and columns.", "content": {"application/octet-stream": _BYTES}}},
    response_class=Response,
)
async def read_octree(
    scene: SceneName, generation: str, sensor: str, frame: Annotated[int, Path(ge=0)], services: ServicesOf
) -> Response:
    """The nodes of a frame's octree as columns (`formats/store/octree/pages.py`)."""
    data = await anyio.to_thread.run_sync(
        services.scenes.locate, scene, generation, lambda it: octree_bytes(it, sensor, frame)
    )
    is_fixed = services.scenes.row(scene).state == "ready"
    headers = {"Cache-Control": FOR_EVER if is_fixed else ASK_AGAIN}
    return Response(data, headers=headers, media_type="application/octet-stream")


def _describe(stored: StoredScene) -> MergedCloudDocument:
    index = stored.block_index(SENSOR)
    lidar = stored.scene.lidars[0]
    return MergedCloudDocument(
        generation=stored.generation,
        sensor=SENSOR,
        world_from_cloud=pose_values(lidar.world_from_sensor[0]),
        point_count=index.point_count,
        has_intensity=index.has_intensity,
        points_per_block=index.points_per_block,
        coding=index.coding,
    )
