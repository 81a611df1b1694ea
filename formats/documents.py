"""Labels as paths and JSON values: the form that the journal stores and the viewer speaks.

| path | value |
|---|---|
| ``objects/{object}`` | `ObjectDocument` |
| ``objects/{object}/attributes/{name}`` | a string, number or boolean |
| ``tracks/{track}`` | `TrackDocument` |
| ``tracks/{track}/keyframes/{frame}`` | `KeyframeDocument` |
| ``tracks/{track}/spans`` | list of `SpanDocument` |
| ``tracks/{track}/attributes/{name}/{frame}`` | a value that holds from this frame on |
| ``ignore_regions/{sensor}/{frame}`` | list of `BoxValues` |
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from worldline.geometry import Box, GeometryError, Pose
from worldline.tracking import Keyframe, Span, Track, TrackingError
from worldline.tracking.track import AttributeValue

from .errors import LabelError
from .labels import LARGEST_NUMBER, IgnoreRegion, Labels, SceneObject

Json: TypeAlias = Any
Paths: TypeAlias = dict[str, Json]

ID_PATTERN = r"[A-Za-z0-9_.:@+-]{1,80}"
_NAME_PATTERN = r"[^/\x00-\x1f]{1,80}"
Finite = Annotated[float, Field(allow_inf_nan=False)]
BoxValues: TypeAlias = tuple[Finite, Finite, Finite, Finite]
"""Left, top, right, bottom in pixels."""


class Document(BaseModel):
    """A value of the label model on the wire; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ObjectDocument(Document):
    """One thing in the scene."""

    class_name: str = Field(min_length=1, max_length=80)
    number: int = Field(ge=0, le=LARGEST_NUMBER)


class TrackDocument(Document):
    """An object's path in one space: what does not change over time."""

    object: str = Field(pattern=f"^{ID_PATTERN}$")
    kind: Literal["cuboid", "box"] = "cuboid"
    space: str = "world"
    size_m: tuple[Finite, Finite, Finite] | None = None


class PoseDocument(Document):
    """Where a cuboid is: ``world_from_cuboid``."""

    center_m: tuple[Finite, Finite, Finite]
    rotation_wxyz: tuple[Finite, Finite, Finite, Finite]


class BoxDocument(Document):
    """Where a box is on its image."""

    box_px: BoxValues


class KeyframeDocument(Document):
    """The shape at one frame, and who made it."""

    shape: PoseDocument | BoxDocument
    source: Literal["human", "propagated", "imported", "model"] = "human"
    verified_by: str | None = None
    quality: float | None = Field(default=None, ge=0, le=1)


class SpanDocument(Document):
    """Frames in which a track is present, half-open."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    occlusion: int = Field(default=0, ge=0, le=3)


_SCALAR: TypeAdapter[AttributeValue] = TypeAdapter(Annotated[str, Field(max_length=2000)] | bool | int | Finite)
_KINDS: tuple[tuple[re.Pattern[str], TypeAdapter[Any]], ...] = (
    (re.compile(f"objects/{ID_PATTERN}"), TypeAdapter(ObjectDocument)),
    (re.compile(f"objects/{ID_PATTERN}/attributes/{_NAME_PATTERN}"), _SCALAR),
    (re.compile(f"tracks/{ID_PATTERN}"), TypeAdapter(TrackDocument)),
    (re.compile(rf"tracks/{ID_PATTERN}/keyframes/(0|[1-9]\d{{0,8}})"), TypeAdapter(KeyframeDocument)),
    (re.compile(f"tracks/{ID_PATTERN}/spans"), TypeAdapter(list[SpanDocument])),
    (re.compile(rf"tracks/{ID_PATTERN}/attributes/{_NAME_PATTERN}/(0|[1-9]\d{{0,8}})"), _SCALAR),
    (re.compile(rf"ignore_regions/{_NAME_PATTERN}/(0|[1-9]\d{{0,8}})"), TypeAdapter(list[BoxValues])),
)


def check_value(path: str, value: Json) -> Json:
    """A path's value, checked and in its one canonical form.

    Raises:
        LabelError: The path is of no known kind, or the value is not what the path holds.
    """
    for pattern, adapter in _KINDS:
        if pattern.fullmatch(path):
            try:
                return adapter.dump_python(adapter.validate_python(value), mode="json")
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"]))
                raise LabelError(f"{field or 'value'}: {first['msg']} (got {first['input']!r})", place=path) from error
    raise LabelError("no label has such a path", place=path, fix="see the label model for the paths there are")


def canonical_json(value: Json) -> str:
    """The one text of a JSON value: keys sorted, no spaces, NaN refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def labels_to_paths(labels: Labels) -> Paths:
    """Every path of the labels with its value."""
    paths: Paths = {}
    for each in labels.objects:
        paths[f"objects/{each.id}"] = {"class_name": each.class_name, "number": each.number}
        for name, value in each.attributes.items():
            paths[f"objects/{each.id}/attributes/{name}"] = value
    for track in labels.tracks:
        root = f"tracks/{track.id}"
        paths[root] = {
            "object": track.object_id,
            "kind": track.kind,
            "space": track.space,
            "size_m": None if track.size_m is None else list(track.size_m),
        }
        for keyframe in track.keyframes:
            paths[f"{root}/keyframes/{keyframe.frame}"] = keyframe_to_json(keyframe)
        if track.spans:
            paths[f"{root}/spans"] = [
                {"start": span.start, "end": span.end, "occlusion": span.occlusion} for span in track.spans
            ]
        for name, steps in track.attributes.items():
            for frame, value in steps.items():
                paths[f"{root}/attributes/{name}/{frame}"] = value
    for region in labels.ignore_regions:
        box = [region.box.left_px, region.box.top_px, region.box.right_px, region.box.bottom_px]
        paths.setdefault(f"ignore_regions/{region.sensor}/{region.frame}", []).append(box)
    return paths


