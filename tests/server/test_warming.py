"""Nobody waits for a compiler: after warming up, the first click and the first track solved compile nothing."""

import sys
from pathlib import Path

import numba
import pytest
from numba.core.dispatcher import Dispatcher

from tests.server.servers import import_scene
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import FitError
from worldline.server.assist import FitPlace, fit_scene
from worldline.server.clouds import Clouds
from worldline.server.database import opened_database
from worldline.server.opened import OpenedScenes
from worldline.server.solving import solve_frames
from worldline.server.warming import warm_up
from worldline.tracking import Keyframe, Track

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


def signature_counts() -> dict[str, int]:
    """Of all kernels there are, how many forms of each are compiled or read from the cache."""
    modules = [module for name, module in sys.modules.items() if name.startswith("worldline.")]
    kernels = {id(each): each for module in modules for each in vars(module).values() if isinstance(each, Dispatcher)}
    return {f"{each.py_func.__module__}.{each.py_func.__qualname__}": len(each.signatures) for each in kernels.values()}


def test_the_first_click_and_the_first_solved_track_compile_nothing(tmp_path: Path) -> None:
    scene = simulate_scene("street", SimulationOptions(seed=3, duration_s=0.8, columns=900, cameras=False))
    import_scene(tmp_path, scene)
    classes = {each.id: each.class_name for each in scene.labels.objects}
    frames = list(range(len(scene.clock.time_ns)))
    warm_up()
    before = signature_counts()
    with opened_database(tmp_path) as engine:
        scenes = OpenedScenes(engine, tmp_path)
        clouds = Clouds(scenes, "street", None)
        for class_name in ("car", "pedestrian"):
            solved = 0
            for track in scene.labels.tracks:
                first = track.keyframes[0] if track.keyframes else None
                if classes[track.object_id] != class_name or first is None or first.frame != 0 or solved >= 4:
                    continue
                try:
                    place = FitPlace(class_name, first.shape.translation_m)
                    cuboid = fit_scene(scenes, "street", 0, None, place).cuboid
                except FitError:
                    continue
                click = Keyframe(0, cuboid.pose, "human", quality=0.5)
                known = Track("t", "o", size_m=cuboid.size_m, keyframes=(click,), spans=track.spans)
                for is_still in (None, True, False):
                    solve_frames(scenes, clouds, known, frames, class_name, is_still)
                drawn = known.with_keyframe(Keyframe(4, cuboid.pose))
                solve_frames(scenes, clouds, drawn, frames, class_name, False)
                solved += 1
            assert solved > 0
    assert {name: count for name, count in signature_counts().items() if count != before.get(name)} == {}
