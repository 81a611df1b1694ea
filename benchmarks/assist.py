"""From a click to a cuboid, and an object carried on, as a person's browser asks for them: over HTTP.

A server process on loopback; one client on one connection, as one annotator. A frame is cold when nobody
asked anything of it since the server started, warm after that. Clicks are random points of labelled
objects with at least 20 points inside. Beside it, in the same run: an empty request to the same server,
and the same work called in this process, with the sweep read, moved and its ground found for each click.

Run: python benchmarks/assist.py [--clicks 6] [--repeats 8]
"""

import argparse
import math
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from project import machine
from recordings import link_ten_hz, repeat_labelled
from served import read_kitti, running_server, store

from tests.tracking.test_propagate_kitti import CARS
from worldline.formats.scene import Scene
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Pose, inside_mask, warm_up
from worldline.geometry.errors import GeometryError
from worldline.server.assist import FitPlace, fit_scene
from worldline.server.cache import Cache
from worldline.server.database import opened_database
from worldline.server.opened import OpenedScenes
from worldline.tracking import cuboid_at, propagate

FEWEST_POINTS = 20
WARM_UP_S = 4.0
STREET = SimulationOptions(seed=5, duration_s=4.0, cameras=False)

Click = tuple[int, str, list[float]]
"""Frame, class, place in the world."""


def choose_clicks(scene: Scene, per_frame: int) -> list[Click]:
    """So many random points of labelled objects in every frame."""
    rng, clicks = np.random.default_rng(7), list[Click]()
    lidar = scene.lidars[0]
    for frame in range(scene.frame_count):
        points = lidar.world_from_sensor[frame].apply(scene.data.sweep(lidar.name, frame).xyz_m)
        seen: list[tuple[str, np.ndarray]] = []
        for track in scene.labels.tracks:
            cuboid = cuboid_at(track, frame, scene.clock.time_ns) if track.kind == "cuboid" else None
            own = points[inside_mask(points, cuboid)] if cuboid is not None else points[:0]
            if len(own) >= FEWEST_POINTS:
                seen.append((scene.labels.object_of(track).class_name, own))
        for _ in range(per_frame if seen else 0):
            name, own = seen[rng.integers(len(seen))]
            clicks.append((frame, name, rng.choice(own).tolist()))
    return clicks


