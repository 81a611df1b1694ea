"""The project's label schema over HTTP, as JSON and as the YAML that people edit."""

from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from worldline.formats.schema import LabelSchema
from worldline.formats.schema_text import parse_schema, schema_text

from .protocol import ErrorDocument
from .schemas import change_schema, project_schema, schema_version
from .services import AUTHOR, Services, ServicesOf

router = APIRouter(prefix="/api/schema", tags=["schema"])

YAML = "application/yaml"
_SPOKEN: dict[int | str, dict[str, Any]] = {
    200: {"model": LabelSchema, "content": {YAML: {"schema": {"type": "string"}}}},
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorDocument, "description": "Someone else was first (`schema_stale`), or objects have a class "
          "that it lacks (`class_in_use`)."},
}  # fmt: skip
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/LabelSchema"}},
            YAML: {"schema": {"type": "string"}},
        },
    }
}
Form = Annotated[Literal["json", "yaml"] | None, Query(description="Without it, as `Accept` says; else JSON.")]


@router.get("", responses=_SPOKEN)
def show_schema(
    request: Request,
    services: ServicesOf,
    form: Form = None,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="An older one; without it, now.")] = None,
) -> Response:
    """The project's classes: colours, usual sizes and how much they vary, and which may pitch and roll."""
    engine = services.engine
    return _spoken(project_schema(engine) if version is None else schema_version(engine, version), request, form)


@router.put("", responses=_SPOKEN | _REFUSED, openapi_extra=_BODY)
async def replace_schema(request: Request, services: ServicesOf, form: Form = None) -> Response:
    """Change the classes; the body's version is the one that it is based on, the answer's the new one."""
    text = await request.body()
    is_yaml = "yaml" in request.headers.get("content-type", "")
    made = await anyio.to_thread.run_sync(_replaced, services, text, not is_yaml)
    return _spoken(made, request, form)


def _replaced(services: Services, text: bytes, is_json: bool) -> LabelSchema:
    return change_schema(services.engine, parse_schema(text, is_json=is_json), AUTHOR)


def _spoken(schema: LabelSchema, request: Request, form: str | None) -> Response:
    is_yaml = form == "yaml" or (form is None and "yaml" in request.headers.get("accept", ""))
    headers = {"Cache-Control": "no-cache", "Vary": "Accept"}
    if is_yaml:
        return Response(schema_text(schema), media_type=f"{YAML}; charset=utf-8", headers=headers)
    return Response(schema.model_dump_json(), media_type="application/json", headers=headers)
