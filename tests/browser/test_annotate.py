"""What an annotator does, on real lidar with real mouse and key events, compared with ground truth."""

import math
import zipfile
from pathlib import Path

import pytest

from tests.browser.conftest import run_command
from tests.shared_data import shared_data
from worldline.formats.registry import find_format
from worldline.geometry import Cuboid, Pose, overlap_bev, wrap_angle


@pytest.fixture(scope="module")
def truth():
    """The labelled scene: frame by frame the true cuboids."""
    return read_kitti(shared_data("kitti_tracking_0001"))


@pytest.fixture
def served(tmp_path, serve):
    """Imports a recording without its labels as `kitti`, and serves it."""

    def start(training: Path) -> str:
        bare = tmp_path / "bare" / "training"
        bare.mkdir(parents=True)
        for part in ("velodyne", "image_02", "calib", "oxts"):
            if (training / part).exists():
                (bare / part).symlink_to(training / part)
        data = tmp_path / "data"
        run_command("import", str(bare), "--format", "kitti-tracking", "--name", "kitti", "--data", str(data))
        return serve(data)

    return start


def read_kitti(path):
    """The first sequence of a KITTI tracking folder."""
    return next(iter(find_format("kitti-tracking").reader.read(path, "kitti"))).scene


def true_cars(scene, frame, least_points=150):
    """Cars with many points: (track, true cuboid, the points inside in the world)."""
    lidar = scene.lidars[0]
    points = lidar.world_from_sensor[frame].apply(scene.data.sweep(lidar.name, frame).xyz_m)
    for track in scene.labels.tracks:
        if track.kind != "cuboid" or track.keyframe_at(frame) is None:
            continue
        cuboid = Cuboid(track.keyframe_at(frame).shape, track.size_m)
        inside = points[cuboid.contains(points)]
        if scene.labels.object_of(track).class_name == "car" and len(inside) >= least_points:
            yield track, cuboid, inside


def as_cuboid(values):
    return Cuboid(Pose(tuple(values["rotation_wxyz"]), tuple(values["center_m"])), tuple(values["size_m"]))


def yaw_of(one):
    return as_cuboid(one.cuboid()).yaw_rad


def agrees(cuboid, true):
    """The bar of the main job: half the footprint, and the heading within 15 degrees."""
    return overlap_bev(cuboid, true) >= 0.5 and abs(wrap_angle(cuboid.yaw_rad - true.yaw_rad)) <= math.radians(15)


