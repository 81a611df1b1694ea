"""A data folder with scenes in it, and a server of its own process on it."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from worldline.formats.registry import Format, ReadScene, find_format
from worldline.formats.scene import Scene
from worldline.server.database import opened_database
from worldline.server.importing import import_scenes

FORMAT = Format("benchmark", "a benchmark", "none")


def read_kitti(path: Path, name: str) -> Scene:
    """The one sequence of a KITTI tracking folder."""
    reader = find_format("kitti-tracking").reader
    assert reader is not None
    return next(iter(reader.read(path, name))).scene


def store(data: Path, scenes: Iterable[Scene]) -> None:
    """Import scenes."""
    with opened_database(data) as engine:
        import_scenes(engine, data, [ReadScene(each) for each in scenes], FORMAT, "ann", lambda *_: None)


@contextmanager
def running_server(data: Path) -> Iterator[str]:
    """The address of `worldline serve`, as a process beside this one while the block runs."""
    command = [sys.executable, "-m", "worldline.server.cli", "serve", "--data", str(data), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    try:
        for line in server.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                yield found[0]
                break
        else:
            raise RuntimeError("the server ended before it said where it is")
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()
