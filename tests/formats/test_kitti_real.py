"""Real KITTI data goes in and out within its own rounding."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.conformance import check_equal, standing
from tests.shared_data import shared_data
from worldline.formats.kitti.calibration import read_calibration
from worldline.formats.kitti.classes import Dialect
from worldline.formats.kitti.cuboids import rect_from_box
from worldline.formats.kitti.rows import Row, read_rows
from worldline.formats.registry import ReadScene, find_format, recognise_format
from worldline.geometry import Box, Cuboid, cuboid_box, points_inside, wrap_angle

ROUNDING = 0.006
"""KITTI's object labels have two decimals."""

TRACKING = [
    ("kitti_tracking_0001", "0001"),
    ("kitti_tracking_0002", "0002"),
    ("scalabel_kitti_sample/tracking", "0001"),
]
OBJECT = ["scalabel_kitti_sample/detection"]


def read_one(path: Path, name: str) -> ReadScene:
    (read,) = find_format(name).reader.read(path, "scene")
    return read


def check_rows(source: list[Row], copy: list[Row]) -> None:
    """Every number within rounding, in any order."""
    assert len(source) == len(copy)
    order = {key(row): row for row in copy}
    assert len(order) == len(copy)
    for row in source:
        other = order[key(row)]
        assert other.name == row.name
        assert other.occlusion == row.occlusion
        for name in ("size_m", "bottom_m"):
            np.testing.assert_allclose(getattr(other, name), getattr(row, name), atol=ROUNDING)
        if not row.is_dont_care:
            assert other.truncated == pytest.approx(row.truncated, abs=ROUNDING)
            assert abs(wrap_angle(other.rotation_y_rad - row.rotation_y_rad)) < ROUNDING
            assert abs(wrap_angle(other.alpha_rad - row.alpha_rad)) < ROUNDING


def key(row: Row) -> tuple[object, ...]:
    box = row.box
    corners = (box.left_px, box.top_px, box.right_px, box.bottom_px)
    return row.frame, row.track_id, row.name, *(round(corner, 2) for corner in corners)


def source_rows(folder: Path, file: Path, dialect: Dialect, frame: int = 0) -> list[Row]:
    return read_rows(folder / "training" / file, dialect, frame)


@pytest.mark.parametrize(("folder", "sequence"), TRACKING)
def test_tracking_labels_come_back_as_they_were(folder: str, sequence: str, tmp_path: Path) -> None:
    source = shared_data(folder)
    read = read_one(source, "kitti-tracking")
    losses = find_format("kitti-tracking").writer.write(read.scene, tmp_path / "out")
    assert losses == ()
    frames = {int(name) for name in read.scene.clock.names}
    labels = Path("label_02") / f"{sequence}.txt"
    expected = [row for row in source_rows(source, labels, "kitti-tracking") if row.frame in frames]
    check_rows(expected, source_rows(tmp_path / "out", labels, "kitti-tracking"))
    check_equal(read.scene, read_one(tmp_path / "out", "kitti-tracking").scene, losses)


@pytest.mark.parametrize(("folder", "sequence"), TRACKING)
def test_tracking_files_come_back_as_they_were(folder: str, sequence: str, tmp_path: Path) -> None:
    source = shared_data(folder) / "training"
    find_format("kitti-tracking").writer.write(read_one(source, "kitti-tracking").scene, tmp_path / "out")
    for file in [*source.glob("velodyne/*/*.bin"), *source.glob("image_02/*/*.png")]:
        assert (tmp_path / "out" / "training" / file.relative_to(source)).read_bytes() == file.read_bytes()
    before = read_calibration(source / "calib" / f"{sequence}.txt", (2, 3))
    after = read_calibration(tmp_path / "out" / "training" / "calib" / f"{sequence}.txt", (2, 3))
    for name, matrix in before.values.items():
        np.testing.assert_array_equal(after.values[name], matrix)
    text = (tmp_path / "out" / "training" / "calib" / f"{sequence}.txt").read_text()
    assert all(line in text for line in ("\nR_rect 9", "\nR0_rect: 9", "\nTr_velo_cam ", "\nTr_velo_to_cam: "))


