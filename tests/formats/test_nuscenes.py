"""nuScenes: tables whole and linked, tokens kept, labels between samples computed."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.conformance import check_equal, folder_bytes
from tests.scenes import street_scene
from tests.shared_data import shared_data
from worldline.formats.labels import Labels
from worldline.formats.nuscenes.categories import CATEGORIES, category_of, class_of
from worldline.formats.nuscenes.tables import TABLES
from worldline.formats.registry import ReadScene, find_format
from worldline.formats.scene import Clock, Scene
from worldline.formats.schema import default_schema
from worldline.geometry import points_inside
from worldline.tracking import cuboid_at

NUSCENES = find_format("nuscenes")


def read_one(path: Path) -> ReadScene:
    (read,) = NUSCENES.reader.read(path, "scene")
    return read


def load(out: Path) -> dict[str, list[dict[str, object]]]:
    (folder,) = [path for path in out.iterdir() if path.name.startswith("v1.0-")]
    return {table: json.loads((folder / f"{table}.json").read_text()) for table in TABLES}


def swept_scene() -> Scene:
    """A street of which every second frame is a sample: written as it would have come from nuScenes."""
    return street_scene(frame_count=7, start_ns=1_532_402_927_647_951_000)


def halve(out: Path) -> None:
    """Make sweeps of every second frame of an export, as nuScenes has them."""
    (folder,) = [path for path in out.iterdir() if path.name.startswith("v1.0-")]
    tables = load(out)
    kept = tables["sample"][::2]
    tokens = {sample["token"] for sample in kept}
    for before, after in pairwise(kept):
        before["next"], after["prev"] = after["token"], before["token"]
    times = [sample["timestamp"] for sample in kept]
    for row in tables["sample_data"]:
        row["is_key_frame"] = row["sample_token"] in tokens
        row["sample_token"] = kept[int(np.searchsorted(times, row["timestamp"]))]["token"]
    rows = [row for row in tables["sample_annotation"] if row["sample_token"] in tokens]
    chains: dict[object, list[dict[str, object]]] = {}
    for row in rows:
        chains.setdefault(row["instance_token"], []).append(row | {})
    tables["sample_annotation"] = []
    for chain in chains.values():
        for index, row in enumerate(chain):
            row["prev"] = chain[index - 1]["token"] if index else ""
            row["next"] = chain[index + 1]["token"] if index + 1 < len(chain) else ""
        tables["sample_annotation"] += chain
    tables["instance"] = [each for each in tables["instance"] if each["token"] in chains]
    tables["sample"] = kept
    tables["scene"][0]["nbr_samples"] = len(kept)
    for table, values in tables.items():
        (folder / f"{table}.json").write_text(json.dumps(values))


def test_every_table_is_there_and_every_token_leads_somewhere(tmp_path: Path) -> None:
    NUSCENES.writer.write(street_scene(), tmp_path / "out")
    tables = load(tmp_path / "out")
    tokens = {table: {row["token"] for row in rows} for table, rows in tables.items()}
    assert all(len(tokens[table]) == len(rows) for table, rows in tables.items())
    for table, rows in tables.items():
        for row in rows:
            for name, value in row.items():
                if name.endswith("_token") and value:
                    named = name.removesuffix("_token")
                    named = {"first_sample": "sample", "last_sample": "sample"}.get(named, named)
                    named = "sample_annotation" if named.endswith("_annotation") else named
                    assert value in tokens[named], (table, name)


@pytest.mark.parametrize("table", ["sample", "sample_data", "sample_annotation"])
def test_chains_walk_there_and_back(table: str, tmp_path: Path) -> None:
    NUSCENES.writer.write(street_scene(), tmp_path / "out")
    rows = {row["token"]: row for row in load(tmp_path / "out")[table]}
    walked = 0
    for row in rows.values():
        if row["prev"]:
            continue
        while row is not None:
            walked += 1
            after = rows[row["next"]] if row["next"] else None
            assert after is None or after["prev"] == row["token"]
            row = after
    assert walked == len(rows)


def test_counts_of_points_are_those_of_the_written_files(tmp_path: Path) -> None:
    scene = street_scene()
    NUSCENES.writer.write(scene, tmp_path / "out")
    tables = load(tmp_path / "out")
    read = read_one(tmp_path / "out").scene
    by_sample = {sample["token"]: frame for frame, sample in enumerate(tables["sample"])}
    for row in tables["sample_annotation"]:
        frame = by_sample[row["sample_token"]]
        track = next(each for each in read.labels.tracks if each.object_id == row["instance_token"])
        cuboid = cuboid_at(track, frame, read.clock.time_ns)
        assert cuboid is not None
        lidar = read.sensor(read.reference)
        cloud = read.data.sweep(lidar.name, frame)
        count = points_inside(cloud.xyz_m, [cuboid.moved(lidar.world_from_sensor[frame].inverse())])[0]
        assert abs(int(count) - row["num_lidar_pts"]) <= 2
        assert row["num_lidar_pts"] >= 30


def test_sizes_are_written_width_first_and_places_on_the_map(tmp_path: Path) -> None:
    scene = replace(street_scene(), world_origin_m=(400_000.0, 5_000_000.0, 100.0))
    NUSCENES.writer.write(scene, tmp_path / "out")
    row = load(tmp_path / "out")["sample_annotation"][0]
    assert row["size"] == [1.8, 4.2, 1.5]
    np.testing.assert_allclose(row["translation"], [400_014.0, 5_000_003.0, 100.75])


def test_samples_sweeps_and_tokens_survive(tmp_path: Path) -> None:
    NUSCENES.writer.write(swept_scene(), tmp_path / "first")
    halve(tmp_path / "first")
    read = read_one(tmp_path / "first").scene
    assert read.frame_count == 7
    losses = NUSCENES.writer.write(read, tmp_path / "second")
    before, after = load(tmp_path / "first"), load(tmp_path / "second")
    assert losses == ()
    for table in ("scene", "log", "sample", "sensor", "calibrated_sensor", "instance", "sample_annotation"):
        assert {row["token"] for row in before[table]} == {row["token"] for row in after[table]}, table
    flags = [
        {row["token"]: (row["is_key_frame"], row["sample_token"]) for row in t["sample_data"]} for t in (before, after)
    ]
    assert flags[0] == flags[1]
    assert before["sample"] == after["sample"]
    assert len(list((tmp_path / "second" / "sweeps" / "LIDAR_TOP").iterdir())) == 3
    check_equal(read, read_one(tmp_path / "second").scene, losses)


def test_annotations_survive_to_the_last_digit_that_counts(tmp_path: Path) -> None:
    scene = replace(street_scene(), world_origin_m=(411.25, 1180.5, 3.0))
    NUSCENES.writer.write(scene, tmp_path / "first")
    NUSCENES.writer.write(read_one(tmp_path / "first").scene, tmp_path / "second")
    rows = {row["token"]: row for row in load(tmp_path / "second")["sample_annotation"]}
    for row in load(tmp_path / "first")["sample_annotation"]:
        other = rows[row["token"]]
        np.testing.assert_allclose(other["translation"], row["translation"], atol=1e-6)
        assert other["size"] == row["size"]
        assert abs(np.dot(other["rotation"], row["rotation"])) > 1 - 1e-12
        for name in ("prev", "next", "visibility_token", "instance_token", "sample_token", "num_lidar_pts"):
            assert other[name] == row[name], name


def test_labels_between_samples_are_computed(tmp_path: Path) -> None:
    scene = swept_scene()
    NUSCENES.writer.write(scene, tmp_path / "out")
    halve(tmp_path / "out")
    read = read_one(tmp_path / "out").scene
    parked = min(read.labels.objects, key=lambda each: each.number)
    (track,) = read.labels.tracks_of(parked.id)
    assert [keyframe.frame for keyframe in track.keyframes] == [0, 2, 4, 6]
    assert [(span.start, span.end) for span in track.spans] == [(0, 7)]
    cuboid = cuboid_at(track, 3, read.clock.time_ns)
    assert cuboid is not None
    np.testing.assert_allclose(cuboid.center_m[:2], (14.0, 3.0), atol=1e-6)


def test_absent_sweeps_are_skipped_and_said(tmp_path: Path) -> None:
    NUSCENES.writer.write(swept_scene(), tmp_path / "out")
    halve(tmp_path / "out")
    tables = load(tmp_path / "out")
    for row in tables["sample_data"]:
        if not row["is_key_frame"]:
            (tmp_path / "out" / str(row["filename"])).unlink()
    read = read_one(tmp_path / "out")
    assert read.scene.frame_count == 4
    assert {loss.what: loss.count for loss in read.skipped}["sweeps"] == 3
    NUSCENES.writer.write(read.scene, tmp_path / "again")
    assert [row["token"] for row in load(tmp_path / "again")["sample"]] == [row["token"] for row in tables["sample"]]


def test_own_split_names_the_scene(tmp_path: Path) -> None:
    NUSCENES.writer.write(street_scene("my street"), tmp_path / "out")
    assert json.loads((tmp_path / "out" / "v1.0-worldline" / "splits.json").read_text()) == {"all": ["my street"]}


def test_a_scene_without_cameras_or_labels_is_written(tmp_path: Path) -> None:
    scene = street_scene()
    bare = Scene("bare", scene.sensors[:1], "lidar", scene.data, Labels())
    NUSCENES.writer.write(bare, tmp_path / "out")
    read = read_one(tmp_path / "out").scene
    assert [sensor.name for sensor in read.sensors] == ["LIDAR_TOP"]
    assert read.labels == Labels()


def test_a_slower_camera_is_chained_in_its_own_time(tmp_path: Path) -> None:
    scene = street_scene()
    front = scene.sensors[1]
    slow = replace(
        front,
        clock=Clock(front.clock.time_ns[::2] + 7_000_000, ("a", "b", "c")),
        world_from_sensor=front.world_from_sensor[::2],
    )
    NUSCENES.writer.write(replace(scene, sensors=(scene.sensors[0], slow)), tmp_path / "out")
    rows = [row for row in load(tmp_path / "out")["sample_data"] if "CAM_FRONT" in str(row["filename"])]
    assert [row["timestamp"] for row in rows] == [7_000, 207_000, 407_000]
    assert all(row["is_key_frame"] for row in rows)


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_category_is_its_class_and_back(category: str) -> None:
    found = class_of(category)
    assert found is not None
    default_schema().find_class(found[0])
    assert category_of(found[0], found[1] or None) == (category, True)


@pytest.mark.parametrize("name", [each.name for each in default_schema().classes])
def test_every_class_has_a_category(name: str) -> None:
    category, is_whole = category_of(name, None)
    found = class_of(category)
    assert found is not None
    assert is_whole == (found == (name, ""))


def test_t4_data_is_read_and_written(tmp_path: Path) -> None:
    read = read_one(shared_data("peer_fixtures", "t4_devkit", "t4dataset"))
    assert [(each.class_name, each.number) for each in sorted(read.scene.labels.objects, key=lambda o: o.number)] == [
        ("car", 1),
        ("pedestrian", 2),
        ("bicycle", 3),
    ]
    car = next(each for each in read.scene.labels.tracks if each.object_id.startswith("90f0"))
    assert [keyframe.frame for keyframe in car.keyframes] == [0, 1]
    assert car.size_m == (2.0, 4.5, 1.8)
    assert len(read.scene.data.sweep("LIDAR_TOP", 0)) == 8
    losses = NUSCENES.writer.write(read.scene, tmp_path / "out")
    check_equal(read.scene, read_one(tmp_path / "out").scene, losses)
    NUSCENES.writer.write(read_one(tmp_path / "out").scene, tmp_path / "again")
    assert folder_bytes(tmp_path / "out") == folder_bytes(tmp_path / "again")
