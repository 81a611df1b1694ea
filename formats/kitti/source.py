"""Where KITTI's files lie: training and testing, sequences and frames."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.geometry.arrays import Float32s

from ..errors import BrokenFileError, MissingFileError
from ..images import check_image_size, image_size, read_image
from ..no_video import NoVideo
from ..reach import beyond, check_not_text, describe_beyond
from ..scene import EncodedImage, Sweep

SPLITS = ("training", "testing")
POINT_BYTES = 16
"""x, y, z, reflectance as little-endian float32."""

_IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_COPY = "copy the file again from its source"
_LARGEST_NUMBER = 999_999_999


def find_splits(path: Path) -> list[tuple[str, Path]]:
    """Name and folder of each split: below the path, or the path itself."""
    below = [(name, path / name) for name in SPLITS if (path / name / "velodyne").is_dir()]
    if below:
        return below
    return [(path.name, path)] if (path / "velodyne").is_dir() else []


def has_sequences(split: Path) -> bool:
    """Whether the clouds of a split lie in a folder for each sequence, as in the tracking set."""
    velodyne = split / "velodyne"
    return any(each.is_dir() for each in velodyne.iterdir())


def has_frames(split: Path) -> bool:
    """Whether the clouds of a split lie side by side, as in the object set."""
    return next((split / "velodyne").glob("*.bin"), None) is not None


def find_frames(folder: Path, suffixes: tuple[str, ...]) -> dict[int, Path]:
    """Frame number and file of each file in a folder, in order of the number.

    Raises:
        BrokenFileError: A file's name is no frame number, or two files have the same.
    """
    frames: dict[int, Path] = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.suffix.lower() not in suffixes or file.name.startswith("."):
            continue
        if not (file.stem.isascii() and file.stem.isdigit()) or int(file.stem) > _LARGEST_NUMBER:
            raise BrokenFileError(
                f"expected a frame number as the file's name, found {file.stem!r}", path=file, fix="name it as 000354"
            )
        number = int(file.stem)
        if number in frames:
            raise BrokenFileError(f"frame {number} is there twice, also as {frames[number].name}", path=file)
        frames[number] = file
    return dict(sorted(frames.items()))


def find_clouds(folder: Path) -> dict[int, Path]:
    """Frame number and .bin file of each cloud in a folder; sizes are checked, the points are not read.

    Raises:
        MissingFileError: There is none.
        BrokenFileError: A file is empty or cut off, or its name is no frame number.
    """
    clouds = find_frames(folder, (".bin",))
    if not clouds:
        raise MissingFileError("has no .bin files", path=folder, fix="copy KITTI's velodyne folder here")
    for path in clouds.values():
        size = _size(path)
        if size == 0 or size % POINT_BYTES:
            raise BrokenFileError(
                f"expected a multiple of {POINT_BYTES} bytes (x y z reflectance, float32), found {size}",
                path=path, place=f"byte {size - size % POINT_BYTES}", fix=_COPY,
            )  # fmt: skip
    return clouds


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise MissingFileError(f"cannot be read: {error.strerror}", path=path, fix=_COPY) from error


def find_images(folder: Path) -> dict[int, Path]:
    """Frame number and file of each image in a folder; empty where there is none."""
    return find_frames(folder, _IMAGE_SUFFIXES)


def common_size(images: dict[int, Path]) -> tuple[int, int]:
    """The one size of all images, in pixels.

    Raises:
        BrokenFileError: An image is of another size than the first.
    """
    first: tuple[int, int] | None = None
    for path in images.values():
        first = first or image_size(path)
        check_image_size(path, first)
    if first is None:
        raise MissingFileError("there are no images")
    return first


def read_cloud(path: Path) -> Float32s:
    """The points of a .bin file.

    Returns:
        (N, 4) float32, lidar: x, y, z in metres and the reflectance.

    Raises:
        BrokenFileError: The file is empty or cut off, or a number is not finite.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MissingFileError(f"cannot be read: {error.strerror}", path=path) from error
    if not data or len(data) % POINT_BYTES:
        raise BrokenFileError(
            f"expected a multiple of {POINT_BYTES} bytes, found {len(data)}", path=path, place=f"byte {len(data)}"
        )
    check_not_text(data, path)
    points: Float32s = np.frombuffer(data, dtype="<f4").reshape(-1, 4).astype(np.float32, copy=False)
    finite = np.isfinite(points)
    if not finite.all():
        point, column = np.argwhere(~finite)[0].tolist()
        raise BrokenFileError(
            f"expected finite numbers, found {points[point, column]} as {'xyzr'[column]} of point {point} "
            f"({int((~finite.all(axis=1)).sum())} points are not finite)",
            path=path, place=f"byte {point * POINT_BYTES + column * 4}", fix="remove these points from the file",
        )  # fmt: skip
    far = beyond(points[:, :3])
    if far.any():
        point, column = np.argwhere(far)[0].tolist()
        raise BrokenFileError(
            describe_beyond(points[point, column], f"{'xyz'[column]} of point {point}"),
            path=path, place=f"byte {point * POINT_BYTES + column * 4}", fix=_COPY,
        )  # fmt: skip
    return points


@dataclass(frozen=True, slots=True)
class KittiData(NoVideo):
    """Reads frames from the files.

    Attributes:
        clouds: The lidar's files by frame.
        images: Each camera's files by frame.
    """

    clouds: tuple[Path, ...]
    images: dict[str, tuple[Path, ...]]

    def sweep(self, sensor: str, frame: int) -> Sweep:  # noqa: ARG002
        """The lidar's frame, with its reflectance as ``intensity``, 0 to 1."""
        points = read_cloud(self.clouds[frame])
        return Sweep(np.ascontiguousarray(points[:, :3]), {"intensity": np.ascontiguousarray(points[:, 3])})

    def image(self, sensor: str, frame: int) -> EncodedImage:
        """A camera's frame."""
        return read_image(self.images[sensor][frame])
