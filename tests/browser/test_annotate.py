"""What an annotator does, on real lidar with real mouse and key events, compared with ground truth."""

import math
import zipfile
from pathlib import Path

import pytest

from tests.browser.conftest import run_command
from tests.shared_data import shared_data
from worldline.formats.registry import find_format
from worldline.geometry import Cuboid, Pose, overlap_bev, wrap_angle

FRAMES = ("000354", "000364", "000374", "000384", "000394")


@pytest.fixture(scope="module")
def truth():
    """The labelled scene: frame by frame the true cuboids."""
    source = shared_data("kitti_tracking_0001")
    (read,) = find_format("kitti-tracking").reader.read(source, "truth")
    return read.scene


@pytest.fixture
def unlabelled(tmp_path, serve):
    """A server with the same recording, without its labels."""
    source = shared_data("kitti_tracking_0001", "training")
    bare = tmp_path / "bare" / "training"
    bare.mkdir(parents=True)
    for part in ("velodyne", "image_02", "calib"):
        (bare / part).symlink_to(source / part)
    data = tmp_path / "data"
    run_command("import", str(bare.parent), "--format", "kitti-tracking", "--name", "kitti", "--data", str(data))
    return serve(data), data


def true_cars(scene, frame, least_points=150):
    """Cars with many points: (object number, cuboid, the points inside in the world)."""
    lidar = scene.lidars[0]
    points = lidar.world_from_sensor[frame].apply(scene.data.sweep(lidar.name, frame).xyz_m)
    for track in scene.labels.tracks:
        if track.kind != "cuboid" or track.keyframe_at(frame) is None:
            continue
        thing = scene.labels.object_of(track)
        cuboid = Cuboid(track.keyframe_at(frame).shape, track.size_m)
        inside = points[cuboid.contains(points)]
        if thing.class_name == "car" and len(inside) >= least_points:
            yield thing.number, cuboid, inside


def as_cuboid(values):
    return Cuboid(Pose(tuple(values["rotation_wxyz"]), tuple(values["center_m"])), tuple(values["size_m"]))


