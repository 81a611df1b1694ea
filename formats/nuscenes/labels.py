"""Labels out of nuScenes' annotations: a keyframe on each annotated sample, spans between them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worldline.geometry.pose import Vector
from worldline.tracking import Keyframe, Span, Track
from worldline.tracking.span import join_spans

from ..documents import ID_PATTERN
from ..errors import LabelError
from ..labels import Labels, SceneObject
from ..report import Losses
from .categories import CATEGORIES, OCCLUSIONS, STATE, SUBTYPE, UNKNOWN_OCCLUSION, VISIBILITY, class_of
from .meta import make_token
from .tables import Record, Tables

LARGEST_M = 200.0
SIZE_TOLERANCE_M = 0.005


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation and its place in the scene.

    Attributes:
        record: What the table says.
        sample: Index of its sample.
        frame: Index on the scene's clock.
    """

    record: Record
    sample: int
    frame: int


def read_labels(
    tables: Tables, samples: Sequence[Record], frames: Sequence[int], origin_m: Vector, losses: Losses
) -> tuple[Labels, dict[str, dict[int, str]]]:
    """The labels of a scene, and the tokens of its annotations by object and sample.

    Args:
        tables: All tables.
        samples: The scene's samples in order.
        frames: The frame of each sample on the scene's clock.
        origin_m: The world's origin on the map.
        losses: Where to say what is changed.

    Raises:
        LabelError: An unknown category, an impossible size, or an instance twice in one sample.
        BrokenFileError: A record is incomplete or names one that does not exist.
    """
    instances: dict[str, list[Annotation]] = {}
    for index, (sample, frame) in enumerate(zip(samples, frames, strict=True)):
        for record in tables.matching("sample_annotation", "sample_token", sample.token):
            annotations = instances.setdefault(record.text("instance_token"), [])
            if annotations and annotations[-1].sample == index:
                raise LabelError(
                    f"the instance {record.text('instance_token')} is annotated twice in sample {sample.token}",
                    path=record.path, place=record.place, fix="remove one of the two",
                )  # fmt: skip
            annotations.append(Annotation(record, index, frame))
    objects, tracks, tokens = [], [], {}
    places = {values["token"]: place for place, values in enumerate(tables.rows["instance"])}
    ordered = sorted(instances.items(), key=lambda item: places.get(item[0], len(places)))
    for number, (instance, annotations) in enumerate(ordered, start=1):
        object_id = instance if re.fullmatch(ID_PATTERN, f"{instance}.cuboid") else make_token("instance", instance)
        objects.append(_read_object(tables, object_id, number, annotations[0].record))
        tracks.append(_read_track(tables, object_id, annotations, frames, origin_m, losses))
        tokens[object_id] = {each.sample: each.record.token for each in annotations}
    return Labels(tuple(objects), tuple(tracks)), tokens


def _read_object(tables: Tables, object_id: str, number: int, first: Record) -> SceneObject:
    instance = tables.find("instance", first.text("instance_token"), first)
    category = tables.find("category", instance.text("category_token"), instance)
    found = class_of(category.text("name"))
    if found is None:
        raise LabelError(
            f"unknown category {category.text('name')!r}", path=category.path, place=category.place,
            fix=f"known categories: {', '.join(CATEGORIES)}, and the classes of the label schema",
        )  # fmt: skip
    class_name, subtype = found
    return SceneObject(object_id, class_name, number, {SUBTYPE: subtype} if subtype else {})


def _read_track(
    tables: Tables,
    object_id: str,
    annotations: list[Annotation],
    frames: Sequence[int],
    origin_m: Vector,
    losses: Losses,
) -> Track:
    sizes = np.array([_read_size(each.record) for each in annotations])
    width, length, height = np.median(sizes, axis=0).tolist()
    if (np.abs(sizes - (width, length, height)) > SIZE_TOLERANCE_M).any():
        losses.add("sizes that vary", "an object is rigid: its median size is kept")
    levels = [_read_level(tables, each.record) for each in annotations]
    spans = []
    for each, following, level in zip(annotations, [*annotations[1:], None], levels, strict=True):
        goes_on = following is not None and following.sample == each.sample + 1
        end = frames[each.sample + 1] if goes_on else each.frame + 1
        spans.append(Span(each.frame, end, OCCLUSIONS.get(level, UNKNOWN_OCCLUSION)))
    steps = {
        STATE: _changes(annotations, [_read_state(tables, each.record) for each in annotations]),
        VISIBILITY: _changes(annotations, levels),
    }
    return Track(
        f"{object_id}.cuboid",
        object_id,
        size_m=(length, width, height),
        keyframes=tuple(Keyframe(each.frame, each.record.pose(origin_m), "imported") for each in annotations),
        spans=join_spans(tuple(spans)),
        attributes={name: values for name, values in steps.items() if any(values.values())},
    )


def _read_size(record: Record) -> list[float]:
    size = record.numbers("size", 3)
    if not all(0 < side <= LARGEST_M for side in size):
        raise LabelError(
            f"impossible size: width, length, height must be above 0 and at most {LARGEST_M:g} m, found {size}",
            path=record.path, place=record.place, fix="correct or remove the annotation",
        )  # fmt: skip
    return size


def _read_level(tables: Tables, record: Record) -> str:
    token = record.values.get("visibility_token")
    return tables.find("visibility", token, record).text("level") if isinstance(token, str) and token else ""


def _read_state(tables: Tables, record: Record) -> str:
    tokens = record.texts("attribute_tokens")
    return ",".join(sorted(tables.find("attribute", token, record).text("name") for token in tokens))


def _changes(annotations: list[Annotation], values: list[str]) -> dict[int, str]:
    steps: dict[int, str] = {}
    last: str | None = None
    for each, value in zip(annotations, values, strict=True):
        if value != last:
            last = steps[each.frame] = value
    return steps
