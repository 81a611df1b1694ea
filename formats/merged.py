"""Merged clouds: all frames of a scene in one, as parts that are made when asked for.

A merged world is what stands still: the points of every frame in the world, without those in the cuboids of
objects that move. A merged object is the points in an object's cuboid in every frame, in the object's own frame.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from worldline.geometry import Cuboid, PointGrid, Pose
from worldline.geometry.arrays import Bools, Float64s
from worldline.geometry.pose import Vector
from worldline.tracking import Track, poses_at

from .errors import SceneError
from .intensity import INTENSITY_MAX
from .large import sweep_parts
from .registry import Progress, no_progress
from .scene import Clock, EncodedImage, Lidar, Packet, Scene, Sweep, VideoStream

SENSOR = "merged"
MOVES_M = 0.5
"""An object that comes farther than this from where it was first is one that moves."""
AROUND_WORLD_M = 0.15
"""By how much more than a moving object's cuboid is taken out, on each side."""
AROUND_OBJECT_M = 0.3
"""By how much more than an object's cuboid is kept, on each side: what shows that the cuboid is too small."""


class MergedData:
    """A merged cloud as the data of a scene of one frame: a `LargeData`."""

    def __init__(self, parts: Callable[[], Iterator[Sweep]]) -> None:
        """Give these parts."""
        self._parts = parts

    def is_large(self, sensor: str) -> bool:
        """It is."""
        return sensor == SENSOR

    def sweep_parts(self, sensor: str, frame: int) -> Iterator[Sweep]:
        """The parts."""
        if sensor != SENSOR or frame != 0:
            raise SceneError(f"a merged cloud is frame 0 of {SENSOR}, there is no frame {frame} of {sensor}")
        return self._parts()

    def sweep(self, sensor: str, frame: int) -> Sweep:
        """All of it at once."""
        parts = list(self.sweep_parts(sensor, frame))
        fields = {name: np.concatenate([part.fields[name] for part in parts]) for name in parts[0].fields}
        return Sweep(np.concatenate([part.xyz_m for part in parts]), fields)

    def image(self, sensor: str, frame: int) -> EncodedImage:
        """There is none."""
        raise SceneError(f"a merged cloud has no image {frame} of {sensor}")

    def stream(self, sensor: str) -> VideoStream:
        """There is none."""
        raise SceneError(f"a merged cloud has no video of {sensor}")

    def packets(self, sensor: str) -> Iterator[Packet]:
        """There are none."""
        raise SceneError(f"a merged cloud has no video of {sensor}")


def merged_world(scene: Scene, tracks: Sequence[Track], frames: range, tell: Progress = no_progress) -> Scene:
    """What stands still, as a scene of one cloud.

    Args:
        scene: Where the frames are.
        tracks: Of its objects; those that move are left out of the cloud.
        frames: Of the reference clock.
        tell: Told how many frames are done.
    """
    origin_m = _round_place(scene, frames)
    moving = [each for each in tracks if _is_cuboids(each) and is_moving(each, scene)]

    def parts() -> Iterator[Sweep]:
        present = cuboids_by_frame(moving, scene, frames, AROUND_WORLD_M)
        yield _part(np.empty((0, 3)), None, 0)
        for done, frame in enumerate(frames, start=1):
            for lidar in scene.lidars:
                at = _own_frame(lidar, scene, frame)
                world_from_sensor = lidar.world_from_sensor[at]
                for sweep in sweep_parts(scene.data, lidar.name, at):
                    world = world_from_sensor.apply(sweep.xyz_m.astype(np.float64))
                    kept = ~inside_any(world, [cuboid for cuboid, _ in present.get(frame, ())])
                    yield _part(world[kept] - np.asarray(origin_m), _intensity(sweep, kept), frame)
            tell(done, len(frames))

    return _scene_of(f"{scene.name} merged", Pose(translation_m=origin_m), parts, scene)


def merged_object(scene: Scene, track: Track, frames: range, tell: Progress = no_progress) -> Scene:
    """One object's points over all its frames, in its own frame, as a scene of one cloud.

    Args:
        scene: Where the frames are.
        track: The object's, of cuboids.
        frames: Of the reference clock.
        tell: Told how many frames are done.
    """

    def parts() -> Iterator[Sweep]:
        present = cuboids_by_frame([track], scene, frames, AROUND_OBJECT_M)
        yield _part(np.empty((0, 3)), None, 0)
        for done, frame in enumerate(frames, start=1):
            for around, cuboid in present.get(frame, ()):
                for lidar in scene.lidars:
                    at = _own_frame(lidar, scene, frame)
                    object_from_sensor = cuboid.pose.inverse() @ lidar.world_from_sensor[at]
                    for sweep in sweep_parts(scene.data, lidar.name, at):
                        own = object_from_sensor.apply(sweep.xyz_m.astype(np.float64))
                        kept: Bools = np.asarray((np.abs(own) <= np.asarray(around.size_m) / 2).all(axis=1))
                        yield _part(own[kept], _intensity(sweep, kept), frame)
            tell(done, len(frames))

    return _scene_of(f"{scene.name} {track.id}", Pose(), parts, scene)


