"""Solving where it cannot work says so, and what to do instead."""

from pathlib import Path

import pytest

from tests.server.servers import import_scene
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.server.database import opened_database
from worldline.server.errors import AssistError
from worldline.server.opened import OpenedScenes
from worldline.server.solving import solve_scene


def test_frames_a_second_apart_are_not_solved_together(tmp_path: Path) -> None:
    scene = simulate_scene("sparse", SimulationOptions(duration_s=2.0, rate_hz=1.0, columns=90, cameras=False))
    import_scene(tmp_path, scene)
    track = next(each for each in scene.labels.tracks if each.kind == "cuboid")
    with opened_database(tmp_path) as engine, pytest.raises(AssistError, match=r"1\.0 s apart.*frame to frame"):
        solve_scene(engine, OpenedScenes(engine, tmp_path), "sparse", track.id, None, None)
