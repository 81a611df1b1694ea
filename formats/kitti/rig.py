"""Which camera of a scene is KITTI's camera 2, and where the rectified frame stands."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.geometry import Pose
from worldline.geometry.arrays import Int64s

from ..errors import FormatError, SceneError
from ..report import Losses
from ..scene import CameraSensor, Lidar, Scene
from .calibration import Calibration, calibrate_camera, parse_calibration
from .meta import calibration_key

_SAME_M = 1e-5
_SAME_RAD = 1e-5
_SAME_PX = 1e-6


@dataclass(frozen=True, slots=True)
class Rig:
    """One calibration and the cameras that it is of.

    Attributes:
        left: Camera 2: the image that labels lie in.
        rights: Camera 3, in as many sensors as it was read into.
        calibration: Of the file to write.
    """

    left: CameraSensor
    rights: tuple[CameraSensor, ...]
    calibration: Calibration

    @property
    def camera_from_rect(self) -> Pose:
        """From the rectified frame to camera 2's lens."""
        return self.calibration.camera_from_rect(2)


def reference_lidar(scene: Scene) -> Lidar:
    """The lidar whose frames are the scene's.

    Raises:
        SceneError: The scene's frames are not a lidar's.
    """
    lidar = scene.sensor(scene.reference)
    if not isinstance(lidar, Lidar):
        raise SceneError(
            f"scene {scene.name} cannot be written as KITTI: its frames are those of the camera {lidar.name}",
            fix="KITTI holds frames of a lidar",
        )
    return lidar


def find_rigs(scene: Scene, losses: Losses) -> tuple[Rig, ...]:
    """The rigs of a KITTI source, else one of the camera that looks ahead most.

    Raises:
        SceneError: There is no calibrated camera with images.
    """
    lidar = reference_lidar(scene)
    usable = [each for each in scene.cameras if each.camera is not None and each.media == "images" and len(each.clock)]
    rigs = tuple(rig for rig in (_kitti_rig(scene, lidar, each, usable) for each in usable) if rig is not None)
    if not rigs:
        if not usable:
            raise SceneError(
                f"scene {scene.name} cannot be written as KITTI: it has no calibrated camera with images",
                fix="KITTI holds only what a camera sees; nuscenes holds scenes without one",
            )
        ahead = max(usable, key=lambda each: float(each.ego_from_sensor.rotation[0, 2]))
        rigs = (_own_rig(lidar, ahead),)
        if ahead.camera is not None and ahead.camera.model != "pinhole":
            losses.add("lens distortion", f"images of {ahead.name} are written as they are, KITTI's have none")
    written = {each.name for rig in rigs for each in (rig.left, *rig.rights)}
    others = [each.name for each in scene.cameras if each.name not in written]
    losses.add("cameras", f"KITTI holds one: not written are {', '.join(others)}", len(others))
    return rigs


def match_frames(clock_ns: Int64s, camera: CameraSensor) -> dict[int, int]:
    """Frame of the scene to frame of a camera: the nearest in time, within half a step of the scene's clock."""
    half_ns = int(np.median(np.diff(clock_ns))) // 2 if len(clock_ns) > 1 else 50_000_000
    matches = {}
    for frame, time_ns in enumerate(clock_ns.tolist()):
        nearest = camera.clock.nearest(time_ns)
        if abs(int(camera.clock.time_ns[nearest]) - time_ns) <= half_ns:
            matches[frame] = nearest
    return matches


def _kitti_rig(scene: Scene, lidar: Lidar, left: CameraSensor, usable: list[CameraSensor]) -> Rig | None:
    text = scene.meta.get(calibration_key(left.name))
    if not isinstance(text, str):
        return None
    try:
        calibration = parse_calibration(text, Path("calib"), (2,))
    except FormatError:
        return None
    if not _agrees(calibration, 2, lidar, left):
        return None
    named = [each for each in usable if each.name.startswith(("image_03", "image_3"))]
    rights = tuple(each for each in named if _agrees(calibration, 3, lidar, each))
    return Rig(left, rights, calibration)


def _agrees(calibration: Calibration, number: int, lidar: Lidar, sensor: CameraSensor) -> bool:
    """Whether a calibration file says what the scene's sensors say."""
    if f"P{number}" not in calibration.values or sensor.camera is None:
        return False
    lens = calibration.camera(number, sensor.width_px, sensor.height_px)
    if np.abs(lens.intrinsics - sensor.camera.intrinsics).max() > _SAME_PX or sensor.camera.model != "pinhole":
        return False
    said = calibration.camera_from_rect(number) @ calibration.rect_from_lidar
    held = sensor.ego_from_sensor.inverse() @ lidar.ego_from_sensor
    apart_m = float(np.abs(np.subtract(said.translation_m, held.translation_m)).max())
    return apart_m < _SAME_M and said.angle_to(held) < _SAME_RAD


def _own_rig(lidar: Lidar, left: CameraSensor) -> Rig:
    if left.camera is None:
        raise SceneError(f"camera {left.name} has no calibration")
    camera_from_lidar = left.ego_from_sensor.inverse() @ lidar.ego_from_sensor
    return Rig(left, (), calibrate_camera(left.camera, camera_from_lidar, lidar.ego_from_sensor.inverse()))