def labels_from_paths(paths: Mapping[str, Json]) -> Labels:
    """The labels that paths describe: the inverse of `labels_to_paths`.

    Raises:
        LabelError: A value is not what its path holds, or a path hangs on nothing.
    """
    objects: dict[str, dict[str, Json]] = {}
    tracks: dict[str, dict[str, Json]] = {}
    regions: list[IgnoreRegion] = []
    try:
        for path, value in paths.items():
            root, name, *rest = path.split("/", 3)
            if root == "objects":
                entry = objects.setdefault(name, {"attributes": {}})
                if rest:
                    entry["attributes"][rest[1]] = value
                else:
                    entry["document"] = value
            elif root == "tracks":
                entry = tracks.setdefault(name, {"keyframes": [], "spans": (), "attributes": {}})
                if not rest:
                    entry["document"] = value
                elif rest[0] == "keyframes":
                    entry["keyframes"].append(keyframe_from_json(int(rest[1]), value))
                elif rest[0] == "spans":
                    entry["spans"] = tuple(Span(**span) for span in value)
                else:
                    attribute, frame = rest[1].rsplit("/", 1)
                    entry["attributes"].setdefault(attribute, {})[int(frame)] = value
            else:
                regions += [IgnoreRegion(name, int(rest[0]), Box(*box)) for box in value]
        return Labels(
            tuple(_object(name, entry) for name, entry in objects.items()),
            tuple(_track(name, entry) for name, entry in tracks.items()),
            tuple(regions),
        )
    except (GeometryError, TrackingError) as error:
        raise LabelError(str(error)) from error


def keyframe_to_json(keyframe: Keyframe) -> Json:
    """A keyframe's value; its frame is in the path."""
    shape = keyframe.shape
    if isinstance(shape, Pose):
        values: Json = {"center_m": list(shape.translation_m), "rotation_wxyz": list(shape.rotation_wxyz)}
    else:
        values = {"box_px": [shape.left_px, shape.top_px, shape.right_px, shape.bottom_px]}
    return {
        "shape": values,
        "source": keyframe.source,
        "verified_by": keyframe.verified_by,
        "quality": keyframe.quality,
    }


def keyframe_from_json(frame: int, value: Json) -> Keyframe:
    """The keyframe of a frame and its value."""
    shape = value["shape"]
    if "box_px" in shape:
        values: Pose | Box = Box(*shape["box_px"])
    else:
        values = Pose(tuple(shape["rotation_wxyz"]), tuple(shape["center_m"]))
    return Keyframe(frame, values, value["source"], value.get("verified_by"), value.get("quality"))


def _object(name: str, entry: dict[str, Json]) -> SceneObject:
    if "document" not in entry:
        raise LabelError("attributes of an object that does not exist", place=f"objects/{name}")
    document = entry["document"]
    attributes = dict(sorted(entry["attributes"].items()))
    return SceneObject(name, document["class_name"], document["number"], attributes)


def _track(name: str, entry: dict[str, Json]) -> Track:
    if "document" not in entry:
        raise LabelError("parts of a track that does not exist", place=f"tracks/{name}")
    document = entry["document"]
    size = document["size_m"]
    return Track(
        name,
        document["object"],
        document["kind"],
        document["space"],
        None if size is None else tuple(size),
        tuple(sorted(entry["keyframes"], key=lambda keyframe: keyframe.frame)),
        entry["spans"],
        {key: dict(sorted(steps.items())) for key, steps in sorted(entry["attributes"].items())},
    )
