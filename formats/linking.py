"""Labels without ids made into tracks: objects that are seen in one frame only, joined over the whole scene.

What takes part: an object with one cuboid in the world, in one frame, that no person made or accepted. Its 2D boxes
go with it. Of a track's objects the first one stays and takes the rest: a keyframe for each cuboid, one size (the
median of each side, every cuboid's underside stays where it was), and presence from the first to the last frame;
frames in which it was missed are marked as of unknown occlusion.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from worldline.geometry import Pose
from worldline.geometry.arrays import Int64s
from worldline.geometry.pose import Vector
from worldline.tracking import Keyframe, Span, Track
from worldline.tracking.associate import Detections, LinkOptions, link_detections
from worldline.tracking.errors import AssociationError
from worldline.tracking.span import join_spans
from worldline.tracking.track import WORLD, Steps

from .ego_poses import lacks_ego_poses
from .labels import Labels, SceneObject
from .scene import Scene

UNKNOWN_OCCLUSION = 3


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of a scene's labels.

    Attributes:
        labels: The new ones.
        cuboid_count: Cuboids that took part.
        track_count: Tracks that they became.
        left_out_count: Cuboids left out as doubles; they are no longer in the labels.
        bridged_count: Frames within tracks in which the object was missed.
    """

    labels: Labels
    cuboid_count: int
    track_count: int
    left_out_count: int
    bridged_count: int


def link_labels(scene: Scene, options: LinkOptions | None = None) -> Linked:
    """Link the cuboids of a scene's labels that belong to nobody yet.

    Raises:
        AssociationError: There are none.
    """
    labels, clock_ns = scene.labels, scene.clock.time_ns
    lone = _lone_cuboids(labels)
    if not lone:
        raise AssociationError(
            f"scene {scene.name} has no objects that are seen in one frame only: there is nothing to link"
        )
    options = options or LinkOptions()
    if lacks_ego_poses(scene):
        options = replace(options, ego_is_known=False)
    classes = {each.id: each.class_name for each in labels.objects}
    frames, rows = [], []
    for track in lone:
        keyframe = track.keyframes[0]
        assert isinstance(keyframe.shape, Pose) and track.size_m is not None  # noqa: S101  (_lone_cuboids chose them)
        frames.append(keyframe.frame)
        rows.append([*keyframe.shape.translation_m, *track.size_m, keyframe.shape.yaw_rad])
    scores = np.array([track.keyframes[0].quality or 0.0 for track in lone])
    names = tuple(classes[track.object_id] for track in lone)
    found = link_detections(Detections(np.array(frames), np.array(rows), names, scores), clock_ns, options)
    return _join(labels, lone, found)


def _lone_cuboids(labels: Labels) -> list[Track]:
    by_object: dict[str, list[Track]] = {}
    for track in labels.tracks:
        by_object.setdefault(track.object_id, []).append(track)
    lone = []
    for tracks in by_object.values():
        cuboids = [track for track in tracks if track.kind == "cuboid"]
        machine_made = all(not key.is_protected for track in tracks for key in track.keyframes)
        once = all(len(track.keyframes) == 1 and len(track.frames) <= 1 for track in tracks)
        if len(cuboids) == 1 and cuboids[0].space == WORLD and machine_made and once:
            lone.append(cuboids[0])
    return lone


def _join(labels: Labels, lone: list[Track], found: Int64s) -> Linked:
    gone_objects: set[str] = set()
    gone_tracks: set[str] = set()
    made: list[Track] = []
    others: dict[str, list[Track]] = {track.object_id: [] for track in lone}
    for track in labels.tracks:
        if track.object_id in others and track.kind != "cuboid":
            others[track.object_id].append(track)
    bridged = 0
    for number in range(-1, int(found.max(initial=-1)) + 1):
        members = sorted((lone[k] for k in np.flatnonzero(found == number).tolist()), key=_first_frame)
        gone_tracks |= {track.id for track in members}
        gone_objects |= {track.object_id for track in members[0 if number < 0 else 1 :]}
        boxes = [box for track in members for box in others[track.object_id]]
        gone_tracks |= {box.id for box in boxes}
        if number < 0:
            continue
        joined = _one_cuboid(members)
        bridged += len(joined.frames) - len(members)
        made.append(joined)
        spaces = sorted({box.space for box in boxes})
        made += [_one_box([box for box in boxes if box.space == space], members[0].object_id) for space in spaces]
    objects: Iterable[SceneObject] = (each for each in labels.objects if each.id not in gone_objects)
    tracks = [track for track in labels.tracks if track.id not in gone_tracks]
    whole = Labels(tuple(objects), (*tracks, *made), labels.ignore_regions)
    return Linked(whole, len(lone), int(found.max(initial=-1)) + 1, int((found < 0).sum()), bridged)


def _one_cuboid(members: list[Track]) -> Track:
    sizes = np.array([track.size_m for track in members])
    length, width, height = np.median(sizes, axis=0).tolist()
    keyframes = [_on_its_underside(track.keyframes[0], track.size_m, height) for track in members]
    return replace(
        members[0],
        size_m=(length, width, height),
        keyframes=tuple(keyframes),
        spans=_spans(members, bridge=True),
        attributes=_steps(members),
    )


def _one_box(boxes: list[Track], object_id: str) -> Track:
    ordered = sorted(boxes, key=_first_frame)
    keyframes = tuple(box.keyframes[0] for box in ordered)
    return replace(
        ordered[0],
        object_id=object_id,
        keyframes=keyframes,
        spans=_spans(ordered, bridge=False),
        attributes=_steps(ordered),
    )


def _on_its_underside(keyframe: Keyframe, size_m: Vector | None, height_m: float) -> Keyframe:
    shape = keyframe.shape
    if not isinstance(shape, Pose) or size_m is None:
        return keyframe
    raised = shape @ Pose(translation_m=(0.0, 0.0, (height_m - size_m[2]) / 2))
    return replace(keyframe, shape=raised)


def _spans(members: list[Track], bridge: bool) -> tuple[Span, ...]:
    spans: list[Span] = []
    for track in members:
        frame = _first_frame(track)
        if bridge and spans and spans[-1].end < frame:
            spans.append(Span(spans[-1].end, frame, UNKNOWN_OCCLUSION))
        spans.append(Span(frame, frame + 1, track.spans[0].occlusion if track.spans else 0))
    return join_spans(tuple(spans))


def _steps(members: list[Track]) -> dict[str, Steps]:
    """Values over time: each member's holds in its own frame, as before."""
    joined: dict[str, dict[int, str | int | float | bool]] = {}
    for track in members:
        for name, steps in track.attributes.items():
            known = joined.setdefault(name, {})
            for frame, value in steps.items():
                known[frame] = value
    return dict(joined)


def _first_frame(track: Track) -> int:
    return track.keyframes[0].frame
