"""Comparing: how well the labels of two scenes, or of two revisions of one, agree."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from worldline.formats.scene import Scene
from worldline.geometry import Pose
from worldline.tracking.agreement import Agreement, compare_labels
from worldline.tracking.errors import AgreementError
from worldline.tracking.matching import Measure
from worldline.tracking.sightings import Sightings, see_tracks
from worldline.tracking.track import WORLD

from .catalogue import SceneRow, find_scene
from .errors import GrowingSceneError, UnknownRevisionError
from .exporting import labelled_scene

APART_M = 0.01
"""Two recordings of one drive have the ego within this of the same place, metres."""

TURNED_RAD = math.radians(0.1)
"""And turned by no more than this."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two label sets.

    Attributes:
        scene: The scene's name.
        revision: Of its labels.
        frame_count: Of its clock.
        left_out: Tracks that are not compared, for they are of boxes in an image.
    """

    scene: str
    revision: int
    frame_count: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out.

    Attributes:
        a: What the other was measured against.
        b: The other.
        agreement: In the frames that both have.
    """

    a: Side
    b: Side
    agreement: Agreement


def compare_scenes(
    engine: Engine,
    data: Path,
    a: str,
    b: str,
    measure: Measure = "bev",
    threshold: float | None = None,
    from_ego: bool = False,
) -> Comparison:
    """Compare the labels of two scenes in the frames of equal time.

    Args:
        engine: The database.
        data: The data folder.
        a: ``NAME`` or ``NAME@REVISION``: what the other is measured against.
        b: The other.
        measure: What cuboids are compared by.
        threshold: The main one; the measure's own if None.
        from_ego: Compare as seen from the ego, so that the two worlds need not be the same.

    Raises:
        UnknownSceneError: There is no such scene.
        UnknownRevisionError: A scene has not come to that revision, or it is no number.
        GrowingSceneError: A scene is still being written.
        AgreementError: The scenes share no frames, the ego stands elsewhere in them, or the threshold is none.
    """
    (a_side, a_scene), (b_side, b_scene) = (_open(engine, data, each) for each in (a, b))
    _, a_frames, b_frames = np.intersect1d(
        a_scene.clock.time_ns, b_scene.clock.time_ns, assume_unique=True, return_indices=True
    )
    if not len(a_frames):
        raise AgreementError(
            f"{a} and {b} share no frames: {_times(a_scene)}, {_times(b_scene)}; "
            "only scenes of one recording can be compared"
        )
    a_seen, b_seen = _see(a_scene, a_frames.tolist()), _see(b_scene, b_frames.tolist())
    if a_side.scene != b_side.scene:
        a_from_ego, b_from_ego = _ego(a_scene, a_frames.tolist()), _ego(b_scene, b_frames.tolist())
        if from_ego:
            paired = zip(a_from_ego, b_from_ego, strict=True)
            b_seen = b_seen.moved([world @ other.inverse() for world, other in paired])
        else:
            shift = _shift(a_scene, b_scene)
            _check_worlds(a, b, a_from_ego, [shift @ pose for pose in b_from_ego])
            b_seen = b_seen.moved([shift] * len(b_from_ego))
    return Comparison(a_side, b_side, compare_labels(a_seen, b_seen, measure, threshold))


def _open(engine: Engine, data: Path, text: str) -> tuple[Side, Scene]:
    name, at, wanted = text.partition("@")
    row: SceneRow = find_scene(engine, name)
    if at and not (wanted.isascii() and wanted.isdigit()):
        raise UnknownRevisionError(
            f"{text!r} names no revision: write {name}@N with N from 0 to {row.revision}", revision=row.revision
        )
    if row.state != "ready":
        raise GrowingSceneError(
            f"scene {name} is still being written ({row.ready_frame_count} of {row.frame_count} frames): "
            "compare it when it is ready"
        )
    revision = int(wanted) if at else row.revision
    scene = labelled_scene(engine, data, row, revision)
    left_out = sum(track.kind != "cuboid" or track.space != WORLD for track in scene.labels.tracks)
    return Side(name, revision, scene.frame_count, left_out), scene


def _see(scene: Scene, frames: Sequence[int]) -> Sightings:
    classes = {each.id: each.class_name for each in scene.labels.objects}
    tracks = ((track, classes[track.object_id]) for track in scene.labels.tracks)
    return see_tracks(tracks, scene.clock.time_ns, frames)


def _ego(scene: Scene, frames: Sequence[int]) -> list[Pose]:
    sensor = scene.sensor(scene.reference)
    sensor_from_ego = sensor.ego_from_sensor.inverse()
    return [sensor.world_from_sensor[frame] @ sensor_from_ego for frame in frames]


def _shift(a: Scene, b: Scene) -> Pose:
    """`a_from_b` of two worlds that differ only in their origin on the map."""
    x, y, z = (other - own for own, other in zip(a.world_origin_m, b.world_origin_m, strict=True))
    return Pose(translation_m=(x, y, z))


def _check_worlds(a: str, b: str, a_from_ego: Sequence[Pose], b_from_ego: Sequence[Pose]) -> None:
    for k, (one, other) in enumerate(zip(a_from_ego, b_from_ego, strict=True)):
        apart_m, turned_rad = math.dist(one.translation_m, other.translation_m), one.angle_to(other)
        if apart_m > APART_M or turned_rad > TURNED_RAD:
            raise AgreementError(
                f"{a} and {b} have frames of equal time, but the ego does not stand at one place: in shared frame {k} "
                f"{apart_m:.3g} m and {math.degrees(turned_rad):.3g} degrees apart; if they are one recording with "
                "other ego poses, compare them as seen from the ego (--from-ego)"
            )


def _times(scene: Scene) -> str:
    first, last = int(scene.clock.time_ns[0]), int(scene.clock.time_ns[-1])
    return f"{scene.name} runs from {first} to {last} ns"
