"""KITTI multi-object tracking: sequences of clouds, images, tracked boxes and vehicle poses.

| file | holds |
|---|---|
| ``velodyne/0001/000354.bin`` | a frame: the scene's frames are these |
| ``image_02/0001/000354.png`` | the left colour image; image_03 the right one |
| ``calib/0001.txt`` | the calibration, in either spelling |
| ``label_02/0001.txt`` | the labels of every frame, also of those without a cloud |
| ``oxts/0001.txt`` | one line a frame: where the vehicle was; may be missing |
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.geometry import Pose
from worldline.geometry.pose import Vector

from ..errors import BrokenFileError, LabelError, UnknownFormatError
from ..labels import IgnoreRegion, Labels
from ..registry import Progress, ReadScene, no_progress
from ..report import Loss, Losses
from ..scene import CameraSensor, Clock, Lidar, MetaValue, Scene, Sensor
from .calibration import Calibration, read_calibration
from .classes import Dialect
from .labels import PlacedRow, build_object
from .meta import EGO_POSES, NO_EGO_POSES, SEQUENCE, SOURCE, calibration_key, place_facts
from .oxts import read_oxts
from .rows import read_rows
from .source import KittiData, common_size, find_clouds, find_images, find_splits, has_sequences
from .writing import write_scene

FORMAT: Dialect = "kitti-tracking"
FRAME_NS = 100_000_000
LIDAR = "velodyne"
MAIN_CAMERA = "image_02"
CAMERAS = {MAIN_CAMERA: 2, "image_03": 3}


class TrackingReader:
    """Reads sequences."""

    def recognise(self, path: Path) -> bool:
        """Whether clouds lie in a folder for each sequence."""
        try:
            return any(has_sequences(split) for _, split in find_splits(path))
        except OSError:
            return False

    def read(self, path: Path, name: str) -> Iterator[ReadScene]:
        """Each sequence as a scene.

        Raises:
            FormatError: A file is missing or wrong.
        """
        splits = find_splits(path)
        found = [
            (split, folder, sequence.name)
            for split, folder in splits
            for sequence in sorted((folder / "velodyne").iterdir())
            if sequence.is_dir()
        ]
        if not found:
            raise UnknownFormatError(
                "has no sequences of clouds", path=path, fix="expected training/velodyne/<sequence>/<frame>.bin"
            )
        for split, folder, sequence in found:
            label = sequence if len(splits) == 1 else f"{split}-{sequence}"
            yield _read_sequence(folder, sequence, name if len(found) == 1 else f"{name}-{label}")


class TrackingWriter:
    """Writes a scene as one sequence."""

    def write(self, scene: Scene, out: Path, progress: Progress = no_progress) -> tuple[Loss, ...]:
        """Write into a new folder.

        Raises:
            FormatError: The scene has no lidar or no calibrated camera with images, or the folder is not empty.
        """
        return write_scene(scene, out, FORMAT, progress)


READER = TrackingReader()
WRITER = TrackingWriter()


@dataclass(frozen=True, slots=True)
class _Drive:
    """How the lidar moved: by frame number; where the world's origin is; and what to remember of it."""

    world_from_lidar: dict[int, Pose]
    origin_m: Vector
    facts: dict[str, MetaValue]


def _read_sequence(folder: Path, sequence: str, name: str) -> ReadScene:
    losses = Losses()
    clouds = find_clouds(folder / "velodyne" / sequence)
    images = {camera: find_images(folder / camera / sequence) for camera in CAMERAS}
    needed = (2, *(CAMERAS[camera] for camera, files in images.items() if files and camera != MAIN_CAMERA))
    calibration = read_calibration(folder / "calib" / f"{sequence}.txt", needed)
    drive = _read_drive(folder / "oxts" / f"{sequence}.txt", calibration, list(clouds), losses)
    ego_from_lidar = (calibration.lidar_from_imu or Pose()).inverse()
    poses = tuple(drive.world_from_lidar.values())
    sensors: list[Sensor] = [Lidar(LIDAR, ego_from_lidar, _clock(list(clouds)), poses, ("intensity",))]
    shown: dict[str, dict[int, Path]] = {}
    for camera, files in images.items():
        kept = {frame: file for frame, file in files.items() if frame in clouds}
        losses.add(f"{camera} images", "frames without a cloud are not in the scene", len(files) - len(kept))
        if files or camera == MAIN_CAMERA:
            losses.add("frames without an image", f"{camera} has none of them", len(clouds) - len(kept))
        if kept:
            sensors.append(_camera(camera, kept, calibration, ego_from_lidar, drive.world_from_lidar))
            shown[camera] = kept
    labels = _read_labels(folder, sequence, calibration, drive, list(shown.get(MAIN_CAMERA, ())), losses)
    data = KittiData(tuple(clouds.values()), {camera: tuple(files.values()) for camera, files in shown.items()})
    facts = {SOURCE: FORMAT, SEQUENCE: sequence, calibration_key(MAIN_CAMERA): calibration.text, **drive.facts}
    return ReadScene(Scene(name, tuple(sensors), LIDAR, data, labels, drive.origin_m, facts), losses.listed())


