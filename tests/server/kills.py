"""Imports that are killed: at any write, rename or sync, without a chance to tidy up.

Run on its own it kills as many imports as it is told: python -m tests.server.kills 200
"""

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from tests.scenes import street_scene
from worldline.formats.registry import find_format
from worldline.formats.store import open_staged, verify_scene
from worldline.server.catalogue import SceneRow, list_scenes, stored_path
from worldline.server.database import opened_database
from worldline.server.importing import Imported, import_source
from worldline.server.sweeping import sweep

NAME = "recording"
_CALLS = ("fsync", "fdatasync", "rename", "replace", "unlink", "rmdir", "mkdir", "open", "write", "close")


def make_source(out: Path, frame_count: int = 30) -> Path:
    """A small street as KITTI tracking data."""
    find_format("kitti-tracking").writer.write(street_scene(frame_count=frame_count), out)
    return out


def import_once(data: Path, source: Path, name: str = NAME) -> Imported:
    """Import in this process."""
    with opened_database(data) as engine:
        (imported,) = import_source(engine, data, source, name, "kitti-tracking", "ann", lambda *_: None)
    return imported


def import_until(data: str, source: str, step: int, answer: Any) -> None:
    """Import, and die in the middle of a call of the system; a step below zero only counts them."""
    seen = 0

    def counted(call: Any) -> Any:
        def wrapped(*args: Any, **options: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **options)

        return wrapped

    for name in _CALLS:
        setattr(os, name, counted(getattr(os, name)))
    import_once(Path(data), Path(source))
    if answer is not None:
        answer.put(seen)


def context() -> Any:
    """Processes that begin with everything imported."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.server.kills"])
    return found


def count_steps(data: Path, source: Path) -> int:
    """How many calls an import makes that is not killed."""
    processes = context()
    answer = processes.Queue()
    child = processes.Process(target=import_until, args=(str(data), str(source), -1, answer))
    child.start()
    steps = int(answer.get(timeout=120))
    child.join(60)
    return steps


def kill_import(data: Path, source: Path, step: int) -> bool:
    """Import until a step; whether the process was killed there."""
    child: BaseProcess = context().Process(target=import_until, args=(str(data), str(source), step, None))
    child.start()
    child.join(120)
    assert child.exitcode in (0, -signal.SIGKILL), child.exitcode
    return child.exitcode != 0


def check_remains(engine: Engine, data: Path) -> SceneRow | None:
    """As at the start of a server: the scene is absent, interrupted with frames that can be read, or whole."""
    sweep(engine, data)
    rows = list_scenes(engine)
    folders = {path.name for path in (data / "scenes").iterdir()}
    staged = {path.name for path in (data / "staging").iterdir() if path.is_dir()}
    if not rows:
        assert folders == staged == set()
        return None
    (row,) = rows
    assert row.state in ("interrupted", "ready")
    if row.state == "ready":
        verify_scene(stored_path(data, row))
        assert (folders, staged) == ({row.generation}, set())
    else:
        assert row.ready_frame_count > 0
        assert (folders, staged) == (set(), {row.generation})
        found = open_staged(stored_path(data, row))
        assert found.ready_frame_count == row.ready_frame_count
        for frame in {0, row.ready_frame_count - 1}:
            assert len(found.scene.data.sweep(found.scene.reference, frame)) > 0
    return row


def kill_at(data: Path, source: Path, steps: list[int], generation: str) -> list[str]:
    """Kill an import at some steps, one attempt after another, then let it end; it must be what it would have been.

    Returns:
        What was left after each kill.
    """
    left = []
    for step in steps:
        if kill_import(data, source, step):
            with opened_database(data) as engine:
                row = check_remains(engine, data)
            left.append("absent" if row is None else f"{row.state} {row.ready_frame_count}")
    imported = import_once(data, source)
    assert imported.generation == generation
    with opened_database(data) as engine:
        row = check_remains(engine, data)
    assert row is not None
    assert (row.state, row.generation, row.object_count) == ("ready", generation, imported.object_count)
    return left


def main() -> None:
    """Kill many imports and say what was left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        source = make_source(Path(folder, "source"))
        total = count_steps(Path(folder, "counted"), source)
        generation = import_once(Path(folder, "reference"), source).generation
        left: list[str] = []
        while len(left) < options.kills:
            data = Path(folder, f"data{len(left)}")
            steps = [chance.randint(1, total) for _ in range(chance.randint(1, 8))]
            left += kill_at(data, source, steps, generation)
            sys.stdout.write(f"{len(left)} kills\n")
            sys.stdout.flush()
        names = [each.split()[0] for each in left]
        counts = {name: names.count(name) for name in sorted(set(names))}
        sys.stdout.write(f"{len(left)} kills at random steps of {total}: {counts}; each ended as {generation}\n")


if __name__ == "__main__":
    main()
