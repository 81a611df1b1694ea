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


@pytest.mark.parametrize("name", ["nuscenes", "kitti-tracking", "kitti-object"])
@pytest.mark.parametrize("source", ["street", "kitti"])
def test_an_export_that_is_imported_is_exported_as_the_same_bytes(name: str, source: str, tmp_path: Path) -> None:
    form = find_format(name)
    scene = street_scene()
    if source == "kitti":
        (read,) = find_format("kitti-tracking").reader.read(shared_data("kitti_tracking_0001"), "scene")
        scene = read.scene
    form.writer.write(scene, tmp_path / "first")
    (again,) = form.reader.read(tmp_path / "first", scene.name)
    form.writer.write(again.scene, tmp_path / "second")
    first, second = folder_bytes(tmp_path / "first"), folder_bytes(tmp_path / "second")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name] and "oxts" not in name] == []
