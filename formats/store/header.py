"""The unchanging part of a stored scene: sensors, calibration, timetables.

It is written first, so that a growing scene has it from its first frame on. The header itself, the
group's attribute, does not grow with the number of frames.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import zarr
from pydantic import BaseModel, ConfigDict, ValidationError

from worldline.formats.errors import MissingFileError, SceneError, StoreError
from worldline.formats.scene import CameraSensor, Lidar, MetaValue, Scene, Sensor, VideoStream
from worldline.formats.sound import Sound
from worldline.geometry import GeometryError
from worldline.geometry.pose import Vector

from .attributes import read_attributes
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
from .layout import ATTRIBUTE, canonical_json, check_version, node_name
from .place import Place
from .timetable import StoredClock, StoredPoses, Timetable, write_timetable

_META = "meta"
"""A group whose attributes are the facts that are too long for the header."""
_LONGEST = 1000


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClockHeader(_Model):
    """How long a sensor's timetable is.

    Attributes:
        frame_count: Its frames.
        first_time_ns: Of its first frame; 0 where there is none.
        last_time_ns: Of its last frame.
        name_bytes: Of the longest name of a frame.
    """

    frame_count: int
    first_time_ns: int
    last_time_ns: int
    name_bytes: int


class LidarHeader(_Model):
    """A lidar's calibration and fields."""

    kind: Literal["lidar"] = "lidar"
    name: str
    ego_from_sensor: PoseValues
    clock: ClockHeader | None = None
    fields: list[str]


class CameraHeader(_Model):
    """A camera's calibration, and its video's stream."""

    kind: Literal["camera"] = "camera"
    name: str
    ego_from_sensor: PoseValues
    clock: ClockHeader | None = None
    width_px: int
    height_px: int
    media: Literal["images", "video"]
    camera: LensDocument | None
    stream: StreamDocument | None


class SoundHeader(_Model):
    """What must be known to decode a sound."""

    name: str
    codec_name: str
    codec: str | None
    extradata_base64: str
    time_base: tuple[int, int]
    sample_rate_hz: int
    channel_count: int
    language: str | None


class SceneHeader(_Model):
    """The group attribute ``worldline``.

    Attributes:
        version: Of the layout.
        name: The scene's.
        reference: The sensor whose clock counts the scene's frames.
        world_origin_m: Map coordinates of the world's origin.
        meta: Facts of the source, but for long ones.
        long_meta: Names of those.
        sensors: Lidars and cameras; without clocks in version 1.
        sounds: What was heard.
    """

    version: Literal[1, 2] = 2
    name: str
    reference: str
    world_origin_m: Vector
    meta: dict[str, MetaValue]
    long_meta: list[str] = []
    sensors: list[LidarHeader | CameraHeader]
    sounds: list[SoundHeader] = []


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
        name_bytes = write_timetable(group, sensor, scene.clock)
        headers.append(_describe(sensor, name_bytes, streams))
    long = {name: value for name, value in scene.meta.items() if isinstance(value, str) and len(value) > _LONGEST}
    header = SceneHeader(
        name=scene.name,
        reference=scene.reference,
        world_origin_m=scene.world_origin_m,
        meta={name: value for name, value in scene.meta.items() if name not in long},
        long_meta=sorted(long),
        sensors=headers,
        sounds=[_describe_sound(sound) for sound in scene.sounds],
    )
    attributes = header.model_dump(mode="json")
    try:
        canonical_json(attributes)
    except ValueError as error:
        raise SceneError(f"scene {scene.name}: meta has a number that is not finite") from error
    if long:
        group.create_group(_META, attributes=long)
    group.update_attributes({ATTRIBUTE: attributes})


def read_header(place: Place) -> SceneHeader:
    """A stored scene's header.

    Raises:
        MissingFileError: There is no scene.
        StoreError: It is damaged, or of a version that is not known here.
    """
    try:
        attributes = read_attributes(place, "").get(ATTRIBUTE)
    except MissingFileError as error:
        raise MissingFileError("there is no stored scene here", path=place.name) from error
    check_version(attributes.get("version") if isinstance(attributes, dict) else None, place.name)
    try:
        return SceneHeader.model_validate(attributes)
    except ValidationError as error:
        raise StoreError(f"the scene's header is damaged: {error}", path=place.name) from error


