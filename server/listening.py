"""Listening: one server a data folder, on an address that may be listened on."""

import asyncio
import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn

from .app import create_app
from .errors import DataFolderError, SettingsError
from .settings import Settings


def serve(settings: Settings, started: Callable[[str], None]) -> None:
    """Serve until a signal ends it.

    Args:
        settings: How.
        started: Told the address once requests are answered.

    Raises:
        SettingsError: The address may not be, or cannot be listened on.
        DataFolderError: Another server serves the data folder.
    """
    settings.check_binding()
    with bound_socket(settings.host, settings.port) as bound, _only_server(settings.data, address_of(bound)):
        config = uvicorn.Config(
            create_app(settings),
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=1 << 20,
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_run(uvicorn.Server(config), bound, started))


@contextmanager
def bound_socket(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that is bound, or a sentence that says why not.

    Raises:
        SettingsError: The address cannot be bound.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # said: only then is Nagle turned off
    except OSError as error:
        raise SettingsError(f"{host} is no address of this machine: {error.strerror}") from error
    with bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port"
            ) from error
        yield bound


def address_of(bound: socket.socket) -> str:
    """Where to point a browser."""
    host, port = bound.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104  (compared, not bound)
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _run(server: uvicorn.Server, bound: socket.socket, started: Callable[[str], None]) -> None:
    serving = asyncio.create_task(server.serve([bound]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    if server.started:
        started(address_of(bound))
    await serving


@contextmanager
def _only_server(data: Path, address: str) -> Iterator[None]:
    data.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            other = os.pread(descriptor, 200, 0).decode(errors="replace")
            raise DataFolderError(
                f"a server already serves {data} at {other}: open that address, or choose another --data"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, address.encode(), 0)
        yield
    finally:
        os.close(descriptor)
