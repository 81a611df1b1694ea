"""Annotations out of a scene's labels: one for each cuboid in each sample, chained by instance."""

from itertools import pairwise

from worldline.geometry import Pose, points_inside
from worldline.geometry.arrays import Float32s
from worldline.geometry.pose import Vector

from ..labels import SceneObject
from ..present import PresentCuboid, cuboids_by_frame
from ..report import Losses
from ..scene import Scene
from .categories import ATTRIBUTES, STATE, SUBTYPE, VISIBILITY, category_of, visibility_token
from .digits import place_row, turn_row
from .meta import make_token
from .naming import Names
from .tables import Values


class Annotator:
    """Collects the annotations of a scene, sample by sample."""

    def __init__(self, scene: Scene, names: Names, losses: Losses) -> None:
        """Sort the labels by frame."""
        self._names = names
        self._losses = losses
        self._origin_m: Vector = scene.world_origin_m
        self._objects = {each.id: each for each in scene.labels.objects}
        self._cuboids = cuboids_by_frame(scene, losses)
        self._rows: list[Values] = []
        self._by_object: dict[str, list[Values]] = {}
        self._attributes: set[str] = set()

    def annotate(self, sample: int, sensor_from_world: Pose, xyz_m: Float32s) -> None:
        """Add the annotations of a sample.

        Args:
            sample: Its index.
            sensor_from_world: Where the world stands in the reference sensor.
            xyz_m: (N, 3) float32, sensor, metres: the points as they are written.
        """
        frame = self._names.sample_frames[sample]
        present = self._cuboids.get(frame, [])
        counts = points_inside(xyz_m, [each.cuboid.moved(sensor_from_world) for each in present])
        for each, count in zip(present, counts.tolist(), strict=True):
            self._add(each, sample, frame, count)

    def tables(self) -> dict[str, list[Values]]:
        """The tables category, attribute, instance and sample_annotation."""
        instances: list[Values] = []
        categories: dict[str, str] = {}
        for object_id, rows in sorted(self._by_object.items(), key=lambda item: self._objects[item[0]].number):
            each = self._objects[object_id]
            category = self._category(each)
            categories[category] = self._token_of("category", category)
            for before, after in pairwise(rows):
                before["next"], after["prev"] = after["token"], before["token"]
            instances.append(
                {
                    "token": self._instance_token(object_id),
                    "category_token": categories[category],
                    "nbr_annotations": len(rows),
                    "first_annotation_token": rows[0]["token"],
                    "last_annotation_token": rows[-1]["token"],
                }
            )
        kept = self._names.kept
        names = sorted(set(categories) | set(kept.categories if kept else ()))
        attributes = sorted(set(ATTRIBUTES) | self._attributes | set(kept.attributes if kept else ()))
        return {
            "category": [{"token": self._token_of("category", n), "name": n, "description": ""} for n in names],
            "attribute": [{"token": self._token_of("attribute", n), "name": n, "description": ""} for n in attributes],
            "instance": instances,
            "sample_annotation": self._rows,
        }

    def _add(self, present: PresentCuboid, sample: int, frame: int, point_count: int) -> None:
        track = present.track
        token = None
        if self._names.kept is not None:
            token = self._names.kept.annotations.get(track.object_id, {}).get(sample)
        if track.keyframe_at(frame) is None:
            why = "each is written as an annotation, which ones were keyframes is lost"
            self._losses.add("frames between keyframes", why)
        length_m, width_m, height_m = present.cuboid.size_m
        row: Values = {
            "token": token or make_token("sample_annotation", self._names.name, track.object_id, sample),
            "sample_token": self._names.sample_tokens[sample],
            "instance_token": self._instance_token(track.object_id),
            "visibility_token": visibility_token(track.occlusion_at(frame), track.attribute_at(VISIBILITY, frame)),
            "attribute_tokens": self._attribute_tokens(track.attribute_at(STATE, frame)),
            "translation": place_row(present.cuboid.center_m, self._origin_m),
            "size": [width_m, length_m, height_m],
            "rotation": turn_row(present.cuboid.pose.rotation_wxyz),
            "prev": "",
            "next": "",
            "num_lidar_pts": point_count,
            "num_radar_pts": 0,
        }
        self._rows.append(row)
        self._by_object.setdefault(track.object_id, []).append(row)

    def _attribute_tokens(self, state: object) -> list[str]:
        names = state.split(",") if isinstance(state, str) and state else []
        known = set(ATTRIBUTES) | set(self._names.kept.attributes if self._names.kept else ())
        self._losses.add("states", "nuScenes knows a fixed list of them", sum(name not in known for name in names))
        self._attributes.update(name for name in names if name in known)
        return [self._token_of("attribute", name) for name in names if name in known]

    def _category(self, each: SceneObject) -> str:
        return category_of(each.class_name, each.attributes.get(SUBTYPE))[0]

    def _instance_token(self, object_id: str) -> str:
        kept = self._names.kept
        if kept is not None and object_id in kept.annotations:
            return object_id
        return make_token("instance", self._names.name, object_id)

    def _token_of(self, table: str, name: str) -> str:
        kept = self._names.kept
        known = {} if kept is None else kept.categories if table == "category" else kept.attributes
        return known.get(name) or make_token(table, name)


def count_unwritten(scene: Scene, names: Names, losses: Losses) -> None:
    """Count what nuScenes' annotations hold nothing of."""
    kept_objects = names.kept.annotations if names.kept else {}
    samples = set(names.sample_frames)
    for each in scene.labels.objects:
        subtype = each.attributes.get(SUBTYPE)
        category, is_whole = category_of(each.class_name, subtype)
        if not is_whole:
            losses.add("classes", f"{each.class_name} is written as {category}")
        losses.add("attributes of objects", "nuScenes has none", len(each.attributes) - (subtype is not None))
        losses.add("ids of objects", "instances get tokens for ids", int(each.id not in kept_objects))
    for track in scene.labels.tracks:
        if track.kind != "cuboid":
            losses.add("labelled 2D boxes", "nuScenes' boxes are cuboids", len(track.keyframes))
            continue
        steps = sum(len(values) for name, values in track.attributes.items() if name not in (STATE, VISIBILITY))
        losses.add("attributes over time", "nuScenes has only its own list of states", steps)
        made = sum(key.source != "imported" or key.verified_by is not None for key in track.keyframes)
        losses.add("sources of keyframes", "nuScenes does not say who made or verified a box", made)
        swept = sum(key.frame not in samples and key.source != "imported" for key in track.keyframes)
        losses.add("keyframes on sweeps", "only samples are annotated, as in the source", swept)
    losses.add("ignore regions", "nuScenes has none", len(scene.labels.ignore_regions))
