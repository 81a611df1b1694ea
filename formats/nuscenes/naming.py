"""What a scene's sensors, frames and samples are called in nuScenes, and with which tokens."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from worldline.geometry.arrays import Int64s

from ..errors import SceneError
from ..report import Losses
from ..scene import CameraSensor, Clock, Lidar, Scene, Sensor
from .meta import Kept, find_kept, make_token

_DIRECTIONS = ("FRONT", "FRONT_LEFT", "LEFT", "BACK_LEFT", "BACK", "BACK_RIGHT", "RIGHT", "FRONT_RIGHT")
_CHANNEL = re.compile(r"(LIDAR|CAM)_[A-Z0-9_]+")
_NANOSECONDS = 1000


@dataclass(frozen=True, slots=True)
class Written:
    """A sensor as it is written.

    Attributes:
        sensor: Whose frames.
        channel: As ``LIDAR_TOP``.
        sensor_token: Of the sensor table.
        calibrated_token: Of the calibrated_sensor table.
        tokens: Of the sample_data of each frame.
        times_us: Of each frame.
        samples: Index of the sample that each frame belongs to: its own, or the next one after a sweep.
        key_frames: Frames that are samples.
    """

    sensor: Sensor
    channel: str
    sensor_token: str
    calibrated_token: str
    tokens: tuple[str, ...]
    times_us: tuple[int, ...]
    samples: tuple[int, ...]
    key_frames: frozenset[int]


@dataclass(frozen=True, slots=True)
class Names:
    """Names and tokens of a scene.

    Attributes:
        name: Of the scene.
        token: Of the scene.
        sample_frames: Frame of the scene's clock of each sample.
        sample_tokens: Of each sample.
        sensors: The sensors that can be written, the reference first.
        kept: What a nuScenes source said.
    """

    name: str
    token: str
    sample_frames: tuple[int, ...]
    sample_tokens: tuple[str, ...]
    sensors: tuple[Written, ...]
    kept: Kept | None


def name_scene(scene: Scene, losses: Losses) -> Names:
    """Names and tokens: those of the source where it is nuScenes, else ones that follow from the names.

    Raises:
        SceneError: Two frames of a sensor are in one microsecond.
    """
    kept = find_kept(scene.meta)
    if kept is not None and not _fits(kept, scene):
        kept = None
    name = kept.name if kept else scene.name
    frames = tuple(kept.sample_frames) if kept else tuple(range(scene.frame_count))
    tokens = tuple(kept.samples) if kept else tuple(make_token("sample", name, frame) for frame in frames)
    channels = name_channels(scene, losses)
    reference = scene.sensor(scene.reference)
    sample_ns = reference.clock.time_ns[list(frames)]
    named = []
    for each in sorted(channels, key=lambda sensor: sensor != reference.name):
        own = frames if each == reference.name else None
        named.append(_name_sensor(scene.sensor(each), channels[each], name, kept, own, sample_ns))
    sensors = tuple(named)
    return Names(name, kept.scene if kept else make_token("scene", name), frames, tokens, sensors, kept)


def name_channels(scene: Scene, losses: Losses) -> dict[str, str]:
    """Sensor to channel, for those that can be written."""
    channels: dict[str, str] = {}
    renamed = 0
    for sensor in scene.sensors:
        if isinstance(sensor, CameraSensor):
            if sensor.media != "images":
                losses.add("videos", "nuScenes has images only")
                continue
            if sensor.camera is None:
                losses.add("cameras without calibration", "nuScenes' cameras have one")
                continue
        if len(sensor.clock) == 0:
            continue
        channel = sensor.name if _CHANNEL.fullmatch(sensor.name) else _channel(sensor, scene.reference)
        if channel in channels.values():
            channel = f"{channel.split('_')[0]}_{re.sub('[^A-Z0-9]+', '_', sensor.name.upper())}"
        while channel in channels.values():
            channel += "_2"
        renamed += channel != sensor.name
        channels[sensor.name] = channel
    losses.add("names of sensors", "nuScenes' channels are LIDAR_TOP, CAM_FRONT and so on", renamed)
    if scene.reference not in channels:
        raise SceneError(
            f"scene {scene.name} cannot be written as nuScenes: its reference {scene.reference} has no calibration",
            fix="nuScenes holds lidars and calibrated cameras with images",
        )
    return channels


def _channel(sensor: Sensor, reference: str) -> str:
    """A channel by what the sensor is and where it looks."""
    if isinstance(sensor, Lidar):
        return "LIDAR_TOP" if sensor.name == reference else f"LIDAR_{re.sub('[^A-Z0-9]+', '_', sensor.name.upper())}"
    ahead, left = sensor.ego_from_sensor.rotation[:2, 2].tolist()
    eighth = round(math.atan2(left, ahead) / (math.tau / len(_DIRECTIONS)))
    return f"CAM_{_DIRECTIONS[eighth % len(_DIRECTIONS)]}"


def _name_sensor(
    sensor: Sensor, channel: str, scene: str, kept: Kept | None, key_frames: Sequence[int] | None, sample_ns: Int64s
) -> Written:
    times_ns = sensor.clock.time_ns
    times_us = times_ns // _NANOSECONDS
    repeated = np.flatnonzero(np.diff(times_us) == 0)
    if repeated.size:
        raise SceneError(f"sensor {sensor.name} has two frames in microsecond {times_us[repeated[0]]}")
    known = kept.channels.get(sensor.name) if kept else None
    if known:
        key_frames = known.key_frames
    elif key_frames is None:
        key_frames = _nearest(sensor.clock, sample_ns)
    own = {frame: sample for sample, frame in _key_samples(key_frames, times_ns, sample_ns).items()}
    following = np.minimum(np.searchsorted(sample_ns, times_ns), len(sample_ns) - 1)
    return Written(
        sensor,
        channel,
        known.sensor if known else make_token("sensor", channel),
        known.calibrated_sensor if known else make_token("calibrated_sensor", scene, channel),
        tuple(known.frames if known else [make_token("sample_data", scene, channel, f) for f in range(len(times_ns))]),
        tuple(times_us.tolist()),
        tuple(own.get(frame, int(following[frame])) for frame in range(len(times_ns))),
        frozenset(own),
    )


def _nearest(clock: Clock, sample_ns: Int64s) -> list[int]:
    """The frame nearest to each sample, if it is within half a step of the sensor's clock."""
    half_ns = int(np.median(np.diff(clock.time_ns))) // 2 if len(clock) > 1 else 50_000_000
    pairs = [(clock.nearest(time_ns), time_ns) for time_ns in sample_ns.tolist()]
    return sorted({frame for frame, time_ns in pairs if abs(int(clock.time_ns[frame]) - time_ns) <= half_ns})


def _key_samples(key_frames: Sequence[int], times_ns: Int64s, sample_ns: Int64s) -> dict[int, int]:
    """Sample to its keyframe: each keyframe is of the sample nearest in time."""
    samples: dict[int, int] = {}
    for frame in key_frames:
        sample = int(np.abs(sample_ns - times_ns[frame]).argmin())
        other = samples.get(sample)
        if other is None or abs(times_ns[frame] - sample_ns[sample]) < abs(times_ns[other] - sample_ns[sample]):
            samples[sample] = frame
    return samples


def _fits(kept: Kept, scene: Scene) -> bool:
    """Whether what was kept is of this scene: the counts agree."""
    counts = {sensor.name: len(sensor.clock) for sensor in scene.sensors}
    return (
        len(kept.samples) == len(kept.sample_frames) > 0
        and all(b > a >= 0 for a, b in pairwise(kept.sample_frames))
        and kept.sample_frames[-1] < scene.frame_count
        and all(len(each.frames) == counts.get(name) for name, each in kept.channels.items())
        and all(0 <= f < counts[name] for name, each in kept.channels.items() for f in each.key_frames)
        and scene.reference in kept.channels
    )
