"""The scene document: what a viewer must know of a scene before its first frame.

Times are offsets from ``start_ns``, which is a string because it does not fit a JavaScript
number; a pose is (w, x, y, z, tx, ty, tz).
"""

import base64
from fractions import Fraction
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from worldline.formats.scene import CameraSensor, Clock, Lidar, MetaValue, VideoStream
from worldline.formats.schema import LabelSchema
from worldline.geometry import Camera, CameraModel, Pose
from worldline.geometry.pose import Vector

from .index import BlockIndex, BytesIndex

PoseValues: TypeAlias = tuple[float, float, float, float, float, float, float]
"""w, x, y, z, tx, ty, tz."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)


class ClockDocument(_Document):
    """A sensor's timestamps, in nanoseconds after the scene's ``start_ns``."""

    time_ns: list[int]
    names: list[str]


class BlocksDocument(_Document):
    """The blocks of a lidar: a coordinate is ``origin_m + scale_m * value``."""

    frame: list[int]
    count: list[int]
    origin_m: list[Vector]
    scale_m: list[float]


class LidarDocument(_Document):
    """A lidar."""

    name: str
    ego_from_sensor: PoseValues
    clock: ClockDocument
    world_from_sensor: list[PoseValues]
    fields: list[str]
    has_intensity: bool
    intensity_scale: float
    points_per_block: int
    blocks: BlocksDocument


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


class PacketsDocument(_Document):
    """A video's packets in decode order; ``frame`` is the frame that each one shows."""

    pts: list[int]
    key: list[bool]
    frame: list[int]
    size: list[int]


class CameraDocument(_Document):
    """A camera."""

    name: str
    ego_from_sensor: PoseValues
    clock: ClockDocument
    world_from_sensor: list[PoseValues]
    width_px: int
    height_px: int
    media: Literal["images", "video"]
    media_type: str | None
    camera: LensDocument | None
    stream: StreamDocument | None
    index: PacketsDocument | None


class SceneDocument(_Document):
    """A scene."""

    name: str
    generation: str
    state: Literal["ready", "growing"]
    frame_count: int
    ready_frame_count: int
    reference: str
    start_ns: str
    world_origin_m: Vector
    meta: dict[str, MetaValue]
    lidars: list[LidarDocument]
    cameras: list[CameraDocument]
    label_schema: LabelSchema = Field(serialization_alias="schema")


def describe_lidar(sensor: Lidar, index: BlockIndex, start_ns: int) -> LidarDocument:
    """A lidar's part of the document."""
    columns = index.columns()
    return LidarDocument(
        name=sensor.name,
        ego_from_sensor=pose_values(sensor.ego_from_sensor),
        clock=_describe_clock(sensor.clock, start_ns),
        world_from_sensor=[pose_values(pose) for pose in sensor.world_from_sensor],
        fields=list(sensor.fields),
        has_intensity=index.has_intensity,
        intensity_scale=index.intensity_scale,
        points_per_block=index.points_per_block,
        blocks=BlocksDocument(**columns),
    )


def describe_camera(
    sensor: CameraSensor, index: BytesIndex, stream: VideoStream | None, start_ns: int
) -> CameraDocument:
    """A camera's part of the document."""
    packets = None
    if sensor.media == "video" and index.frame_count:
        packets = PacketsDocument(pts=index.pts, key=index.key, frame=index.frame, size=index.size)
    return CameraDocument(
        name=sensor.name,
        ego_from_sensor=pose_values(sensor.ego_from_sensor),
        clock=_describe_clock(sensor.clock, start_ns),
        world_from_sensor=[pose_values(pose) for pose in sensor.world_from_sensor],
        width_px=sensor.width_px,
        height_px=sensor.height_px,
        media=sensor.media,
        media_type=index.media_types[0] if sensor.media == "images" and index.media_types else None,
        camera=None if sensor.camera is None else describe_lens(sensor.camera),
        stream=None if stream is None else describe_stream(stream),
        index=packets,
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


def _describe_clock(clock: Clock, start_ns: int) -> ClockDocument:
    return ClockDocument(time_ns=(clock.time_ns - start_ns).tolist(), names=list(clock.names))
