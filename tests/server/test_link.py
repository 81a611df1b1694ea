"""Linking labels without ids, and estimating ego poses: at import and after it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from tests.scenes import street_scene
from tests.server.servers import FORMAT
from worldline.formats.documents import labels_from_paths
from worldline.formats.ego_poses import EGO_POSES, lacks_ego_poses
from worldline.formats.labels import Labels, SceneObject
from worldline.formats.registry import ReadScene
from worldline.formats.scene import Scene
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Pose
from worldline.server.catalogue import find_scene
from worldline.server.cli import app
from worldline.server.database import open_database, reading, writing
from worldline.server.exporting import labelled_scene
from worldline.server.history import changes_since, state_paths, state_rows
from worldline.server.importing import import_scenes
from worldline.server.linking import link_scene
from worldline.server.preparing import Preparation, ego_poses_of, estimated_losses
from worldline.server.undo import commit_undo
from worldline.tracking import Keyframe, Span, Track
from worldline.tracking.errors import AssociationError


@pytest.fixture
def engine(tmp_path: Path):
    engine = open_database(tmp_path)
    yield engine
    engine.dispose()


def without_ids(scene: Scene) -> Scene:
    """Each cuboid of each frame as an object of its own, its height a little off and its underside where it was."""
    objects, tracks = [], []
    classes = {each.id: each.class_name for each in scene.labels.objects}
    for track in scene.labels.tracks:
        if track.kind != "cuboid" or track.size_m is None:
            continue
        for frame in (frame for span in track.spans for frame in range(span.start, span.end)):
            keyframe = track.keyframe_at(frame) or track.keyframes[0]
            name = f"{frame}-{len(objects)}"
            objects.append(SceneObject(name, classes[track.object_id], len(objects) + 1))
            shape = replace(keyframe, frame=frame, source="imported")
            spans = (Span(frame, frame + 1),)
            tracks.append(Track(f"{name}.cuboid", name, size_m=track.size_m, keyframes=(shape,), spans=spans))
    return replace(scene, labels=Labels(tuple(objects), tuple(tracks)))


def imported(engine: Engine, data: Path, scene: Scene, preparation: Preparation | None = None):
    sequences = (preparation or Preparation()).prepare([ReadScene(scene)], lambda *_: None)
    return import_scenes(engine, data, sequences, FORMAT, "ann", lambda *_: None)


def labels_now(engine: Engine, name: str) -> Labels:
    with reading(engine) as connection:
        return labels_from_paths(state_paths(state_rows(connection, find_scene(engine, name).id)))


@pytest.fixture(scope="module")
def street() -> Scene:
    options = SimulationOptions(seed=3, duration_s=2.0, rate_hz=5.0, columns=64, beams=4, cameras=False)
    return simulate_scene("street", options)


def test_linking_is_one_change_that_can_be_undone(engine: Engine, tmp_path: Path, street: Scene) -> None:
    lone = without_ids(street)
    imported(engine, tmp_path, lone)
    before = labels_now(engine, "street")
    done = link_scene(engine, tmp_path, "street", "ann")
    after = labels_now(engine, "street")
    assert done.linked.cuboid_count == len(before.tracks)
    assert len(after.tracks) == len(after.objects) == done.linked.track_count == len(street.labels.objects)
    assert sum(len(track.keyframes) for track in after.tracks) == len(before.tracks)
    row = find_scene(engine, "street")
    with reading(engine) as connection:
        (change,) = changes_since(connection, row.id, 1, 10)
    assert (change.cause, change.revision) == ("model", 2)
    with writing(engine) as connection:
        commit_undo(connection, row.id, change.id, "back", "ann")
    assert labels_now(engine, "street") == before
    assert link_scene(engine, tmp_path, "street", "ann").linked.track_count == done.linked.track_count


def test_what_a_person_made_or_accepted_takes_no_part(engine: Engine, tmp_path: Path, street: Scene) -> None:
    lone = without_ids(street)
    first, *others = lone.labels.tracks
    kept = replace(first, keyframes=(replace(first.keyframes[0], verified_by="ann"),))
    imported(engine, tmp_path, replace(lone, labels=replace(lone.labels, tracks=(kept, *others))))
    link_scene(engine, tmp_path, "street", "ann")
    assert kept in labels_now(engine, "street").tracks


def test_gaps_are_bridged_and_marked_and_undersides_stay(engine: Engine, tmp_path: Path, street: Scene) -> None:
    heights = (1.5, 1.7, 1.6)
    objects = tuple(SceneObject(f"{frame}", "car", frame + 1) for frame in (0, 1, 4))
    tracks = tuple(
        Track(
            f"{frame}.cuboid",
            f"{frame}",
            size_m=(4.0, 1.8, height),
            keyframes=(Keyframe(frame, Pose((1, 0, 0, 0), (2.0 * frame, 0.0, height / 2)), "imported"),),
            spans=(Span(frame, frame + 1),),
        )
        for frame, height in zip((0, 1, 4), heights, strict=True)
    )
    imported(engine, tmp_path, replace(street, labels=Labels(objects, tracks)))
    done = link_scene(engine, tmp_path, "street", "ann")
    (track,) = labels_now(engine, "street").tracks
    assert (done.linked.track_count, done.linked.bridged_count) == (1, 2)
    assert track.spans == (Span(0, 2), Span(2, 4, 3), Span(4, 5))
    assert track.size_m == pytest.approx((4.0, 1.8, 1.6))
    assert [key.shape.translation_m[2] for key in track.keyframes] == pytest.approx([0.8] * 3)


def test_a_scene_with_tracks_only_has_nothing_to_link(engine: Engine, tmp_path: Path) -> None:
    scene = street_scene()
    moving = tuple(track for track in scene.labels.tracks if len(track.frames) > 1)
    names = {track.object_id for track in moving}
    kept = tuple(each for each in scene.labels.objects if each.id in names)
    imported(engine, tmp_path, replace(scene, labels=Labels(kept, moving)))
    with pytest.raises(AssociationError, match="nothing to link"):
        link_scene(engine, tmp_path, scene.name, "ann")


def test_the_command_links_and_says_what_it_did(engine: Engine, tmp_path: Path, street: Scene) -> None:
    imported(engine, tmp_path, without_ids(street))
    result = CliRunner().invoke(app, ["link", "street", "--data", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["track_count"] == len(street.labels.objects)
    assert answer["revision"] == 2


@pytest.fixture(scope="module")
def unknown() -> Scene:
    """A drive whose poses were lost: the world is the ego's own frame."""
    options = SimulationOptions(seed=6, duration_s=1.2, columns=720, cameras=False)
    scene = simulate_scene("drive", options)
    lidar = scene.lidars[0]
    shifts = [lidar.ego_from_sensor @ pose.inverse() for pose in lidar.world_from_sensor]
    tracks = tuple(
        replace(
            track,
            keyframes=tuple(
                replace(track.keyframe_at(frame) or track.keyframes[0], frame=frame,
                        shape=shifts[frame] @ (track.keyframe_at(frame) or track.keyframes[0]).shape)
                for frame in track.frames
            ),
        )
        for track in scene.labels.tracks
    )  # fmt: skip
    still = replace(lidar, world_from_sensor=(lidar.ego_from_sensor,) * len(lidar.clock))
    labels = replace(scene.labels, tracks=tracks)
    return replace(scene, sensors=(still,), labels=labels, meta={**scene.meta, EGO_POSES: "unknown"})


