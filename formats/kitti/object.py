"""KITTI 3D object detection: single frames, each with its own calibration and labels.

| file | holds |
|---|---|
| ``velodyne/000001.bin`` | a frame |
| ``image_2/000001.png`` | the left colour image; image_3 the right one |
| ``calib/000001.txt`` | the frame's calibration |
| ``label_2/000001.txt`` | the frame's labels; testing has none |

The frames have nothing to do with each other, so the scene's clock runs a second from number to
number, the world is each frame's own lidar frame, and every row is an object of its own. Frames of
one calibration and image size share a camera: ``image_2`` where there is one, else ``image_2.1``,
``image_2.2``...
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from worldline.geometry import Pose
from worldline.tracking import Track

from ..errors import UnknownFormatError
from ..images import image_size
from ..labels import IgnoreRegion, Labels, SceneObject
from ..registry import Progress, ReadScene, no_progress
from ..report import Loss, Losses
from ..scene import CameraSensor, Clock, Lidar, MetaValue, Scene, Sensor
from .calibration import Calibration, read_calibration
from .classes import Dialect
from .labels import PlacedRow, build_object
from .meta import EGO_POSES, NO_EGO_POSES, SOURCE, calibration_key
from .rows import read_rows
from .source import KittiData, find_clouds, find_frames, find_images, find_splits, has_frames
from .writing import write_scene

FORMAT: Dialect = "kitti-object"
FRAME_NS = 1_000_000_000
LIDAR = "velodyne"
CAMERAS = {"image_2": 2, "image_3": 3}
_SINGLE_FRAMES = "frames of the object set are single: the world is each frame's own lidar frame"


class ObjectReader:
    """Reads frames."""

    def recognise(self, path: Path) -> bool:
        """Whether clouds lie side by side with a folder of calibrations or labels."""
        try:
            return any(
                has_frames(split) and ((split / "calib").is_dir() or (split / "label_2").is_dir())
                for _, split in find_splits(path)
            )
        except OSError:
            return False

    def read(self, path: Path, name: str) -> Iterator[ReadScene]:
        """Each split as a scene.

        Raises:
            FormatError: A file is missing or wrong.
        """
        splits = [(split, folder) for split, folder in find_splits(path) if has_frames(folder)]
        if not splits:
            raise UnknownFormatError(
                "has no clouds", path=path, fix="expected training/velodyne/<frame>.bin beside calib, image_2, label_2"
            )
        for split, folder in splits:
            yield _read_split(folder, name if len(splits) == 1 else f"{name}-{split}")


class ObjectWriter:
    """Writes each frame of a scene as a frame of its own."""

    def write(self, scene: Scene, out: Path, progress: Progress = no_progress) -> tuple[Loss, ...]:
        """Write into a new folder.

        Raises:
            FormatError: The scene has no lidar or no calibrated camera with images, or the folder is not empty.
        """
        return write_scene(scene, out, FORMAT, progress)


READER = ObjectReader()
WRITER = ObjectWriter()


def _read_split(folder: Path, name: str) -> ReadScene:
    losses = Losses()
    clouds = find_clouds(folder / "velodyne")
    images = {camera: find_images(folder / camera) for camera in CAMERAS}
    calibrations = {
        number: read_calibration(
            folder / "calib" / f"{clouds[number].stem}.txt",
            (2, *(CAMERAS[camera] for camera in CAMERAS if camera != "image_2" and number in images[camera])),
        )
        for number in clouds
    }
    losses.add("ego poses", _SINGLE_FRAMES, len(clouds))
    poses = (Pose(),) * len(clouds)
    sensors: list[Sensor] = [Lidar(LIDAR, Pose(), _clock(list(clouds)), poses, ("intensity",))]
    facts: dict[str, MetaValue] = {SOURCE: FORMAT, EGO_POSES: NO_EGO_POSES}
    shown: dict[str, tuple[Path, ...]] = {}
    places: dict[int, tuple[str, int]] = {}
    for camera, files in images.items():
        kept = {number: file for number, file in files.items() if number in clouds}
        losses.add(f"{camera} images", "frames without a cloud are not in the scene", len(files) - len(kept))
        if files or camera == "image_2":
            losses.add("frames without an image", f"{camera} has none of them", len(clouds) - len(kept))
        groups = _group(kept, calibrations)
        for index, numbers in enumerate(groups, start=1):
            label = camera if len(groups) == 1 else f"{camera}.{index}"
            sensors.append(_camera(label, CAMERAS[camera], numbers, kept, calibrations))
            shown[label] = tuple(kept[number] for number in numbers)
            if camera == "image_2":
                facts[calibration_key(label)] = calibrations[numbers[0]].text
                places |= {number: (label, frame) for frame, number in enumerate(numbers)}
    labels = _read_labels(folder, clouds, calibrations, places, losses)
    scene = Scene(name, tuple(sensors), LIDAR, KittiData(tuple(clouds.values()), shown), labels, meta=facts)
    return ReadScene(scene, losses.listed())


def _clock(numbers: list[int]) -> Clock:
    return Clock(np.array(numbers, dtype=np.int64) * FRAME_NS, tuple(f"{number:06d}" for number in numbers))


def _group(files: dict[int, Path], calibrations: dict[int, Calibration]) -> list[list[int]]:
    """Numbers of frames with the same calibration and image size, in order of their first."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, file in files.items():
        groups.setdefault((image_size(file), calibrations[number].text), []).append(number)
    return list(groups.values())


def _camera(
    name: str, camera: int, numbers: list[int], files: dict[int, Path], calibrations: dict[int, Calibration]
) -> CameraSensor:
    calibration = calibrations[numbers[0]]
    width_px, height_px = image_size(files[numbers[0]])
    lidar_from_camera = (calibration.camera_from_rect(camera) @ calibration.rect_from_lidar).inverse()
    lens = calibration.camera(camera, width_px, height_px)
    poses = (lidar_from_camera,) * len(numbers)
    return CameraSensor(name, lidar_from_camera, _clock(numbers), poses, width_px, height_px, lens)


def _read_labels(
    folder: Path,
    clouds: dict[int, Path],
    calibrations: dict[int, Calibration],
    places: dict[int, tuple[str, int]],
    losses: Losses,
) -> Labels:
    objects: list[SceneObject] = []
    tracks: list[Track] = []
    regions: list[IgnoreRegion] = []
    if not (folder / "label_2").is_dir():
        return Labels()
    spare = [number for number in find_frames(folder / "label_2", (".txt",)) if number not in clouds]
    losses.add("label files", "their frames have no cloud", len(spare))
    for frame, (number, cloud) in enumerate(clouds.items()):
        path = folder / "label_2" / f"{cloud.stem}.txt"
        if not path.exists():
            losses.add("label files", "there is none for the frame: it has no labels")
            continue
        world_from_rect = calibrations[number].rect_from_lidar.inverse()
        for row in read_rows(path, FORMAT, number):
            camera, camera_frame = places.get(number, ("", 0))
            if not row.is_dont_care:
                losses.add("labelled 2D boxes", "their frames have no image", int(not camera))
                placed = PlacedRow(row, frame, world_from_rect, camera, camera_frame)
                each, paths = build_object(f"{cloud.stem}-{row.line - 1}", len(objects) + 1, [placed], losses)
                objects.append(each)
                tracks += paths
            elif camera:
                regions.append(IgnoreRegion(camera, camera_frame, row.box))
            else:
                losses.add("DontCare regions", "their frames have no image")
    return Labels(tuple(objects), tuple(tracks), tuple(regions))
