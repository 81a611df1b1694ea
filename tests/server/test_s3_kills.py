"""An import into a bucket that is killed: nothing is half there, the next one ends, and the rest is swept.

It is killed in the middle of what it asks of the bucket: while it writes an object, before, or just after.
"""

import os
import random
import signal
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from tests.scenes import street_scene
from tests.seaweed import Seaweed
from tests.server.kills import context, import_once
from tests.server.servers import import_scene
from tests.server.test_s3 import generations, named_bucket
from worldline.formats.registry import find_format
from worldline.formats.store.bucket import Bucket
from worldline.server.catalogue import list_scenes
from worldline.server.database import opened_database
from worldline.server.doctor import examine
from worldline.server.sweeping import sweep

KILLS = 2


def count_calls(patch: Callable[[str, Any], None], at_call: Callable[[int], None]) -> None:
    """Say the number of each call of the bucket before it is made; several threads make them."""
    lock, seen = threading.Lock(), 0

    def counted(call: Any) -> Any:
        @wraps(call)
        def wrapped(*args: Any, **options: Any) -> Any:
            nonlocal seen
            with lock:
                seen += 1
                number = seen
            at_call(number)
            return call(*args, **options)

        return wrapped

    for name in ("write", "read", "sizes", "folders"):
        patch(name, counted(getattr(Bucket, name)))


def bring(data: Path, source: Path | None) -> str:
    """Import from files, which grows in the catalogue, or from a program, which is stored first."""
    if source is not None:
        return import_once(data, source).generation
    return import_scene(data, street_scene(frame_count=4)).generation


def import_and_die(data: str, source: Path | None, variables: dict[str, str], step: int, after_s: float) -> None:
    """Import, and be killed some time after a call of the bucket was begun."""

    def kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def at_call(number: int) -> None:
        if number == step:
            threading.Timer(after_s, kill).start() if after_s else kill()

    os.environ.update(variables)
    count_calls(lambda name, call: setattr(Bucket, name, call), at_call)
    bring(Path(data), source)


@pytest.mark.parametrize("way", ["files", "program"])
def test_an_import_into_a_bucket_that_is_killed_leaves_nothing_half_there(
    seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    source = tmp_path / "source" if way == "files" else None
    if source is not None:
        find_format("kitti-tracking").writer.write(street_scene(frame_count=4), source)
    calls: list[int] = []
    named_bucket(seaweed, monkeypatch, token_hex(4))
    with monkeypatch.context() as counting:
        count_calls(lambda name, call: counting.setattr(Bucket, name, call), calls.append)
        generation = bring(tmp_path / "reference", source)
    chance = random.Random(5)
    died = 0
    for attempt in range(KILLS):
        bucket = named_bucket(seaweed, monkeypatch, token_hex(4))
        variables = {name: value for name, value in os.environ.items() if name.startswith("WORLDLINE_")}
        data = tmp_path / f"data{attempt}"
        step, after_s = chance.randint(1, len(calls)), chance.choice((0.0, 0.002, 0.01))
        child = context().Process(target=import_and_die, args=(str(data), source, variables, step, after_s))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL), (child.exitcode, step)
        died += child.exitcode != 0
        if not check_left(data, bucket, generation) or source is not None:  # else its name is taken
            assert bring(data, source) == generation
        check_left(data, bucket, generation, is_whole=True)
    assert died >= KILLS - 1  # a timer may come too late


def check_left(data: Path, bucket: Bucket, generation: str, *, is_whole: bool = False) -> bool:
    """As at the start of a server: the scene is absent, or all of it is there, here or in the bucket; whether it is."""
    with opened_database(data) as engine:
        sweep(engine, data)
        rows = list_scenes(engine)
    assert len(rows) == 1 or not (rows or is_whole)
    for row in rows:
        assert (row.state, row.generation) == ("ready", generation)
    there = [generation for row in rows if row.folder.startswith("s3://")]
    here = [generation for row in rows if not row.folder.startswith("s3://")]
    assert generations(bucket) == there
    assert not (is_whole and here)  # the second time it comes to the bucket
    assert [each.name for each in (data / "scenes").iterdir()] == here
    assert not any(each.is_dir() for each in (data / "staging").iterdir())
    assert examine(data, None, repair=False) == []  # it reads every byte
    return bool(rows)
