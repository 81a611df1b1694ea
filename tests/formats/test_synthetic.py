"""The simulated street is its own ground truth: what the sensors saw agrees with the labels."""

import io

import numpy as np
import pytest
from PIL import Image

from worldline.formats.errors import SceneError
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Cuboid, Pose

OPTIONS = SimulationOptions(seed=3, duration_s=6.0, rate_hz=2.0, columns=900)


@pytest.fixture(scope="module")
def scene():
    return simulate_scene("street", OPTIONS)


def truth(scene, frame):
    for track in scene.labels.tracks:
        if track.is_present(frame):
            keyframe = track.keyframe_at(frame) or track.keyframes[0]
            assert isinstance(keyframe.shape, Pose)
            yield track, Cuboid(keyframe.shape, track.size_m)


def test_the_same_seed_gives_the_same_bytes(scene):
    again = simulate_scene("street", OPTIONS)
    assert again.labels == scene.labels
    one, other = scene.data.sweep("lidar", 3), again.data.sweep("lidar", 3)
    assert np.array_equal(one.xyz_m, other.xyz_m)
    assert all(np.array_equal(one.fields[name], other.fields[name]) for name in one.fields)
    assert scene.data.image("front", 3) == again.data.image("front", 3)


def test_another_seed_gives_another_street(scene):
    other = simulate_scene("street", SimulationOptions(seed=4, duration_s=6.0, rate_hz=2.0, columns=900))
    assert other.labels != scene.labels


@pytest.mark.parametrize("frame", [0, 5, 11])
def test_points_of_an_object_fill_its_cuboid_and_nothing_else_enters_it(scene, frame):
    lidar = scene.lidars[0]
    points = lidar.world_from_sensor[frame].apply(scene.data.sweep("lidar", frame).xyz_m)
    seen = 0
    for _track, cuboid in truth(scene, frame):
        own = cuboid.pose.inverse().apply(points)
        half = np.array(cuboid.size_m) / 2
        near = (np.abs(own) < half + 0.25).all(axis=1) & (own[:, 2] > -half[2] + 0.15)
        if near.sum() < 30:
            continue
        seen += 1
        # Range noise is 1.5 cm: all but a few per cent of what is near lies inside, within 5 cm.
        assert (np.abs(own[near]) < half + 0.05).all(axis=1).mean() > 0.95
    assert seen >= 5


def test_labels_stand_on_the_ground_and_do_not_overlap(scene):
    from worldline.geometry import overlap_bev

    for frame in range(scene.frame_count):
        cuboids = [cuboid for _, cuboid in truth(scene, frame)]
        for i, one in enumerate(cuboids):
            for other in cuboids[:i]:
                assert overlap_bev(one, other) == 0.0


def test_headings_follow_the_motion(scene):
    for track in scene.labels.tracks:
        for before, after in zip(track.keyframes, track.keyframes[1:], strict=False):
            step = np.subtract(after.shape.translation_m, before.shape.translation_m)[:2]
            if np.hypot(*step) > 1.0:
                heading = before.shape.yaw_rad
                along = step @ (np.cos(heading), np.sin(heading)) / np.hypot(*step)
                assert along > np.cos(np.radians(12))


def test_images_are_of_the_camera_size_and_show_something(scene):
    for camera in scene.cameras:
        image = Image.open(io.BytesIO(scene.data.image(camera.name, 2).data))
        assert image.size == (camera.width_px, camera.height_px)
        assert np.asarray(image).std() > 20


def test_some_labels_are_left_to_the_annotator():
    options = {"seed": 3, "duration_s": 6.0, "rate_hz": 2.0}
    every = len(simulate_scene("a", SimulationOptions(**options)).labels.objects)
    some = len(simulate_scene("a", SimulationOptions(**options, labels="some")).labels.objects)
    none = len(simulate_scene("a", SimulationOptions(**options, labels="none")).labels.objects)
    assert none == 0 < some < every


@pytest.mark.parametrize("wrong", [{"duration_s": 0.0}, {"rate_hz": 1000.0}, {"beams": 0}, {"columns": 1}])
def test_impossible_options_are_refused_by_name(wrong):
    with pytest.raises(SceneError, match=next(iter(wrong))):
        SimulationOptions(**wrong)