@pytest.mark.parametrize("folder", OBJECT)
def test_object_labels_and_files_come_back_as_they_were(folder: str, tmp_path: Path) -> None:
    source = shared_data(folder)
    read = read_one(source, "kitti-object")
    losses = find_format("kitti-object").writer.write(read.scene, tmp_path / "out")
    assert losses == ()
    for file in sorted(source.glob("training/*/*")):
        copy = tmp_path / "out" / file.relative_to(source)
        if file.parent.name == "label_2":
            before, after = read_rows(file, "kitti-object"), read_rows(copy, "kitti-object")
            check_rows(before, after)
            assert [row.name for row in before] == [row.name for row in after]
        elif file.parent.name == "calib":
            expected, kept = read_calibration(file, (2, 3)), read_calibration(copy, (2, 3))
            assert all((kept.values[name] == matrix).all() for name, matrix in expected.values.items())
        else:
            assert copy.read_bytes() == file.read_bytes()
    check_equal(read.scene, read_one(tmp_path / "out", "kitti-object").scene, losses)


@pytest.mark.parametrize("folder", ["kitti_tracking_0001", "scalabel_kitti_sample/tracking"])
def test_boxes_hold_the_points_of_their_objects(folder: str) -> None:
    scene = read_one(shared_data(folder), "kitti-tracking").scene
    held = []
    for frame in range(scene.frame_count):
        cloud = scene.data.sweep("velodyne", frame)
        seen = [each for each in standing(scene, frame) if each.occlusion == 0]
        held += points_inside(cloud.xyz_m, [each.cuboid for each in seen]).tolist()
    assert min(held) > 0
    assert np.median(held) > 50


def test_the_summary_says_what_was_skipped() -> None:
    read = read_one(shared_data("kitti_tracking_0001"), "kitti-tracking")
    skipped = {loss.what: loss.count for loss in read.skipped}
    rows = read_rows(shared_data("kitti_tracking_0001") / "training" / "label_02" / "0001.txt", "kitti-tracking")
    assert skipped["label rows"] == sum(row.frame not in (354, 364, 374, 384, 394) for row in rows)
    assert skipped["ego poses"] == 5
    assert read.scene.clock.names == ("000354", "000364", "000374", "000384", "000394")
    assert read.scene.clock.time_ns.tolist() == [number * 100_000_000 for number in (354, 364, 374, 384, 394)]


def test_several_sequences_are_several_scenes(tmp_path: Path) -> None:
    for folder, sequence in TRACKING[:2]:
        shutil.copytree(shared_data(folder) / "training", tmp_path / "training", dirs_exist_ok=True)
        assert (tmp_path / "training" / "velodyne" / sequence).is_dir()
    names = [read.scene.name for read in find_format("kitti-tracking").reader.read(tmp_path, "kitti")]
    assert names == ["kitti-0001", "kitti-0002"]


def test_testing_has_no_labels(tmp_path: Path) -> None:
    shutil.copytree(shared_data("kitti_tracking_0001") / "training", tmp_path / "testing")
    shutil.rmtree(tmp_path / "testing" / "label_02")
    read = read_one(tmp_path, "kitti-tracking")
    assert read.scene.labels.objects == ()
    assert read.scene.frame_count == 5


@pytest.mark.parametrize("folder", [*(each for each, _ in TRACKING), *OBJECT])
def test_real_folders_are_recognised(folder: str) -> None:
    expected = "kitti-object" if folder in OBJECT else "kitti-tracking"
    assert recognise_format(shared_data(folder)).name == expected
    assert recognise_format(shared_data(folder) / "training").name == expected


def test_projected_cuboids_agree_with_labelled_boxes() -> None:
    """As the writer projects them: of all clear cars of a sequence, the sides of 95 in 100 are within 1.5 px."""
    training = shared_data("kitti_tracking_0001") / "training"
    calibration = read_calibration(training / "calib" / "0001.txt", (2,))
    lens = calibration.camera(2, 1242, 375)
    apart = []
    for row in read_rows(training / "label_02" / "0001.txt", "kitti-tracking"):
        if row.name == "Car" and row.occlusion == 0 and row.truncated == 0:
            cuboid = Cuboid(rect_from_box(row.size_m[2], row.bottom_m, row.rotation_y_rad), row.size_m)
            visible, _, _ = cuboid_box(lens, calibration.camera_from_rect(2), cuboid)
            assert visible is not None
            apart += np.abs(np.subtract(sides(visible), sides(row.box))).tolist()
    assert len(apart) > 2000
    assert np.median(apart) < 0.5
    assert np.percentile(apart, 95) < 1.5


def sides(box: Box) -> tuple[float, float, float, float]:
    return box.left_px, box.top_px, box.right_px, box.bottom_px
