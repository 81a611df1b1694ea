"""The viewer's files, and a page that says so where it was not built."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response

from .presigning import bucket_origin
from .services import ServicesOf
from .settings import Settings

router = APIRouter(include_in_schema=False)

_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
    "connect-src 'self' ws: wss: blob: data:; frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
)
_PAGE = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
_ASSET = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Worldline</title>
<body style="font:16px system-ui;background:#14171a;color:#dde3e8;max-width:40em;margin:4em auto;line-height:1.6">
<h1>The viewer was not built</h1>
<p>This server works, but its pages are missing: this is a checkout whose viewer was never built.</p>
<p>Run <code>make viewer</code> in the checkout and load this page again.
The interface for programs is described at <a style="color:#55e6cd" href="/api/docs">/api/docs</a>.</p>
"""


@router.get("/{path:path}")
def read_asset(services: ServicesOf, path: str) -> Response:
    """A file of the viewer; any other page address opens the viewer itself."""
    if path.partition("/")[0] in ("api", "zarr"):
        raise HTTPException(404, f"there is nothing at /{path}")
    root = viewer_folder()
    index = root / "index.html"
    if not index.is_file():
        return HTMLResponse(_NOT_BUILT, 503, headers={"Cache-Control": "no-store"})
    if path:
        asset = (root / path).resolve()
        if asset.is_file() and asset.is_relative_to(root):
            return FileResponse(asset, headers=_ASSET if path.startswith("assets/") else _page(services.settings))
        if path.startswith("assets/"):
            raise HTTPException(404, f"there is nothing at /{path}")
    return FileResponse(index, headers=_page(services.settings))


def _page(settings: Settings) -> dict[str, str]:
    """Headers of a page; it may read from the bucket where it is sent there."""
    origin = bucket_origin(settings)
    if origin is None:
        return _PAGE
    return {**_PAGE, "Content-Security-Policy": _POLICY.replace("connect-src 'self'", f"connect-src 'self' {origin}")}


def viewer_folder() -> Path:
    """Where the built viewer is, or would be."""
    return Path(str(files("worldline.viewer").joinpath("dist"))).resolve()
