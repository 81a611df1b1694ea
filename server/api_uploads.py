"""Uploads by the tus protocol 1.0 (core, creation, creation-with-upload, termination, expiration), and importing them.

https://tus.io/protocols/resumable-upload: whoever loses the connection asks how far a file is, and goes on there.
"""

import base64
import binascii
import time
from email.utils import formatdate
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, Header, HTTPException, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from worldline.formats.registry import Progress, find_format

from .errors import UploadError
from .importing import import_source
from .protocol import ImportRequest, JobDocument, UploadDocument
from .services import AUTHOR, ServicesOf
from .uploads import KEEP_S, Upload, Uploads

router = APIRouter(prefix="/api/uploads", tags=["uploads"])

VERSION = "1.0.0"
_EXTENSIONS = "creation,creation-with-upload,termination,expiration"
_BODY = "application/offset+octet-stream"
_PIECE = 1 << 20
_BINARY = {"requestBody": {"content": {_BODY: {"schema": {"type": "string", "format": "binary"}}}}}


def _check_version(tus_resumable: Annotated[str | None, Header()] = None) -> None:
    if tus_resumable != VERSION:
        raise HTTPException(412, f"uploads speak tus {VERSION}", {"Tus-Version": VERSION})


_SPEAKS_TUS = [Depends(_check_version)]


@router.options("/{set_id}", status_code=204)
async def describe_uploads(set_id: str) -> Response:  # noqa: ARG001 - part of the address
    """What of the tus protocol there is."""
    return _answer(204, **{"Tus-Version": VERSION, "Tus-Extension": _EXTENSIONS})


@router.get("/{set_id}")
def list_uploads(set_id: str, services: ServicesOf) -> list[UploadDocument]:
    """What of a set of files is there; empty where nothing is."""
    return [
        UploadDocument(id=each.id, path=each.path, size=each.size, offset=each.offset, changed_ms=each.changed_ms)
        for each in services.uploads.list_set(set_id)
    ]


@router.delete("/{set_id}", status_code=204)
def remove_uploads(set_id: str, services: ServicesOf) -> None:
    """Remove a set of files; a scene that was imported from it stays."""
    services.uploads.remove_set(set_id)


@router.post("/{set_id}/import", status_code=202)
def import_uploads(set_id: str, asked: ImportRequest, services: ServicesOf) -> JobDocument:
    """Import a set of files, or the one archive that it is; the set is removed once that is done."""
    if asked.format is not None:
        find_format(asked.format)
    source = services.uploads.complete_source(set_id)

    def work(progress: Progress) -> None:
        def tell(_: str, done: int, total: int) -> None:
            progress(done, total)

        import_source(services.engine, services.settings.data, source, asked.name, asked.format, AUTHOR, tell)
        services.scenes.forget_rows()
        services.uploads.remove_set(set_id)

    return services.jobs.start_import(asked.name, asked.format, work)


@router.post("/{set_id}", status_code=201, dependencies=_SPEAKS_TUS, openapi_extra=_BINARY)
async def create_upload(
    set_id: str,
    request: Request,
    services: ServicesOf,
    upload_length: Annotated[int, Header()],
    upload_metadata: Annotated[str, Header()],
) -> Response:
    """Begin a file (tus creation), or find one that was begun; its metadata names ``path`` and ``changed_ms``."""
    facts = _metadata(upload_metadata)
    try:
        changed_ms = int(facts.get("changed_ms", "0"))
    except ValueError as error:
        raise UploadError(f"changed_ms is a number, not {facts['changed_ms']!r}") from error
    path = facts.get("path", "")
    upload = await anyio.to_thread.run_sync(services.uploads.create, set_id, path, upload_length, changed_ms)
    offset = upload.offset
    if request.headers.get("content-type") == _BODY and upload.offset == 0 and not upload.is_whole:
        offset = await _receive(services.uploads, upload, 0, request)
    location = request.url.path.rstrip("/") + f"/files/{upload.id}"
    return _answer(201, **{"Location": location, "Upload-Offset": str(offset)})


@router.get("/{set_id}/files/{upload_id}", status_code=204, dependencies=_SPEAKS_TUS)
def show_upload(set_id: str, upload_id: str, services: ServicesOf) -> Response:
    """How far a file is: the headers ``Upload-Offset`` and ``Upload-Length``."""
    upload = services.uploads.find(set_id, upload_id)
    return _answer(204, **{"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.size)})


@router.patch("/{set_id}/files/{upload_id}", status_code=204, dependencies=_SPEAKS_TUS, openapi_extra=_BINARY)
async def send_upload(
    set_id: str, upload_id: str, request: Request, services: ServicesOf, upload_offset: Annotated[int, Header()]
) -> Response:
    """Send the next bytes of a file (tus core)."""
    if request.headers.get("content-type") != _BODY:
        raise HTTPException(415, f"the body's type is {_BODY}")
    upload = await anyio.to_thread.run_sync(services.uploads.find, set_id, upload_id)
    offset = await _receive(services.uploads, upload, upload_offset, request)
    return _answer(204, **{"Upload-Offset": str(offset)})


@router.delete("/{set_id}/files/{upload_id}", status_code=204, dependencies=_SPEAKS_TUS)
def remove_upload(set_id: str, upload_id: str, services: ServicesOf) -> Response:
    """Remove a file (tus termination)."""
    services.uploads.remove(set_id, upload_id)
    return _answer(204)


async def _receive(uploads: Uploads, upload: Upload, offset: int, request: Request) -> int:
    receiving = await anyio.to_thread.run_sync(uploads.open_at, upload.set_id, upload.id, offset)
    await anyio.to_thread.run_sync(receiving.__enter__)
    waiting = bytearray()
    try:
        async for piece in request.stream():
            waiting += piece
            if len(waiting) >= _PIECE:
                await anyio.to_thread.run_sync(receiving.write, bytes(waiting))
                waiting.clear()
    except ClientDisconnect:
        pass  # what came is kept; nobody hears the answer
    finally:
        with anyio.CancelScope(shield=True):
            try:
                await anyio.to_thread.run_sync(receiving.write, bytes(waiting))
            finally:
                await anyio.to_thread.run_sync(receiving.__exit__)
    return receiving.offset


def _metadata(header: str) -> dict[str, str]:
    facts = {}
    for pair in filter(None, header.split(",")):
        name, _, value = pair.strip().partition(" ")
        try:
            facts[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UploadError(f"the metadata {name!r} is not UTF-8 as base64") from error
    return facts


def _answer(status: int, **headers: str) -> Response:
    expires = formatdate(time.time() + KEEP_S, usegmt=True)
    fixed = {"Tus-Resumable": VERSION, "Upload-Expires": expires, "Cache-Control": "no-store"}
    return Response(status_code=status, headers={**fixed, **headers})
