"""A scene that went through the store and the journal's paths is exported byte for byte as its source is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conformance import folder_bytes
from tests.scenes import street_scene
from tests.shared_data import shared_data
from worldline.formats.documents import canonical_json, check_value, labels_from_paths, labels_to_paths
from worldline.formats.registry import FORMATS, find_format
from worldline.formats.scene import Scene
from worldline.formats.store import SCENES, open_scene, stage_scene

SOURCES = [
    ("kitti-tracking", ("kitti_tracking_0001",)),
    ("kitti-object", ("scalabel_kitti_sample", "detection")),
    ("nuscenes", ("peer_fixtures", "t4_devkit", "t4dataset")),
]


def check_exports(scene: Scene, root: Path) -> None:
    published = stage_scene(root / "data", scene)
    stored = open_scene(root / "data" / SCENES / published.generation).scene
    paths = json.loads(canonical_json(labels_to_paths(scene.labels)))
    labels = labels_from_paths({path: check_value(path, value) for path, value in paths.items()})
    for each in FORMATS:
        if each.writes:
            first = each.writer.write(scene, root / "source" / each.name)
            second = each.writer.write(replace(stored, labels=labels), root / "stored" / each.name)
            assert first == second
            assert folder_bytes(root / "source" / each.name) == folder_bytes(root / "stored" / each.name)


def test_a_made_up_street_is_exported_alike(tmp_path: Path) -> None:
    check_exports(street_scene(), tmp_path)


@pytest.mark.parametrize(("name", "parts"), SOURCES)
def test_real_data_is_exported_alike(name: str, parts: tuple[str, ...], tmp_path: Path) -> None:
    (read,) = find_format(name).reader.read(shared_data(*parts), "scene")
    check_exports(read.scene, tmp_path)