def test_a_scene_without_ego_poses_gets_them_and_says_so(engine: Engine, tmp_path: Path, unknown: Scene) -> None:
    assert lacks_ego_poses(unknown)
    assert ego_poses_of(unknown) == "unknown"
    (summary,) = imported(engine, tmp_path, unknown, Preparation(estimate_poses=True))
    assert summary.ego_poses.startswith("estimated (small_gicp ")
    stored = labelled_scene(engine, tmp_path, find_scene(engine, "drive"))
    assert stored.meta[EGO_POSES] == summary.ego_poses
    assert not lacks_ego_poses(stored)
    assert "small_gicp" in estimated_losses(stored)[0].why
    truth = simulate_scene("drive", SimulationOptions(seed=6, duration_s=1.2, columns=720, cameras=False)).lidars[0]
    for true, told in zip(truth.world_from_sensor, stored.lidars[0].world_from_sensor, strict=True):
        start, first = truth.world_from_sensor[0], stored.lidars[0].world_from_sensor[0]
        off = (start.inverse() @ true).inverse() @ (first.inverse() @ told)
        assert np.linalg.norm(off.translation_m) < 0.15
        assert np.degrees(off.angle_to(Pose())) < 0.3
    parked = [track for track in stored.labels.tracks if len(track.keyframes) == stored.frame_count]
    spread = [np.ptp([key.shape.translation_m for key in track.keyframes], axis=0)[:2].max() for track in parked]
    assert np.median(spread) < 0.3  # they seemed to move by metres


def test_a_scene_with_ego_poses_keeps_them(engine: Engine, tmp_path: Path, street: Scene) -> None:
    (summary,) = imported(engine, tmp_path, street, Preparation(estimate_poses=True))
    assert summary.ego_poses == "given"
    stored = labelled_scene(engine, tmp_path, find_scene(engine, "street"))
    assert stored.lidars[0].world_from_sensor[3] == street.lidars[0].world_from_sensor[3]
