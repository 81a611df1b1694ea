"""Scenes with ground truth: what the benchmarks of effort and of fitting measure on.

The truth are the labels as they were imported. A frame of an object is judged when at least one lidar point lies
in its true cuboid there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, func, select

from worldline.formats.documents import labels_from_paths
from worldline.formats.labels import Labels
from worldline.formats.schema import LabelSchema
from worldline.geometry import Cuboid
from worldline.geometry.arrays import Float64s, Int64s
from worldline.geometry.overlap import cuboid_of_row
from worldline.geometry.pose import Vector
from worldline.tracking import Track, poses_at
from worldline.tracking.effort import CLICK_POINTS, Target
from worldline.tracking.effort_ours import Tool
from worldline.tracking.effort_rules import Ride
from worldline.tracking.effort_solve import Solver
from worldline.tracking.solve import Solution

from .assist import FitPlace, fit_scene
from .catalogue import SceneRow
from .clouds import Clouds
from .database import reading
from .errors import AssistError
from .history import state_paths, state_rows
from .opened import OpenedScenes
from .solving import begin_scene, solve_frames
from .tables import changes

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """A scene, its truth and the tool, ready to be measured on.

    Attributes:
        name: The scene's.
        revision: Of the labels taken as the truth.
        frame_count: Frames of the scene.
        targets: The truth, by object id.
        clouds: The points.
        tool: Fits and propagates.
        solver: Fits and solves whole tracks.
        schema: The classes of the project.
        left_out_count: Objects without a cuboid, or without a point in any frame.
    """

    name: str
    revision: int
    frame_count: int
    targets: tuple[Target, ...]
    clouds: Clouds
    tool: Tool
    solver: Solver
    schema: LabelSchema
    left_out_count: int

    def distance_m(self, target: Target) -> Float64s:
        """(F,) How far from the lidar the object is, seen from above."""
        eyes = np.array([self.tool.sensor_at(frame)[:2] for frame in target.frames.tolist()])
        away_m: Float64s = np.hypot(*(target.rows[:, :2] - eyes).T)
        return away_m

    def speed_mps(self, target: Target) -> float:
        """The object's median speed; 0 when it stands or is judged in one frame."""
        if target.is_still or len(target.frames) < 2:
            return 0.0
        step_s = np.diff(self.tool.ride.clock_ns[target.frames]) * 1e-9
        return float(np.median(np.hypot(*np.diff(target.rows[:, :2], axis=0).T) / step_s))


def set_stage(engine: Engine, data: Path, name: str, tell: Tell, click_points: int = CLICK_POINTS) -> Stage:
    """Load a scene's truth.

    Args:
        engine: The database.
        data: The data folder.
        name: The scene.
        tell: Told how many frames were counted.
        click_points: Points that the annotator wants to see before the first click.

    Raises:
        UnknownSceneError: There is no such scene.
        AssistError: It still grows, it has no lidar, or it came without labelled cuboids.
        StoreError: It is damaged.
    """
    scenes = OpenedScenes(engine, data)
    row = scenes.row(name)
    if row.state != "ready":
        raise AssistError(f"scene {name} is still being written: measure when it is ready")
    labels, revision = imported_labels(engine, row)
    clouds = Clouds(scenes, name, None)
    targets = _find_targets(clouds, labels, tell, click_points)
    if not targets:
        raise AssistError(
            f"scene {name} has no labelled cuboid with a point in it: import a recording with labels, or simulate one"
        )

    def fit(frame: int, point_m: Vector, class_name: str) -> Cuboid:
        return fit_scene(scenes, name, frame, None, FitPlace(class_name, point_m)).cuboid

    frames = range(clouds.scene.frame_count)
    ride = Ride(clouds.scene.clock.time_ns, np.array([clouds.level_at(frame).matrix for frame in frames]))
    tool = Tool(fit, clouds.world_points, clouds.sensor_at, ride)

    def begin(frame: int, point_m: Vector, class_name: str) -> Cuboid:
        return begin_scene(scenes, name, frame, point_m, class_name)

    def solve(track: Track, frames: list[int], class_name: str, is_still: bool | None) -> Solution:
        return solve_frames(scenes, clouds, track, frames, class_name, is_still)

    solver = Solver(begin, solve, clouds.world_points, ride)
    left_out = len(labels.objects) - len(targets)
    return Stage(name, revision, len(frames), targets, clouds, tool, solver, scenes.schema(), left_out)


def imported_labels(engine: Engine, row: SceneRow) -> tuple[Labels, int]:
    """The labels as they were imported, and their revision.

    Raises:
        AssistError: None were.
    """
    query = select(func.max(changes.c.revision)).where(changes.c.scene_id == row.id, changes.c.cause == "import")
    with reading(engine) as connection:
        revision = connection.execute(query).scalar()
        if revision is None:
            raise AssistError(f"scene {row.name} came without labels: there is no truth to measure against")
        return labels_from_paths(state_paths(state_rows(connection, row.id, revision))), int(revision)


def _find_targets(clouds: Clouds, labels: Labels, tell: Tell, click_points: int) -> tuple[Target, ...]:
    clock_ns = clouds.scene.clock.time_ns
    tracks = [track for track in labels.tracks if track.kind == "cuboid" and track.keyframes and track.spans]
    rows = [_true_rows(track, clock_ns) for track in tracks]
    counts = np.zeros((len(tracks), len(clock_ns)), dtype=np.int64)
    for frame in range(len(clock_ns)):
        tell(frame, len(clock_ns))
        there = [number for number, each in enumerate(rows) if np.isfinite(each[frame]).all()]
        level_from_world = clouds.level_at(frame).inverse()
        cuboids = [cuboid_of_row(rows[number][frame]).moved(level_from_world) for number in there]
        counts[there, frame] = clouds.level_grid(frame).counts(cuboids)
    tell(len(clock_ns), len(clock_ns))
    targets = []
    for track, each, count in zip(tracks, rows, counts, strict=True):
        frames: Int64s = np.flatnonzero(count > 0)
        if len(frames):
            class_name = labels.object_of(track).class_name
            truth = (frames, each[frames], count[frames], track.spans)
            targets.append(Target(track.object_id, class_name, *truth, click_points))
    return tuple(targets)


def _true_rows(track: Track, clock_ns: Int64s) -> Float64s:
    """(C, 7) the truth in every frame of the scene, NaN where it is absent."""
    rows = np.full((len(clock_ns), 7), np.nan)
    poses = poses_at(track, range(len(clock_ns)), clock_ns)
    w, x, y, z = poses.rotations_wxyz.T
    rows[:, :3], rows[:, 3:6] = poses.centers_m, track.size_m
    rows[:, 6] = np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z))
    return rows
