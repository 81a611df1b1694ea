"""Scenes: what every format converts to and from.

A scene is a document (sensors, clocks, poses, labels) and its data, which is read frame by
frame when asked for, so that nothing has to fit in memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from worldline.geometry import Camera, Pose
from worldline.geometry.arrays import Float32s, Int64s
from worldline.geometry.pose import Vector

from .errors import SceneError
from .labels import Labels
from .sound import Sound

MetaValue: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Clock:
    """The strictly increasing timestamps of one sensor.

    Attributes:
        time_ns: (F,) int64.
        names: (F,) The source's own frame names, as ``000354``.

    Raises:
        SceneError: Times do not increase, or names are of another number.
    """

    time_ns: Int64s
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that times increase."""
        times = np.asarray(self.time_ns, dtype=np.int64)
        times.setflags(write=False)
        object.__setattr__(self, "time_ns", times)
        if len(self.names) != times.size:
            raise SceneError(f"a clock has a name for each time: {times.size} times, {len(self.names)} names")
        steps = np.diff(times)
        if (steps <= 0).any():
            frame = int(np.argmax(steps <= 0)) + 1
            raise SceneError(f"a clock's times must strictly increase: frame {frame} ({self.names[frame]}) does not")

    def __len__(self) -> int:
        """How many frames."""
        return int(self.time_ns.size)

    def __eq__(self, other: object) -> bool:
        """Same times and names."""
        if not isinstance(other, Clock):
            return NotImplemented
        return self.names == other.names and np.array_equal(self.time_ns, other.time_ns)

    def __hash__(self) -> int:
        """Of names and times."""
        return hash((self.names, self.time_ns.tobytes()))

    def nearest(self, time_ns: int) -> int:
        """The frame whose time is nearest; of two equally near, the earlier."""
        after = int(np.searchsorted(self.time_ns, time_ns))
        if after == 0:
            return 0
        if after == len(self):
            return after - 1
        return after if self.time_ns[after] - time_ns < time_ns - self.time_ns[after - 1] else after - 1


@dataclass(frozen=True, slots=True)
class Lidar:
    """A sensor that gives a cloud a frame.

    Attributes:
        name: Unique in the scene.
        ego_from_sensor: Where it is mounted.
        clock: Its own timestamps.
        world_from_sensor: (F,) Where it stood at each of its frames.
        fields: What each point has beside x, y, z: ``intensity``, ``ring``, ``time_offset_ns``, ``rgb``...
    """

    name: str
    ego_from_sensor: Pose
    clock: Clock
    world_from_sensor: Sequence[Pose]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraSensor:
    """A sensor that gives an image a frame.

    Attributes:
        name: Unique in the scene.
        ego_from_sensor: Where it is mounted; +z looks ahead.
        clock: Its own timestamps.
        world_from_sensor: (F,) Where it stood at each of its frames.
        camera: Lens and size; None where the source has no calibration (a plain video).
        width_px: Of its images.
        height_px: Of its images.
        media: ``images``: one encoded file a frame; ``video``: packets and an index of PTS.
    """

    name: str
    ego_from_sensor: Pose
    clock: Clock
    world_from_sensor: Sequence[Pose]
    width_px: int
    height_px: int
    camera: Camera | None = None
    media: Literal["images", "video"] = "images"


Sensor: TypeAlias = Lidar | CameraSensor


