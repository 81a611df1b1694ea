"""Assistants, on a simulated street whose truth is known."""

import math
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from sqlalchemy import Engine

from tests.server.servers import import_scene, running_server
from worldline.formats.scene import Scene
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Cuboid, GroundGrid, Pose, inside_mask, overlap_bev
from worldline.server.assist import FitPlace, fit_scene, propagate_scene
from worldline.server.cache import Cache
from worldline.server.clouds import Clouds
from worldline.server.database import opened_database
from worldline.server.opened import OpenedScenes
from worldline.tracking import cuboid_at
from worldline.tracking.propagate import propagate

ASSIST = "/api/scenes/street/assist"


@pytest.fixture(scope="module")
def street_of_cars() -> Scene:
    """A few frames without cameras."""
    return simulate_scene("street", SimulationOptions(seed=3, duration_s=0.5, columns=1200, cameras=False))


@pytest.fixture(scope="module")
def street_data(street_of_cars: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("assisted")
    import_scene(data, street_of_cars)
    return data


@pytest.fixture(scope="module")
def assisted(street_data: Path) -> Iterator[httpx.Client]:
    with running_server(street_data) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


@pytest.fixture
def opened(street_data: Path) -> Iterator[tuple[Engine, OpenedScenes]]:
    """The scene without a server, nothing kept yet."""
    with opened_database(street_data) as engine:
        yield engine, OpenedScenes(engine, street_data)


@pytest.fixture(scope="module")
def seen(street_of_cars: Scene) -> tuple[str, Cuboid, np.ndarray]:
    """The track, truth in frame 0 and own points in the world of the car that the lidar sees best."""
    scene = street_of_cars
    points = scene.lidars[0].world_from_sensor[0].apply(scene.data.sweep("lidar", 0).xyz_m)
    classes = {each.id: each.class_name for each in scene.labels.objects}
    found = []
    for track in scene.labels.tracks:
        cuboid = cuboid_at(track, 0, scene.clock.time_ns)
        if cuboid is not None and classes[track.object_id] == "car":
            own = points[inside_mask(points, cuboid)]
            found.append((len(own), track.id, cuboid, own))
    count, name, cuboid, own = max(found, key=lambda each: each[0])
    assert count > 100
    return name, cuboid, own


def cuboid_of(document: dict) -> Cuboid:
    return Cuboid(Pose(tuple(document["rotation_wxyz"]), tuple(document["center_m"])), tuple(document["size_m"]))


def test_a_click_on_a_car_fits_a_cuboid_to_it(assisted: httpx.Client, seen: tuple) -> None:
    _, truth, own = seen
    click = own[len(own) // 2].tolist()
    answer = assisted.post(f"{ASSIST}/fit", json={"frame": 0, "point_m": click, "class_name": "car"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    fitted = cuboid_of(body["cuboid"])
    assert overlap_bev(fitted, truth) >= 0.5
    turned = abs(math.remainder(fitted.yaw_rad - truth.yaw_rad, math.pi))
    assert turned < math.radians(15)
    assert body["point_count"] >= 50
    assert 0 <= body["quality"] <= 1


def test_a_rough_cuboid_is_fitted_too(assisted: httpx.Client, seen: tuple) -> None:
    _, truth, _ = seen
    rough = {
        "center_m": [truth.center_m[0] + 0.3, truth.center_m[1] - 0.2, truth.center_m[2]],
        "rotation_wxyz": truth.pose.turned(0.15).rotation_wxyz,
        "size_m": [truth.length_m * 1.2, truth.width_m * 1.2, truth.height_m],
    }
    body = assisted.post(f"{ASSIST}/fit", json={"frame": 0, "cuboid": rough, "class_name": "car"}).json()
    assert overlap_bev(cuboid_of(body["cuboid"]), truth) >= 0.5


def test_propagation_follows_a_car_and_writes_nothing(
    assisted: httpx.Client, seen: tuple, street_of_cars: Scene
) -> None:
    name, _, _ = seen
    track = next(each for each in street_of_cars.labels.tracks if each.id == name)
    clock = street_of_cars.clock.time_ns
    asked = {"track": name, "frame": 0, "direction": "forward", "frame_count": 3}
    before = assisted.get("/api/scenes/street/labels").json()
    body = assisted.post(f"{ASSIST}/propagate", json=asked).json()
    assert [each["frame"] for each in body["keyframes"]] == [1, 2, 3]
    for each in body["keyframes"]:
        truth = cuboid_at(track, each["frame"], clock)
        assert truth is not None
        found = cuboid_of({**each["shape"], "size_m": truth.size_m})
        assert overlap_bev(found, truth) >= 0.5
    assert assisted.get("/api/scenes/street/labels").json() == before


def test_solving_carries_a_car_through_all_frames_and_writes_nothing(
    assisted: httpx.Client, seen: tuple, street_of_cars: Scene
) -> None:
    name, _, _ = seen
    track = next(each for each in street_of_cars.labels.tracks if each.id == name)
    clock = street_of_cars.clock.time_ns
    before = assisted.get("/api/scenes/street/labels").json()
    body = assisted.post(f"{ASSIST}/solve", json={"track": name}).json()
    assert assisted.get("/api/scenes/street/labels").json() == before
    frames = [each["frame"] for each in body["keyframes"]]
    assert body["spans"]
    assert set(body["suggested"]) <= set(frames)
    for each in body["keyframes"]:
        truth = cuboid_at(track, each["frame"], clock)
        assert truth is not None
        assert overlap_bev(cuboid_of({**each["shape"], "size_m": body["size_m"]}), truth) >= 0.5
        assert 0 <= each["quality"] <= 1


def test_interpolation_gives_what_exports_get(assisted: httpx.Client, seen: tuple, street_of_cars: Scene) -> None:
    name, _, _ = seen
    track = next(each for each in street_of_cars.labels.tracks if each.id == name)
    body = assisted.post(f"{ASSIST}/interpolate", json={"track": name, "frames": [0, 2, 4]}).json()
    for each in body["shapes"]:
        cuboid = cuboid_at(track, each["frame"], street_of_cars.clock.time_ns)
        assert cuboid is not None
        assert each["shape"] == {
            "center_m": list(cuboid.center_m),
            "rotation_wxyz": list(cuboid.pose.rotation_wxyz),
        }


@pytest.mark.parametrize(
    ("what", "asked", "code"),
    [
        ("fit", {"frame": 0, "class_name": "car"}, "assist"),
        ("fit", {"frame": 0, "class_name": "spaceship", "point_m": [0, 0, 0]}, "label"),
        ("fit", {"frame": 99, "class_name": "car", "point_m": [0, 0, 0]}, "assist"),
        ("fit", {"frame": 0, "class_name": "car", "point_m": [0, 0, 0], "lidar": "moon"}, "assist"),
        ("fit", {"frame": 0, "class_name": "car", "point_m": [5000, 0, 0]}, "fit"),
        ("fit", {"frame": 0, "class_name": "car", "point_m": [0, 0]}, "request"),
        ("propagate", {"track": "nothing", "frame": 0}, "assist"),
        ("solve", {"track": "nothing"}, "assist"),
        ("interpolate", {"track": "nothing", "frames": [0]}, "assist"),
        ("interpolate", {"track": "nothing", "frames": [-1]}, "request"),
    ],
)
def test_what_cannot_be_assisted_is_refused_with_a_reason(
    assisted: httpx.Client, what: str, asked: dict, code: str
) -> None:
    answer = assisted.post(f"{ASSIST}/{what}", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["message"]


def test_what_is_kept_changes_no_fit(opened: tuple[Engine, OpenedScenes], street_data: Path, seen: tuple) -> None:
    engine, kept = opened
    unkept = OpenedScenes(engine, street_data)
    unkept.sweeps, unkept.grounds = Cache(0, lambda _: 1), Cache(0, lambda _: 1)
    _, truth, own = seen
    x, y, z = own[len(own) // 2].tolist()
    for place in (FitPlace("car", (x, y, z)), FitPlace("car", cuboid=truth, heading_hint_rad=truth.yaw_rad)):
        first, again, bare = (fit_scene(each, "street", 0, None, place) for each in (kept, kept, unkept))
        assert first == again == bare
    assert (len(kept.sweeps), len(kept.grounds)) == (1, 1)
    assert (len(unkept.sweeps), len(unkept.grounds)) == (0, 0)


def test_what_is_cropped_changes_no_propagation(
    opened: tuple[Engine, OpenedScenes], seen: tuple, street_of_cars: Scene
) -> None:
    engine, scenes = opened
    clouds = Clouds(scenes, "street", None)
    track = next(each for each in street_of_cars.labels.tracks if each.id == seen[0])
    cropped = propagate_scene(engine, scenes, "street", track.id, 0, "forward", 4, None)
    whole = propagate(
        track,
        0,
        "forward",
        4,
        lambda frame, _around, _radius_m: clouds.world_points(frame, (0.0, 0.0, 0.0), math.inf),
        street_of_cars.clock.time_ns,
        clouds.sensor_at,
    )
    assert cropped.keyframes
    assert cropped == whole


def test_kept_points_are_the_lidars_own(opened: tuple[Engine, OpenedScenes], street_of_cars: Scene) -> None:
    clouds = Clouds(opened[1], "street", None)
    for frame in (0, 3, 0):
        own = street_of_cars.lidars[0].world_from_sensor[frame].apply(street_of_cars.data.sweep("lidar", frame).xyz_m)
        world = clouds.level_at(frame).apply(clouds.level_points(frame))
        np.testing.assert_allclose(world, own, atol=1e-4)
        near = own[np.hypot(own[:, 0] - 10, own[:, 1]) <= 8]
        found = clouds.world_points(frame, (10.0, 0.0, 0.0), 8.0)
        assert len(near) <= len(found) <= np.count_nonzero(np.hypot(own[:, 0] - 10, own[:, 1]) <= 8.02)
        ground = GroundGrid.from_points(clouds.level_points(frame))
        np.testing.assert_array_equal(clouds.level_ground(frame).heights, ground.heights)
