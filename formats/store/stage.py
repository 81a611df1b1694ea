"""Writing a scene: staged frame by frame, then published at once.

Nothing of it can be seen among the published scenes before the last step, one rename; a
staged scene that fails is removed. `open_staged` reads one while it grows.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Self

import zarr

from worldline.formats.errors import SceneError, StoreError
from worldline.formats.intensity import INTENSITY_MAX
from worldline.formats.scene import EncodedImage, Packet, Scene, Sweep, VideoStream
from worldline.formats.sound import Sound

from .claims import SCENES, STAGING, Claim
from .clouds import CloudWriter
from .coded import CodedBlock
from .footage import FootageWriter
from .header import write_header
from .ledger import Ledger
from .octree import build_tree
from .publish import Published, publish_folder, remove_folder, settle_file
from .readiness import Readiness
from .remains import check_header, digest_folder, read_remains
from .shard_writer import Files
from .sounds import write_sound


class StagedScene:
    """A scene that is being written, in the order of each sensor's frames.

    Used as a context manager it removes what it wrote unless it was published.

    Attributes:
        path: The staging folder, which `open_staged` reads.
    """

    def __init__(self, root: Path, scene: Scene, blocks_per_shard: int, folder: Path) -> None:
        """Use `create` or `resume`."""
        self.path = folder
        self._root = root
        self._scene = scene
        self._per_shard = blocks_per_shard
        self._claim = Claim(folder)
        self._readiness = Readiness(scene)
        self._ledger: Ledger | None = None
        self._is_left = False

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
        (root / STAGING).mkdir(parents=True, exist_ok=True)
        staged = cls(root, scene, blocks_per_shard, root / STAGING / token_hex(16))
        try:
            with _disk_errors(staged.path):
                group = zarr.open_group(staged.path, mode="w", zarr_format=3)
                write_header(group, scene, streams or {})
                header = digest_folder(staged.path)
                staged._ledger = Ledger(staged.path)
                staged._ledger.begin(header, blocks_per_shard)
                staged._open_writers(group)
                staged._ledger.start(staged._clouds, staged._footage)
        except BaseException:
            staged.discard()
            raise
        return staged

    @classmethod
    def resume(
        cls, root: Path, folder: Path, scene: Scene, *, streams: Mapping[str, VideoStream] | None = None
    ) -> Self:
        """Go on with a scene whose writer died.

        Args:
            root: The data folder.
            folder: What it had staged.
            scene: The same scene, read again.
            streams: As for `create`.

        Raises:
            SceneError: The scene is another one now, or what was staged cannot be gone on with.
            StoreError: What was staged is damaged, or the disk is full or cannot be written.
        """
        remains = read_remains(folder)
        staged = cls(root, scene, remains.blocks_per_shard, folder)
        try:
            with _disk_errors(folder):
                check_header(remains, scene, streams or {})
                remains.clear_rest(folder)
                staged._ledger = Ledger(folder, remains.files)
                staged._open_writers(zarr.open_group(folder, mode="r+", zarr_format=3))
                for name, blocks in remains.lidars.items():
                    staged._clouds[name].resume(blocks)
                for name, footage in remains.cameras.items():
                    staged._footage[name].resume(footage)
                staged._ledger.start(staged._clouds, staged._footage)
        except BaseException:
            staged._claim.release()  # what is there stays: another attempt may do better
            raise
        return staged

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

    def frames_taken(self, sensor: str) -> int:
        """Frames (packets of a video) of a sensor that were taken, from the first on."""
        return self._writers[sensor].frame_count

    def append_sweep(self, sensor: str, sweep: Sweep) -> None:
        """Take a lidar's next frame.

        Raises:
            SceneError: The sweep does not fit the sensor.
            StoreError: The disk is full or cannot be written.
        """
        with _disk_errors(self.path):
            self._settle(self._cloud(sensor).append(sweep))

    def code_sweep(self, sensor: str, frame: int, sweep: Sweep) -> list[CodedBlock] | None:
        """Code a frame for `append_coded`, on any thread; None while the size of a block is not decided.

        Raises:
            SceneError: The sweep does not fit the sensor.
        """
        writer = self._cloud(sensor)
        return writer.code(frame, sweep) if writer.is_begun else None

    def append_coded(self, sensor: str, blocks: list[CodedBlock]) -> None:
        """Take a lidar's next frame, coded.

        Raises:
            StoreError: The disk is full or cannot be written.
        """
        with _disk_errors(self.path):
            self._settle(self._cloud(sensor).take(blocks))

    def append_parts(self, sensor: str, parts: Iterable[Sweep], *, voxel_m: float | None = None) -> None:
        """Take a lidar's next frame in parts: it becomes an octree, with bounded memory.

        Args:
            sensor: The lidar.
            parts: The frame, one part after another.
            voxel_m: Keep one point in each cube of at most this side; all where it is None.

        Raises:
            SceneError: The parts do not fit the sensor or each other.
            StoreError: The disk is full or cannot be written.
        """
        writer = self._cloud(sensor)
        with _disk_errors(self.path), build_tree(parts, self.path.parent, voxel_m=voxel_m) as tree:
            for files in writer.append_tree(tree):
                self._settle(files)

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

    def append_sound(self, sound: Sound) -> None:
        """Take a sound, whole.

        Raises:
            SceneError: Its name cannot be stored.
            FormatError: Its packets cannot be read.
            StoreError: The disk is full or cannot be written.
        """
        with _disk_errors(self.path):
            self._settle({file: settle_file(self.path / file) for file in write_sound(self._group, sound)})

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
            files = {} if self._ledger is None else self._ledger.files
            self._close_log()
            path, generation, size = publish_folder(self.path, self._root / SCENES, files)
        self._claim.release()
        return Published(path, generation, size, sum(each.clipped_intensity_count for each in self._clouds.values()))

    def discard(self) -> None:
        """Remove what was staged; after `publish` there is nothing to remove."""
        self._close_log()
        with suppress(OSError):  # else it is left to `remove_abandoned`
            remove_folder(self.path)
        self._claim.release()

    def __enter__(self) -> Self:
        """The scene itself."""
        return self

    def suspend(self) -> None:
        """Stop writing and leave what is there, for `resume`; nothing removes it afterwards."""
        self._is_left = True
        self._close_log()
        self._claim.release()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was neither published nor left for later."""
        if not self._is_left:
            self.discard()

    def _open_writers(self, group: zarr.Group) -> None:
        self._group = group
        said = self._scene.meta.get(INTENSITY_MAX)
        full = float(said) if isinstance(said, int | float) and said > 0 else None
        self._clouds = {
            sensor.name: CloudWriter(group, self.path, sensor, self._per_shard, full) for sensor in self._scene.lidars
        }
        self._footage = {
            sensor.name: FootageWriter(group, self.path, sensor, self._per_shard) for sensor in self._scene.cameras
        }
        self._writers: dict[str, CloudWriter | FootageWriter] = {**self._clouds, **self._footage}

    def _cloud(self, sensor: str) -> CloudWriter:
        writer = self._clouds.get(sensor)
        if writer is None:
            raise SceneError(f"scene {self._scene.name} has no lidar {sensor}")
        return writer

    def _camera(self, sensor: str, media: str) -> FootageWriter:
        writer = self._footage.get(sensor)
        if writer is None:
            raise SceneError(f"scene {self._scene.name} has no camera {sensor}")
        found = next(each.media for each in self._scene.cameras if each.name == sensor)
        if found != media:
            raise SceneError(f"camera {sensor} has {found}, not {media}")
        return writer

    def _settle(self, files: Files) -> None:
        if self._ledger is not None:
            self._ledger.enter(files, self._clouds, self._footage)

    def _close_log(self, remove: bool = False) -> None:
        if self._ledger is not None:
            self._ledger.close(remove)


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot be written: {error.strerror or error}", path=path, fix="check the disk") from error
