"""Storing a whole scene: frames are read and coded by several threads, and written in order by one."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

from worldline.formats.large import LargeData
from worldline.formats.registry import Progress, no_progress
from worldline.formats.scene import EncodedImage, Lidar, Scene, Sensor, Sweep, VideoStream

from .coded import CodedBlock
from .publish import Published
from .stage import StagedScene

IMPORT_SHARD = 8
"""Blocks and images of a shard of an imported scene."""

_MOST_THREADS = 8

Frame: TypeAlias = Sweep | list[CodedBlock] | EncodedImage | None
Wanted: TypeAlias = tuple[Sensor, int]


def streams_of_source(scene: Scene) -> dict[str, VideoStream]:
    """The stream of each camera that has a video.

    Raises:
        FormatError: One cannot be read.
    """
    return {each.name: scene.data.stream(each.name) for each in scene.cameras if each.media == "video"}


def stage_scene(root: Path, scene: Scene, progress: Progress = no_progress) -> Published:
    """Store a scene: read all its frames, stage them, publish them.

    Args:
        root: The data folder.
        scene: Any scene; its labels are not stored, they belong to the journal.
        progress: Told how many frames of all sensors are done.

    Raises:
        FormatError: A frame cannot be read or stored; nothing of the scene is visible then.
    """
    streams = streams_of_source(scene)
    with StagedScene.create(root, scene, streams=streams, blocks_per_shard=IMPORT_SHARD) as staged:
        pour_scene(scene, staged, progress)
        return staged.publish()


def pour_scene(scene: Scene, staged: StagedScene, progress: Progress = no_progress, threads: int | None = None) -> None:
    """Write what a staged scene does not have yet: a new one everything, a resumed one the rest.

    Args:
        scene: Where it comes from; its data is read by several threads at once.
        staged: Where it goes.
        progress: Told how many frames of all sensors are done.
        threads: That read and code; as many as there are processors where None.

    Raises:
        FormatError: A frame cannot be read or stored.
    """
    total = sum(len(sensor.clock) for sensor in scene.sensors)
    done = sum(staged.frames_taken(sensor.name) for sensor in scene.sensors)
    for camera in scene.cameras:
        if camera.media == "video":
            taken = staged.frames_taken(camera.name)
            for number, packet in enumerate(scene.data.packets(camera.name)):
                if number >= taken:
                    staged.append_packets(camera.name, (packet,))
                    done += 1
                    progress(done, total)

    def read(wanted: Wanted) -> Frame:
        sensor, frame = wanted
        if not isinstance(sensor, Lidar):
            return scene.data.image(sensor.name, frame)
        if _is_large(scene, sensor):
            return None
        sweep = scene.data.sweep(sensor.name, frame)
        blocks = staged.code_sweep(sensor.name, frame, sweep)
        return sweep if blocks is None else blocks

    count = threads or min(os.cpu_count() or 1, _MOST_THREADS)
    for (sensor, frame), found in _ahead(list(_frames(scene, staged)), read, count):
        if isinstance(found, Sweep):
            staged.append_sweep(sensor.name, found)
        elif isinstance(found, EncodedImage):
            staged.append_image(sensor.name, found)
        elif found is not None:
            staged.append_coded(sensor.name, found)
        elif isinstance(scene.data, LargeData):
            staged.append_parts(sensor.name, scene.data.sweep_parts(sensor.name, frame))
        done += 1
        progress(done, total)
    for sound in scene.sounds:
        staged.append_sound(sound)


def _frames(scene: Scene, staged: StagedScene) -> Iterator[Wanted]:
    """Frames that are missing, those of one number side by side, so that a growing scene grows evenly."""
    sensors = [each for each in scene.sensors if isinstance(each, Lidar) or each.media == "images"]
    taken = {each.name: staged.frames_taken(each.name) for each in sensors}
    for frame in range(max((len(each.clock) for each in sensors), default=0)):
        for sensor in sensors:
            if taken[sensor.name] <= frame < len(sensor.clock):
                yield sensor, frame


def _is_large(scene: Scene, sensor: Lidar) -> bool:
    return isinstance(scene.data, LargeData) and scene.data.is_large(sensor.name)


def _ahead(frames: list[Wanted], read: Callable[[Wanted], Frame], threads: int) -> Iterator[tuple[Wanted, Frame]]:
    """Frames in order; a few are read ahead, so that memory does not grow with the source."""
    with ThreadPoolExecutor(threads, "import") as pool:
        waiting: deque[tuple[Wanted, Future[Frame]]] = deque()
        try:
            for wanted in frames:
                waiting.append((wanted, pool.submit(read, wanted)))
                if len(waiting) > 2 * threads:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            for _, future in waiting:
                future.cancel()
