"""The files of nuScenes' sensors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.geometry.arrays import Float32s

from ..errors import BrokenFileError, MissingFileError
from ..images import read_image
from ..no_video import NoVideo
from ..reach import beyond, check_not_text, describe_beyond
from ..scene import EncodedImage, Sweep

POINT_BYTES = 20
"""x, y, z, intensity, ring as little-endian float32."""

_COLUMNS = ("x", "y", "z", "intensity", "ring")


@dataclass(frozen=True, slots=True)
class NuScenesData(NoVideo):
    """Reads frames from the files.

    Attributes:
        files: Each sensor's files by frame.
    """

    files: dict[str, tuple[Path, ...]]

    def sweep(self, sensor: str, frame: int) -> Sweep:
        """A lidar's frame, with ``intensity`` of 0 to 255 and ``ring``."""
        points = read_points(self.files[sensor][frame])
        fields = {name: np.ascontiguousarray(points[:, 3 + index]) for index, name in enumerate(_COLUMNS[3:])}
        return Sweep(np.ascontiguousarray(points[:, :3]), fields)

    def image(self, sensor: str, frame: int) -> EncodedImage:
        """A camera's frame."""
        return read_image(self.files[sensor][frame])


def check_size(path: Path) -> None:
    """Raise unless a cloud's file holds whole points.

    Raises:
        BrokenFileError: It is empty or cut off.
    """
    size = path.stat().st_size
    if size == 0 or size % POINT_BYTES:
        raise BrokenFileError(
            f"expected a multiple of {POINT_BYTES} bytes (x y z intensity ring, float32), found {size}",
            path=path, place=f"byte {size - size % POINT_BYTES}", fix="copy the file again from its source",
        )  # fmt: skip


def read_points(path: Path) -> Float32s:
    """The points of a .pcd.bin file.

    Returns:
        (N, 5) float32, sensor: x, y, z in metres, intensity, ring.

    Raises:
        MissingFileError: There is no such file.
        BrokenFileError: The file is empty or cut off, or a number is not finite.
    """
    if not path.is_file():
        raise MissingFileError("the cloud is missing", path=path)
    check_size(path)
    data = path.read_bytes()
    check_not_text(data, path)
    points: Float32s = np.frombuffer(data, dtype="<f4").reshape(-1, 5).astype(np.float32, copy=False)
    finite = np.isfinite(points)
    if not finite.all():
        point, column = np.argwhere(~finite)[0].tolist()
        raise BrokenFileError(
            f"expected finite numbers, found {points[point, column]} as {_COLUMNS[column]} of point {point}",
            path=path, place=f"byte {point * POINT_BYTES + column * 4}", fix="remove these points from the file",
        )  # fmt: skip
    far = beyond(points[:, :3])
    if far.any():
        point, column = np.argwhere(far)[0].tolist()
        raise BrokenFileError(
            describe_beyond(points[point, column], f"{_COLUMNS[column]} of point {point}"),
            path=path, place=f"byte {point * POINT_BYTES + column * 4}", fix="copy the file again from its source",
        )  # fmt: skip
    return points
