"""Exports as jobs: start one, look how far it is, fetch its file."""

from fastapi import APIRouter
from starlette.responses import FileResponse

from .protocol import ExportRequest, JobDocument, SceneName
from .services import ServicesOf

router = APIRouter(prefix="/api", tags=["jobs"])


@router.post("/scenes/{scene}/exports", status_code=202)
def start_export(scene: SceneName, asked: ExportRequest, services: ServicesOf) -> JobDocument:
    """Export a scene as it is now."""
    return services.jobs.start_export(scene, asked.format)


@router.get("/imports")
def list_imports(services: ServicesOf) -> list[JobDocument]:
    """Imports that were asked for here: those that run, those that failed, and those of the last hour that are done."""
    return services.jobs.list_imports()


@router.get("/jobs/{job}")
def show_job(job: str, services: ServicesOf) -> JobDocument:
    """How far a job is, and what the format could not carry."""
    return services.jobs.find(job)


@router.delete("/jobs/{job}")
def cancel_job(job: str, services: ServicesOf) -> JobDocument:
    """Stop a job; one that is over loses its file, and an import that is over is not listed any more."""
    return services.jobs.cancel(job)


@router.get(
    "/jobs/{job}/file",
    response_class=FileResponse,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
def fetch_file(job: str, services: ServicesOf) -> FileResponse:
    """The zip file that an export made."""
    path, name = services.jobs.file(job)
    return FileResponse(path, media_type="application/zip", filename=name)
