"""Commits a second: sixteen writers post one keyframe after another, each answer durable.

python benchmarks/edits.py [--seconds 5] [--writers 16]
"""

import argparse
import http.client
import json
import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import project  # noqa: F401  finds `tests`

from tests.scenes import street_scene
from worldline.formats.registry import Format, ReadScene
from worldline.server.database import open_database
from worldline.server.importing import import_scenes
from worldline.server.listening import serve
from worldline.server.settings import Settings


def run_server(data: str, ready: Connection) -> None:
    """Serve."""
    serve(Settings(data=Path(data), port=0, warm_up=False), ready.send)


def run_writer(number: int, port: int, start: float, seconds: float, pause_s: float, answer: Connection) -> None:
    """Post changes; report how long each took."""
    link = http.client.HTTPConnection("127.0.0.1", port)
    times: list[float] = []
    time.sleep(max(0.0, start - time.time()))
    until = time.time() + seconds
    while time.time() < until:
        count = len(times)
        value = {"class_name": "car", "number": number * 1_000_000 + count}
        op = {"path": f"objects/w{number}n{count}", "value": value, "based_on": 0}
        body = json.dumps({"id": f"{number}-{count}", "label": "benchmark", "ops": [op]})
        begun = time.perf_counter()
        link.request("POST", "/api/scenes/street/changes", body, {"Content-Type": "application/json"})
        reply = link.getresponse()
        reply.read()
        times.append(time.perf_counter() - begun)
        assert reply.status == 200
        time.sleep(pause_s)
    answer.send(times)


def measure(
    port: int, first: int, writers: int, seconds: float, pause_s: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(N,) Seconds from each post to its answer."""
    context = multiprocessing.get_context("fork")
    start = time.time() + 0.5
    pipes = []
    for number in range(first, first + writers):
        here, there = context.Pipe()
        arguments = (number, port, start, seconds, pause_s, there)
        context.Process(target=run_writer, args=arguments, daemon=True).start()
        pipes.append(here)
    return np.concatenate([pipe.recv() for pipe in pipes])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--writers", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        engine = open_database(Path(data))
        form = Format("benchmark", "a benchmark", "none")
        import_scenes(engine, Path(data), [ReadScene(street_scene())], form, "ann", lambda *_: None)
        engine.dispose()
        context = multiprocessing.get_context("fork")
        here, there = context.Pipe()
        server = context.Process(target=run_server, args=(data, there), daemon=True)
        server.start()
        port = int(here.recv().rsplit(":", 1)[1])
        measure(port, 900, 1, 0.3, 0)
        print("| writers | pause | commits/s | p50 ms | p99 ms |\n|---|---|---|---|---|")
        cases = ((1, 0.0), (options.writers, 0.0), (options.writers, 0.1))
        for case, (writers, pause_s) in enumerate(cases):
            times = measure(port, 1 + 100 * case, writers, options.seconds, pause_s)
            p50, p99 = np.percentile(times * 1e3, [50, 99])
            print(f"| {writers} | {pause_s} s | {len(times) / options.seconds:.0f} | {p50:.2f} | {p99:.2f} |")
        server.terminate()
        server.join(10)


if __name__ == "__main__":
    main()
