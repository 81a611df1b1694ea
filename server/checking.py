"""Checking the labels of a scene against rules of physics and good sense."""

import numpy as np
from sqlalchemy import Engine

from worldline.formats.documents import labels_from_paths
from worldline.formats.labels import Labels
from worldline.geometry.arrays import Float64s, Int64s
from worldline.geometry.overlap import cuboid_of_row
from worldline.tracking.findings import Finding, Subject, inspect_scene
from worldline.tracking.track import WORLD

from .clouds import Clouds
from .database import reading
from .history import state_paths, state_rows
from .opened import OpenedScenes

_SEEN_WITHIN_M = 3.0
_SEEN_POINTS = 10
_GROUND_BAND_M = 0.15


def check_scene(
    engine: Engine, scenes: OpenedScenes, name: str, *, look_at_points: bool = True
) -> tuple[Labels, list[Finding]]:
    """A scene's labels and what the rules find in them.

    Args:
        engine: The database.
        scenes: Its stored scenes.
        name: The scene.
        look_at_points: Read the sweeps too, for what stands empty, floats or is sunk.

    Raises:
        UnknownSceneError: There is no such scene.
        StoreError: It is damaged.
    """
    row = scenes.row(name)
    scene = scenes.stored(name).scene
    with reading(engine) as connection:
        labels = labels_from_paths(state_paths(state_rows(connection, row.id, row.revision)))
    known = {each.name: each for each in scenes.schema().classes}
    subjects = []
    for track in labels.tracks:
        if track.kind != "cuboid" or track.space != WORLD or not track.keyframes:
            continue
        class_name = labels.object_of(track).class_name
        usual = known.get(class_name)
        sizes = (usual.size_m, usual.spread_m) if usual else (None, None)
        subjects.append(Subject(track, class_name, *sizes))
    if not look_at_points or not scene.lidars:
        return labels, inspect_scene(subjects, scene.clock.time_ns)
    clouds = Clouds(scenes, name, None)

    def counts(frame: int, rows: Float64s) -> Int64s:
        level_from_world = clouds.level_at(frame).inverse()
        cuboids = [cuboid_of_row(row).moved(level_from_world) for row in rows]
        return clouds.level_grid(frame).counts(cuboids)

    def heights(frame: int, places: Float64s) -> Float64s:
        world_from_level = clouds.level_at(frame)
        raised = np.column_stack([places, np.zeros(len(places))])
        there = world_from_level.inverse().apply(raised)[:, :2]
        found: Float64s = clouds.level_ground(frame).heights_m(there)
        for at, (x, y) in enumerate(there.tolist()):
            near = clouds.level_grid(frame).near((x, y, 0.0), _SEEN_WITHIN_M)
            is_ground = np.abs(clouds.level_points(frame)[near, 2] - found[at]) < _GROUND_BAND_M
            if np.count_nonzero(is_ground) < _SEEN_POINTS:
                found[at] = np.nan  # hidden or far: the height there is a guess
        return found + world_from_level.translation_m[2]

    return labels, inspect_scene(subjects, scene.clock.time_ns, counts=counts, heights=heights)
