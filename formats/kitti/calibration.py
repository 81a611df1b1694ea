"""KITTI's calibration files, in both spellings.

A pixel of camera 2 is ``P2 @ rect_from_lidar @ point``. The last column of P2 holds how far camera 2
stands from camera 0; here it becomes part of the mount, so that a camera's frame is its own lens.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.geometry import Camera, GeometryError, Pose
from worldline.geometry.arrays import Float64s

from ..errors import BrokenFileError, MissingFileError
from .classes import Dialect

_SPELLINGS = {
    "R0_rect": "R_rect",
    "R_rect": "R_rect",
    "Tr_velo_to_cam": "Tr_velo_cam",
    "Tr_velo_cam": "Tr_velo_cam",
    "Tr_imu_to_velo": "Tr_imu_velo",
    "Tr_imu_velo": "Tr_imu_velo",
    **{f"P{number}": f"P{number}" for number in range(4)},
}
_SHAPES = {"R_rect": (3, 3)}
_MATRIX_SHAPE = (3, 4)
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Calibration:
    """One recording's calibration.

    Attributes:
        text: The file.
        values: Its matrices by the tracking set's names: P0 to P3 (3, 4), R_rect (3, 3), Tr_velo_cam (3, 4), and
            Tr_imu_velo (3, 4) where the file has it.
        rect_from_lidar: To the rectified frame of camera 0.
        lidar_from_imu: None where the file has none.
    """

    text: str
    values: dict[str, Float64s]
    rect_from_lidar: Pose
    lidar_from_imu: Pose | None

    def camera(self, number: int, width_px: int, height_px: int) -> Camera:
        """The lens of camera 2 or 3 for images of a size."""
        p = self.values[f"P{number}"]
        return Camera(width_px, height_px, float(p[0, 0]), float(p[1, 1]), float(p[0, 2]), float(p[1, 2]))

    def camera_from_rect(self, number: int) -> Pose:
        """From the rectified frame of camera 0 to a camera's own lens: a shift by K^-1 P[:, 3]."""
        p = self.values[f"P{number}"]
        x, y, z = np.linalg.solve(p[:, :3], p[:, 3]).tolist()
        return Pose(translation_m=(x, y, z))


def read_calibration(path: Path, cameras: tuple[int, ...]) -> Calibration:
    """The calibration in a file.

    Args:
        path: ``calib/0001.txt``.
        cameras: Numbers of the cameras that must be there.

    Raises:
        MissingFileError: There is no such file.
        BrokenFileError: A line is cut off, or a matrix is singular or no rotation.
    """
    if not path.is_file():
        raise MissingFileError("the calibration is missing", path=path, fix="copy KITTI's calib folder here too")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BrokenFileError(f"expected text: {error}", path=path, place=f"byte {error.start}") from error
    return parse_calibration(text, path, cameras)


def parse_calibration(text: str, path: Path, cameras: tuple[int, ...]) -> Calibration:
    """The calibration that a file's text describes.

    Raises:
        BrokenFileError: As `read_calibration`.
    """
    values, lines = _parse_lines(text, path)
    for name in ("R_rect", "Tr_velo_cam", *(f"P{number}" for number in cameras)):
        if name not in values:
            raise BrokenFileError(f"has no line {name}", path=path, fix="expected P0 to P3, R_rect and Tr_velo_cam")
    rect = np.eye(4)
    rect[:3, :3] = values["R_rect"]
    poses = {"R_rect": _pose(rect, "R_rect", path, lines)}
    for name in ("Tr_velo_cam", "Tr_imu_velo"):
        if name in values:
            poses[name] = _pose(values[name], name, path, lines)
    for number in cameras:
        _check_projection(values[f"P{number}"], f"P{number}", path, lines)
    return Calibration(text, values, poses["R_rect"] @ poses["Tr_velo_cam"], poses.get("Tr_imu_velo"))


def calibrate_camera(camera: Camera, camera_from_lidar: Pose, lidar_from_imu: Pose) -> Calibration:
    """The calibration of one camera that stands for all four: its frame is the rectified frame.

    Args:
        camera: The lens; KITTI's images have no distortion.
        camera_from_lidar: Where the lidar stands in the camera.
        lidar_from_imu: Where the ego stands in the lidar.
    """
    projection = np.c_[camera.intrinsics, np.zeros(3)]
    values = {f"P{number}": projection for number in range(4)}
    values |= {
        "R_rect": np.eye(3), "Tr_velo_cam": camera_from_lidar.matrix[:3], "Tr_imu_velo": lidar_from_imu.matrix[:3],
    }  # fmt: skip
    return Calibration("", values, camera_from_lidar, lidar_from_imu)


def format_calibration(calibration: Calibration, dialect: Dialect) -> str:
    """The text of a calibration file.

    The tracking set has the official spelling of its own and the object set's, for readers of either.
    """
    lines = [(f"{name}:", matrix) for name, matrix in sorted(calibration.values.items()) if name.startswith("P")]
    for own, other in (("R_rect", "R0_rect:"), ("Tr_velo_cam", "Tr_velo_to_cam:"), ("Tr_imu_velo", "Tr_imu_to_velo:")):
        if own in calibration.values:
            lines += [(own, calibration.values[own])] if dialect == "kitti-tracking" else []
            lines.append((other, calibration.values[own]))
    return "".join(f"{name} {' '.join(f'{value:.12e}' for value in matrix.ravel())}\n" for name, matrix in lines)


def _parse_lines(text: str, path: Path) -> tuple[dict[str, Float64s], dict[str, int]]:
    values: dict[str, Float64s] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        name = _SPELLINGS.get(words[0].rstrip(":")) if words else None
        if name is None:
            continue
        place = f"line {number}"
        shape = _SHAPES.get(name, _MATRIX_SHAPE)
        try:
            row = np.array([float(word) for word in words[1:]])
        except ValueError as error:
            raise BrokenFileError(f"{words[0]} must be numbers: {error}", path=path, place=place) from error
        if row.size != shape[0] * shape[1] or not np.isfinite(row).all():
            raise BrokenFileError(
                f"{words[0]} must be {shape[0] * shape[1]} finite numbers, found {row.size}", path=path, place=place,
                fix="copy the file again from its source",
            )  # fmt: skip
        matrix = row.reshape(shape)
        if name in values and not np.allclose(values[name], matrix, atol=_CLOSE):
            raise BrokenFileError(f"{name} stands twice, with other numbers", path=path, place=place)
        values[name], lines[name] = matrix, number
    return values, lines


def _pose(matrix: Float64s, name: str, path: Path, lines: dict[str, int]) -> Pose:
    try:
        return Pose.from_matrix(matrix)
    except GeometryError as error:
        raise BrokenFileError(f"{name}: {error}", path=path, place=f"line {lines[name]}") from error


def _check_projection(matrix: Float64s, name: str, path: Path, lines: dict[str, int]) -> None:
    expected = np.array([[matrix[0, 0], 0, matrix[0, 2]], [0, matrix[1, 1], matrix[1, 2]], [0, 0, 1]])
    if matrix[0, 0] <= 0 or matrix[1, 1] <= 0 or not np.allclose(matrix[:, :3], expected, atol=_CLOSE):
        raise BrokenFileError(
            f"{name} must be fx 0 cx tx 0 fy cy ty 0 0 1 tz with fx and fy above 0, found {matrix.ravel().tolist()}",
            path=path,
            place=f"line {lines[name]}",
        )