@dataclass(frozen=True, slots=True)
class Sweep:
    """One frame of a lidar, or one cloud, in the sensor's own frame and order.

    Attributes:
        xyz_m: (N, 3) float32, sensor, metres, finite.
        fields: (N,) or (N, K) arrays by name, of the source's own type.
    """

    xyz_m: Float32s
    fields: Mapping[str, NDArray[np.generic]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Check shapes and that every coordinate is finite."""
        if self.xyz_m.ndim != 2 or self.xyz_m.shape[1] != 3 or self.xyz_m.dtype != np.float32:
            raise SceneError(f"xyz_m is (N, 3) float32, not {self.xyz_m.shape} {self.xyz_m.dtype}")
        for name, values in self.fields.items():
            if len(values) != len(self.xyz_m):
                raise SceneError(f"field {name} has {len(values)} values for {len(self.xyz_m)} points")
        if not np.isfinite(self.xyz_m).all():
            raise SceneError("xyz_m has coordinates that are not finite")

    def __len__(self) -> int:
        """How many points."""
        return len(self.xyz_m)


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image as its file's bytes.

    Attributes:
        data: The file.
        media_type: ``image/png``, ``image/jpeg`` or ``image/webp``.
    """

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class VideoStream:
    """What a decoder must know before the first packet.

    Attributes:
        codec: RFC 6381 string for WebCodecs, as ``avc1.64001f``.
        codec_name: FFmpeg's name, as ``h264``.
        extradata: The codec's configuration record (avcC, hvcC, av1C); empty where it has none.
        time_base: Seconds per PTS unit.
        width_px: Coded.
        height_px: Coded.
        rotation_deg: Clockwise turn to show it upright: 0, 90, 180 or 270.
    """

    codec: str
    codec_name: str
    extradata: bytes
    time_base: Fraction
    width_px: int
    height_px: int
    rotation_deg: int = 0


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded frame of a video, in decode order.

    Attributes:
        data: Its bytes.
        pts: Presentation time in the stream's time base.
        is_key: A decoder can begin here.
    """

    data: bytes
    pts: int
    is_key: bool


class SceneData(Protocol):
    """Reads a scene's frames when asked for."""

    def sweep(self, sensor: str, frame: int) -> Sweep:
        """A lidar's frame."""
        ...

    def image(self, sensor: str, frame: int) -> EncodedImage:
        """A camera's frame, for cameras whose media is ``images``."""
        ...

    def stream(self, sensor: str) -> VideoStream:
        """A camera's stream, for cameras whose media is ``video``."""
        ...

    def packets(self, sensor: str) -> Iterator[Packet]:
        """A camera's packets in decode order, for cameras whose media is ``video``."""
        ...


@dataclass(frozen=True, slots=True)
class Scene:
    """One recording.

    Attributes:
        name: Its name.
        sensors: Lidars and cameras.
        reference: The sensor whose clock counts the scene's frames (a lidar's, else a camera's).
        data: Reads the frames.
        labels: What was labelled.
        world_origin_m: float64 map coordinates of the world's origin, subtracted on import.
        meta: Facts of the source that other parts do not hold, kept for a faithful export.
        sounds: What was heard; its packets are on the clock of the cameras.

    Raises:
        SceneError: A sensor's name stands twice, the reference is no sensor, or poses are of another number.
    """

    name: str
    sensors: tuple[Sensor, ...]
    reference: str
    data: SceneData
    labels: Labels = field(default_factory=Labels)
    world_origin_m: Vector = (0.0, 0.0, 0.0)
    meta: Mapping[str, MetaValue] = field(default_factory=lambda: MappingProxyType({}))
    sounds: tuple[Sound, ...] = ()

    def __post_init__(self) -> None:
        """Check names and numbers."""
        names = [sensor.name for sensor in self.sensors]
        if len(set(names)) < len(names):
            raise SceneError(f"scene {self.name}: sensor names must be unique: {names}")
        if self.reference not in names:
            raise SceneError(f"scene {self.name}: reference {self.reference} is none of the sensors {names}")
        for sensor in self.sensors:
            if len(sensor.world_from_sensor) != len(sensor.clock):
                raise SceneError(
                    f"scene {self.name}: sensor {sensor.name} has {len(sensor.clock)} frames "
                    f"and {len(sensor.world_from_sensor)} poses"
                )

    @property
    def clock(self) -> Clock:
        """The reference clock."""
        return self.sensor(self.reference).clock

    @property
    def frame_count(self) -> int:
        """Frames of the reference clock."""
        return len(self.clock)

    @property
    def lidars(self) -> tuple[Lidar, ...]:
        """The lidars."""
        return tuple(sensor for sensor in self.sensors if isinstance(sensor, Lidar))

    @property
    def cameras(self) -> tuple[CameraSensor, ...]:
        """The cameras."""
        return tuple(sensor for sensor in self.sensors if isinstance(sensor, CameraSensor))

    def sensor(self, name: str) -> Sensor:
        """The sensor of that name.

        Raises:
            SceneError: There is none.
        """
        for sensor in self.sensors:
            if sensor.name == name:
                return sensor
        raise SceneError(f"scene {self.name} has no sensor {name}; it has {[each.name for each in self.sensors]}")