def _clock(numbers: list[int]) -> Clock:
    return Clock(np.array(numbers, dtype=np.int64) * FRAME_NS, tuple(f"{number:06d}" for number in numbers))


def _camera(
    camera: str, files: dict[int, Path], calibration: Calibration, ego_from_lidar: Pose, poses: dict[int, Pose]
) -> CameraSensor:
    number = CAMERAS[camera]
    width_px, height_px = common_size(files)
    lidar_from_camera = (calibration.camera_from_rect(number) @ calibration.rect_from_lidar).inverse()
    return CameraSensor(
        camera,
        ego_from_lidar @ lidar_from_camera,
        _clock(list(files)),
        tuple(poses[frame] @ lidar_from_camera for frame in files),
        width_px,
        height_px,
        calibration.camera(number, width_px, height_px),
    )


def _read_drive(path: Path, calibration: Calibration, numbers: list[int], losses: Losses) -> _Drive:
    if not path.is_file() or calibration.lidar_from_imu is None:
        missing = "oxts file" if calibration.lidar_from_imu else "Tr_imu_velo in the calibration"
        why = f"there is no {missing}: the world is the lidar's own frame, and parked cars seem to move"
        losses.add("ego poses", why, len(numbers))
        return _Drive(dict.fromkeys(numbers, Pose()), (0.0, 0.0, 0.0), {EGO_POSES: NO_EGO_POSES})
    place, world_from_imu = read_oxts(path)
    if numbers[-1] >= len(world_from_imu):
        raise BrokenFileError(
            f"expected a line for each frame up to {numbers[-1]}, found {len(world_from_imu)}", path=path,
            place=f"line {len(world_from_imu)}", fix="copy the file again, or remove it to import without ego poses",
        )  # fmt: skip
    imu_from_lidar = calibration.lidar_from_imu.inverse()
    poses = {number: world_from_imu[number] @ imu_from_lidar for number in numbers}
    return _Drive(poses, place.origin_m, place_facts(place))


def _read_labels(
    folder: Path, sequence: str, calibration: Calibration, drive: _Drive, image_numbers: list[int], losses: Losses
) -> Labels:
    path = folder / "label_02" / f"{sequence}.txt"
    if not path.exists():
        if path.parent.is_dir():
            losses.add("label files", f"there is no label_02/{sequence}.txt: the scene has no labels")
        return Labels()
    frames = {number: frame for frame, number in enumerate(drive.world_from_lidar)}
    image_frames = {number: frame for frame, number in enumerate(image_numbers)}
    lidar_from_rect = calibration.rect_from_lidar.inverse()
    rows = read_rows(path, FORMAT)
    kept = [row for row in rows if row.frame in frames]
    losses.add("label rows", "they are of frames without a cloud", len(rows) - len(kept))
    regions: list[IgnoreRegion] = []
    by_track: dict[int, list[PlacedRow]] = {}
    for row in kept:
        camera = MAIN_CAMERA if row.frame in image_frames else ""
        if row.is_dont_care and camera:
            regions.append(IgnoreRegion(camera, image_frames[row.frame], row.box))
        elif row.is_dont_care:
            losses.add("DontCare regions", "their frames have no image")
        else:
            world_from_rect = drive.world_from_lidar[row.frame] @ lidar_from_rect
            losses.add("labelled 2D boxes", "their frames have no image", int(not camera))
            placed = PlacedRow(row, frames[row.frame], world_from_rect, camera, image_frames.get(row.frame, 0))
            by_track.setdefault(row.track_id, []).append(placed)
    objects, tracks = [], []
    for track_id, placed_rows in by_track.items():
        _check_class(placed_rows, path)
        each, paths = build_object(str(track_id), track_id, sorted(placed_rows, key=_frame), losses)
        objects.append(each)
        tracks += paths
    return Labels(tuple(objects), tuple(tracks), tuple(regions))


def _frame(each: PlacedRow) -> int:
    return each.frame


def _check_class(rows: list[PlacedRow], path: Path) -> None:
    first = rows[0].row
    for each in rows:
        if each.row.name != first.name:
            raise LabelError(
                f"track {first.track_id} is a {each.row.name} here and a {first.name} in line {first.line}",
                path=path, place=f"line {each.row.line}", fix="give the track one class, or make two tracks of it",
            )  # fmt: skip
