"""Assistants, on a simulated street whose truth is known."""

import math
from collections.abc import Iterator

import httpx
import numpy as np
import pytest

from tests.server.servers import import_scene, running_server
from worldline.formats.scene import Scene
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Cuboid, Pose, inside_mask, overlap_bev
from worldline.tracking import cuboid_at

ASSIST = "/api/scenes/street/assist"


@pytest.fixture(scope="module")
def street_of_cars() -> Scene:
    """A few frames without cameras."""
    return simulate_scene("street", SimulationOptions(seed=3, duration_s=0.5, columns=1200, cameras=False))


@pytest.fixture(scope="module")
def assisted(street_of_cars: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("assisted")
    import_scene(data, street_of_cars)
    with running_server(data) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


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