def fit_first_car(one, truth):
    """Press C and click a visible point of a car; gives the truth and what was fitted."""
    _number, true, inside = max(true_cars(truth, 0), key=lambda each: len(each[2]))
    middle = inside[:, 2] > true.center_m[2] - true.height_m / 4
    point = inside[middle][len(inside[middle]) // 2]
    before = set(one.entries("kitti"))
    one.press("c")
    one.click("cloud", point.tolist())
    one.until(lambda: one.state("selected"), "the click made an object")
    one.until_saved()
    assert set(one.entries("kitti")) - before
    if abs(wrap_angle(one_yaw(one) - true.yaw_rad)) > math.pi / 2:
        one.press("h")
        one.until_saved()
    return true


def one_yaw(one):
    return as_cuboid(one.cuboid()).yaw_rad


def test_a_clicked_car_is_fitted_edited_carried_and_exported(person, unlabelled, truth, pictures, tmp_path):
    address, _data = unlabelled
    one = person(address, 1440, 900)
    one.open("kitti")
    one.page.screenshot(path=pictures / "opened.png")

    # One click.
    true = fit_first_car(one, truth)
    fitted = as_cuboid(one.cuboid())
    assert overlap_bev(fitted, true) >= 0.5
    assert abs(wrap_angle(fitted.yaw_rad - true.yaw_rad)) <= math.radians(15)
    one.page.screenshot(path=pictures / "fitted.png")

    # A face dragged in the side view moves that face alone, by as much as the mouse; undo gives it back.
    before = one.cuboid()
    front = as_cuboid(before).pose.apply([fitted.length_m / 2, 0, 0]).tolist()
    further = as_cuboid(before).pose.apply([fitted.length_m / 2 + 0.4, 0, 0]).tolist()
    one.drag("side", front, further)
    one.until_saved()
    dragged = as_cuboid(one.cuboid())
    assert dragged.length_m - fitted.length_m == pytest.approx(0.4, abs=0.06)
    rear_before = as_cuboid(before).pose.apply([-fitted.length_m / 2, 0, 0])
    rear_after = dragged.pose.apply([-dragged.length_m / 2, 0, 0])
    assert rear_after == pytest.approx(rear_before, abs=0.01)
    one.press("Control+z")
    one.until(lambda: one.cuboid() == before, "undo gave the size back")
    one.press("Control+Shift+z")
    one.until(lambda: as_cuboid(one.cuboid()).length_m == pytest.approx(dragged.length_m), "redo")
    one.press("Control+z")
    one.until(lambda: one.cuboid() == before, "undo again")

    # Turned by dragging the knob in the top view, moved by keys.
    one.press("q")
    one.until(lambda: one_yaw(one) > fitted.yaw_rad + 1e-4, "Q turned it")
    one.press("e", "w", "s")
    one.until_saved()
    assert as_cuboid(one.cuboid()).center_m == pytest.approx(fitted.center_m, abs=1e-6)

    # Carried to the next frames; one is corrected, and the ones between follow.
    one.press("g")
    one.until(lambda: any("propagated" in str(v) for v in one.entries("kitti").values()), "carried forward")
    one.until_saved()
    one.press(".")
    one.until_points()
    one.page.screenshot(path=pictures / "carried.png")
    one.press("w")
    one.until_saved()
    track = one.state("selected") + ".cuboid"
    assert one.entries("kitti")[f"tracks/{track}/keyframes/1"]["source"] == "human"

    # A reload in the middle loses nothing.
    labels = one.entries("kitti")
    one.page.reload()
    one.until(lambda: one.page.evaluate("window.worldline !== undefined"), "the scene opened again")
    one.until_points()
    assert one.entries("kitti") == labels
    assert one.page.evaluate("window.worldline.store.getState().labels.tracks.size") == 1

    # Exported from the viewer, and compared with the truth.
    one.page.get_by_role("button", name="Export", exact=True).click()
    one.page.get_by_role("radio", name="KITTI multi-object tracking").click()
    one.page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
    with one.page.expect_download() as download:
        one.page.get_by_role("link", name="Download").click()
    one.page.screenshot(path=pictures / "exported.png")
    zipped = tmp_path / "export.zip"
    download.value.save_as(zipped)
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path / "export")
    (label_file,) = (tmp_path / "export").rglob("label_02/*.txt")
    (read,) = find_format("kitti-tracking").reader.read(label_file.parents[2], "back")
    (cuboid_track,) = [each for each in read.scene.labels.tracks if each.kind == "cuboid"]
    first = Cuboid(cuboid_track.keyframe_at(0).shape, cuboid_track.size_m)
    assert overlap_bev(first, true) >= 0.5
    assert abs(wrap_angle(first.yaw_rad - true.yaw_rad)) <= math.radians(15)
    assert not one.errors


def test_two_windows_see_each_other(person, unlabelled, truth, pictures):
    address, _data = unlabelled
    one, other = person(address), person(address)
    one.open("kitti")
    other.open("kitti")
    fit_first_car(one, truth)
    made = one.state("selected")
    other.until(lambda: other.page.evaluate("window.worldline.store.getState().labels.tracks.size") == 1, "it arrived")
    other.press("Tab")
    other.until(lambda: other.state("selected") == made, "the other window selects it")
    assert other.cuboid() == one.cuboid()
    other.press("d")
    other.until_saved()
    one.until(lambda: one.cuboid() == other.cuboid(), "the first window follows")
    other.page.screenshot(path=pictures / "second-window.png")
    assert not one.errors
    assert not other.errors


def test_the_workbench_at_two_sizes(person, tmp_path, serve, pictures):
    source = shared_data("kitti_tracking_0001")
    data = Path(tmp_path / "data")
    run_command("import", str(source), "--format", "kitti-tracking", "--name", "kitti", "--data", str(data))
    address = serve(data)
    for width, height in ((1280, 800), (1920, 1080)):
        one = person(address, width, height)
        one.open("kitti")
        one.press("Tab")
        one.until_points()
        one.page.screenshot(path=pictures / f"workbench-{width}.png")
        overflowing = one.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not overflowing
        one.press("?")
        one.page.wait_for_timeout(300)
        one.page.screenshot(path=pictures / f"keys-{width}.png")
        assert not one.errors