def click_a_car(one, scene):
    """Press C and click a visible point of the car with most points; gives its true track and cuboid."""
    track, true, inside = max(true_cars(scene, 0), key=lambda each: len(each[2]))
    upper = inside[inside[:, 2] > true.center_m[2] - true.height_m / 4]
    one.press("c")
    one.click("cloud", upper[len(upper) // 2].tolist())
    one.until(lambda: one.state("selected"), "the click made an object")
    one.until_saved()
    if abs(wrap_angle(yaw_of(one) - true.yaw_rad)) > math.pi / 2:
        one.press("h")  # front and rear look alike to a lidar: a person sees which is which
        one.until_saved()
    return track, true


def export_from_viewer(one, folder):
    """Export as KITTI tracking through the dialog; gives the scene that the zip holds."""
    one.page.get_by_role("button", name="Export the labels to a format").click()
    one.page.get_by_role("radio", name="KITTI multi-object tracking").click()
    one.page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
    with one.page.expect_download() as download:
        one.page.get_by_role("link", name="kitti-tracking.zip").click()
    zipped = folder / "export.zip"
    download.value.save_as(zipped)
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder / "export")
    (label_file,) = (folder / "export").rglob("label_02/*.txt")
    return read_kitti(label_file.parents[1])


def test_a_clicked_car_is_fitted_edited_and_exported(person, served, truth, pictures, tmp_path):
    one = person(served(shared_data("kitti_tracking_0001", "training")), 1440, 900)
    one.open("kitti")
    one.page.screenshot(path=pictures / "opened.png")
    _track, true = click_a_car(one, truth)
    fitted = as_cuboid(one.cuboid())
    assert agrees(fitted, true)
    one.page.screenshot(path=pictures / "fitted.png")

    # A face dragged in the side view moves that face alone, by as much as the mouse; undo gives it back.
    before = one.cuboid()
    half = fitted.length_m / 2
    one.drag("side", fitted.pose.apply([half, 0, 0]).tolist(), fitted.pose.apply([half + 0.4, 0, 0]).tolist())
    one.until_saved()
    dragged = as_cuboid(one.cuboid())
    assert dragged.length_m - fitted.length_m == pytest.approx(0.4, abs=0.06)
    assert dragged.pose.apply([-dragged.length_m / 2, 0, 0]) == pytest.approx(
        fitted.pose.apply([-half, 0, 0]), abs=0.01
    )
    one.press("Control+z")
    one.until(lambda: one.cuboid() == before, "undo gave the size back")
    one.press("Control+Shift+z")
    one.until(lambda: as_cuboid(one.cuboid()).length_m == pytest.approx(dragged.length_m), "redo")
    one.press("Control+z")
    one.until(lambda: one.cuboid() == before, "undo again")
    one.until_saved()

    # Turned and moved by keys, and back.
    one.press("q")
    one.until(lambda: yaw_of(one) > fitted.yaw_rad + 1e-4, "Q turned it")
    one.press("e", "w", "s")
    one.until_saved()
    assert as_cuboid(one.cuboid()).center_m == pytest.approx(fitted.center_m, abs=1e-6)

    # A reload in the middle loses nothing.
    one.press("a")
    one.page.reload()
    one.until(lambda: one.page.evaluate("window.worldline !== undefined"), "the scene opened again")
    one.until_points()
    one.until_saved()
    one.press("Tab")
    moved = as_cuboid(one.cuboid())
    assert moved.pose.inverse().apply(fitted.center_m) == pytest.approx([0, -0.05, 0], abs=1e-6)
    one.press("d")
    one.until_saved()

    scene = export_from_viewer(one, tmp_path)
    one.page.screenshot(path=pictures / "exported.png")
    (track,) = [each for each in scene.labels.tracks if each.kind == "cuboid"]
    exported = Cuboid(track.keyframe_at(0).shape, track.size_m)
    assert agrees(exported, true)
    assert exported.center_m == pytest.approx(fitted.center_m, abs=1e-3)
    assert not one.errors


def test_a_car_carried_to_the_next_frame_is_where_the_truth_is(person, served, pictures, tmp_path):
    scene = read_kitti(shared_data("scalabel_kitti_sample", "tracking"))
    one = person(served(shared_data("scalabel_kitti_sample", "tracking", "training")))
    one.open("kitti")
    track, true = click_a_car(one, scene)
    assert agrees(as_cuboid(one.cuboid()), true)
    one.press("g")
    one.until(lambda: "propagated" in str(one.entries("kitti")), "it was carried forward")
    one.press(".")
    one.until_points()
    one.page.screenshot(path=pictures / "carried.png")
    assert agrees(as_cuboid(one.cuboid()), Cuboid(track.keyframe_at(1).shape, track.size_m))
    one.press("Enter")
    one.until_saved()
    assert [v["verified_by"] for p, v in one.entries("kitti").items() if p.endswith("/keyframes/1")] != [None]
    exported = export_from_viewer(one, tmp_path)
    (back,) = [each for each in exported.labels.tracks if each.kind == "cuboid"]
    for frame in (0, 1):
        assert agrees(
            Cuboid(back.keyframe_at(frame).shape, back.size_m), Cuboid(track.keyframe_at(frame).shape, track.size_m)
        )
    assert not one.errors


@pytest.fixture
def ten_hertz(tmp_path):
    """Thirty real frames, 0.1 s apart, in the tracking layout."""
    raw, calib = shared_data("kitti_raw_10hz"), shared_data("kitti_tracking_0001", "training", "calib", "0001.txt")
    training = tmp_path / "raw" / "training"
    for part, ending in (("velodyne", "bin"), ("image_02", "png")):
        (training / part / "0000").mkdir(parents=True)
        for path in sorted(raw.rglob(f"*.{ending}")):
            (training / part / "0000" / f"{int(path.stem):06d}.{ending}").symlink_to(path)
    (training / "calib").mkdir()
    (training / "calib" / "0000.txt").symlink_to(calib)
    return training


def test_one_frame_corrected_and_the_frames_between_follow(person, served, ten_hertz, pictures):
    one = person(served(ten_hertz), 1920, 1080)
    one.open("kitti")
    one.press("c")
    one.click("cloud", [6.0, 2.5, -0.9])  # the side of the car ahead on the left
    made = one.until(lambda: one.state("selected"), "the click made an object")
    one.press("g")
    one.until(lambda: "propagated" in str(one.entries("kitti")), "it was carried forward")
    one.until_saved()

    def place(frame):
        return one.entries("kitti")[f"tracks/{made}.cuboid/keyframes/{frame}"]["shape"]["center_m"]

    carried = {frame: place(frame) for frame in (5, 10, 12)}
    one.press(*["."] * 10)
    one.until_points()
    one.press("Shift+a")
    one.until_saved()
    one.page.screenshot(path=pictures / "corrected.png")
    steps = {frame: math.dist(place(frame), carried[frame]) for frame in carried}
    assert steps[10] == pytest.approx(0.25, abs=1e-6)
    assert steps[5] == pytest.approx(0.125, abs=0.01)
    assert steps[12] == pytest.approx(0.25, abs=0.01)
    one.press("Control+z")
    one.until(lambda: place(5) == carried[5] and place(10) == carried[10], "undo takes all of it back")
    assert not one.errors


def test_two_windows_see_each_other(person, served, truth, pictures):
    address = served(shared_data("kitti_tracking_0001", "training"))
    one, other = person(address), person(address)
    one.open("kitti")
    other.open("kitti")
    click_a_car(one, truth)
    made = one.state("selected")
    other.until(lambda: other.page.evaluate("window.worldline.store.getState().labels.tracks.size") == 1, "it arrived")
    other.press("Tab")
    other.until(lambda: other.state("selected") == made, "the other window selects it")
    other.until(lambda: other.cuboid() == one.cuboid(), "both show the same")
    other.press("d")
    other.until_saved()
    one.until(lambda: one.cuboid() == other.cuboid(), "the first window follows")
    other.page.screenshot(path=pictures / "second-window.png")
    assert not one.errors
    assert not other.errors


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_the_workbench_fits_its_window(person, tmp_path, serve, pictures, width, height):
    data = tmp_path / "data"
    source = shared_data("kitti_tracking_0001")
    run_command("import", str(source), "--format", "kitti-tracking", "--name", "kitti", "--data", str(data))
    one = person(serve(data), width, height)
    one.open("kitti")
    one.press("Tab")
    one.until_points()
    one.page.screenshot(path=pictures / f"workbench-{width}.png")
    for overflow in ("scrollWidth > innerWidth", "scrollHeight > innerHeight"):
        assert not one.page.evaluate(f"document.documentElement.{overflow}")
    one.press("?")
    one.page.get_by_role("dialog").wait_for()
    one.page.screenshot(path=pictures / f"keys-{width}.png")
    assert not one.errors
