"""Labels: the state, the changes that made it, and undo."""

import asyncio
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from .change import Change, applied_json, checked_op
from .database import reading
from .history import changes_since, revision_of, state_rows, state_text
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


@router.get("/labels", responses={200: {"model": LabelsDocument}})
def show_labels(
    scene: SceneName,
    services: ServicesOf,
    at: Annotated[int | None, Query(ge=0, description="A revision; without it, now.")] = None,
) -> Response:
    """Every label path with its value, now or at a revision."""
    scene_id = services.scenes.row(scene).id
    with reading(services.engine) as connection:
        revision = revision_of(connection, scene_id) if at is None else at
        rows = state_rows(connection, scene_id, at)
    return _json(state_text(rows, revision))


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
