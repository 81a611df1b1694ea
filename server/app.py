"""The application: routes, errors in one shape, and services that live as long as it runs."""

import uuid
from asyncio import CancelledError, create_task
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from . import (
    api_assist,
    api_check,
    api_data,
    api_fields,
    api_frames,
    api_jobs,
    api_labels,
    api_live,
    api_merged,
    api_reduced,
    api_scenes,
    api_schema,
    api_session,
    api_uploads,
    api_zarr,
    static,
)
from .data_plane import DataPlane
from .errors import TABLE, describe_error, error_body
from .gate import Gate
from .head import HeadAsGet
from .protocol import ErrorDocument
from .services import Services
from .settings import Settings

_LOG = structlog.get_logger()
_CODES = {404: "not_found", 405: "method"}


def create_app(settings: Settings | None = None) -> FastAPI:
    """The server's application.

    Args:
        settings: How to run; from the environment where not given.

    Raises:
        SettingsError: Others could reach the server and nothing keeps them out.
    """
    settings = settings or Settings()
    settings.check_binding()

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        services = app.state.services = Services(settings)
        watching = create_task(services.live.watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(CancelledError):
                await watching
            services.close()

    app = FastAPI(
        title="Worldline",
        version=api_session.worldline_version(),
        lifespan=living,
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
        generate_unique_id_function=_operation_id,
        responses={422: {"model": ErrorDocument}, "default": {"model": ErrorDocument}},
    )
    for part in (
        api_data,
        api_fields,
        api_frames,
        api_session,
        api_scenes,
        api_labels,
        api_assist,
        api_check,
        api_jobs,
        api_live,
        api_merged,
        api_reduced,
        api_schema,
        api_uploads,
        api_zarr,
        static,
    ):
        app.include_router(part.router)
    for kind in TABLE:
        app.add_exception_handler(kind, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_status)
    app.add_exception_handler(Exception, _answer_unexpected)
    app.add_middleware(DataPlane, answer_error=_answer_error)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Gate, settings=settings)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


async def _answer_error(_: Request, error: Exception) -> Response:
    status, body = describe_error(error)
    if status >= 500:
        _LOG.error("failed", code=body["code"], message=body["message"])
    return JSONResponse(body, status)


async def _answer_invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [{"field": ".".join(map(str, each["loc"])), "message": each["msg"]} for each in error.errors()[:20]]
    first = faults[0]
    return JSONResponse(error_body("request", f"{first['field']}: {first['message']}", {"faults": faults}), 422)


async def _answer_status(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse(
        error_body(_CODES.get(error.status_code, "http"), error.detail), error.status_code, error.headers
    )


async def _answer_unexpected(request: Request, error: Exception) -> Response:
    number = uuid.uuid4().hex[:12]
    _LOG.error("unexpected error", number=number, path=request.url.path, exc_info=error)
    message = f"the server made a mistake; its log names it by the number {number}"
    return JSONResponse(error_body("internal", message, {"number": number}), 500)
