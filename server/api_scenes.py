"""The list of scenes, their documents, and removing one."""

from dataclasses import asdict
from datetime import UTC, datetime

import anyio.to_thread
from fastapi import APIRouter
from starlette.responses import Response

from worldline.formats.store import SceneDocument

from .catalogue import SceneRow, list_scenes, remove_scene
from .known_imports import import_errors
from .protocol import SceneName, SceneSummary
from .services import ServicesOf
from .sweeping import sweep

router = APIRouter(prefix="/api/scenes", tags=["scenes"])


@router.get("")
def show_scenes(services: ServicesOf) -> list[SceneSummary]:
    """All scenes in order of name."""
    errors = import_errors(services.engine)
    return [summarise(row, errors.get(row.id)) for row in list_scenes(services.engine)]


@router.get("/{scene}", responses={200: {"model": SceneDocument}})
async def show_scene(scene: SceneName, services: ServicesOf) -> Response:
    """A scene's sensors, clocks, poses, blocks and classes."""
    document = await anyio.to_thread.run_sync(services.scenes.document, scene)
    return Response(document, media_type="application/json", headers={"Cache-Control": "no-cache"})


@router.delete("/{scene}", status_code=204)
def delete_scene(scene: SceneName, services: ServicesOf) -> None:
    """Remove a scene with its labels and its history."""
    remove_scene(services.engine, scene)
    services.scenes.forget_rows()
    sweep(services.engine, services.settings.data)


def summarise(row: SceneRow, error: str | None = None) -> SceneSummary:
    """A row of the catalogue as sent."""
    facts = asdict(row)
    created_at = datetime.fromtimestamp(facts.pop("created_ns") / 1e9, UTC).isoformat(timespec="seconds")
    return SceneSummary(
        **{name: facts[name] for name in SceneSummary.model_fields if name in facts},
        created_at=created_at,
        error=error if row.state == "interrupted" else None,
    )
