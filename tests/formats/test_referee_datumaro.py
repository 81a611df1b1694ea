"""Datumaro's kitti3d importer understands our KITTI object export."""

from pathlib import Path

import numpy as np

from tests.referees.run import run_referee
from tests.scenes import street_scene
from tests.shared_data import shared_data
from worldline.formats.kitti.rows import read_rows
from worldline.formats.registry import find_format
from worldline.formats.scene import Scene


def judge(scene: Scene, out: Path) -> None:
    """Every row of every label file, as datumaro read it."""
    find_format("kitti-object").writer.write(scene, out)
    found = run_referee("datumaro", out)
    assert len(found) == scene.frame_count
    for name, boxes in found.items():
        rows = read_rows(out / "training" / "label_2" / f"{Path(name).name}.txt", "kitti-object")
        assert sorted(box["label"].lower() for box in boxes) == sorted(row.name.lower() for row in rows)
        for row in rows:
            sides = (row.box.left_px, row.box.top_px, row.box.right_px, row.box.bottom_px)
            box = min(boxes, key=lambda each: float(np.abs(np.subtract(each["box"], sides)).sum()))
            np.testing.assert_allclose(box["box"], sides, atol=0.01)
            if not row.is_dont_care:
                length_m, width_m, height_m = row.size_m
                attributes = box["attributes"]
                np.testing.assert_allclose(attributes["dimensions"], (height_m, width_m, length_m), atol=1e-3)
                np.testing.assert_allclose(attributes["location"], row.bottom_m, atol=1e-3)
                np.testing.assert_allclose(attributes["rotation_y"], row.rotation_y_rad, atol=1e-3)


def test_datumaro_reads_a_made_up_street(tmp_path: Path) -> None:
    judge(street_scene(), tmp_path / "out")


def test_datumaro_reads_real_frames(tmp_path: Path) -> None:
    (read,) = find_format("kitti-object").reader.read(shared_data("scalabel_kitti_sample", "detection"), "scene")
    judge(read.scene, tmp_path / "out")
