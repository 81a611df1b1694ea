"""The project's label schema: one document that everything goes by, changed by people without losing labels."""

import re
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.journals import car
from tests.server.servers import import_scene, post_change, running_server
from tests.server.test_live import hear, window
from worldline.formats.errors import LabelError
from worldline.formats.schema import ClassDocument, LabelSchema, default_schema
from worldline.formats.schema_text import parse_schema, schema_text
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import inside_mask
from worldline.server.cli import main
from worldline.server.database import opened_database
from worldline.server.errors import StaleSchemaError
from worldline.server.schemas import change_schema, project_schema, schema_version
from worldline.tracking import cuboid_at

SCHEMA = "/api/schema"
TITLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff")
SIDES = st.tuples(*[st.floats(1e-3, 300, allow_subnormal=False)] * 3)
CLASSES = st.builds(
    ClassDocument,
    name=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    title=st.text(TITLE, min_size=1, max_size=20),
    color=st.from_regex(r"#[0-9a-f]{6}", fullmatch=True),
    size_m=SIDES,
    spread_m=SIDES,
    rotates=st.sampled_from(["yaw", "full"]),
)
SCHEMAS = st.builds(
    LabelSchema,
    version=st.integers(1, 2**31 - 1),
    classes=st.lists(CLASSES, min_size=1, max_size=4, unique_by=lambda each: each.name).map(tuple),
)


def changed(document: dict[str, Any], name: str, **values: Any) -> dict[str, Any]:
    """A schema with other values of a class."""
    classes = [{**each, **values} if each["name"] == name else each for each in document["classes"]]
    return {**document, "classes": classes}


