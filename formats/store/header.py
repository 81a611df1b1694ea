"""The unchanging part of a stored scene: sensors, calibration, clocks, poses.

It is written first, so that a growing scene has it from its first frame on.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import zarr
from pydantic import BaseModel, ConfigDict, ValidationError

from worldline.formats.errors import SceneError, StoreError
from worldline.formats.scene import CameraSensor, Clock, Lidar, MetaValue, Scene, Sensor, VideoStream
from worldline.geometry import GeometryError, Pose
from worldline.geometry.pose import Vector

from .document import (
    LensDocument,
    PoseValues,
    StreamDocument,
    describe_lens,
    describe_stream,
    lens_of,
    pose_of,
    pose_values,
    stream_of,
)
from .index import read_array
from .layout import ATTRIBUTE, LAYOUT_VERSION, canonical_json, index_array, node_name


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LidarHeader(_Model):
    """A lidar's calibration and fields."""

    kind: Literal["lidar"] = "lidar"
    name: str
    ego_from_sensor: PoseValues
    fields: list[str]


class CameraHeader(_Model):
    """A camera's calibration, and its video's stream."""

    kind: Literal["camera"] = "camera"
    name: str
    ego_from_sensor: PoseValues
    width_px: int
    height_px: int
    media: Literal["images", "video"]
    camera: LensDocument | None
    stream: StreamDocument | None


class SceneHeader(_Model):
    """The group attribute ``worldline``."""

    version: Literal[1] = 1
    name: str
    reference: str
    world_origin_m: Vector
    meta: dict[str, MetaValue]
    sensors: list[LidarHeader | CameraHeader]


def write_header(group: zarr.Group, scene: Scene, streams: Mapping[str, VideoStream]) -> None:
    """Write what is known of a scene before its frames.

    Raises:
        SceneError: A name cannot be stored, a number is not finite, or a video has no stream.
    """
    headers: list[LidarHeader | CameraHeader] = []
    nodes: dict[str, str] = {}
    for sensor in scene.sensors:
        node = node_name(sensor.name)
        if nodes.setdefault(node.lower(), sensor.name) != sensor.name:
            raise SceneError(f"sensors {nodes[node.lower()]} and {sensor.name} differ in case only", fix="rename one")
        headers.append(_describe(sensor, streams))
        poses = [pose_values(pose) for pose in sensor.world_from_sensor]
        index_array(group, f"poses/{node}", np.array(poses, dtype=np.float64).reshape(-1, 7))
        index_array(group, f"clocks/{node}", sensor.clock.time_ns)
        clock = group[f"clocks/{node}"]
        clock.update_attributes({"names": list(sensor.clock.names)})
    header = SceneHeader(
        name=scene.name,
        reference=scene.reference,
        world_origin_m=scene.world_origin_m,
        meta=dict(scene.meta),
        sensors=headers,
    )
    attributes = header.model_dump(mode="json")
    try:
        canonical_json(attributes)
    except ValueError as error:
        raise SceneError(f"scene {scene.name}: meta has a number that is not finite") from error
    group.update_attributes({ATTRIBUTE: attributes})


def read_header(group: zarr.Group, path: Path) -> tuple[SceneHeader, tuple[Sensor, ...]]:
    """A stored scene's header and its sensors.

    Raises:
        StoreError: It is damaged, or of a version that is not known here.
    """
    attributes: Any = group.attrs.asdict().get(ATTRIBUTE)
    version = attributes.get("version") if isinstance(attributes, dict) else None
    if version != LAYOUT_VERSION:
        raise StoreError(f"stored with layout version {version}, this program knows {LAYOUT_VERSION}", path=path)
    try:
        header = SceneHeader.model_validate(attributes)
        sensors = tuple(_sensor(group, each) for each in header.sensors)
    except (ValidationError, GeometryError, SceneError, KeyError) as error:
        raise StoreError(f"the scene's header is damaged: {error}", path=path) from error
    return header, sensors


def streams_of(header: SceneHeader) -> dict[str, VideoStream]:
    """The stream of each camera that has a video."""
    return {
        each.name: stream_of(each.stream)
        for each in header.sensors
        if isinstance(each, CameraHeader) and each.stream is not None
    }


def _describe(sensor: Sensor, streams: Mapping[str, VideoStream]) -> LidarHeader | CameraHeader:
    if isinstance(sensor, Lidar):
        return LidarHeader(
            name=sensor.name, ego_from_sensor=pose_values(sensor.ego_from_sensor), fields=list(sensor.fields)
        )
    if sensor.media == "video" and sensor.name not in streams:
        raise SceneError(f"camera {sensor.name} has a video and no stream")
    return CameraHeader(
        name=sensor.name,
        ego_from_sensor=pose_values(sensor.ego_from_sensor),
        width_px=sensor.width_px,
        height_px=sensor.height_px,
        media=sensor.media,
        camera=None if sensor.camera is None else describe_lens(sensor.camera),
        stream=describe_stream(streams[sensor.name]) if sensor.media == "video" else None,
    )


def _sensor(group: zarr.Group, header: LidarHeader | CameraHeader) -> Sensor:
    node = node_name(header.name)
    names = group[f"clocks/{node}"].attrs.asdict()["names"]
    if not isinstance(names, list):
        raise StoreError("a clock has no names", place=f"clocks/{node}")
    clock = Clock(read_array(group, f"clocks/{node}"), tuple(map(str, names)))
    poses: tuple[Pose, ...] = tuple(pose_of(tuple(row)) for row in read_array(group, f"poses/{node}").tolist())
    ego_from_sensor = pose_of(header.ego_from_sensor)
    if isinstance(header, LidarHeader):
        return Lidar(header.name, ego_from_sensor, clock, poses, tuple(header.fields))
    camera = None if header.camera is None else lens_of(header.camera)
    return CameraSensor(
        header.name, ego_from_sensor, clock, poses, header.width_px, header.height_px, camera, header.media
    )
