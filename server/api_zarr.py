"""Every scene as a plain Zarr store over HTTP, read only: the stored files, byte for byte, at ``/zarr/{scene}/{file}``.

A file that the scene's manifest does not list is absent (404). One that it lists is there: when it cannot be given
as it was written, the answer is an error of the 500 class, because a Zarr reader takes 404 for a chunk of zeros.
"""

import json
from collections.abc import AsyncIterator
from urllib.parse import unquote

from anyio import to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from worldline.formats.errors import MissingFileError, StoreError
from worldline.formats.store import LocalPlace, Place, StoredBytes
from worldline.formats.store.layout import MANIFEST
from worldline.formats.store.place import AGAIN
from worldline.formats.store.publish import Settled, read_manifest

from .bytes_response import ASK_AGAIN, respond_stored
from .catalogue import SceneRow, list_scenes
from .conditions import ByteRange, Conditions, matches_tag
from .errors import AbsentFileError, GrowingSceneError
from .head import is_head
from .homes import place_of
from .hot import Located
from .reading import read_part
from .services import Services, ServicesOf

router = APIRouter(prefix="/zarr", include_in_schema=False)

_PIECE_BYTES = 1 << 20
_MANIFESTS = 16

Manifest = dict[str, Settled]


@router.get("/zarr.json")
def read_root(services: ServicesOf) -> Response:
    """A group of all scenes, so that one address opens them all."""
    names = [row.name for row in list_scenes(services.engine) if row.state == "ready"]
    root = {"zarr_format": 3, "node_type": "group", "attributes": {"worldline": {"scenes": names}}}
    return Response(json.dumps(root), media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("/{scene}/{file:path}")
async def read_file(request: Request, scene: str, file: str) -> Response:
    """A stored file, or ranges of it."""
    services = Services.of(request)
    row = services.scenes.row(scene)
    if row.state != "ready":
        raise GrowingSceneError(f"scene {scene} is still being written: read it as Zarr when it is ready", scene=scene)
    place = place_of(services.settings.data, row.folder)
    manifest = await _manifest_of(services, row, place)
    name = next((each for each in (file, _coded(request, scene)) if each in manifest), None)
    if name is None:
        raise AbsentFileError(f"scene {scene} has no file {file}", scene=scene, file=file)
    listed = manifest[name]
    await _check_size(place, name, listed.size)
    media_type = "application/json" if name.endswith(".json") else "application/octet-stream"
    located = Located((StoredBytes(place, name, 0, listed.size, None, media_type),), listed.sha256)
    if listed.size > _PIECE_BYTES and not is_head(request.scope) and _wants_all(request, located.tag):
        return await _stream(located)
    return await respond_stored(request, located, ASK_AGAIN)


async def _manifest_of(services: Services, row: SceneRow, place: Place) -> Manifest:
    manifest = services.manifests.get(row.folder)
    if manifest is None:
        manifest = await to_thread.run_sync(_read_manifest, place)
        services.manifests[row.folder] = manifest
        while len(services.manifests) > _MANIFESTS:
            services.manifests.pop(next(iter(services.manifests)))
    return manifest


def _read_manifest(place: Place) -> Manifest:
    try:
        files = read_manifest(place)
        own = place.read(MANIFEST)
    except MissingFileError as error:
        raise StoreError("the scene's manifest is gone", path=place.name, fix=AGAIN) from error
    return {**files, MANIFEST: Settled(len(own), place.generation)}


async def _check_size(place: Place, name: str, size: int) -> None:
    """Raise before anything is sent; a bucket says so itself when it has less."""
    if not isinstance(place, LocalPlace):
        return
    try:
        found = place.size(name)
    except MissingFileError as error:
        raise StoreError("a stored file is gone", path=f"{place.name}/{name}", fix=AGAIN) from error
    if found != size:
        raise StoreError(f"expected {size} bytes, found {found}", path=f"{place.name}/{name}", fix=AGAIN)


def _wants_all(request: Request, tag: str) -> bool:
    asked = Conditions.of(request.scope["headers"])
    return asked.range is None and not matches_tag(asked.if_none_match, f'"{tag}"')


async def _stream(located: Located) -> Response:
    """A large file in pieces; where one cannot be read the connection breaks off, which no client takes for the end."""
    (stored,) = located.parts

    first = bytes(await read_part(stored, ByteRange(0, _PIECE_BYTES)))  # what is gone is found before an answer begins

    async def pieces() -> AsyncIterator[bytes]:
        yield first
        for start in range(_PIECE_BYTES, stored.size, _PIECE_BYTES):
            yield bytes(await read_part(stored, ByteRange(start, min(start + _PIECE_BYTES, stored.size))))

    headers = {
        "ETag": f'"{located.tag}"',
        "Cache-Control": ASK_AGAIN,
        "Accept-Ranges": "bytes",
        "Content-Length": str(stored.size),
    }
    return StreamingResponse(pieces(), headers=headers, media_type=stored.media_type)


def _coded(request: Request, scene: str) -> str:
    """The file as it was written in the address: a name may hold %-codes of its own, which not every client doubles."""
    raw: str = request.scope.get("raw_path", b"").decode("latin-1")
    prefix, _, rest = raw.partition("/zarr/")[2].partition("/")
    return rest if unquote(prefix) == scene else ""
