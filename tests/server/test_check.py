"""`worldline check` on the command line."""

import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from tests.scenes import street_scene
from tests.server.servers import import_scene, post_change, running_server
from worldline.geometry import Pose
from worldline.server.cli import app


def check(data: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", "street", "--data", str(data), *options])
    return result.exit_code, result.output


@pytest.mark.parametrize("options", [(), ("--no-points",)])
def test_what_was_broken_is_found_and_what_was_not_is_not(tmp_path: Path, options: tuple[str, ...]) -> None:
    import_scene(tmp_path, street_scene(frame_count=20))
    code, text = check(tmp_path, "--json", *options)
    before = json.loads(text)
    assert code == (3 if before else 0)
    assert not [each for each in before if each["rule"] in ("duplicate", "turn_rate")]
    with running_server(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as client:
        entries = {each["path"]: each["value"] for each in client.get("/api/scenes/street/labels").json()["entries"]}
        path = next(each for each in entries if each.startswith("tracks/") and "/keyframes/0" in each)
        track = path.split("/")[1]
        still = {**entries[path], "source": "human"}
        shape = still["shape"]
        turned = {**still, "shape": {**shape, "rotation_wxyz": list(Pose.from_yaw(3.0).rotation_wxyz)}}
        drawn = {f"tracks/{track}/keyframes/{frame}": turned if frame % 2 else still for frame in range(6)}
        answer = post_change(client, "street", drawn)
        assert answer.status_code == 200, answer.text
    code, text = check(tmp_path, "--json", *options)
    assert code == 3
    found = [each for each in json.loads(text) if each["track_id"] == track]
    assert "turn_rate" in {each["rule"] for each in found}
    code, text = check(tmp_path, *options)
    assert code == 3
    assert "degrees in a second" in text


def test_an_unknown_scene_is_an_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["check", "nothing", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "no scene" in str(result.exception)


def test_findings_come_over_http_too(street: httpx.Client) -> None:
    for points in ("true", "false"):
        answer = street.get("/api/scenes/street/findings", params={"points": points})
        assert answer.status_code == 200
        assert all(each["object_id"] for each in answer.json())
    assert street.get("/api/scenes/nothing/findings").status_code == 404
