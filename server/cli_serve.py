"""``worldline serve`` and ``worldline demo``."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from .cli_options import DataOption, data_folder

DEMO = "street"

HostOption = Annotated[str | None, typer.Option("--host", help="The address to listen on (else 127.0.0.1).")]
PortOption = Annotated[int | None, typer.Option("--port", help="The port (else 8470); 0 takes a free one.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("demo")(demo)
    app.command("serve")(serve_)


def serve_(data: DataOption = None, host: HostOption = None, port: PortOption = None) -> None:
    """Serve the scenes of the data folder to browsers."""
    _serve(data_folder(data), host, port, "")


def demo(
    data: DataOption = None,
    host: HostOption = None,
    port: PortOption = None,
    seconds: Annotated[float, typer.Option(help="How long the simulated drive is.")] = 20.0,
) -> None:
    """Serve a simulated street; it can be opened while the rest of it is still being made."""
    from .catalogue import list_scenes
    from .database import opened_database
    from .sweeping import sweep

    folder = data_folder(data)
    with opened_database(folder) as engine:
        sweep(engine, folder)
        is_there = any(row.name == DEMO for row in list_scenes(engine))
    with nullcontext() if is_there else _simulating(folder, seconds):
        _serve(folder, host, port, f"/scenes/{DEMO}")


def _serve(folder: Path, host: str | None, port: int | None, page: str) -> None:
    from .listening import serve
    from .logs import log_to_stderr
    from .settings import Settings

    log_to_stderr()

    asked: dict[str, Any] = {"host": host, "port": port}
    settings = Settings(data=folder, **{name: value for name, value in asked.items() if value is not None})

    def started(address: str) -> None:
        typer.echo(f"Worldline is at {address}{page}  (data in {folder}; Ctrl+C ends it)")
        sys.stdout.flush()

    serve(settings, started)


@contextmanager
def _simulating(folder: Path, seconds: float) -> Iterator[None]:
    """A child process makes the scene; what it makes stays when it is done, and goes when it is cut short."""
    command = [sys.executable, "-m", "worldline.server.cli", "simulate", "--name", DEMO, "--data", str(folder)]
    child = subprocess.Popen([*command, "--seconds", str(seconds), "--labels", "some", "--quiet"])
    try:
        yield
    finally:
        child.terminate()
        child.wait(20)
