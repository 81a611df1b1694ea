"""Read a nuScenes version: each scene's sensors, clocks, poses and labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.geometry import Camera, GeometryError, Pose
from worldline.geometry.pose import Vector

from ..errors import BrokenFileError, MissingFileError
from ..folder import resolve_inside
from ..images import check_image_size, image_size
from ..intensity import INTENSITY_MAX
from ..registry import ReadScene
from ..report import Losses
from ..scene import CameraSensor, Clock, Lidar, Scene, Sensor
from .chains import walk_samples
from .data import NuScenesData, check_size
from .labels import read_labels
from .meta import Kept, KeptChannel, keep_facts, log_text
from .tables import Record, Tables, find_tables, read_tables

_DISTORTION_COUNT = 5


@dataclass(frozen=True, slots=True)
class Channel:
    """A sensor's frames whose files are there.

    Attributes:
        name: As ``LIDAR_TOP``.
        modality: ``lidar`` or ``camera``.
        frames: Its sample_data in order of time.
        files: The file of each.
    """

    name: str
    modality: str
    frames: tuple[Record, ...]
    files: tuple[Path, ...]

    @property
    def key_frames(self) -> list[int]:
        """Which frames are keyframes."""
        return [index for index, record in enumerate(self.frames) if record.values.get("is_key_frame")]


class NuScenesReader:
    """Reads scenes."""

    def recognise(self, path: Path) -> bool:
        """Whether there are tables."""
        try:
            return bool(find_tables(path))
        except OSError:
            return False

    def read(self, path: Path, name: str) -> Iterator[ReadScene]:
        """Each scene of the version.

        Raises:
            FormatError: A table or a file is missing or wrong.
        """
        tables = read_tables(path)
        scenes = list(tables.records("scene"))
        if not scenes:
            raise BrokenFileError("has no scenes", path=tables.path("scene"))
        for scene in scenes:
            yield _read_scene(tables, scene, name if len(scenes) == 1 else f"{name}-{scene.text('name')}")


def _read_scene(tables: Tables, scene: Record, name: str) -> ReadScene:
    losses = Losses()
    samples = walk_samples(tables, scene)
    channels = _read_channels(tables, samples, losses)
    reference = min(channels, key=lambda each: (each.modality != "lidar", each.name not in ("LIDAR_TOP", "CAM_FRONT")))
    frames = _sample_frames(reference, samples)
    first = tables.find("ego_pose", reference.frames[0].text("ego_pose_token"), reference.frames[0])
    x, y, z = (float(np.floor(value)) for value in first.numbers("translation", 3))
    sensors: list[Sensor] = []
    kept_channels = {}
    for each in channels:
        calibrated = _calibrated(tables, each.frames[0])
        sensors.append(_read_sensor(tables, each, calibrated, (x, y, z), losses))
        kept_channels[each.name] = KeptChannel(
            channel=each.name,
            sensor=calibrated.text("sensor_token"),
            calibrated_sensor=calibrated.token,
            frames=[record.token for record in each.frames],
            key_frames=each.key_frames,
        )
    labels, annotations = read_labels(tables, samples, frames, (x, y, z), losses)
    log = tables.find("log", scene.text("log_token"), scene)
    kept = Kept(
        scene=scene.token,
        name=scene.text("name"),
        description=str(scene.values.get("description", "")),
        log=log_text(log.values),
        samples=[sample.token for sample in samples],
        sample_frames=frames,
        channels=kept_channels,
        categories={record.text("name"): record.token for record in tables.records("category")},
        attributes={record.text("name"): record.token for record in tables.records("attribute")},
        annotations=annotations,
    )
    facts = {**keep_facts(tables.folder.name, kept), INTENSITY_MAX: 255.0}
    data = NuScenesData({each.name: each.files for each in channels})
    read = Scene(name, tuple(sensors), reference.name, data, labels, (x, y, z), facts)
    return ReadScene(read, losses.listed())


def _calibrated(tables: Tables, record: Record) -> Record:
    return tables.find("calibrated_sensor", record.text("calibrated_sensor_token"), record)


def _read_channels(tables: Tables, samples: list[Record], losses: Losses) -> list[Channel]:
    """The lidars and cameras of which there are files."""
    records: dict[tuple[str, str], list[Record]] = {}
    for sample in samples:
        for record in tables.matching("sample_data", "sample_token", sample.token):
            calibrated = _calibrated(tables, record)
            sensor = tables.find("sensor", calibrated.text("sensor_token"), calibrated)
            records.setdefault((sensor.text("modality"), sensor.text("channel")), []).append(record)
    channels = []
    for (modality, name), found in sorted(records.items(), key=lambda item: (item[0][0] != "lidar", item[0][1])):
        if modality not in ("lidar", "camera"):
            losses.add(f"{modality} sensors", f"only lidars and cameras are read, not {name}")
            continue
        found.sort(key=lambda record: record.time_ns)
        files = [_file(tables, record) for record in found]
        there = [path.is_file() for path in files]
        if not any(there):
            losses.add("sensors", f"there is no file of {name}")
            continue
        for record, path, exists in zip(found, files, there, strict=True):
            if not exists and record.values.get("is_key_frame"):
                raise MissingFileError(
                    f"the file of a keyframe of {name} is missing", path=path, place=record.place,
                    fix="copy the samples folder completely",
                )  # fmt: skip
            if exists and modality == "lidar":
                check_size(path)
        losses.add("sweeps", f"files of {name} are not there", there.count(False))
        kept = [(record, path) for record, path, exists in zip(found, files, there, strict=True) if exists]
        channels.append(Channel(name, modality, tuple(r for r, _ in kept), tuple(p for _, p in kept)))
    if not channels:
        raise MissingFileError("there is no file of any sensor", path=tables.root, fix="copy samples and sweeps here")
    return channels


def _file(tables: Tables, record: Record) -> Path:
    return resolve_inside(tables.root, record.text("filename"), path=record.path, place=record.place)


def _sample_frames(reference: Channel, samples: list[Record]) -> list[int]:
    """The frame of each sample on the reference channel."""
    frames = {reference.frames[index].text("sample_token"): index for index in reference.key_frames}
    for sample in samples:
        if sample.token not in frames:
            raise sample.error(f"has no keyframe of {reference.name}")
    return [frames[sample.token] for sample in samples]


def _read_sensor(tables: Tables, channel: Channel, calibrated: Record, origin_m: Vector, losses: Losses) -> Sensor:
    mount = calibrated.pose()
    times = [record.time_ns for record in channel.frames]
    for index in np.flatnonzero(np.diff(times) <= 0).tolist():
        raise channel.frames[index + 1].error(f"{channel.name} has two frames at {times[index] // 1000} us")
    clock = Clock(np.array(times, dtype=np.int64), tuple(str(time // 1000) for time in times))
    poses: list[Pose] = []
    for record in channel.frames:
        ego = tables.find("ego_pose", record.text("ego_pose_token"), record).pose(origin_m)
        other = record.text("calibrated_sensor_token")
        own = mount if other == calibrated.token else tables.find("calibrated_sensor", other, record).pose()
        poses.append(ego @ own)
    if channel.modality == "lidar":
        return Lidar(channel.name, mount, clock, tuple(poses), ("intensity", "ring"))
    width_px, height_px = image_size(channel.files[0])
    said = [channel.frames[0].number("width"), channel.frames[0].number("height")]
    if any(said) and said != [width_px, height_px]:
        raise channel.frames[0].error(
            f"says {said[0]:g} x {said[1]:g} pixels, but {channel.files[0].name} has {width_px} x {height_px}"
        )
    for file in channel.files:
        check_image_size(file, (width_px, height_px))
    camera = _read_camera(calibrated, channel.name, width_px, height_px, losses)
    return CameraSensor(channel.name, mount, clock, tuple(poses), width_px, height_px, camera)


def _read_camera(calibrated: Record, name: str, width_px: int, height_px: int, losses: Losses) -> Camera:
    rows = calibrated.values.get("camera_intrinsic")
    if not isinstance(rows, list) or len(rows) != 3:
        raise calibrated.error(f"camera_intrinsic of {name} must be 3 rows of 3 numbers, found {rows!r}")
    matrix = [Record(calibrated.path, {"token": calibrated.token, "row": row}).numbers("row", 3) for row in rows]
    (fx, skew, cx), (zero, fy, cy), last = matrix
    if fx <= 0 or fy <= 0 or zero != 0 or last != [0, 0, 1]:
        raise calibrated.error(f"camera_intrinsic of {name} must be fx 0 cx, 0 fy cy, 0 0 1, found {rows}")
    losses.add("skew of pixels", f"the lens of {name} is read without it", int(skew != 0))
    bent = calibrated.values.get("camera_distortion")
    try:
        if isinstance(bent, list) and len(bent) == _DISTORTION_COUNT and any(bent):
            numbers = tuple(calibrated.numbers("camera_distortion", _DISTORTION_COUNT))
            return Camera(width_px, height_px, fx, fy, cx, cy, "plumb_bob", numbers)
        unknown = isinstance(bent, list) and any(bent)
        losses.add("lens distortion", f"the model of {name} is not known", int(unknown))
        return Camera(width_px, height_px, fx, fy, cx, cy)
    except GeometryError as error:
        raise calibrated.error(str(error)) from error
