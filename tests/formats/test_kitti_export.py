"""What people changed is what KITTI gets: a labelled box gives way to a projected one, and files follow."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conformance import standing
from tests.scenes import InMemoryData, street_scene
from tests.shared_data import shared_data
from worldline.formats.errors import SceneError
from worldline.formats.images import check_image
from worldline.formats.kitti.rows import Row, read_rows
from worldline.formats.labels import Labels
from worldline.formats.registry import find_format
from worldline.formats.scene import CameraSensor, EncodedImage, Scene
from worldline.geometry import Box, Pose
from worldline.tracking import Keyframe, Track

TRACKING, OBJECT = find_format("kitti-tracking"), find_format("kitti-object")
FRAME = 1
"""Of the real sequence: number 364."""


def real() -> Scene:
    (read,) = TRACKING.reader.read(shared_data("kitti_tracking_0001"), "kitti")
    return read.scene


def with_track(scene: Scene, track: Track) -> Scene:
    others = [each for each in scene.labels.tracks if each.id != track.id]
    return replace(scene, labels=Labels(scene.labels.objects, (*others, track), scene.labels.ignore_regions))


def written_row(scene: Scene, out: Path, track_id: int) -> Row:
    TRACKING.writer.write(scene, out)
    rows = read_rows(out / "training" / "label_02" / "0001.txt", "kitti-tracking")
    return next(row for row in rows if row.frame == 364 and row.track_id == track_id)


def find_track(scene: Scene, name: str) -> Track:
    return next(track for track in scene.labels.tracks if track.id == name)


def test_a_moved_cuboid_takes_its_projected_box(tmp_path: Path) -> None:
    scene = real()
    before = written_row(scene, tmp_path / "before", 84)
    track = find_track(scene, "84.cuboid")
    keyframe = track.keyframe_at(FRAME)
    assert keyframe is not None
    assert isinstance(keyframe.shape, Pose)
    moved = Pose((1.0, 0.0, 0.0, 0.0), (0.0, 1.5, 0.0)) @ keyframe.shape
    edited = with_track(scene, track.with_keyframe(Keyframe(FRAME, moved, "human")))
    after = written_row(edited, tmp_path / "after", 84)
    assert after.bottom_m[0] == pytest.approx(before.bottom_m[0] - 1.5, abs=0.03)
    assert after.box.right_px < before.box.right_px - 20
    assert after.box.bottom_px == pytest.approx(before.box.bottom_px, abs=5)
    others = read_rows(tmp_path / "after" / "training" / "label_02" / "0001.txt", "kitti-tracking")
    same = read_rows(tmp_path / "before" / "training" / "label_02" / "0001.txt", "kitti-tracking")
    changed = [a for a, b in zip(others, same, strict=True) if replace(a, line=0) != replace(b, line=0)]
    assert [(row.frame, row.track_id) for row in changed] == [(364, 84)]


def test_a_box_that_a_person_drew_stays(tmp_path: Path) -> None:
    scene = real()
    box = Box(10.0, 20.0, 30.0, 40.0)
    scene = with_track(scene, find_track(scene, "84.image_02").with_keyframe(Keyframe(FRAME, box, "human")))
    cuboids = find_track(scene, "84.cuboid")
    keyframe = cuboids.keyframe_at(FRAME)
    assert keyframe is not None
    scene = with_track(scene, cuboids.with_keyframe(replace(keyframe, source="human")))
    assert written_row(scene, tmp_path / "out", 84).box == box


def test_frames_between_keyframes_are_written(tmp_path: Path) -> None:
    scene = real()
    track = find_track(scene, "84.cuboid")
    gone = with_track(scene, track.without_keyframe(FRAME))
    losses = {loss.what: loss.count for loss in TRACKING.writer.write(gone, tmp_path / "out")}
    assert losses["frames between keyframes"] == 1
    rows = read_rows(tmp_path / "out" / "training" / "label_02" / "0001.txt", "kitti-tracking")
    assert [row.frame for row in rows if row.track_id == 84] == [354, 364, 374]


def test_the_right_camera_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "source"
    scene = real()
    TRACKING.writer.write(scene, source)
    (source / "training" / "image_03").mkdir()
    (source / "training" / "image_02" / "0001").rename(source / "training" / "image_03" / "0001")
    TRACKING.writer.write(scene, tmp_path / "left")
    (tmp_path / "left" / "training" / "image_02" / "0001").rename(source / "training" / "image_02" / "0001")
    (read,) = TRACKING.reader.read(source, "kitti")
    left, right = read.scene.cameras
    assert (left.name, right.name) == ("image_02", "image_03")
    apart_m = left.ego_from_sensor.inverse() @ right.ego_from_sensor
    assert apart_m.translation_m[0] == pytest.approx(0.532, abs=0.01)
    assert TRACKING.writer.write(read.scene, tmp_path / "out") == ()
    assert len(list((tmp_path / "out" / "training" / "image_03" / "0001").iterdir())) == 5


def test_frames_of_one_calibration_share_a_camera(tmp_path: Path) -> None:
    OBJECT.writer.write(street_scene(), tmp_path / "first")
    calibration = tmp_path / "first" / "training" / "calib" / "000004.txt"
    calibration.write_text(calibration.read_text().replace("P2: 1.1", "P2: 1.2"))
    (read,) = OBJECT.reader.read(tmp_path / "first", "frames")
    assert [(each.name, each.clock.names) for each in read.scene.cameras] == [
        ("image_2.1", ("000000", "000001", "000002", "000003", "000005")),
        ("image_2.2", ("000004",)),
    ]
    lenses = [each.camera.fx_px for each in read.scene.cameras if each.camera]
    assert lenses == [110.0, 120.0]
    OBJECT.writer.write(read.scene, tmp_path / "second")
    for file in (tmp_path / "first" / "training" / "calib").iterdir():
        assert (tmp_path / "second" / "training" / "calib" / file.name).read_text() == file.read_text()
    for file in (tmp_path / "first" / "training" / "label_2").iterdir():
        before = read_rows(file, "kitti-object")
        after = read_rows(tmp_path / "second" / "training" / "label_2" / file.name, "kitti-object")
        assert [(row.name, row.box, row.size_m) for row in before] == [(row.name, row.box, row.size_m) for row in after]


def test_a_jpeg_becomes_a_png_with_the_same_pixels(tmp_path: Path) -> None:
    scene = street_scene()
    data = scene.data
    assert isinstance(data, InMemoryData)
    for place, image in data.images.items():
        file = io.BytesIO()
        Image.open(io.BytesIO(image.data)).save(file, "JPEG")
        data.images[place] = EncodedImage(file.getvalue(), "image/jpeg")
    TRACKING.writer.write(scene, tmp_path / "out")
    path = tmp_path / "out" / "training" / "image_02" / "0000" / "000002.png"
    assert check_image(path.read_bytes(), path) == ("image/png", 160, 90)
    with Image.open(path) as written, Image.open(io.BytesIO(data.images["front", 2].data)) as source:
        np.testing.assert_array_equal(np.asarray(written), np.asarray(source))


def test_tracking_becomes_frames_of_the_object_set(tmp_path: Path) -> None:
    scene = real()
    losses = {loss.what for loss in OBJECT.writer.write(scene, tmp_path / "out")}
    assert {"tracks", "times of frames"} <= losses
    (read,) = OBJECT.reader.read(tmp_path / "out", "frames")
    assert read.scene.clock.names == scene.clock.names
    for frame in range(scene.frame_count):
        before, after = standing(scene, frame), standing(read.scene, frame)
        assert len(before) == len(after)
        for each, other in zip(before, after, strict=True):
            np.testing.assert_allclose(other.cuboid.center_m, each.cuboid.center_m, atol=1e-5)
            assert other.each.class_name == each.each.class_name


def test_a_scene_without_cameras_is_refused(tmp_path: Path) -> None:
    scene = street_scene()
    blind = replace(scene, sensors=tuple(each for each in scene.sensors if not isinstance(each, CameraSensor)))
    with pytest.raises(SceneError, match="no calibrated camera"):
        TRACKING.writer.write(blind, tmp_path / "out")
    seen = replace(scene, reference="front")
    with pytest.raises(SceneError, match="those of the camera front"):
        TRACKING.writer.write(seen, tmp_path / "out")


def test_a_real_drive_goes_through_nuscenes_unharmed(tmp_path: Path) -> None:
    scene, nuscenes = real(), find_format("nuscenes")
    nuscenes.writer.write(scene, tmp_path / "out")
    (read,) = nuscenes.reader.read(tmp_path / "out", "drive")
    for frame in range(scene.frame_count):
        before, after = standing(scene, frame), standing(read.scene, frame)
        assert len(before) == len(after)
        for each in before:
            near = min(after, key=lambda o: float(np.linalg.norm(np.subtract(o.cuboid.center_m, each.cuboid.center_m))))
            np.testing.assert_allclose(near.cuboid.center_m, each.cuboid.center_m, atol=1e-6)
            assert near.cuboid.pose.angle_to(each.cuboid.pose) < 1e-6
            assert near.cuboid.size_m == each.cuboid.size_m
            assert near.occlusion == each.occlusion
        cloud, copy = scene.data.sweep("velodyne", frame), read.scene.data.sweep("LIDAR_TOP", frame)
        np.testing.assert_array_equal(copy.xyz_m, cloud.xyz_m)
        np.testing.assert_allclose(copy.fields["intensity"] / 255, cloud.fields["intensity"], rtol=1e-6)
