"""Writing a scene: staged frame by frame, then published at once.

Nothing of it can be seen among the published scenes before the last step, one rename; a
staged scene that fails is removed. `open_staged` reads one while it grows.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Any, Self

import zarr

from worldline.formats.errors import SceneError, StoreError
from worldline.formats.intensity import INTENSITY_MAX
from worldline.formats.registry import Progress, no_progress
from worldline.formats.scene import CameraSensor, EncodedImage, Lidar, Packet, Scene, Sweep, VideoStream

from .claims import SCENES, STAGING, Claim
from .clouds import CloudWriter
from .footage import FootageWriter
from .header import write_header
from .progress import ProgressLog
from .publish import Published, Settled, publish_folder, remove_folder, settle_file, settle_folder
from .readiness import Readiness

_SPARE_BYTES = 1 << 27
_IMPORT_SHARD = 8


class StagedScene:
    """A scene that is being written, in the order of each sensor's frames.

    Used as a context manager it removes what it wrote unless it was published.

    Attributes:
        path: The staging folder, which `open_staged` reads.
    """

    def __init__(self, root: Path, scene: Scene, streams: Mapping[str, VideoStream], blocks_per_shard: int) -> None:
        """Use `create`."""
        self._root = root
        self._scene = scene
        (root / STAGING).mkdir(parents=True, exist_ok=True)
        self.path = root / STAGING / token_hex(16)
        self._claim = Claim(self.path)
        self._settled: dict[str, Settled] = {}
        self._readiness = Readiness(scene)
        self._log: ProgressLog | None = None
        self._reported: dict[str, int] = {}
        try:
            with _disk_errors(self.path):
                self._group = zarr.open_group(self.path, mode="w", zarr_format=3)
                write_header(self._group, scene, streams)
                said = scene.meta.get(INTENSITY_MAX)
                full = float(said) if isinstance(said, int | float) and said > 0 else None
                self._clouds = {
                    sensor.name: CloudWriter(self._group, sensor, blocks_per_shard, full) for sensor in scene.lidars
                }
                self._footage = {
                    sensor.name: FootageWriter(self._group, sensor, blocks_per_shard) for sensor in scene.cameras
                }
                self._writers: dict[str, CloudWriter | FootageWriter] = {**self._clouds, **self._footage}
                self._log = ProgressLog(self.path)
        except BaseException:
            self.discard()
            raise

    @classmethod
    def create(
        cls, root: Path, scene: Scene, *, streams: Mapping[str, VideoStream] | None = None, blocks_per_shard: int = 4
    ) -> Self:
        """Begin a scene.

        Args:
            root: The data folder; staged below ``staging``, published below ``scenes``.
            scene: Name, sensors with clocks and poses, reference, origin and meta. Its data is not read.
            streams: Of each camera whose media is ``video``.
            blocks_per_shard: Blocks (and images) that are written together: few make frames ready
                early, many make fewer files.

        Raises:
            SceneError: The scene cannot be stored.
            StoreError: The disk is full or cannot be written.
        """
        return cls(root, scene, streams or {}, blocks_per_shard)

    @property
    def frame_count(self) -> int:
        """Frames of the reference clock."""
        return self._scene.frame_count

    @property
    def ready_frame_count(self) -> int:
        """Reference frames, from the first on, that are on the disk for good with all their sensors."""
        return self._readiness.count({name: writer.index.frame_count for name, writer in self._writers.items()})

    def write_frame(self, frame: int, sweeps: Mapping[str, Sweep], images: Mapping[str, EncodedImage]) -> None:
        """Take the next frame of several sensors at once; each must be at this frame.

        Raises:
            SceneError: A sensor is at another frame, or the data does not fit it.
            StoreError: The disk is full or cannot be written.
        """
        for name in (*sweeps, *images):
            writer = self._writers.get(name)
            if writer is not None and writer.frame_count != frame:
                raise SceneError(f"sensor {name}: expected frame {writer.frame_count} next, got {frame}")
        for name, sweep in sweeps.items():
            self.append_sweep(name, sweep)
        for name, image in images.items():
            self.append_image(name, image)

    def append_sweep(self, sensor: str, sweep: Sweep) -> None:
        """Take a lidar's next frame.

        Raises:
            SceneError: The sweep does not fit the sensor.
            StoreError: The disk is full or cannot be written.
        """
        writer = self._clouds.get(sensor)
        if writer is None:
            raise SceneError(f"scene {self._scene.name} has no lidar {sensor}")
        with _disk_errors(self.path):
            self._settle(writer.append(sweep))

    def append_image(self, sensor: str, image: EncodedImage) -> None:
        """Take a camera's next frame.

        Raises:
            SceneError: The image does not fit the sensor.
            StoreError: The disk is full or cannot be written.
        """
        with _disk_errors(self.path):
            self._settle(self._camera(sensor, "images").append_image(image))

    def append_packets(self, sensor: str, packets: Iterable[Packet]) -> None:
        """Take packets of a camera's video, in decode order.

        Raises:
            SceneError: A packet does not fit the sensor.
            StoreError: The disk is full or cannot be written.
        """
        writer = self._camera(sensor, "video")
        for packet in packets:
            with _disk_errors(self.path):
                self._settle(writer.append_packet(packet))

    def publish(self) -> Published:
        """Finish the scene and make it visible: after this it is there for good.

        Raises:
            SceneError: A sensor has fewer frames than its clock.
            StoreError: The disk is full or cannot be written.
        """
        for name, writer in self._writers.items():
            expected = len(self._scene.sensor(name).clock)
            if writer.frame_count != expected:
                raise SceneError(f"sensor {name} has {writer.frame_count} of its {expected} frames")
        with _disk_errors(self.path):
            for writer in self._writers.values():
                self._settle(writer.finish())
            if self._log is not None:
                self._log.close(remove=True)
                self._log = None
            path, generation, size = publish_folder(self.path, self._root / SCENES, self._settled)
        self._claim.release()
        return Published(path, generation, size, sum(each.clipped_intensity_count for each in self._clouds.values()))

    def discard(self) -> None:
        """Remove what was staged; after `publish` there is nothing to remove."""
        if self._log is not None:
            self._log.close()
            self._log = None
        with suppress(OSError):  # else it is left to `remove_abandoned`
            remove_folder(self.path)
        self._claim.release()

    def __enter__(self) -> Self:
        """The scene itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not published."""
        self.discard()

    def _camera(self, sensor: str, media: str) -> FootageWriter:
        writer = self._footage.get(sensor)
        if writer is None:
            raise SceneError(f"scene {self._scene.name} has no camera {sensor}")
        found = next(each.media for each in self._scene.cameras if each.name == sensor)
        if found != media:
            raise SceneError(f"camera {sensor} has {found}, not {media}")
        return writer

    def _settle(self, files: list[Path]) -> None:
        if not files:
            return
        folders: set[Path] = set()
        for file in files:
            self._settled[file.as_posix()] = settle_file(self.path / file)
            folders.update(file.parents)
        for folder in sorted(folders, reverse=True):
            settle_folder(self.path / folder)
        if shutil.disk_usage(self.path).free < _SPARE_BYTES:
            raise StoreError(
                f"less than {_SPARE_BYTES >> 20} MB are left on the disk",
                path=self._root,
                fix="make room, then try again",
            )
        self._report()

    def _report(self) -> None:
        if self._log is None:
            return
        for name, cloud in self._clouds.items():
            first = self._reported.get(name, 0)
            if len(cloud.index.frame) > first:
                facts: dict[str, Any] = {"facts": cloud.index.facts()} if first == 0 else {}
                rows = {"rows": cloud.index.columns(first), "frame_count": cloud.index.frame_count}
                self._log.append({"lidar": name, **facts, **rows})
                self._reported[name] = len(cloud.index.frame)
        for name, footage in self._footage.items():
            first = self._reported.get(name, 0)
            if len(footage.index.offset) > first:
                facts = {"media_types": footage.index.media_types, "frame_count": footage.index.frame_count}
                self._log.append({"camera": name, "rows": footage.index.columns(first), **facts})
                self._reported[name] = len(footage.index.offset)


def stage_scene(root: Path, scene: Scene, progress: Progress = no_progress) -> Published:
    """Store a scene: read all its frames, stage them, publish them.

    Args:
        root: The data folder.
        scene: Any scene; its labels are not stored, they belong to the journal.
        progress: Told how many frames of all sensors are done.

    Raises:
        FormatError: A frame cannot be read or stored; nothing of the scene is visible then.
    """
    streams = {each.name: scene.data.stream(each.name) for each in scene.cameras if each.media == "video"}
    total = sum(len(sensor.clock) for sensor in scene.sensors)
    done = 0
    with StagedScene.create(root, scene, streams=streams, blocks_per_shard=_IMPORT_SHARD) as staged:
        for camera in scene.cameras:
            if camera.media == "video":
                for packet in scene.data.packets(camera.name):
                    staged.append_packets(camera.name, (packet,))
                    done += 1
                    progress(done, total)
        for frame in range(max((len(sensor.clock) for sensor in scene.sensors), default=0)):
            for sensor in scene.sensors:
                if frame >= len(sensor.clock):
                    continue
                if isinstance(sensor, Lidar):
                    staged.append_sweep(sensor.name, scene.data.sweep(sensor.name, frame))
                elif _is_still(sensor):
                    staged.append_image(sensor.name, scene.data.image(sensor.name, frame))
                else:
                    continue
                done += 1
                progress(done, total)
        return staged.publish()


def _is_still(sensor: CameraSensor) -> bool:
    return sensor.media == "images"


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot be written: {error.strerror or error}", path=path, fix="check the disk") from error
