"""``worldline bench``: what it measures on a small simulated street, and what it refuses."""

import json
from pathlib import Path

import numba
import pytest
from typer.testing import CliRunner

from tests.scenes import street_scene
from tests.server.servers import import_scene
from worldline.formats.labels import Labels
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.server.bench_effort import RULES, band
from worldline.server.bench_fit import FITTERS
from worldline.server.cli import app
from worldline.server.database import opened_database
from worldline.server.errors import AssistError
from worldline.server.exporting import labelled_scene
from worldline.server.plain_fits import fit_least_area

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="takes minutes in plain Python")

FRAME_COUNT = 8


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a short simulated street, and one without labels."""
    folder = tmp_path_factory.mktemp("bench")
    options = SimulationOptions(seed=3, duration_s=FRAME_COUNT / 10, beams=32, columns=900, cameras=False)
    import_scene(folder, simulate_scene("short", options))
    bare = street_scene("bare")
    import_scene(folder, type(bare)(bare.name, bare.sensors, bare.reference, bare.data, Labels(), meta=bare.meta))
    return folder


def answer(data: Path, *words: str) -> str:
    result = CliRunner().invoke(app, ["bench", *words, "--data", str(data)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


@pytest.fixture(scope="module")
def effort(data: Path) -> dict:
    return json.loads(answer(data, "effort", "short", "--json"))


def test_every_rule_labels_every_object_frame_at_least_once_an_object(effort: dict) -> None:
    every = effort["groups"]["all"]["all"]
    assert list(every["rules"]) == list(RULES)
    assert every["rules"]["frame by frame"]["actions"] == every["object_frames"]
    for rule in every["rules"].values():
        assert every["objects"] <= rule["actions"] <= 2 * every["object_frames"]
        assert rule["looked"] >= every["object_frames"]
        product = rule["actions_per_object_frame"] * rule["object_frames_per_action"]
        assert product == pytest.approx(1)
    assert every["rules"]["ours"]["times_ours"] == 1
    assert sum(every["causes"].values()) == every["rules"]["ours"]["actions"] - every["objects"]


def test_groups_part_the_objects(effort: dict) -> None:
    every = effort["groups"]["all"]["all"]
    for by, named in effort["groups"].items():
        assert sum(group["objects"] for group in named.values()) == every["objects"], by
        for rule in RULES:
            actions = sum(group["rules"][rule]["actions"] for group in named.values())
            assert actions == every["rules"][rule]["actions"], (by, rule)
    assert len(effort["objects"]) == every["objects"]


def test_only_frames_with_a_point_in_the_truth_are_judged(data: Path, effort: dict) -> None:
    with opened_database(data) as engine:
        from worldline.server.catalogue import find_scene

        scene = labelled_scene(engine, data, find_scene(engine, "short"))
    assert effort["frame_count"] == FRAME_COUNT
    assert effort["groups"]["all"]["all"]["objects"] + effort["left_out_count"] == len(scene.labels.objects)
    assert all(0 < each["object_frames"] <= FRAME_COUNT for each in effort["objects"])


def test_the_same_seed_gives_the_same_figures(data: Path, effort: dict) -> None:
    again = json.loads(answer(data, "effort", "short", "--json"))
    assert again["objects"] == effort["objects"]


def test_the_table_names_every_rule_and_group(data: Path) -> None:
    text = answer(data, "effort", "short", "--seed", "2", "--click-points", "5")
    for word in (*RULES, "static", "object-frames per action, by class", "seed 2"):
        assert word in text


def test_fits_are_measured_on_the_same_clicks(data: Path) -> None:
    fits = json.loads(answer(data, "fit", "short", "--clicks", "2", "--json"))
    assert fits["click_count"] > 0
    assert sum(group["ours"]["clicks"] for group in fits["groups"]["class"].values()) == fits["click_count"]
    for group in fits["groups"]["points"].values():
        assert list(group) == list(FITTERS)
        assert len({each["clicks"] for each in group.values()}) == 1
        for each in group.values():
            assert 0 <= each["iou_3d_mean"] <= each["bev_iou_mean"] + 1e-9 <= 1 + 1e-9
            assert 0 < each["p50_ms"] <= each["p99_ms"]
    text = answer(data, "fit", "short")
    assert all(fitter in text for fitter in FITTERS)


@pytest.mark.parametrize("command", ["effort", "fit"])
def test_a_scene_without_labels_has_no_truth(data: Path, command: str) -> None:
    with pytest.raises(AssistError, match="came without labels"):
        answer(data, command, "bare")


def test_a_value_on_an_edge_belongs_to_the_band_above() -> None:
    assert [band(value, (20.0, 40.0), " m") for value in (0, 19.9, 20, 40)] == [
        "0-20 m",
        "0-20 m",
        "20-40 m",
        "40 m and more",
    ]


def test_the_rectangle_of_least_area_holds_its_points() -> None:
    import numpy as np

    from worldline.geometry import Cuboid, Pose

    truth = Cuboid(Pose.from_yaw(0.35, (8.0, 3.0, 0.5)), (4.0, 1.8, 1.4))
    points = truth.corners()
    found = fit_least_area(points, float(points[:, 2].min()))
    assert np.allclose(found.center_m, truth.center_m, atol=0.05)
    assert np.allclose(found.size_m, truth.size_m, atol=0.05)
    assert abs(found.yaw_rad - truth.yaw_rad) < np.radians(1)