def without(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {**document, "classes": [each for each in document["classes"] if each["name"] != name]}


@given(SCHEMAS)
def test_text_and_schema_are_each_other(schema: LabelSchema) -> None:
    assert parse_schema(schema_text(schema)) == schema
    assert parse_schema(schema.model_dump_json(), is_json=True) == schema


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("size_m: [4.2,", "size_m: [-4.2,", r"classes\[0\]\.size_m\[0\] \(car\): .*greater than 0, not -4\.2"),
        ("size_m: [4.2,", "size_m: [.nan,", r"classes\[0\]\.size_m\[0\] \(car\): .*not nan"),
        ("size_m: [4.2,", "size_m: [4200,", r"classes\[0\]\.size_m\[0\] \(car\): .*300, not 4200"),
        ("spread_m: [0.45,", "spread_m: [0,", r"classes\[0\]\.spread_m\[0\] \(car\): .*not 0"),
        ("color: '#55e6cd'", "color: #55e6cd", r"classes\[0\]\.color \(car\): .*not None; colors stand in quotes"),
        ("name: van", "name: car", r"classes: class names must be unique; more than once: car"),
        ("name: van", "name: Van", r"classes\[1\]\.name \(Van\): .*not 'Van'"),
        ("title: Van", "titel: Van", r"classes\[1\]\.title \(van\): Field required; classes\[1\]\.titel \(van\)"),
        ("rotates: yaw\n", "rotates: pitch\n", r"classes\[0\]\.rotates \(car\): .*not 'pitch'"),
        ("version: 1", "version: 0", r"version: .*not 0"),
        ("version: 1", "version: 1\nversion: 2", r"line 4, column 1: not YAML: 'version' twice"),
        ("classes:", "classes: &a [*a]\nmore:", "aliases are not taken"),
        ("classes:", "classes: [", r"line \d+, column \d+: not YAML"),
        ("classes:", "classes: " + "[" * 3000, "not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_field_and_value(old: str, new: str, said: str) -> None:
    text = schema_text(default_schema())
    assert old in text
    with pytest.raises(LabelError, match=said) as caught:
        parse_schema(text.replace(old, new, 1), source="my.yaml")
    assert str(caught.value).startswith("my.yaml")
    assert len(str(caught.value)) < 600


def test_versions_are_kept_and_a_stale_one_is_refused(tmp_path: Path) -> None:
    with opened_database(tmp_path) as engine:
        first = project_schema(engine)
        assert first == default_schema()
        assert change_schema(engine, first, "ann") == first
        longer = LabelSchema.model_validate(changed(first.model_dump(), "car", size_m=(4.6, 1.8, 1.5)))
        second = change_schema(engine, longer, "ann")
        assert (second.version, second.classes) == (2, longer.classes)
        assert change_schema(engine, longer, "ann") == second, "the same again is not another version"
        other = LabelSchema.model_validate(changed(first.model_dump(), "car", size_m=(4.7, 1.8, 1.5)))
        with pytest.raises(StaleSchemaError, match="at version 2, yours is based on 1"):
            change_schema(engine, other, "bob")
        assert [schema_version(engine, each) for each in (1, 2)] == [first, second]
    with opened_database(tmp_path) as engine:
        assert project_schema(engine) == second


def test_it_is_read_and_written_as_json_and_as_yaml(served: httpx.Client) -> None:
    now = served.get(SCHEMA).json()
    assert now == default_schema().model_dump(mode="json")
    for text in (
        served.get(SCHEMA, params={"form": "yaml"}).text,
        served.get(SCHEMA, headers={"Accept": "application/yaml"}).text,
    ):
        assert parse_schema(text) == default_schema()
    edited = text.replace("title: Car", "title: Wagen")
    answer = served.put(SCHEMA, content=edited.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.json()["version"] == 2
    assert served.get("/api/scenes/street").json()["schema"] == answer.json()
    stale = served.put(SCHEMA, json=changed(now, "car", title="Auto"))
    assert (stale.status_code, stale.json()["code"]) == (409, "schema_stale")
    assert stale.json()["detail"] == {"version": 2, "based_on": 1}
    wrong = served.put(SCHEMA, json=changed(now, "car", size_m=[4, 2]))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "label")
    assert "classes[0].size_m[2] (car): Field required" in wrong.json()["message"]
    assert served.get(SCHEMA, params={"version": 1}).json() == now
    assert served.get(SCHEMA, params={"version": 9}).json()["code"] == "unknown_version"


def test_a_class_that_objects_have_cannot_go_and_rules_follow(served: httpx.Client) -> None:
    now = served.get(SCHEMA).json()
    refused = post_change(served, "street", {"objects/new": {**car(900), "class_name": "robot"}})
    assert (refused.status_code, refused.json()["code"]) == (422, "label")
    robot = {**now["classes"][0], "name": "robot", "title": "Robot"}
    now = served.put(SCHEMA, json={**now, "classes": [*now["classes"], robot]}).json()
    assert post_change(served, "street", {"objects/new": {**car(900), "class_name": "robot"}}).status_code == 200
    answer = served.put(SCHEMA, json=without(now, "robot"))
    assert (answer.status_code, answer.json()["code"]) == (409, "class_in_use")
    assert answer.json()["detail"]["uses"] == [{"scene": "street", "class_name": "robot", "count": 1}]
    assert re.search("street has 1 of class robot", answer.json()["message"])
    assert served.get(SCHEMA).json() == now
    assert post_change(served, "street", {"objects/new": None}).status_code == 200
    assert served.put(SCHEMA, json=without(now, "robot")).json()["version"] == 3
    assert post_change(served, "street", {"objects/new": {**car(900), "class_name": "robot"}}).status_code == 422


def test_the_command_line_prints_a_file_and_takes_it_back_beside_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def worldline(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["worldline", "schema", *map(str, words), "--data", str(tmp_path / "data")])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    import_scene(tmp_path / "data")
    with running_server(tmp_path / "data") as address, httpx.Client(base_url=address) as client:
        assert client.get("/api/scenes/street").json()["schema"]["version"] == 1
        file = tmp_path / "my.yaml"
        file.write_text(worldline("show")[1].replace("[4.2, 1.75, 1.55]", "[4.4, 1.75, 1.55]"))
        assert worldline("set", file) == (0, "the label schema is at version 2: 16 classes\n", "")
        assert client.get("/api/scenes/street").json()["schema"]["classes"][0]["size_m"][0] == 4.4
        file.write_text(file.read_text().replace("4.4", "4.5"))
        code, said, refusal = worldline("set", file)
        assert (code, said) == (1, "")
        assert refusal.startswith("error: the label schema is at version 2, yours is based on 1")
        assert worldline("show", "--version", "1")[1] == schema_text(default_schema())


def test_open_windows_hear_of_a_new_schema(served: httpx.Client) -> None:
    with window(served, "a") as a:
        assert hear(a, "ready")["schema_version"] == 1
        served.put(SCHEMA, json=changed(served.get(SCHEMA).json(), "car", title="Auto"))
        assert hear(a, "ready")["schema_version"] == 2


def test_what_a_fit_does_not_see_follows_the_schema(tmp_path: Path) -> None:
    scene = simulate_scene("street", SimulationOptions(seed=3, duration_s=0.2, columns=900, cameras=False))
    import_scene(tmp_path, scene)
    points = scene.lidars[0].world_from_sensor[0].apply(scene.data.sweep("lidar", 0).xyz_m)
    kinds = {each.id: each.class_name for each in scene.labels.objects}
    clicks = []
    for track in scene.labels.tracks:
        cuboid = cuboid_at(track, 0, scene.clock.time_ns)
        if cuboid is not None and kinds[track.object_id] == "car":
            own = points[inside_mask(points, cuboid)]
            if len(own) >= 40:
                clicks.append(own[len(own) // 2].tolist())
    assert clicks
    with running_server(tmp_path) as address, httpx.Client(base_url=address, timeout=60) as client:

        def lengths() -> list[float]:
            bodies = [
                client.post(
                    "/api/scenes/street/assist/fit", json={"frame": 0, "point_m": each, "class_name": "car"}
                ).json()
                for each in clicks[:4]
            ]
            return [body["cuboid"]["size_m"][0] for body in bodies]

        before = lengths()
        asked = changed(client.get(SCHEMA).json(), "car", size_m=[5.4, 1.75, 1.55], spread_m=[0.15, 0.15, 0.15])
        assert client.put(SCHEMA, json=asked).status_code == 200
        grown = [after - was for was, after in zip(before, lengths(), strict=True)]
    assert max(grown) > 0.4
