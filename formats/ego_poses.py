"""Ego poses for a scene that came without: estimated by lidar odometry and marked as estimated.

Where the source does not say how the vehicle moved, the world is taken for the lidar's own frame: everything that
stands seems to move. With estimated poses the world is the ego's frame at the first sweep, and labels that came
with the scene stand in it where they were seen. What the estimate cannot do stands in `tracking.odometry`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from worldline.geometry import Pose
from worldline.tracking import Track
from worldline.tracking.keyframe import Keyframe
from worldline.tracking.odometry import TimedSweep, follow_lidar, poses_between
from worldline.tracking.track import WORLD

from .errors import SceneError
from .labels import Labels
from .report import Loss
from .scene import Lidar, MetaValue, Scene
from .sweep_times import has_own_times, offsets_s

EGO_POSES = "ego_poses"
UNKNOWN = "unknown"
"""Value of `EGO_POSES` where the source does not say how the vehicle moved."""

_ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class EstimatedScene:
    """A scene with estimated ego poses.

    Attributes:
        scene: The scene; its `meta` says by what the poses were estimated.
        doubtful: Frames of the lidar whose sweep does not agree with the one before.
        agreement: Mean share of each sweep's points that agree with the one before.
    """

    scene: Scene
    doubtful: tuple[int, ...]
    agreement: float

    @property
    def notes(self) -> tuple[Loss, ...]:
        """What an import says about it."""
        if not self.doubtful:
            return ()
        named = ", ".join(map(str, self.doubtful[:8])) + (", ..." if len(self.doubtful) > 8 else "")
        why = f"estimated, but the sweep does not agree with the one before: look at frames {named}"
        return (Loss("doubtful ego poses", len(self.doubtful), why),)


def lacks_ego_poses(scene: Scene) -> bool:
    """Whether the ego seems to stand still in all frames of a lidar: it did, or the source does not say."""
    if scene.meta.get(EGO_POSES, UNKNOWN) != UNKNOWN:
        return False
    return any(len(lidar.clock) > 1 and len(set(lidar.world_from_sensor)) == 1 for lidar in scene.lidars)


def estimate_method(meta: Mapping[str, MetaValue]) -> str | None:
    """By what a scene's ego poses were estimated; None where they were not."""
    said = meta.get(EGO_POSES)
    if isinstance(said, str) and said.startswith(f"{_ESTIMATED} ("):
        return said.removeprefix(f"{_ESTIMATED} (").removesuffix(")")
    return None


def estimate_ego_poses(scene: Scene, tell: Callable[[int, int], None] = lambda *_: None) -> EstimatedScene:
    """The same scene with ego poses from its lidar.

    Args:
        scene: With a lidar of two frames or more; of several, the reference or the first one is followed.
        tell: Told how many sweeps are done, and of how many.

    Raises:
        SceneError: It has no such lidar, or it has ego poses.
        OdometryError: The sweeps do not tell.
    """
    lidar = _choose(scene)
    if not lacks_ego_poses(scene):
        raise SceneError(f"scene {scene.name} has ego poses: leave out --estimate-poses")
    count = len(lidar.clock)
    found = follow_lidar(_sweeps(scene, lidar), lambda done: tell(done, count))
    back = lidar.ego_from_sensor.inverse()
    world_from_ego = tuple(lidar.ego_from_sensor @ pose @ back for pose in found.first_from_sensor)
    sensors = []
    for sensor in scene.sensors:
        at = poses_between(sensor.clock.time_ns, lidar.clock.time_ns, world_from_ego)
        sensors.append(replace(sensor, world_from_sensor=tuple(pose @ sensor.ego_from_sensor for pose in at)))
    estimated = replace(
        scene,
        sensors=tuple(sensors),
        labels=Labels(),
        meta={**scene.meta, EGO_POSES: f"{_ESTIMATED} ({found.method})"},
    )
    old, new = scene.sensor(scene.reference), estimated.sensor(scene.reference)
    shifts = [b @ a.inverse() for a, b in zip(old.world_from_sensor, new.world_from_sensor, strict=True)]
    labels = replace(scene.labels, tracks=tuple(_moved(track, shifts) for track in scene.labels.tracks))
    doubtful = tuple(found.doubtful.tolist())
    return EstimatedScene(replace(estimated, labels=labels), doubtful, float(found.agreement.mean()))


def _choose(scene: Scene) -> Lidar:
    lidars = [each for each in scene.lidars if len(each.clock) > 1]
    if not lidars:
        raise SceneError(f"scene {scene.name} has no lidar with two sweeps or more: its ego poses cannot be estimated")
    return next((each for each in lidars if each.name == scene.reference), lidars[0])


def _sweeps(scene: Scene, lidar: Lidar) -> Iterator[TimedSweep]:
    for frame, time_ns in enumerate(lidar.clock.time_ns.tolist()):
        sweep = scene.data.sweep(lidar.name, frame)
        offset_s = offsets_s(sweep) if has_own_times(scene.meta, lidar) else None
        yield TimedSweep(time_ns, sweep.xyz_m, None if offset_s is None else np.asarray(offset_s, dtype=np.float64))


def _moved(track: Track, shifts: list[Pose]) -> Track:
    if track.space != WORLD or track.kind != "cuboid":
        return track
    keyframes: list[Keyframe] = []
    for keyframe in track.keyframes:
        shape = keyframe.shape
        keyframes.append(
            replace(keyframe, shape=shifts[keyframe.frame] @ shape) if isinstance(shape, Pose) else keyframe
        )
    return replace(track, keyframes=tuple(keyframes))
