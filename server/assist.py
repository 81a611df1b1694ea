"""Assistants: fit a cuboid, carry a track on, compute frames between keyframes.

Nothing is written here; what a person accepts of it comes back as a change.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Engine

from worldline.formats.documents import labels_from_paths
from worldline.formats.schema import ClassDocument
from worldline.geometry import Cuboid, GroundGrid, Pose, wrap_angle
from worldline.geometry.arrays import Float32s
from worldline.geometry.fit import Fit, fit_cuboid
from worldline.geometry.pose import Vector
from worldline.geometry.prior import SizePrior
from worldline.geometry.tilted import fit_tilted
from worldline.tracking import Track, boxes_at, poses_at
from worldline.tracking.propagate import Direction, Propagation, propagate
from worldline.tracking.rolling import OwnMotion, follow_rested
from worldline.tracking.scan import Sweeps

from .clouds import Clouds
from .database import reading
from .errors import AssistError
from .history import path_rows, state_paths, track_rows
from .opened import OpenedScenes

MOVING_MPS = 1.0
"""Faster than this, things head where they go."""


@dataclass(frozen=True, slots=True)
class FitPlace:
    """Where to fit a cuboid.

    Attributes:
        class_name: Whose usual size is the prior.
        point_m: A point on the object, or
        cuboid: a rough cuboid around it; both in the frame of the points.
        heading_hint_rad: Where it may be heading.
        velocity_mps: How the object moves, if that is known: its points are brought to one instant by it.
    """

    class_name: str
    point_m: Vector | None = None
    cuboid: Cuboid | None = None
    heading_hint_rad: float | None = None
    velocity_mps: Vector | None = None


def fit_points(
    points: Float32s, ground: GroundGrid, place: FitPlace, known: ClassDocument, *, is_around: bool = False
) -> Fit:
    """Fit a cuboid to the points of a lidar that stands at the origin of a level frame, +x ahead.

    Args:
        points: (N, 3) that frame, metres.
        ground: Their ground.
        place: Where.
        known: The class, whose usual size is the prior.
        is_around: They are a map's or of merged sweeps, seen from many places and not from the origin.

    Raises:
        FitError: There is nothing to fit.
        AssistError: Neither a point nor a cuboid says where.
    """
    seed = place.point_m if place.cuboid is None else place.cuboid
    if seed is None:
        raise AssistError("say where to fit: point_m or cuboid")
    prior = SizePrior(known.size_m, known.spread_m)
    origin = None if is_around else (0.0, 0.0, 0.0)
    if known.rotates == "full":
        return fit_tilted(points, seed, prior, origin, ground=ground)
    return fit_cuboid(points, seed, prior, origin, place.heading_hint_rad, ground)


def fit_scene(
    scenes: OpenedScenes, name: str, frame: int, lidar: str | None, place: FitPlace, merged: str | None = None
) -> Fit:
    """Fit a cuboid in a frame of a scene, or in its merged cloud of a generation; see `fit_points`.

    Raises:
        FitError, AssistError: As `fit_points`.
        LabelError: The class is unknown.
        UnknownSceneError: There is no such scene.
        MissingFrameError: There is no such lidar or frame.
        PendingFrameError: The frame is not written yet.
    """
    known = scenes.schema().find_class(place.class_name)
    cloud = Clouds(scenes, name, lidar, merged)
    world_from_level = cloud.level_at(frame)
    level_from_world = world_from_level.inverse()
    hint = place.heading_hint_rad
    if hint is None and place.velocity_mps is not None and math.hypot(*place.velocity_mps[:2]) > MOVING_MPS:
        hint = math.atan2(place.velocity_mps[1], place.velocity_mps[0])
    there = FitPlace(
        place.class_name,
        None if place.point_m is None else _moved(level_from_world, place.point_m),
        None if place.cuboid is None else place.cuboid.moved(level_from_world),
        None if hint is None else wrap_angle(hint - world_from_level.yaw_rad),
    )
    if cloud.is_large:
        grid, ground = cloud.region(frame, _seed(there))
        fitted = fit_points(np.asarray(grid.points, dtype=np.float32), ground, there, known, is_around=True)
        return replace(fitted, cuboid=fitted.cuboid.moved(world_from_level))
    points = cloud.level_points(frame)
    if place.velocity_mps is not None:
        points = cloud.rested_level_points(
            frame, _seed(there), _moved(Pose(level_from_world.rotation_wxyz), place.velocity_mps)
        )
    fitted = fit_points(points, cloud.level_ground(frame), there, known)
    return replace(fitted, cuboid=fitted.cuboid.moved(world_from_level))


def propagate_scene(
    engine: Engine,
    scenes: OpenedScenes,
    name: str,
    track_id: str,
    frame: int,
    direction: Direction,
    frame_count: int,
    lidar: str | None,
) -> Propagation:
    """Carry a track of a scene on.

    Raises:
        AssistError: There is no such track, or the scene has no lidar.
        PropagationError: The track has no cuboid there.
    """
    track = find_track(engine, scenes, name, track_id)
    cloud = Clouds(scenes, name, lidar)
    ready = scenes.row(name).ready_frame_count
    if direction == "forward":
        frame_count = max(min(frame_count, ready - 1 - frame), 1)
    clock_ns = cloud.scene.clock.time_ns

    def run(sweeps: Sweeps) -> Propagation:
        return propagate(track, frame, direction, frame_count, sweeps, clock_ns, cloud.sensor_at)

    return follow_rested(track, run, cloud.timed_world_points, clock_ns)


def track_velocity(engine: Engine, scenes: OpenedScenes, name: str, track_id: str, frame: int) -> Vector | None:
    """How a track moves around a frame, world, m/s; None where its keyframes do not tell, or it is not saved yet."""
    clock_ns = scenes.stored(name).scene.clock.time_ns
    try:
        track = find_track(engine, scenes, name, track_id)
    except AssistError:
        return None
    if not 0 <= frame < len(clock_ns):
        return None
    known = OwnMotion.of_track(track, clock_ns).at((int(clock_ns[frame]) - int(clock_ns[0])) * 1e-9)
    return None if known is None else known[0]


def interpolate_scene(
    engine: Engine, scenes: OpenedScenes, name: str, track_id: str, frames: list[int]
) -> list[dict[str, Any] | None]:
    """A track's shapes in frames, as label values.

    Raises:
        AssistError: There is no such track.
        KeyframeError: A frame lies outside the clock.
    """
    track = find_track(engine, scenes, name, track_id)
    scene = scenes.stored(name).scene
    clock = scene.clock if track.space == "world" else scene.sensor(track.space).clock
    if track.kind == "box":
        rows = boxes_at(track, frames, clock.time_ns).tolist()
        return [None if row[0] != row[0] else {"box_px": row} for row in rows]
    poses = poses_at(track, frames, clock.time_ns)
    return [
        {"center_m": center, "rotation_wxyz": rotation} if is_present else None
        for is_present, center, rotation in zip(
            poses.present_mask.tolist(), poses.centers_m.tolist(), poses.rotations_wxyz.tolist(), strict=True
        )
    ]


def find_track(engine: Engine, scenes: OpenedScenes, name: str, track_id: str) -> Track:
    """A track as it is now.

    Raises:
        AssistError: There is none.
    """
    paths = _paths_of(engine, scenes, name, track_id)
    document = paths.get(f"tracks/{track_id}")
    if document is None:
        raise AssistError(f"there is no track {track_id}", track=track_id)
    paths[f"objects/{document['object']}"] = {"class_name": "any", "number": 0}
    return labels_from_paths(paths).tracks[0]


def _seed(place: FitPlace) -> Vector:
    return place.point_m or (place.cuboid.center_m if place.cuboid else (0.0, 0.0, 0.0))


def find_class_of(engine: Engine, scenes: OpenedScenes, name: str, track_id: str) -> str:
    """The class of a track's object as it is now.

    Raises:
        AssistError: There is no such track.
    """
    document = _paths_of(engine, scenes, name, track_id).get(f"tracks/{track_id}")
    if document is None:
        raise AssistError(f"there is no track {track_id}", track=track_id)
    with reading(engine) as connection:
        row = scenes.row(name).id
        found = state_paths(path_rows(connection, row, f"objects/{document['object']}"))
    if not found:
        raise AssistError(f"track {track_id} belongs to no object", track=track_id)
    return str(next(iter(found.values()))["class_name"])


def _paths_of(engine: Engine, scenes: OpenedScenes, name: str, track_id: str) -> dict[str, Any]:
    with reading(engine) as connection:
        return state_paths(track_rows(connection, scenes.row(name).id, track_id))


def _moved(a_from_b: Pose, point_m: Vector) -> Vector:
    x, y, z = a_from_b.apply(np.asarray(point_m)).tolist()
    return (x, y, z)
