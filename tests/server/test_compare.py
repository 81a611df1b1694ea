"""``worldline compare``: the labels of two scenes, and of two revisions of one."""

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from tests.scenes import street_scene
from tests.server.servers import import_scene, post_change, running_server
from worldline.formats.labels import Labels
from worldline.formats.scene import Scene
from worldline.geometry import Pose
from worldline.server.cli import app
from worldline.server.errors import UnknownRevisionError, UnknownSceneError
from worldline.tracking.errors import AgreementError


def compare(data: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["compare", *words, "--data", str(data)])


def compared(data: Path, *words: str) -> dict:
    answer = compare(data, *words, "--json")
    assert answer.exception is None, answer.exception
    return json.loads(answer.stdout)


def in_another_world(scene: Scene, new_from_world: Pose) -> Scene:
    """The same recording with other ego poses, and the labels moved along."""
    sensors = tuple(
        replace(each, world_from_sensor=tuple(new_from_world @ pose for pose in each.world_from_sensor))
        for each in scene.sensors
    )
    tracks = tuple(
        replace(
            track,
            keyframes=tuple(replace(each, shape=new_from_world @ each.shape) for each in track.keyframes),
        )
        if track.kind == "cuboid"
        else track
        for track in scene.labels.tracks
    )
    return replace(scene, sensors=sensors, labels=replace(scene.labels, tracks=tracks))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene; the same without its second car; the same in another world, a second later, and cut short."""
    folder = tmp_path_factory.mktemp("compare")
    street = street_scene()
    import_scene(folder, street)
    labels = street.labels
    tracks = tuple(track for track in labels.tracks if track.object_id != "2")
    import_scene(folder, replace(street_scene("fewer"), labels=Labels(labels.objects, tracks)))
    import_scene(folder, in_another_world(street_scene("moved"), Pose.from_yaw(0.7, (50.0, -20.0, 1.0))))
    import_scene(folder, street_scene("later", start_ns=10**18))
    import_scene(folder, street_scene("shorter", frame_count=4))
    import_scene(folder, replace(street_scene("blank"), labels=Labels()))
    return folder


def test_a_scene_agrees_with_itself_and_with_its_first_revision(data: Path) -> None:
    for words in (("street", "street"), ("street@1", "street")):
        found = compared(data, *words)
        assert (found["a"]["revision"], found["b"]["revision"], found["frame_count"]) == (1, 1, 6)
        overall = found["overall"]
        assert overall["hota"] == overall["mota"] == overall["idf1"] == 1.0
        assert [each["f1"] for each in overall["matched"]] == [1.0, 1.0, 1.0]
        assert set(found["by_class"]) == {"car", "cyclist", "pedestrian", "trailer", "van"}
        assert found["a"]["left_out"] > 0


def test_what_was_changed_between_revisions_is_told(tmp_path: Path) -> None:
    import_scene(tmp_path)
    moved = {"center_m": [14.5, 3.0, 0.75], "rotation_wxyz": [1.0, 0.0, 0.0, 0.0]}
    value = {"shape": moved, "source": "human", "verified_by": None, "quality": None}
    with running_server(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as client:
        assert post_change(client, "street", {"tracks/1.cuboid/keyframes/0": value}).status_code == 200
    found = compared(tmp_path, "street@1", "street@2")
    car = found["by_class"]["car"]
    assert car["deviation"]["center_m"]["largest"] == pytest.approx(0.5)
    assert car["deviation"]["heading_rad"]["largest"] == pytest.approx(0.3)
    assert found["by_class"]["van"]["deviation"]["center_m"]["largest"] == 0.0
    assert compared(tmp_path, "street@0", "street@1")["overall"]["a_count"] == 0


def test_a_missing_car_costs_recall_alone(data: Path) -> None:
    car = compared(data, "street", "fewer")["by_class"]["car"]
    assert (car["a_tracks"], car["b_tracks"], car["a_count"], car["b_count"]) == (2, 1, 12, 6)
    assert (car["matched"][0]["precision"], car["matched"][0]["recall"], car["mota"]) == (1.0, 0.5, 0.5)
    assert car["idf1"] == pytest.approx(2 / 3)


def test_only_frames_of_equal_time_are_compared(data: Path) -> None:
    found = compared(data, "street", "shorter")
    assert (found["a"]["frame_count"], found["b"]["frame_count"], found["frame_count"]) == (6, 4, 4)


def test_another_world_is_refused_and_can_be_compared_from_the_ego(data: Path) -> None:
    refused = compare(data, "street", "moved").exception
    assert isinstance(refused, AgreementError)
    assert "--from-ego" in str(refused)
    for words in (("street", "moved"), ("moved", "street")):
        overall = compared(data, *words, "--from-ego", "--by", "3d", "--threshold", "0.9")["overall"]
        assert overall["hota"] > 0.99
        assert overall["matched"][-1] == {"threshold": 0.9, "count": 27, "precision": 1.0, "recall": 1.0, "f1": 1.0}


@pytest.mark.parametrize(
    ("words", "kind", "fault"),
    [
        (("street", "later"), AgreementError, "street and later share no frames"),
        (("street", "nothing"), UnknownSceneError, "there is no scene 'nothing'"),
        (("street@9", "street"), UnknownRevisionError, "the scene is at revision 1, there is no 9"),
        (("street@x", "street"), UnknownRevisionError, "write street@N with N from 0 to 1"),
        (("street@", "street"), UnknownRevisionError, "write street@N"),
        (("street", "street", "--threshold", "7"), AgreementError, "at most 1"),
        (("street", "street", "--threshold", "7", "--by", "center"), AgreementError, "metres|m apart"),
    ],
)
def test_what_cannot_be_compared_says_why(data: Path, words: tuple[str, ...], kind: type, fault: str) -> None:
    answer = compare(data, *words)
    assert answer.exit_code == 1
    assert answer.stdout == ""
    with pytest.raises(kind, match=fault):
        raise answer.exception


def test_people_get_a_table(data: Path) -> None:
    lines = compare(data, "street", "fewer", "--by", "center").stdout.splitlines()
    assert lines[0] == (
        "A street@1 (6 frames), B fewer@1 (6 frames): 6 frames in common; distance of centres up to 1 m"
    )
    assert lines[1].split()[:7] == ["class", "A", "B", "precision", "recall", "F1@0.5", "F1@1"]
    assert [line.split()[0] for line in lines[2:8]] == ["car", "cyclist", "pedestrian", "trailer", "van", "all"]
    assert lines[2].split()[1:6] == ["12", "6", "1.000", "0.500", "0.667"]
    assert len({len(line) for line in lines[1:8]}) == 1
    assert lines[8].startswith("left out: ")
    assert compare(data, "blank", "blank").stdout.splitlines()[1] == "neither has a cuboid there"
