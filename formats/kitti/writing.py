"""Write a scene in KITTI's layout: clouds, images, calibration, labels, vehicle poses."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np

from worldline.geometry import Pose

from ..folder import OutFolder, check_part
from ..images import to_png
from ..intensity import full_intensity, scaled_intensity
from ..registry import Progress
from ..report import Loss, Losses
from ..scene import Lidar, Scene, Sweep
from .calibration import format_calibration
from .classes import Dialect
from .exported import RowSource, View, count_unwritten
from .meta import SEQUENCE, ego_is_known, find_place
from .oxts import format_oxts
from .rig import Rig, find_rigs, match_frames, reference_lidar
from .rows import Row, format_rows
from .unwritten import count_sensors

Shots: TypeAlias = Mapping[str, Mapping[int, int]]
"""Camera to frame of the scene to frame of the camera."""

STEP_NS: dict[Dialect, int] = {"kitti-tracking": 100_000_000, "kitti-object": 1_000_000_000}
_IMAGES: dict[Dialect, tuple[str, str]] = {
    "kitti-tracking": ("image_02", "image_03"),
    "kitti-object": ("image_2", "image_3"),
}


def write_scene(scene: Scene, out: Path, dialect: Dialect, progress: Progress) -> tuple[Loss, ...]:
    """Write a scene as one sequence of the tracking set, or as frames of the object set.

    Raises:
        SceneError: It has no lidar, or no calibrated camera with images.
        FormatError: The folder is not empty, or the sequence's name is none.
    """
    losses = Losses()
    lidar = reference_lidar(scene)
    rigs = find_rigs(scene, losses)
    shots = {each.name: match_frames(scene.clock.time_ns, each) for rig in rigs for each in (rig.left, *rig.rights)}
    numbers = frame_numbers(scene, dialect, losses)
    sequence = "0000"
    if dialect == "kitti-tracking":
        sequence = check_part(str(scene.meta.get(SEQUENCE, sequence)), "the sequence")
    below = f"{sequence}/" if dialect == "kitti-tracking" else ""
    full = full_intensity(scene, lidar.name)
    source = RowSource(scene, dialect, losses)
    rows: list[Row] = []
    with OutFolder(out) as folder:
        for frame, number in enumerate(numbers):
            name = f"{below}{number:06d}"
            rig = next((each for each in rigs if frame in shots[each.left.name]), rigs[0])
            rect_from_world = rig.calibration.rect_from_lidar @ lidar.world_from_sensor[frame].inverse()
            image_frame = shots[rig.left.name].get(frame)
            frame_rows = source.rows(View(frame, number, rig, image_frame, rect_from_world))
            sweep = scene.data.sweep(lidar.name, frame)
            if len(sweep):
                folder.write_bytes(f"training/velodyne/{name}.bin", _cloud_bytes(sweep, full))
            else:
                losses.add("frames without points", "an empty cloud is none for KITTI; their labels are written")
            if image_frame is None:
                losses.add("frames without an image", "there is none near in time; their labels are written")
            _write_images(scene, folder, dialect, rig, shots, frame, name)
            if dialect == "kitti-object":
                folder.write_text(f"training/label_2/{name}.txt", format_rows(frame_rows, dialect))
                folder.write_text(f"training/calib/{name}.txt", format_calibration(rig.calibration, dialect))
            rows += frame_rows
            progress(frame + 1, len(numbers))
        if dialect == "kitti-tracking":
            folder.write_text(f"training/label_02/{sequence}.txt", format_rows(rows, dialect))
            folder.write_text(f"training/calib/{sequence}.txt", format_calibration(rigs[0].calibration, dialect))
            _write_oxts(scene, lidar, rigs[0], numbers, folder, f"training/oxts/{sequence}.txt")
    source.finish()
    count_unwritten(scene, dialect, losses)
    count_sensors(scene, lidar, rigs, shots, dialect, losses)
    return losses.listed()


def frame_numbers(scene: Scene, dialect: Dialect, losses: Losses) -> list[int]:
    """The frames' own numbers where their names are numbers, else 0, 1, 2..."""
    names = scene.clock.names
    numbers = [int(name) for name in names if name.isascii() and name.isdigit() and len(name) <= len("000000")]
    if len(numbers) < len(names) or any(b <= a for a, b in pairwise(numbers)):
        losses.add("names of frames", "KITTI's are rising six-digit numbers: 0, 1, 2... are written", len(names))
        numbers = list(range(len(names)))
    expected_ns = np.array(numbers, dtype=np.int64) * STEP_NS[dialect]
    losses.add("times of frames", "KITTI has frame numbers only", int((expected_ns != scene.clock.time_ns).sum()))
    return numbers


def _cloud_bytes(sweep: Sweep, full: float) -> bytes:
    points = np.zeros((len(sweep), 4), dtype="<f4")
    points[:, :3] = sweep.xyz_m
    if "intensity" in sweep.fields:
        points[:, 3] = scaled_intensity(sweep.fields["intensity"], full, 1.0)
    return points.tobytes()


def _write_images(
    scene: Scene, folder: OutFolder, dialect: Dialect, rig: Rig, shots: Shots, frame: int, name: str
) -> None:
    left, right = _IMAGES[dialect]
    for side, cameras in ((left, (rig.left,)), (right, rig.rights)):
        shown = next((each.name for each in cameras if frame in shots[each.name]), None)
        if shown is not None:
            image = scene.data.image(shown, shots[shown][frame])
            folder.write_bytes(f"training/{side}/{name}.png", to_png(image))


def _write_oxts(scene: Scene, lidar: Lidar, rig: Rig, numbers: list[int], folder: OutFolder, name: str) -> None:
    """Write where the ego was, where the scene knows it: a line for every number up to the last frame's."""
    lidar_from_imu = rig.calibration.lidar_from_imu
    if lidar_from_imu is None or not ego_is_known(scene.meta):
        return
    poses: list[Pose | None] = [None] * (numbers[-1] + 1)
    for number, world_from_lidar in zip(numbers, lidar.world_from_sensor, strict=True):
        poses[number] = world_from_lidar @ lidar_from_imu
    folder.write_text(name, format_oxts(poses, find_place(scene.meta), STEP_NS["kitti-tracking"] * 1e-9))
