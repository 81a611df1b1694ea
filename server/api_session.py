"""Who asks, and which formats there are."""

from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter

from worldline.formats.registry import FORMATS

from .protocol import FormatDocument, SessionDocument, UserDocument
from .services import AUTHOR, ServicesOf

router = APIRouter(prefix="/api", tags=["session"])


@router.get("/session")
async def show_session(services: ServicesOf) -> SessionDocument:
    """Who asks, and what answers."""
    settings = services.settings
    return SessionDocument(
        user=UserDocument(id=AUTHOR, name=settings.user),
        version=worldline_version(),
        data_dir_label=settings.data.name,
        mode="local" if settings.token is None else "token",
    )


@router.get("/formats")
async def list_formats() -> list[FormatDocument]:
    """The formats that scenes can be read from and written in."""
    return [FormatDocument(name=f.name, title=f.title, reads=f.reads, writes=f.writes) for f in FORMATS]


def worldline_version() -> str:
    """The installed version."""
    try:
        return version("worldline")
    except PackageNotFoundError:  # run from a checkout
        return "0.0.0+checkout"
