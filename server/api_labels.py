"""Labels: the state, the changes that made it, and undo."""

import asyncio
import json
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from .change import Change, applied_json, checked_op
from .conditions import matches_tag
from .database import reading
from .history import changes_since, revision_of
from .label_pages import PAGE, labels_tag, labels_text, page_rows, rows_text
from .protocol import (
    AppliedDocument,
    ChangeDocument,
    ChangeId,
    ErrorDocument,
    HistoryDocument,
    LabelsDocument,
    SceneName,
    UndoRequest,
)
from .services import AUTHOR, ServicesOf

router = APIRouter(prefix="/api/scenes/{scene}", tags=["labels"])

_LARGE = 200  # ops that are worth a thread
_CONFLICT: dict[int | str, dict[str, object]] = {
    200: {"model": AppliedDocument},
    409: {"model": ErrorDocument, "description": "Someone else was first (`stale`), or a person's work is in the way."},
}


@router.get("/labels", responses={200: {"model": LabelsDocument}, 304: {"description": "As the ETag says."}})
def show_labels(
    request: Request,
    scene: SceneName,
    services: ServicesOf,
    at: Annotated[int | None, Query(ge=0, description="A revision; without it, now.")] = None,
    after: Annotated[str, Query(max_length=400, description="Only paths after this one.")] = "",
    limit: Annotated[
        int | None, Query(ge=1, le=100_000, description="At most so many entries; `next` is the `after` of the rest.")
    ] = None,
) -> Response:
    """Every label path with its value, in order of path, now or at a revision; or a page of them."""
    row = services.scenes.row(scene)
    with reading(services.engine) as connection:
        revision = revision_of(connection, row.id) if at is None else at
        headers = {"Cache-Control": "no-cache", "ETag": labels_tag(connection, row.id, row.generation, revision)}
        if matches_tag(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        rows = page_rows(connection, row.id, revision, after, PAGE if limit is None else limit + 1)
    if limit is None:
        pieces = labels_text(services.engine, row.id, revision, rows)
        if len(rows) < PAGE:
            return Response("".join(pieces), media_type="application/json", headers=headers)
        return StreamingResponse(pieces, media_type="application/json", headers=headers)
    rest = json.dumps(rows[limit - 1][0], ensure_ascii=False) if len(rows) > limit else "null"
    text = f'{{"revision":{revision},"next":{rest},"entries":[{rows_text(rows[:limit])}]}}'
    return Response(text, media_type="application/json", headers=headers)


@router.post("/changes", responses=_CONFLICT)
async def append_change(scene: SceneName, change: ChangeDocument, services: ServicesOf) -> Response:
    """Apply a change; the answer comes when it is on the disk. A repeated id is answered as before."""
    asked = _checked(change) if len(change.ops) < _LARGE else await anyio.to_thread.run_sync(_checked, change)
    scene_id = services.scenes.row(scene).id
    applied = await asyncio.wrap_future(services.journal.append(scene_id, asked, change.client))
    return _json(applied_json(applied))


@router.get("/changes", responses={200: {"model": HistoryDocument}})
def show_changes(
    scene: SceneName,
    services: ServicesOf,
    since: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> Response:
    """The changes after a revision, oldest first, with the values before them."""
    scene_id = services.scenes.row(scene).id
    with reading(services.engine) as connection:
        revision = revision_of(connection, scene_id)
        found = changes_since(connection, scene_id, since, limit)
    changes = ",".join(applied_json(applied, with_before=True) for applied in found)
    return _json(f'{{"revision":{revision},"changes":[{changes}]}}')


@router.post("/changes/{change}/undo", responses=_CONFLICT)
async def undo_change(
    scene: SceneName,
    change: Annotated[ChangeId, Path()],
    undo: UndoRequest,
    services: ServicesOf,
) -> Response:
    """Restore what a change altered, but for what was altered since; an undo of an undo is a redo."""
    scene_id = services.scenes.row(scene).id
    applied = await asyncio.wrap_future(services.journal.undo(scene_id, change, undo.id, AUTHOR, undo.client))
    return _json(applied_json(applied))


def _checked(change: ChangeDocument) -> Change:
    ops = tuple(checked_op(op.path, op.value, op.based_on) for op in change.ops)
    return Change(change.id, change.label, change.cause, AUTHOR, ops)


def _json(text: str) -> Response:
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})
