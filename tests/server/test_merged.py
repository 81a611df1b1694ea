"""Merged clouds: made on demand, of what they say, kept, and labelled in like any other."""

import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.server.servers import import_scene, post_change, running_server
from worldline.formats.merged import AROUND_WORLD_M, cuboids_by_frame, merged_object, merged_world
from worldline.formats.scene import Scene
from worldline.formats.store import open_scene
from worldline.formats.store.display import decode_block
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import PointGrid

FRAMES = 6


@pytest.fixture(scope="module")
def street() -> Scene:
    return simulate_scene(
        "street", SimulationOptions(duration_s=FRAMES / 10, seed=3, beams=32, columns=900, cameras=False)
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, street: Scene) -> Path:
    folder = tmp_path_factory.mktemp("data")
    import_scene(folder, street)
    return folder


@pytest.fixture(scope="module")
def stored(data: Path, street: Scene) -> Scene:
    """The scene as it was stored, which is quicker to read than to simulate, with its labels."""
    (folder,) = (data / "scenes").iterdir()
    return replace(open_scene(folder).scene, labels=street.labels)


@pytest.fixture
def api(data: Path) -> Iterator[httpx.Client]:
    with running_server(data) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def merge(to: httpx.Client, **asked: Any) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        answer = to.post("/api/scenes/street/merged", json=asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        if found["state"] != "making":
            assert found["state"] == "ready", found
            return found["cloud"]
        time.sleep(0.05)
    raise AssertionError("it was not made in time")


def columns(content: bytes) -> dict[str, Any]:
    size = int.from_bytes(content[:4], "little")
    header = json.loads(content[4 : 4 + size])
    found, body = dict(header), io.BytesIO(content[4 + size :])
    for column in header["columns"]:
        count = int(np.prod(column["shape"]))
        dtype = np.dtype(column["type"])
        found[column["name"]] = np.frombuffer(body.read(count * dtype.itemsize), dtype).reshape(column["shape"])
        body.read(-count * dtype.itemsize % 8)
    return found


def world_points(to: httpx.Client, cloud: dict[str, Any]) -> np.ndarray:
    """All points of a merged cloud as a viewer sees them."""
    root = f"/api/scenes/street/data/{cloud['generation']}"
    tree = columns(to.get(f"{root}/octree/{cloud['sensor']}/0").raise_for_status().content)
    parts = []
    for node in range(tree["node_count"]):
        chunk = to.get(f"{root}/points/{cloud['sensor']}/{tree['first'] + node}").raise_for_status().content
        block = decode_block(chunk, int(tree["count"][node]), cloud["coding"])
        parts.append(block[:, :3] * tree["scale_m"][node] + tree["origin_m"][node])
    return np.concatenate(parts) + np.asarray(cloud["world_from_cloud"][4:])


def test_the_world_lacks_what_moves_and_nothing_else(stored: Scene) -> None:
    street = stored
    frames = range(FRAMES)
    whole = sum(len(street.data.sweep(each.name, f)) for each in street.lidars for f in frames)
    merged = merged_world(street, street.labels.tracks, frames)
    points = merged.data.sweep("merged", 0)
    everything = merged_world(street, (), frames).data.sweep("merged", 0)
    assert len(everything) == whole
    assert 0 < len(points) < whole
    origin = merged.lidars[0].world_from_sensor[0].translation_m
    moving = cuboids_by_frame(street.labels.tracks, street, frames, AROUND_WORLD_M - 0.01)
    for frame in frames:
        own = points.xyz_m[points.fields["frame"] == frame] + np.asarray(origin)
        before = everything.xyz_m[everything.fields["frame"] == frame] + np.asarray(origin)
        taken = sum(PointGrid.from_points(before).counts([larger])[0] for larger, _ in moving.get(frame, ()))
        assert len(before) - len(own) <= taken * 1.3 + 50


def test_an_object_is_seen_in_its_own_frame(stored: Scene) -> None:
    track = max(stored.labels.tracks, key=lambda each: _inside(stored, each, 0))
    points = merged_object(stored, track, range(FRAMES)).data.sweep("merged", 0)
    half = np.asarray(track.size_m) / 2
    inside = (np.abs(points.xyz_m) <= half).all(axis=1)
    assert int(inside.sum()) == sum(_inside(stored, track, frame) for frame in range(FRAMES))
    assert (np.abs(points.xyz_m) <= half + 0.31).all()


def _inside(scene: Scene, track: Any, frame: int) -> int:
    found = cuboids_by_frame([track], scene, range(frame, frame + 1), 0.0).get(frame, [])
    count = 0
    for _, cuboid in found:
        for lidar in scene.lidars:
            world = lidar.world_from_sensor[frame].apply(scene.data.sweep(lidar.name, frame).xyz_m.astype(np.float64))
            own = cuboid.pose.inverse().apply(world)
            count += int((np.abs(own) <= np.asarray(cuboid.size_m) / 2).all(axis=1).sum())
    return count


def test_a_merged_world_is_served_and_kept(api: httpx.Client, stored: Scene) -> None:
    street = stored
    cloud = merge(api, kind="world")
    shown = world_points(api, cloud)
    assert len(shown) == cloud["point_count"]
    merged = merged_world(street, street.labels.tracks, range(FRAMES))
    exact = merged.data.sweep("merged", 0).xyz_m + np.asarray(merged.lidars[0].world_from_sensor[0].translation_m)
    assert len(shown) == len(exact)
    assert np.abs(shown.mean(axis=0) - exact.mean(axis=0)).max() < 1e-3
    began = time.perf_counter()
    assert merge(api, kind="world") == cloud
    assert time.perf_counter() - began < 1


def test_a_thinned_world_is_smaller(api: httpx.Client) -> None:
    assert merge(api, kind="world", voxel_m=0.5)["point_count"] < merge(api, kind="world")["point_count"] / 2


def test_a_changed_track_makes_a_new_cloud_and_only_then(api: httpx.Client, stored: Scene) -> None:
    tracks = sorted(stored.labels.tracks, key=lambda each: -_inside(stored, each, 0))
    first, second = tracks[0].id, tracks[1].id
    before = merge(api, kind="object", track=first)
    entries = {each["path"]: each["value"] for each in api.get("/api/scenes/street/labels").json()["entries"]}

    def grow(track: str) -> None:
        document = dict(entries[f"tracks/{track}"])
        document["size_m"] = [side + 0.4 for side in document["size_m"]]
        assert post_change(api, "street", {f"tracks/{track}": document}).status_code in (200, 201)

    grow(second)
    assert merge(api, kind="object", track=first) == before
    grow(first)
    assert merge(api, kind="object", track=first) != before


def test_a_click_in_the_merged_world_fits(api: httpx.Client, street: Scene) -> None:
    cloud = merge(api, kind="world")
    world = cuboids_by_frame(street.labels.tracks, street, range(1), 0.0)[0]
    still = [cuboid for _, cuboid in world]
    points = world_points(api, cloud)
    counts = PointGrid.from_points(points).counts(still)
    cuboid = still[int(np.argmax(counts))]
    assert counts.max() > 100
    inside = points[PointGrid.from_points(points).inside(cuboid)]
    high = inside[np.argsort(inside[:, 2])[len(inside) // 2]]
    asked = {"frame": 0, "point_m": high.tolist(), "class_name": "car", "cloud": cloud["generation"]}
    answer = api.post("/api/scenes/street/assist/fit", json=asked)
    assert answer.status_code == 200, answer.text
    assert np.linalg.norm(np.asarray(answer.json()["cuboid"]["center_m"]) - cuboid.center_m) < 0.6
    assert answer.json()["quality"] > 0.4


def test_what_cannot_be_merged_is_refused(api: httpx.Client) -> None:
    for asked, status, code in (
        ({"kind": "object", "track": "none"}, 422, "assist"),
        ({"kind": "world", "first": 10_000}, 422, "assist"),
        ({"kind": "moon"}, 422, "request"),
    ):
        answer = api.post("/api/scenes/street/merged", json=asked)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert api.post("/api/scenes/none/merged", json={"kind": "world"}).status_code == 404


def test_merged_clouds_go_with_their_scene(data: Path, street: Scene) -> None:
    import_scene(data, Scene("other", street.sensors, street.reference, street.data, street.labels))
    with running_server(data) as address, httpx.Client(base_url=address, timeout=60) as client:
        merge(client, kind="world")
        assert any((data / "derived").iterdir())
        client.delete("/api/scenes/street").raise_for_status()
        client.delete("/api/scenes/other").raise_for_status()
        assert not any((data / "derived").iterdir())