def is_moving(track: Track, scene: Scene) -> bool:
    """Whether a track of cuboids comes farther than `MOVES_M` from where it is first, in any frame of the scene."""
    poses = poses_at(track, range(scene.frame_count), scene.clock.time_ns)
    centers = poses.centers_m[poses.present_mask]
    return len(centers) > 0 and float(np.linalg.norm(centers - centers[0], axis=1).max()) > MOVES_M


def cuboids_by_frame(
    tracks: Sequence[Track], scene: Scene, frames: range, around_m: float
) -> dict[int, list[tuple[Cuboid, Cuboid]]]:
    """The cuboids of tracks in each frame: larger by `around_m` on each side, and as they are."""
    found: dict[int, list[tuple[Cuboid, Cuboid]]] = {}
    for track in tracks:
        poses = poses_at(track, frames, scene.clock.time_ns)
        if track.size_m is None:
            continue
        length, width, height = track.size_m
        larger = (length + 2 * around_m, width + 2 * around_m, height + 2 * around_m)
        for row in np.flatnonzero(poses.present_mask).tolist():
            (w, i, j, k), (x, y, z) = poses.rotations_wxyz[row].tolist(), poses.centers_m[row].tolist()
            pose = Pose((w, i, j, k), (x, y, z))
            found.setdefault(frames[row], []).append((Cuboid(pose, larger), Cuboid(pose, track.size_m)))
    return found


def inside_any(points: Float64s, cuboids: Sequence[Cuboid]) -> Bools:
    """(N,) Which points lie in one of the cuboids."""
    mask = np.zeros(len(points), dtype=np.bool_)
    if len(points) and cuboids:
        grid = PointGrid.from_points(points)
        for cuboid in cuboids:
            mask[grid.inside(cuboid)] = True
    return mask


def _part(xyz_m: Float64s, intensity: np.ndarray[tuple[int], np.dtype[np.float32]] | None, frame: int) -> Sweep:
    values = np.zeros(len(xyz_m), dtype=np.float32) if intensity is None else intensity
    frames = np.full(len(xyz_m), frame, dtype=np.int32)
    return Sweep(xyz_m.astype(np.float32), {"intensity": values, "frame": frames})


def _intensity(sweep: Sweep, kept: Bools) -> np.ndarray[tuple[int], np.dtype[np.float32]] | None:
    values = sweep.fields.get("intensity")
    return None if values is None or values.ndim != 1 else np.asarray(values[kept], dtype=np.float32)


def _scene_of(name: str, world_from_merged: Pose, parts: Callable[[], Iterator[Sweep]], scene: Scene) -> Scene:
    clock = Clock(np.array([0], dtype=np.int64), ("0",))
    lidar = Lidar(SENSOR, Pose(), clock, (world_from_merged,), ("intensity", "frame"))
    data = MergedData(parts)
    return Scene(name, (lidar,), SENSOR, data, world_origin_m=scene.world_origin_m, meta=_scale_of(scene))


def _scale_of(scene: Scene) -> dict[str, str | int | float | bool | None]:
    return {name: value for name, value in scene.meta.items() if name == INTENSITY_MAX}


def _is_cuboids(track: Track) -> bool:
    return track.kind == "cuboid" and track.space == "world" and track.size_m is not None and bool(track.keyframes)


def _own_frame(lidar: Lidar, scene: Scene, frame: int) -> int:
    return lidar.clock.nearest(int(scene.clock.time_ns[frame]))


def _round_place(scene: Scene, frames: range) -> Vector:
    """A round place in the middle of where the lidars were: float32 is finest near it."""
    places = [
        lidar.world_from_sensor[_own_frame(lidar, scene, frame)].translation_m
        for lidar in scene.lidars
        for frame in (frames[0], frames[-1])
    ]
    x, y, z = np.round(np.mean(places, axis=0) / 10) * 10
    return (float(x), float(y), float(z))
