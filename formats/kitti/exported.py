"""KITTI's rows out of a scene's labels, frame by frame."""

from dataclasses import dataclass

from worldline.geometry import Box, Camera, Cuboid, Pose, cuboid_box
from worldline.tracking import Track

from ..errors import SceneError
from ..labels import IgnoreRegion
from ..present import PresentCuboid, cuboids_by_frame
from ..report import Losses
from ..scene import CameraSensor, Scene
from .classes import DONT_CARE, Dialect, kitti_class
from .cuboids import box_from_rect, observation_angle, rect_from_box, tilt_rad
from .labels import ALPHA, TRUNCATION
from .meta import SOURCE
from .rig import Rig
from .rows import Row, rounded

LARGEST_TILT_RAD = 0.0174533
_PARTLY, _MOSTLY = 0.15, 0.5
"""Shares of a box outside the image from which the tracking set's truncated is 1 and 2."""


@dataclass(frozen=True, slots=True)
class View:
    """One frame as KITTI sees it.

    Attributes:
        frame: Index on the scene's clock.
        number: KITTI's frame number.
        rig: Its calibration.
        camera_frame: Index on the left camera's clock, None where it has no image.
        rect_from_world: Where the world stands in the rectified frame.
    """

    frame: int
    number: int
    rig: Rig
    camera_frame: int | None
    rect_from_world: Pose


class RowSource:
    """Gives the rows of each frame, and counts what they cannot hold."""

    def __init__(self, scene: Scene, dialect: Dialect, losses: Losses) -> None:
        """Sort the labels by frame."""
        self._dialect = dialect
        self._losses = losses
        self._keeps_truncation = scene.meta.get(SOURCE) == dialect
        self._objects = {each.id: each for each in scene.labels.objects}
        self._cuboids = cuboids_by_frame(scene, losses)
        self._boxes: dict[tuple[str, str], Track] = {}
        for track in scene.labels.tracks:
            if track.kind == "box":
                self._boxes.setdefault((track.object_id, track.space), track)
        self._regions: dict[tuple[str, int], list[IgnoreRegion]] = {}
        for region in scene.labels.ignore_regions:
            self._regions.setdefault((region.sensor, region.frame), []).append(region)
        self._used_boxes = 0
        self._used_regions = 0
        self._box_count = sum(len(each.keyframes) for each in scene.labels.tracks if each.kind == "box")
        self._region_count = len(scene.labels.ignore_regions)

    def rows(self, view: View) -> list[Row]:
        """The rows of a frame: the tracking set's regions first, the object set's last."""
        labelled = [row for row in (self._row(each, view) for each in self._cuboids.get(view.frame, ())) if row]
        regions = self._region_rows(view)
        return [*regions, *labelled] if self._dialect == "kitti-tracking" else [*labelled, *regions]

    def finish(self) -> None:
        """Count the boxes and regions that no frame took."""
        self._losses.add(
            "labelled 2D boxes",
            "KITTI holds them only beside a cuboid, in the image that is written, where neither was changed since",
            self._box_count - self._used_boxes,
        )
        self._losses.add(
            "ignore regions", "they are not in an image that is written", self._region_count - self._used_regions
        )

    def _region_rows(self, view: View) -> list[Row]:
        if view.camera_frame is None:
            return []
        regions = self._regions.get((view.rig.left.name, view.camera_frame), [])
        self._used_regions += len(regions)
        return [Row(view.number, -1, DONT_CARE, -1, -1, -10, region.box) for region in regions]

    def _row(self, present: PresentCuboid, view: View) -> Row | None:
        track, each = present.track, self._objects[present.track.object_id]
        keyframe = track.keyframe_at(view.frame)
        is_imported = keyframe is not None and keyframe.source == "imported"
        cuboid = present.cuboid.moved(view.rect_from_world)
        bottom_m, rotation_y_rad = rounded(*box_from_rect(cuboid))
        upright = Cuboid(rect_from_box(cuboid.height_m, bottom_m, rotation_y_rad), cuboid.size_m)
        lens = _lens(view.rig.left)
        box = self._labelled_box(track, view, is_imported)
        if box is None and bottom_m[2] <= 0:
            self._losses.add("boxes behind the camera", "KITTI holds only what its camera sees")
            return None
        visible, _, truncation = cuboid_box(lens, view.rig.camera_from_rect, upright)
        if box is not None:
            self._used_boxes += 1
        elif visible is None:
            self._losses.add("boxes outside the image", "KITTI holds only what its camera sees")
            return None
        else:
            box = visible
        if keyframe is None:
            self._losses.add("frames between keyframes", "each is written as a box, which ones were keyframes is lost")
        if tilt_rad(cuboid) > LARGEST_TILT_RAD:
            self._losses.add("pitch and roll", "KITTI's boxes are upright in the camera's frame")
        name = kitti_class(each.class_name, self._dialect) or "Misc"
        alpha_rad = track.attributes.get(ALPHA, {}).get(view.frame) if is_imported else None
        return Row(
            view.number,
            each.number if self._dialect == "kitti-tracking" else -1,
            name,
            self._truncated(track, view.frame, truncation, is_imported),
            track.occlusion_at(view.frame),
            float(alpha_rad) if alpha_rad is not None else observation_angle(bottom_m, rotation_y_rad),
            box,
            cuboid.size_m,
            bottom_m,
            rotation_y_rad,
        )

    def _labelled_box(self, track: Track, view: View, is_imported: bool) -> Box | None:
        boxes = self._boxes.get((track.object_id, view.rig.left.name))
        keyframe = boxes.keyframe_at(view.camera_frame) if boxes and view.camera_frame is not None else None
        if keyframe is None or not isinstance(keyframe.shape, Box):
            return None
        fits = keyframe.source == "human" or (keyframe.source == "imported" and is_imported)
        return keyframe.shape if fits else None

    def _truncated(self, track: Track, frame: int, share: float, is_imported: bool) -> float:
        written = track.attribute_at(TRUNCATION, frame) if self._keeps_truncation and is_imported else None
        if isinstance(written, int | float):
            return float(written)
        if self._dialect == "kitti-object":
            return share
        return 2.0 if share > _MOSTLY else 1.0 if share > _PARTLY else 0.0


def count_unwritten(scene: Scene, dialect: Dialect, losses: Losses) -> None:
    """Count what KITTI's rows hold nothing of."""
    labels = scene.labels
    for each in labels.objects:
        losses.add("attributes of objects", "KITTI has none", len(each.attributes))
        if kitti_class(each.class_name, dialect) is None:
            losses.add("classes", f"{each.class_name} is written as Misc, KITTI has no such class")
        if dialect == "kitti-tracking" and each.id != str(each.number):
            losses.add("ids of objects", "KITTI's are numbers: the object's number is written")
    for track in labels.tracks:
        if track.kind != "cuboid":
            continue
        steps = sum(len(values) for name, values in track.attributes.items() if name not in (TRUNCATION, ALPHA))
        losses.add("attributes over time", "KITTI has only truncated and occluded", steps)
        made = sum(each.source != "imported" or each.verified_by is not None for each in track.keyframes)
        losses.add("sources of keyframes", "KITTI does not say who made or verified a box", made)
        if dialect == "kitti-object" and len(track.frames) > 1:
            losses.add("tracks", "the object set has no ids: boxes of several frames are no longer one object")


def _lens(sensor: CameraSensor) -> Camera:
    if sensor.camera is None:
        raise SceneError(f"camera {sensor.name} has no calibration")
    return sensor.camera
