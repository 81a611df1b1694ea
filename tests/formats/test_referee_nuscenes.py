"""nuscenes-devkit accepts what we write."""

from pathlib import Path

import pytest

from tests.referees.run import run_referee
from tests.scenes import street_scene
from tests.shared_data import shared_data
from worldline.formats.registry import find_format
from worldline.formats.scene import Scene


def kitti(folder: str) -> Scene:
    (read,) = find_format("kitti-tracking").reader.read(shared_data(folder), folder)
    return read.scene


def judge(scene: Scene, out: Path) -> dict[str, dict[str, float]]:
    find_format("nuscenes").writer.write(scene, out)
    found: dict[str, dict[str, float]] = run_referee("nuscenes", out, "v1.0-worldline")
    assert found["chains"]["sample"] == scene.frame_count
    return found


def test_the_devkit_accepts_a_made_up_street(tmp_path: Path) -> None:
    found = judge(street_scene(), tmp_path / "out")
    assert set(found["average_precision"]) == {"bicycle", "car", "pedestrian", "trailer"}
    assert found["images"] == 12


@pytest.mark.parametrize("folder", ["kitti_tracking_0001", "kitti_tracking_0002"])
def test_the_devkit_accepts_a_real_drive(folder: str, tmp_path: Path) -> None:
    scene = kitti(folder)
    found = judge(scene, tmp_path / "out")
    assert found["points"]["boxes"] == sum(
        len(track.keyframes) for track in scene.labels.tracks if track.kind == "cuboid"
    )
    assert "car" in found["average_precision"]