def timed_ms(work: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3


def show(what: str, times_ms: list[float]) -> None:
    """One row of the table of latencies."""
    p50, p99 = np.percentile(times_ms, [50, 99])
    print(f"| {what} | {len(times_ms)} | {p50:.1f} | {p99:.1f} |", flush=True)


@contextmanager
def warm_client(data: Path, name: str) -> Iterator[httpx.Client]:
    """A client of a new server whose kernels are compiled and which has opened the scene."""
    with running_server(data) as address, httpx.Client(base_url=address, timeout=120) as client:
        until = time.monotonic() + WARM_UP_S
        while time.monotonic() < until:
            client.get(f"/api/scenes/{name}").raise_for_status()
            time.sleep(0.2)
        yield client


def measure_fit(data: Path, scene: Scene, per_frame: int) -> None:
    """Clicks on the last frame first, so that nothing but the frame is cold."""
    clicks = choose_clicks(scene, per_frame)
    cold, warm, seen = list[float](), list[float](), set[int]()
    with warm_client(data, scene.name) as client:
        for frame, kind, place in clicks[-per_frame:] + clicks[:-per_frame]:
            asked = {"frame": frame, "class_name": kind, "point_m": place}
            spent = timed_ms(lambda asked=asked: client.post(f"/api/scenes/{scene.name}/assist/fit", json=asked))
            if frame != clicks[-1][0]:
                (warm if frame in seen else cold).append(spent)
            seen.add(frame)
        empty = [timed_ms(lambda: client.get("/api/session")) for _ in range(200)]
    show(f"{scene.name}: cold frame", cold)
    show(f"{scene.name}: warm frame", warm)
    show(f"{scene.name}: an empty request", empty)
    show(f"{scene.name}: in this process, nothing kept", fit_here(data, scene.name, clicks[:60]))


def fit_here(data: Path, name: str, clicks: list[Click]) -> list[float]:
    """The same without a server and with nothing kept."""
    with opened_database(data) as engine:
        scenes = OpenedScenes(engine, data)
        scenes.sweeps, scenes.grounds = Cache(0, lambda _: 1), Cache(0, lambda _: 1)

        def fit(frame: int, kind: str, place: list[float]) -> None:
            x, y, z = place
            with suppress(GeometryError):  # the server answers 422 to these: as long a way
                fit_scene(scenes, name, frame, None, FitPlace(kind, (x, y, z)))

        return [timed_ms(lambda click=click: fit(*click)) for click in clicks]


def measure_propagation(client: httpx.Client, scene: Scene, tracks: list[str]) -> None:
    """Every track over the whole scene, then once more."""
    for visit in ("first", "again"):
        count, stops, begun = 0, 0, time.perf_counter()
        for track in tracks:
            asked = {"track": track, "frame": 0, "direction": "forward", "frame_count": scene.frame_count - 1}
            answer = client.post(f"/api/scenes/{scene.name}/assist/propagate", json=asked).raise_for_status().json()
            count, stops = count + len(answer["keyframes"]), stops + (answer["reason"] is not None)
        spent = time.perf_counter() - begun
        print(f"| {scene.name}: {visit} | {len(tracks)} | {count} | {stops} | {count / spent:.0f} |", flush=True)


def propagate_here(scene: Scene, tracks: list[Any]) -> None:
    """The same work in this process, the points in memory and in the world beforehand."""
    lidar = scene.lidars[0]
    clouds = [
        pose.apply(scene.data.sweep(lidar.name, frame).xyz_m).astype(np.float32)
        for frame, pose in enumerate(lidar.world_from_sensor)
    ]

    def near(frame: int, around: Any, radius_m: float) -> np.ndarray:
        points = clouds[frame]
        return points[np.hypot(points[:, 0] - around[0], points[:, 1] - around[1]) <= radius_m]

    count, stops, begun = 0, 0, time.perf_counter()
    for track in tracks:
        found = propagate(
            track, 0, "forward", scene.frame_count - 1, near, scene.clock.time_ns,
            lambda frame: lidar.world_from_sensor[frame].translation_m,
        )  # fmt: skip
        count, stops = count + len(found.keyframes), stops + (found.reason is not None)
    spent = time.perf_counter() - begun
    print(f"| {scene.name}: in this process | {len(tracks)} | {count} | {stops} | {count / spent:.0f} |", flush=True)


def draw_cars(client: httpx.Client, name: str) -> list[str]:
    """The cars of the 10 Hz clip, drawn in its first frame."""
    ops, drawn = [], []
    for number, (place, yaw_deg, size_m) in enumerate(CARS.values(), 1):
        pose = Pose.from_yaw(math.radians(yaw_deg), place)
        shape = {"center_m": place, "rotation_wxyz": pose.rotation_wxyz}
        track = f"{number}.cuboid"
        values = {
            f"objects/{number}": {"class_name": "car", "number": number},
            f"tracks/{track}": {"object": str(number), "kind": "cuboid", "space": "world", "size_m": size_m},
            f"tracks/{track}/keyframes/0": {"shape": shape, "source": "human"},
            f"tracks/{track}/spans": [{"start": 0, "end": 30}],
        }
        ops += [{"path": path, "value": value, "based_on": 0} for path, value in values.items()]
        drawn.append(track)
    change = {"id": str(uuid.uuid4()), "label": "draw cars", "ops": ops}
    answer = client.post(f"/api/scenes/{name}/changes", json=change)
    assert answer.status_code == 200, answer.text
    return drawn


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=6, help="in each frame")
    parser.add_argument("--repeats", type=int, default=8, help="of the five labelled frames")
    options = parser.parse_args()
    print(machine())
    warm_up()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        labelled = repeat_labelled(Path(folder, "labelled"), options.repeats)
        ten_hz = link_ten_hz(Path(folder, "ten_hz"))
        street = simulate_scene("street-10hz", STREET)
        clicked = street if labelled is None else read_kitti(labelled, "kitti-0001")
        clip = None if ten_hz is None else read_kitti(ten_hz, "kitti-10hz")
        store(data, {each.name: each for each in (clicked, street, clip) if each is not None}.values())
        print("\n| click to cuboid | clicks | ms p50 | ms p99 |\n|---|---|---|---|")
        measure_fit(data, clicked, options.clicks)
        print("\n| propagation at 10 Hz | objects | object-frames | stopped early | a second |\n|---|---|---|---|---|")
        cuboids = [each for each in street.labels.tracks if cuboid_at(each, 0, street.clock.time_ns) is not None][:12]
        with warm_client(data, street.name) as client:
            measure_propagation(client, street, [each.id for each in cuboids])
            if clip is not None:
                measure_propagation(client, clip, draw_cars(client, clip.name))
        propagate_here(street, cuboids)


if __name__ == "__main__":
    main()
