"""Servers to test on: the real application behind a real socket, in this process."""

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from tests.scenes import street_scene
from worldline.formats.registry import Format, ReadScene
from worldline.formats.scene import Scene
from worldline.server.app import create_app
from worldline.server.database import open_database
from worldline.server.importing import Imported, import_scenes
from worldline.server.listening import address_of, bound_socket
from worldline.server.settings import Settings

FORMAT = Format("test", "a test", "none")


def import_scene(data: Path, scene: Scene | None = None) -> Imported:
    """Put a small scene into a data folder."""
    engine = open_database(data)
    try:
        sequences = [ReadScene(scene or street_scene())]
        (imported,) = import_scenes(engine, data, sequences, FORMAT, "ann", lambda *_: None)
        return imported
    finally:
        engine.dispose()


@contextmanager
def running_server(data: Path, **options: Any) -> Iterator[str]:
    """The address of a server that runs inside the block."""
    settings = Settings(data=data, **{"warm_up": False, "user": "Ann", **options})
    with bound_socket(settings.host, 0) as bound:
        config = uvicorn.Config(
            create_app(settings),
            log_level="warning",
            lifespan="on",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])))
        thread.start()
        try:
            until = time.monotonic() + 20
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                assert time.monotonic() < until, "the server took too long to start"
                time.sleep(0.01)
            yield address_of(bound)
        finally:
            server.should_exit = True
            thread.join(20)


def post_change(to: httpx.Client, scene: str, values: dict[str, Any], **extra: Any) -> httpx.Response:
    """Set paths, based on what is there now."""
    entries = to.get(f"/api/scenes/{scene}/labels").json()["entries"]
    seen = {entry["path"]: entry["revision"] for entry in entries}
    ops = [{"path": path, "value": value, "based_on": seen.get(path, 0)} for path, value in values.items()]
    change = {"id": str(uuid.uuid4()), "label": "test", "cause": "manual", "ops": ops, **extra}
    return to.post(f"/api/scenes/{scene}/changes", json=change)