def sensors_of(header: SceneHeader, timetables: Mapping[str, Timetable], place: Place) -> tuple[Sensor, ...]:
    """The sensors of a header; their clocks and poses are read when asked for.

    Raises:
        StoreError: The header contradicts itself.
    """
    try:
        return tuple(_sensor(each, timetables[each.name]) for each in header.sensors)
    except (GeometryError, SceneError, KeyError) as error:
        raise StoreError(f"the scene's header is damaged: {error}", path=place.name) from error


class StoredMeta(Mapping[str, MetaValue]):
    """The facts of a scene's source; the long ones are read when asked for."""

    def __init__(self, header: SceneHeader, place: Place) -> None:
        """The facts of a header."""
        self._header = header
        self._place = place
        self._long: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> MetaValue:
        """A fact.

        Raises:
            KeyError: There is none of the name.
            StoreError: It is damaged.
        """
        if name not in self._header.long_meta:
            return self._header.meta[name]
        if self._long is None:
            try:
                self._long = read_attributes(self._place, _META)
            except MissingFileError as error:
                raise StoreError("a stored file is gone", path=f"{self._place.name}/{_META}/zarr.json") from error
        return str(self._long[name])

    def __iter__(self) -> Iterator[str]:
        """Their names."""
        return iter((*self._header.meta, *self._header.long_meta))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._header.meta) + len(self._header.long_meta)


def streams_of(header: SceneHeader) -> dict[str, VideoStream]:
    """The stream of each camera that has a video."""
    return {
        each.name: stream_of(each.stream)
        for each in header.sensors
        if isinstance(each, CameraHeader) and each.stream is not None
    }


def _describe_sound(sound: Sound) -> SoundHeader:
    return SoundHeader(
        name=sound.name,
        codec_name=sound.codec_name,
        codec=sound.codec,
        extradata_base64=base64.b64encode(sound.extradata).decode(),
        time_base=(sound.time_base.numerator, sound.time_base.denominator),
        sample_rate_hz=sound.sample_rate_hz,
        channel_count=sound.channel_count,
        language=sound.language,
    )


def _describe(sensor: Sensor, name_bytes: int, streams: Mapping[str, VideoStream]) -> LidarHeader | CameraHeader:
    time_ns = sensor.clock.time_ns
    first, last = (int(time_ns[0]), int(time_ns[-1])) if len(time_ns) else (0, 0)
    clock = ClockHeader(frame_count=len(time_ns), first_time_ns=first, last_time_ns=last, name_bytes=name_bytes)
    if isinstance(sensor, Lidar):
        return LidarHeader(
            name=sensor.name,
            ego_from_sensor=pose_values(sensor.ego_from_sensor),
            clock=clock,
            fields=list(sensor.fields),
        )
    if sensor.media == "video" and sensor.name not in streams:
        raise SceneError(f"camera {sensor.name} has a video and no stream")
    return CameraHeader(
        name=sensor.name,
        ego_from_sensor=pose_values(sensor.ego_from_sensor),
        clock=clock,
        width_px=sensor.width_px,
        height_px=sensor.height_px,
        media=sensor.media,
        camera=None if sensor.camera is None else describe_lens(sensor.camera),
        stream=describe_stream(streams[sensor.name]) if sensor.media == "video" else None,
    )


def _sensor(header: LidarHeader | CameraHeader, table: Timetable) -> Sensor:
    ego_from_sensor = pose_of(header.ego_from_sensor)
    clock, poses = StoredClock(table), StoredPoses(table)
    if isinstance(header, LidarHeader):
        return Lidar(header.name, ego_from_sensor, clock, poses, tuple(header.fields))
    camera = None if header.camera is None else lens_of(header.camera)
    return CameraSensor(
        header.name, ego_from_sensor, clock, poses, header.width_px, header.height_px, camera, header.media
    )
