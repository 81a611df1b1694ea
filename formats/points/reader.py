"""Scenes of point files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from worldline.formats.errors import BrokenFileError, MissingFileError, SceneError
from worldline.formats.registry import ReadScene
from worldline.formats.report import Losses
from worldline.formats.scene import Clock, EncodedImage, Lidar, Packet, Scene, Sweep, VideoStream
from worldline.geometry import Pose
from worldline.geometry.arrays import Float32s, Float64s, Int64s
from worldline.geometry.pose import Vector

from .cloud import Cloud
from .files import is_cloud, natural_key, read_cloud

SENSOR = "lidar"
FRAME_NS = 100_000_000

_FAR_M = 1000.0
_ORIGIN_STEP_M = 100.0
_ROUNDED_M = 0.0005


@dataclass(slots=True)
class PointFiles:
    """The frames of a folder of point files: a `SceneData`."""

    files: tuple[Path, ...]
    origin_m: Vector
    _last: tuple[int, Cloud] | None = field(default=None, repr=False)

    def cloud(self, frame: int) -> Cloud:
        """The cloud of a file; the last one is kept, so that a large file is read once."""
        if self._last is None or self._last[0] != frame:
            self._last = (frame, read_cloud(self.files[frame]))
        return self._last[1]

    def sweep(self, sensor: str, frame: int) -> Sweep:
        """A file as a sweep, its coordinates counted from the world's origin.

        Raises:
            SceneError: There is no such sensor or frame.
            FormatError: The file is not what it was.
        """
        if sensor != SENSOR or not 0 <= frame < len(self.files):
            raise SceneError(f"there is no frame {frame} of {sensor}")
        cloud = self.cloud(frame)
        return Sweep(shifted(cloud, self.origin_m), dict(cloud.fields))

    def image(self, sensor: str, frame: int) -> EncodedImage:
        """There is none."""
        raise SceneError(f"there is no image {frame} of {sensor}: a point file has none")

    def stream(self, sensor: str) -> VideoStream:
        """There is none."""
        raise SceneError(f"there is no video of {sensor}: a point file has none")

    def packets(self, sensor: str) -> Iterator[Packet]:
        """There are none."""
        raise SceneError(f"there is no video of {sensor}: a point file has none")


class PointsReader:
    """Reads a point file, or a folder of them."""

    def recognise(self, path: Path) -> bool:
        """Whether it is a point file, or a folder with one in it."""
        try:
            return is_cloud(path) if path.is_file() else any(is_cloud(each) for each in path.iterdir())
        except OSError:
            return False

    def read(self, path: Path, name: str) -> Iterator[ReadScene]:
        """The one scene of a file or a folder.

        Raises:
            MissingFileError: There is no point file.
            BrokenFileError: A file is not what it says, or has other fields than the first.
        """
        losses = Losses()
        files = list_files(path, losses)
        data = PointFiles(files, (0.0, 0.0, 0.0))
        data.origin_m = choose_origin(data.cloud(0))
        kinds = _kinds(data.cloud(0))
        for frame, file in enumerate(files):
            cloud = data.cloud(frame)
            if _kinds(cloud) != kinds:
                raise BrokenFileError(
                    f"its fields ({_spelt(_kinds(cloud))}) are not those of {files[0].name} ({_spelt(kinds)})",
                    path=file,
                    fix="import files of one kind together",
                )
            _count_losses(cloud, data.origin_m, losses)
        count = len(files)
        clock = Clock(_times(files), tuple(_stem(file) for file in files))
        lidar = Lidar(SENSOR, Pose(), clock, (Pose(),) * count, tuple(data.cloud(0).fields))
        yield ReadScene(Scene(name, (lidar,), SENSOR, data, world_origin_m=data.origin_m), losses.listed())


READER = PointsReader()


def list_files(path: Path, losses: Losses) -> tuple[Path, ...]:
    """The point files of a source, in natural order.

    Raises:
        MissingFileError: There is none.
        BrokenFileError: There are several kinds.
    """
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise MissingFileError("there is no such file or folder", path=path)
    files = sorted((each for each in path.iterdir() if each.is_file() and is_cloud(each)), key=natural_key)
    if not files:
        raise MissingFileError(
            "there is no point file in the folder", path=path, fix="name a folder of PCD, PLY or LAS"
        )
    kinds = sorted({each.suffix.lower() for each in files} - {".laz"}) or [".laz"]
    if len(kinds) > 1:
        raise BrokenFileError(f"point files of several kinds: {', '.join(kinds)}", path=path, fix="import them apart")
    others = sum(1 for each in path.iterdir() if each not in files)
    losses.add("other files in the folder", "they are no point files", others)
    return tuple(files)


def choose_origin(cloud: Cloud) -> Vector:
    """A round place near the first cloud, in the axes in which it is far from zero.

    float32 coordinates are kept as they are: they cannot be made any finer.
    """
    if cloud.xyz_m.dtype != np.float64 or len(cloud.xyz_m) == 0:
        return (0.0, 0.0, 0.0)
    far = np.abs(cloud.xyz_m).max(axis=0) > _FAR_M
    low = np.floor(cloud.xyz_m.min(axis=0) / _ORIGIN_STEP_M) * _ORIGIN_STEP_M
    x, y, z = np.where(far, low, 0.0).tolist()
    return (x, y, z)


def shifted(cloud: Cloud, origin_m: Vector) -> Float32s:
    """(N, 3) float32, coordinates from the origin."""
    if origin_m == (0.0, 0.0, 0.0):
        return cloud.xyz_m.astype(np.float32, copy=False)
    from_origin: Float64s = cloud.xyz_m - np.asarray(origin_m)
    return from_origin.astype(np.float32)


def _count_losses(cloud: Cloud, origin_m: Vector, losses: Losses) -> None:
    losses.add("points without a return", "their coordinates are not numbers", cloud.no_return_count)
    for what, count in cloud.left_out.items():
        losses.add(what, "a cloud has no place for it", count)
    if cloud.xyz_m.dtype == np.float64 and len(cloud.xyz_m):
        exact: Float64s = cloud.xyz_m.astype(np.float64) - np.asarray(origin_m)
        rounded = np.abs(shifted(cloud, origin_m) - exact).max(axis=1) > _ROUNDED_M
        losses.add(
            "coordinates rounded by more than 0.5 mm", "the cloud is wider than 8 km", int(np.count_nonzero(rounded))
        )


def _times(files: tuple[Path, ...]) -> Int64s:
    stems = [_stem(file) for file in files]
    for digits, factor in ((19, 1), (16, 1000)):
        if all(len(stem) == digits and stem.isascii() and stem.isdigit() for stem in stems):
            values = [int(stem) * factor for stem in stems]
            if max(values) < 2**63:
                return np.array(values, dtype=np.int64)
    return FRAME_NS * np.arange(len(files), dtype=np.int64)


def _stem(file: Path) -> str:
    return file.name.removesuffix(".pcd.bin") if file.name.endswith(".pcd.bin") else file.stem


def _kinds(cloud: Cloud) -> dict[str, tuple[str, tuple[int, ...]]]:
    return {name: (values.dtype.name, values.shape[1:]) for name, values in sorted(cloud.fields.items())}


def _spelt(kinds: dict[str, tuple[str, tuple[int, ...]]]) -> str:
    return ", ".join(f"{name} {kind}{list(tail) or ''}" for name, (kind, tail) in kinds.items()) or "none"
