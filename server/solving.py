"""Solving a track of a scene: from one cuboid to every frame the object is seen in.

Nothing is written here; what a person accepts of it comes back as a change.
"""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine

from worldline.geometry import Cuboid, FitError, Pose
from worldline.geometry.arrays import Float32s, Int64s
from worldline.geometry.pose import Vector
from worldline.geometry.prior import SizePrior
from worldline.tracking import Span, Track
from worldline.tracking.presence import find_presence, present_spans
from worldline.tracking.rolling import OwnMotion, RestedSweeps
from worldline.tracking.solve import Solution, solve_track
from worldline.tracking.street import Street
from worldline.tracking.trail import Surroundings

from .assist import FitPlace, find_class_of, find_track, fit_scene
from .clouds import Clouds
from .errors import AssistError
from .opened import OpenedScenes

MOST_SWEEPS = 240
"""The street is made of so many sweeps at most, evenly over the scene."""

STREET_REACH_M = 80.0
MOST_FRAMES = 1200
"""An object is looked for in so many frames around where it is known, at most."""


SPARSE_S = 0.5
"""Where frames are further apart than this, an object cannot be told by where it was: it is not solved."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A track solved, and where it is present.

    Attributes:
        solution: The track.
        spans: Frames in which it is; those in which nothing of it was seen are occluded.
    """

    solution: Solution
    spans: tuple[Span, ...]


def solve_scene(
    engine: Engine,
    scenes: OpenedScenes,
    name: str,
    track_id: str,
    is_still: bool | None,
    lidar: str | None,
) -> Solved:
    """Solve a track of a scene.

    A track that is present in one frame is looked for in all; any other keeps the frames it is present in.

    Raises:
        AssistError: There is no such track, the scene has no lidar, or its frames are too far apart.
        PropagationError: The track has no cuboid.
    """
    track, class_name = find_track(engine, scenes, name, track_id), find_class_of(engine, scenes, name, track_id)
    clouds = Clouds(scenes, name, lidar)
    apart_s = spacing_s(clouds.scene.clock.time_ns)
    if apart_s > SPARSE_S:
        raise AssistError(
            f"frames of scene {name} are {apart_s:.1f} s apart, too far to solve them together (at most {SPARSE_S} s): "
            "carry the object from frame to frame instead (G forward, Shift+G back; POST .../assist/propagate)"
        )
    ready = scenes.row(name).ready_frame_count
    present = [frame for span in track.spans for frame in range(span.start, min(span.end, ready))]
    if len(present) > 1:
        solution = solve_frames(scenes, clouds, track, present, class_name, is_still)
        return Solved(solution, present_spans(present, solution.hidden))
    middle = present[0] if present else (track.keyframes[0].frame if track.keyframes else 0)
    frames = list(range(max(middle - MOST_FRAMES, 0), min(middle + MOST_FRAMES, ready)))
    solution = solve_frames(scenes, clouds, track, frames, class_name, is_still)
    kept = find_presence(frames, solution.hidden, middle, clouds.scene.clock.time_ns)
    return Solved(solution.within(kept), present_spans(kept, solution.hidden))


def spacing_s(clock_ns: Int64s) -> float:
    """The usual time between two frames, in seconds; 0 where there is one."""
    return float(np.median(np.diff(clock_ns))) * 1e-9 if len(clock_ns) > 1 else 0.0


def solve_frames(
    scenes: OpenedScenes, clouds: Clouds, track: Track, frames: list[int], class_name: str, is_still: bool | None
) -> Solution:
    """Solve a track over frames; where sweeps take their time, again with its own motion taken out of them.

    Raises:
        AssistError: The scene has no lidar.
        PropagationError: The track has no cuboid in any of the frames.
    """
    known = scenes.schema().find_class(class_name)
    prior = SizePrior(known.size_m, known.spread_m)
    clock_ns = clouds.scene.clock.time_ns
    around = Surroundings(clouds.world_points, clock_ns, clouds.sensor_at, street_of(scenes, clouds))
    solution = solve_track(track, frames, around, prior, is_still)
    if solution.is_still or not clouds.is_timed(frames[0]):
        return solution
    made = Track(track.id, track.object_id, size_m=solution.size_m, keyframes=solution.keyframes, spans=track.spans)
    rested = RestedSweeps(clouds.timed_world_points, OwnMotion.of_track(made, clock_ns), clock_ns)
    return solve_track(track, frames, Surroundings(rested, clock_ns, clouds.sensor_at, around.street), prior, is_still)


def begin_scene(scenes: OpenedScenes, name: str, frame: int, point_m: Vector, class_name: str) -> Cuboid:
    """A cuboid to begin with: fitted, or where too little is seen, of the usual size at the point."""
    try:
        return fit_scene(scenes, name, frame, None, FitPlace(class_name, point_m)).cuboid
    except FitError:
        clouds = Clouds(scenes, name, None)
        size = scenes.schema().find_class(class_name).size_m
        return Cuboid(Pose.from_yaw(clouds.level_at(frame).yaw_rad, point_m), size)


def street_of(scenes: OpenedScenes, clouds: Clouds) -> Street:
    """The street under all sweeps of a scene; made once."""

    def make() -> Street:
        count = clouds.scene.frame_count
        frames = np.unique(np.linspace(0, count - 1, min(count, MOST_SWEEPS)).round().astype(int)).tolist()
        eyes = [clouds.sensor_at(frame) for frame in frames]

        def sweep(number: int) -> Float32s:
            return clouds.world_points(frames[number], eyes[number], STREET_REACH_M)

        time_s = (clouds.scene.clock.time_ns[frames] - clouds.scene.clock.time_ns[0]) * 1e-9
        return Street.from_sweeps(sweep, np.array(eyes)[:, :2], time_s, STREET_REACH_M)

    if clouds.scene.frame_count == 0:
        raise AssistError("the scene has no frame yet")
    return scenes.streets.find(clouds.key, make)
