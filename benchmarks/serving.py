"""Frames served a second: stored blocks through the server, against a bare handler in the same run.

The bare handler is a route of the same application that answers the same bytes from memory, so the
ratio says what looking a block up, its conditions and its `pread` cost. Clients are processes that
read over loopback and decode nothing.

    python benchmarks/serving.py [--seconds 2] [--points 120000]
"""

import argparse
import multiprocessing
import socket
import tempfile
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import project  # noqa: F401  finds `tests`
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.scenes import street_scene
from worldline.formats.labels import Labels
from worldline.formats.registry import Format, ReadScene
from worldline.formats.scene import Scene, Sweep
from worldline.server.app import create_app
from worldline.server.database import open_database
from worldline.server.importing import import_scenes
from worldline.server.listening import bound_socket
from worldline.server.opened import OpenedScenes
from worldline.server.settings import Settings

FRAMES = 24


def sweep_scene(points: int) -> Scene:
    """A scene of sweeps that look like a 64-beam lidar's: rings of points with noise."""
    scene = street_scene(frame_count=FRAMES)

    class Data:
        def sweep(self, _sensor: str, frame: int) -> Sweep:
            rng = np.random.default_rng(frame)
            turn = np.linspace(0, 2 * np.pi, points // 64, endpoint=False)
            reach = rng.uniform(4, 60, (64, 1)) + rng.normal(0, 0.02, (64, turn.size))
            tilt = np.linspace(-0.4, 0.04, 64)[:, None]
            xyz = np.stack([reach * np.cos(turn), reach * np.sin(turn), reach * np.sin(tilt)], axis=-1)
            intensity = rng.integers(0, 100, xyz.shape[:2]).astype(np.float32) / 100
            fields = {"intensity": intensity.ravel(), "ring": np.repeat(np.arange(64, dtype=np.uint8), turn.size)}
            return Sweep(xyz.reshape(-1, 3).astype(np.float32), fields)

    return replace(scene, data=Data(), sensors=scene.lidars, labels=Labels())  # type: ignore[arg-type]


def run_server(data: str, ready: Connection) -> None:
    """Serve, with the bare handler beside."""
    app = create_app(Settings(data=Path(data), warm_up=False))
    engine = open_database(Path(data))
    stored = OpenedScenes(engine, Path(data)).stored("street")
    blocks = [stored.display_block("lidar", block).read() for block in range(FRAMES)]

    async def bare(request: Request) -> Response:
        return Response(blocks[int(request.path_params["block"])], media_type="application/octet-stream")

    app.router.routes.insert(0, Route("/bare/{block}", bare))
    with bound_socket("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        ready.send((port, stored.generation, sum(map(len, blocks)) / FRAMES))
        server.run([bound])


def run_client(port: int, path: str, seconds: float, start: float, answer: Connection) -> None:
    """Ask for block after block; report how many."""
    with _connected(port) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        time.sleep(max(0.0, start - time.time()))
        until, count = time.time() + seconds, 0
        buffer = bytearray(1 << 22)
        while time.time() < until:
            request = f"GET {path}/{count % FRAMES} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: zstd\r\n\r\n"
            link.sendall(request.encode())
            _read_answer(link, buffer)
            count += 1
    answer.send(count)


def _connected(port: int) -> socket.socket:
    until = time.time() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:  # the server is on its way
            assert time.time() < until
            time.sleep(0.05)


def _read_answer(link: socket.socket, buffer: bytearray) -> None:
    have = 0
    view = memoryview(buffer)
    while (end := buffer.find(b"\r\n\r\n", 0, have)) < 0:
        have += link.recv_into(view[have:])
    head = bytes(buffer[:end]).lower()
    assert b" 200 " in head, head
    size = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    left = end + 4 + size - have
    while left > 0:
        left -= link.recv_into(view, left)


def measure(port: int, path: str, clients: int, seconds: float) -> float:
    """Answers a second of so many clients together."""
    context = multiprocessing.get_context("fork")
    start = time.time() + 0.3
    pipes = []
    for _ in range(clients):
        here, there = context.Pipe()
        context.Process(target=run_client, args=(port, path, seconds, start, there), daemon=True).start()
        pipes.append(here)
    return sum(pipe.recv() for pipe in pipes) / seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--points", type=int, default=120_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        engine = open_database(Path(data))
        form = Format("benchmark", "a benchmark", "none")
        begun = time.perf_counter()
        import_scenes(engine, Path(data), [ReadScene(sweep_scene(options.points))], form, "ann", lambda *_: None)
        print(f"import: {FRAMES / (time.perf_counter() - begun):.1f} sweeps/s of {options.points} points")
        engine.dispose()
        here, there = multiprocessing.get_context("fork").Pipe()
        server = multiprocessing.get_context("fork").Process(target=run_server, args=(data, there), daemon=True)
        server.start()
        port, generation, size = here.recv()
        path = f"/api/scenes/street/data/{generation}/points/lidar"
        measure(port, path, 1, 0.3)  # until it is up and warm
        print(f"{size / 1e3:.0f} kB a block\n\n| clients | bare /s | stored /s | ratio |\n|---|---|---|---|")
        for clients in (1, 8):
            bare, stored = (
                max(measure(port, each, clients, options.seconds) for _ in range(2)) for each in ("/bare", path)
            )
            print(f"| {clients} | {bare:.0f} | {stored:.0f} | {stored / bare:.2f} |")
        server.terminate()
        server.join(10)


if __name__ == "__main__":
    main()
