"""The scene document: what a viewer must know of a scene before its first frame.

Its size does not depend on the number of frames: what belongs to frames comes in pages (`frames`).
Times are offsets from ``start_ns``, which is a string because it does not fit a JavaScript number; a
pose is (w, x, y, z, tx, ty, tz).
"""

import base64
from fractions import Fraction
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from worldline.formats.scene import CameraSensor, Lidar, MetaValue, VideoStream
from worldline.formats.schema import LabelSchema
from worldline.geometry import Camera, CameraModel, Pose
from worldline.geometry.pose import Vector

from .display import Coding, known_coding
from .paged import Blocks, Footage

PoseValues: TypeAlias = tuple[float, float, float, float, float, float, float]
"""w, x, y, z, tx, ty, tz."""

Span: TypeAlias = tuple[int, int]
"""A clock's first and last time, after the scene's start."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)


class FieldDocument(_Document):
    """A value that each point of a lidar has: its type is ``float32``, or ``uint8[3]`` for three a point."""

    name: str
    type: str | None


class LidarDocument(_Document):
    """A lidar; its first and last time are nanoseconds after the scene's ``start_ns``."""

    name: str
    ego_from_sensor: PoseValues
    frame_count: int
    first_time_ns: int
    last_time_ns: int
    fields: list[FieldDocument]
    has_intensity: bool
    intensity_scale: float
    points_per_block: int
    coding: Coding
    has_octree: bool


class LensDocument(_Document):
    """A camera's lens and image size."""

    model: CameraModel
    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    distortion: list[float]


class StreamDocument(_Document):
    """What a video decoder must know: ``extradata_base64`` is its ``description``, none where empty."""

    codec: str
    codec_name: str
    extradata_base64: str
    time_base: tuple[int, int]
    width_px: int
    height_px: int
    rotation_deg: int


class CameraDocument(_Document):
    """A camera."""

    name: str
    ego_from_sensor: PoseValues
    frame_count: int
    first_time_ns: int
    last_time_ns: int
    width_px: int
    height_px: int
    media: Literal["images", "video"]
    media_type: str | None
    camera: LensDocument | None
    stream: StreamDocument | None


class SceneDocument(_Document):
    """A scene; a page is of ``page_frames`` frames of the reference."""

    name: str
    generation: str
    state: Literal["ready", "growing"]
    frame_count: int
    ready_frame_count: int
    page_frames: int
    reference: str
    start_ns: str
    world_origin_m: Vector
    meta: dict[str, MetaValue]
    lidars: list[LidarDocument]
    cameras: list[CameraDocument]
    label_schema: LabelSchema = Field(serialization_alias="schema")


def describe_lidar(sensor: Lidar, blocks: Blocks, span: Span) -> LidarDocument:
    """A lidar's part of the document."""
    return LidarDocument(
        name=sensor.name,
        ego_from_sensor=pose_values(sensor.ego_from_sensor),
        frame_count=len(sensor.clock),
        first_time_ns=span[0],
        last_time_ns=span[1],
        fields=[FieldDocument(name=name, type=blocks.field_types.get(name)) for name in sensor.fields],
        has_intensity=blocks.has_intensity,
        intensity_scale=blocks.intensity_scale,
        points_per_block=blocks.points_per_block,
        coding=known_coding(blocks.coding),
        has_octree=blocks.has_octree,
    )


def describe_camera(sensor: CameraSensor, footage: Footage, stream: VideoStream | None, span: Span) -> CameraDocument:
    """A camera's part of the document."""
    return CameraDocument(
        name=sensor.name,
        ego_from_sensor=pose_values(sensor.ego_from_sensor),
        frame_count=len(sensor.clock),
        first_time_ns=span[0],
        last_time_ns=span[1],
        width_px=sensor.width_px,
        height_px=sensor.height_px,
        media=sensor.media,
        media_type=footage.media_types[0] if sensor.media == "images" and footage.media_types else None,
        camera=None if sensor.camera is None else describe_lens(sensor.camera),
        stream=None if stream is None else describe_stream(stream),
    )


def describe_lens(camera: Camera) -> LensDocument:
    """A camera's lens."""
    return LensDocument(
        model=camera.model,
        width_px=camera.width_px,
        height_px=camera.height_px,
        fx_px=camera.fx_px,
        fy_px=camera.fy_px,
        cx_px=camera.cx_px,
        cy_px=camera.cy_px,
        distortion=list(camera.distortion),
    )


def lens_of(document: LensDocument) -> Camera:
    """The lens that a document describes."""
    values = document.model_dump()
    return Camera(**{**values, "distortion": tuple(values["distortion"])})


def describe_stream(stream: VideoStream) -> StreamDocument:
    """A video's stream."""
    return StreamDocument(
        codec=stream.codec,
        codec_name=stream.codec_name,
        extradata_base64=base64.b64encode(stream.extradata).decode(),
        time_base=(stream.time_base.numerator, stream.time_base.denominator),
        width_px=stream.width_px,
        height_px=stream.height_px,
        rotation_deg=stream.rotation_deg,
    )


def stream_of(document: StreamDocument) -> VideoStream:
    """The stream that a document describes."""
    return VideoStream(
        document.codec,
        document.codec_name,
        base64.b64decode(document.extradata_base64),
        Fraction(*document.time_base),
        document.width_px,
        document.height_px,
        document.rotation_deg,
    )


def pose_values(pose: Pose) -> PoseValues:
    """A pose as seven numbers."""
    return (*pose.rotation_wxyz, *pose.translation_m)


def pose_of(values: PoseValues) -> Pose:
    """The pose of seven numbers."""
    w, x, y, z, tx, ty, tz = values
    return Pose((w, x, y, z), (tx, ty, tz))
