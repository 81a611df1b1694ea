"""One click and one key: a car in all frames of a simulated street, compared with the truth."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.server.servers import import_scene
from worldline.formats.labels import Labels
from worldline.formats.scene import Scene
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Cuboid, Pose, overlap_3d
from worldline.tracking import Track, cuboid_at

FRAMES = 40
RIGHT_OVERLAP = 0.7


def ahead(scene: Scene) -> tuple[Track, np.ndarray]:
    """The car ahead that goes furthest of those the lidar sees well, and its points in the first frame, world."""
    lidar, clock_ns = scene.lidars[0], scene.clock.time_ns
    ego = lidar.world_from_sensor[0]
    points = ego.apply(scene.data.sweep(lidar.name, 0).xyz_m)
    found = []
    for track in scene.labels.tracks:
        first, last = (cuboid_at(track, frame, clock_ns) for frame in (0, FRAMES - 1))
        if first is None or last is None or scene.labels.object_of(track).class_name != "car":
            continue
        x, y, _ = ego.inverse().apply(first.center_m)
        own = points[first.contains(points)]
        if 7 < x < 30 and abs(y) < 0.5 * x and len(own) >= 60:
            gone_m = float(np.hypot(*(np.array(last.center_m) - first.center_m)[:2]))
            found.append((gone_m, track.id, track, own))
    gone_m, _, track, own = max(found)
    assert gone_m > 3
    return track, own


def test_a_click_and_one_key_label_a_car_in_all_frames(person, serve, tmp_path: Path, pictures: Path) -> None:
    options = SimulationOptions(seed=1, duration_s=FRAMES / 5, rate_hz=5, beams=32, columns=900, cameras=False)
    scene = simulate_scene("street", options)
    import_scene(tmp_path, replace(scene, labels=Labels()))
    truth, own = ahead(scene)
    one = person(serve(tmp_path), 1440, 900)
    one.open("street")
    upper = own[own[:, 2] > np.quantile(own[:, 2], 0.6)]
    one.press("c")
    one.click("cloud", upper[len(upper) // 2].tolist())
    made = one.until(lambda: one.state("selected"), "the click made an object")
    one.until_saved()
    clicked = one.entries("street")

    one.press("t")
    one.until(lambda: "propagated" in str(one.entries("street")), "it was carried through all frames")
    one.until_saved()
    one.page.wait_for_timeout(300)
    one.page.screenshot(path=pictures / "carried-through.png")
    assert one.state("notices.length") == 1  # what was done, and nothing that still runs
    entries = one.entries("street")
    assert entries[f"tracks/{made}.cuboid/spans"][0]["start"] == 0
    assert entries[f"tracks/{made}.cuboid/spans"][-1]["end"] == FRAMES
    place = f"tracks/{made}.cuboid/keyframes/"
    keyframes = {int(path.removeprefix(place)): value for path, value in entries.items() if place in path}
    assert sorted(keyframes) == list(range(FRAMES))
    overlaps = []
    for frame, keyframe in keyframes.items():
        pose = Pose(tuple(keyframe["shape"]["rotation_wxyz"]), tuple(keyframe["shape"]["center_m"]))
        cuboid = Cuboid(pose, tuple(entries[f"tracks/{made}.cuboid"]["size_m"]))
        overlaps.append(overlap_3d(cuboid, cuboid_at(truth, frame, scene.clock.time_ns)))
    assert np.mean(np.array(overlaps) >= RIGHT_OVERLAP) >= 0.9, np.round(overlaps, 2)

    # N goes to the frame that the machine is least sure of, then to the next one.
    doubt = sorted(keyframes, key=lambda frame: (keyframes[frame]["quality"], frame))
    one.page.evaluate(f"window.worldline.editor.showFrame({doubt[-1]})")
    visited = []
    for _ in doubt[:3]:
        one.press("n")
        visited.append(one.state("frame"))
    assert visited == doubt[:-1][:3]

    one.press("Control+z")
    one.until_saved()
    one.until(lambda: one.entries("street") == clicked, "one undo leaves what the click made")
    assert not one.errors


def test_where_frames_are_far_apart_the_key_says_so(person, serve, tmp_path: Path, pictures: Path) -> None:
    scene = simulate_scene("sparse", SimulationOptions(seed=1, duration_s=3.0, rate_hz=1.0, columns=900, cameras=False))
    import_scene(tmp_path, scene)
    one = person(serve(tmp_path))
    one.open("sparse")
    before = one.entries("sparse")
    one.press("Tab", "t")
    told = one.until(lambda: [each for each in one.state("notices") if each["kind"] == "error"], "a word about it")
    assert "carry the object from frame to frame" in told[0]["detail"]
    one.page.screenshot(path=pictures / "too-far-apart.png")
    assert one.entries("sparse") == before
    assert not one.errors
