"""Labels out of KITTI's rows: one keyframe a row, spans where rows follow each other."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from worldline.geometry import Box, Pose, wrap_angle
from worldline.tracking import Keyframe, Span, Track
from worldline.tracking.span import join_spans
from worldline.tracking.track import Steps

from ..labels import SceneObject
from ..report import Losses
from .classes import CLASS_NAMES
from .cuboids import observation_angle, rect_from_box
from .rows import Row

TRUNCATION = "truncation"
ALPHA = "alpha_rad"
"""Given only where it is not what follows from the place and rotation, and only for its own frame."""

ALPHA_TOLERANCE_RAD = 0.004
SIZE_TOLERANCE_M = 0.005


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row and where it belongs in the scene.

    Attributes:
        row: What the file says.
        frame: Index on the scene's reference clock.
        world_from_rect: Where the rectified frame stood then.
        camera: The camera whose image the row's box lies in; empty where there is no image.
        camera_frame: Index on that camera's clock.
    """

    row: Row
    frame: int
    world_from_rect: Pose
    camera: str = ""
    camera_frame: int = 0


def build_object(object_id: str, number: int, rows: list[PlacedRow], losses: Losses) -> tuple[SceneObject, list[Track]]:
    """An object and its tracks: a cuboid track, and a box track in each camera that shows it.

    Args:
        object_id: Its id.
        number: Its number.
        rows: Its rows in order of frame, at least one.
        losses: Where to say what is changed.
    """
    sizes = np.array([each.row.size_m for each in rows])
    length, width, height = np.median(sizes, axis=0).tolist()
    if (np.abs(sizes - (length, width, height)) > SIZE_TOLERANCE_M).any():
        losses.add("sizes that vary", "an object is rigid: its median size is kept")
    keyframes = tuple(Keyframe(each.frame, _world_from_cuboid(each), "imported") for each in rows)
    attributes = {TRUNCATION: _changes(rows), ALPHA: _odd_angles(rows)}
    tracks = [
        Track(
            f"{object_id}.cuboid",
            object_id,
            size_m=(length, width, height),
            keyframes=keyframes,
            spans=join_spans(tuple(Span(each.frame, each.frame + 1, each.row.occlusion) for each in rows)),
            attributes={name: steps for name, steps in attributes.items() if steps},
        )
    ]
    cameras = sorted({each.camera for each in rows if each.camera})
    tracks += [_box_track(object_id, name, [each for each in rows if each.camera == name]) for name in cameras]
    return SceneObject(object_id, CLASS_NAMES[rows[0].row.name], number), tracks


def _box_track(object_id: str, camera: str, rows: Iterable[PlacedRow]) -> Track:
    boxes = [(each.camera_frame, each.row.box) for each in rows]
    return Track(
        f"{object_id}.{camera}",
        object_id,
        kind="box",
        space=camera,
        keyframes=tuple(Keyframe(frame, Box(*_sides(box)), "imported") for frame, box in boxes),
        spans=join_spans(tuple(Span(frame, frame + 1) for frame, _ in boxes)),
    )


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.left_px, box.top_px, box.right_px, box.bottom_px


def _world_from_cuboid(each: PlacedRow) -> Pose:
    return each.world_from_rect @ rect_from_box(each.row.size_m[2], each.row.bottom_m, each.row.rotation_y_rad)


def _changes(rows: list[PlacedRow]) -> Steps:
    steps: dict[int, float] = {}
    last: float | None = None
    for each in rows:
        if each.row.truncated != last:
            last = steps[each.frame] = each.row.truncated
    return steps


def _odd_angles(rows: list[PlacedRow]) -> Steps:
    return {
        each.frame: each.row.alpha_rad
        for each in rows
        if abs(wrap_angle(each.row.alpha_rad - observation_angle(each.row.bottom_m, each.row.rotation_y_rad)))
        > ALPHA_TOLERANCE_RAD
    }
