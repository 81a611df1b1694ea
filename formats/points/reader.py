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
from worldline.geometry.arrays import Int64s
from worldline.geometry.pose import Vector

from .cloud import Cloud
from .files import is_cloud, natural_key, read_cloud
from .parts import is_large, open_cloud
from .survey import Survey, choose_origin, count_rounded, shifted, survey

SENSOR = "lidar"
FRAME_NS = 100_000_000

_EXACT_M = 8192.0
"""Nearer to the origin than this, float32 is at most a quarter of a millimetre off."""


@dataclass(slots=True)
class PointFiles:
    """The frames of a folder of point files: a `SceneData`."""

    files: tuple[Path, ...]
    origin_m: Vector
    large: bool = False
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
        return Sweep(shifted(cloud.xyz_m, self.origin_m), dict(cloud.fields))

    def is_large(self, sensor: str) -> bool:
        """Whether a file is so large that files are read in parts."""
        return self.large and sensor == SENSOR

    def sweep_parts(self, sensor: str, frame: int) -> Iterator[Sweep]:
        """A file in parts, as `sweep`."""
        if sensor != SENSOR or not 0 <= frame < len(self.files):
            raise SceneError(f"there is no frame {frame} of {sensor}")
        for part in open_cloud(self.files[frame]).parts():
            yield Sweep(shifted(part.xyz_m, self.origin_m), dict(part.fields))

    def survey(self, frame: int) -> Survey:
        """What a file holds, looking at all of its points."""
        return survey(open_cloud(self.files[frame]).parts() if self.large else [self.cloud(frame)])

    def rounded_count(self, frame: int, seen: Survey) -> int:
        """Coordinates of a file that float32 cannot hold to half a millimetre."""
        if not seen.is_double or seen.farthest_m(self.origin_m) < _EXACT_M:
            return 0
        parts = open_cloud(self.files[frame]).parts() if self.large else iter([self.cloud(frame)])
        return sum(count_rounded(part.xyz_m, self.origin_m) for part in parts)

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
        data = PointFiles(files, (0.0, 0.0, 0.0), any(map(is_large, files)))
        first = data.survey(0)
        data.origin_m = choose_origin(first)
        for frame, file in enumerate(files):
            seen = first if frame == 0 else data.survey(frame)
            if seen.kinds != first.kinds:
                raise BrokenFileError(
                    f"its fields ({seen.spelt_kinds}) are not those of {files[0].name} ({first.spelt_kinds})",
                    path=file,
                    fix="import files of one kind together",
                )
            losses.add("points without a return", "their coordinates are not numbers", seen.no_return_count)
            for what, count in seen.left_out.items():
                losses.add(what, "a cloud has no place for it", count)
            losses.add(
                "coordinates rounded by more than 0.5 mm",
                "the cloud is wider than 16 km",
                data.rounded_count(frame, seen),
            )
        clock = Clock(_times(files), tuple(_stem(file) for file in files))
        lidar = Lidar(SENSOR, Pose(), clock, (Pose(),) * len(files), first.fields)
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
