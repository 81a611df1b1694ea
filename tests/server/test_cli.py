"""The command line as scripts use it: real processes, standard output, standard error and exit codes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.scenes import street_scene
from tests.server.servers import import_scene
from worldline.formats.registry import find_format
from worldline.server.cli import main

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("WORLDLINE_")}
ENVIRONMENT |= {"WORLDLINE_WARM_UP": "0", "COLUMNS": "200", "NO_COLOR": "1"}


@dataclass(frozen=True, slots=True)
class Run:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def refusal(self) -> str:
        """The one line that a refused command says."""
        assert self.code != 0
        assert self.stdout == ""
        assert "Traceback" not in self.stderr
        lines = self.stderr.strip().splitlines()
        assert len(lines) == 1, self.stderr
        return lines[0]

    def succeeded(self) -> "Run":
        """Itself, if it did."""
        assert self.code == 0, self.stderr
        return self


Command = Callable[..., Run]


@pytest.fixture
def worldline(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process, which spares the imports."""
    for name in [each for each in os.environ if each.startswith("WORLDLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def run(*words: str | Path, data: Path | None = None) -> Run:
        more = [] if data is None else ["--data", str(data)]
        monkeypatch.setattr(sys, "argv", ["worldline", *map(str, words), *more])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Run(int(ended.value.code or 0), said.out, said.err)

    return run


def in_a_process(*words: str | Path, data: Path) -> Run:
    """Run a command as a shell does."""
    command = [sys.executable, "-m", "worldline.server.cli", *map(str, words), "--data", str(data)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT, check=False)
    return Run(run.returncode, run.stdout, run.stderr)


@contextmanager
def serving(data: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A ``worldline serve`` (or demo) and the address that it printed."""
    command = [sys.executable, "-m", "worldline.server.cli", *words, "--data", str(data), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line.startswith("Worldline is at http://127.0.0.1:"), line
        yield line.split()[3], server
    finally:
        server.terminate()
        server.wait(30)
        if server.stdout is not None:
            server.stdout.close()


@pytest.fixture(scope="module")
def kitti(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A KITTI tracking sequence on the disk."""
    folder = tmp_path_factory.mktemp("kitti") / "source"
    find_format("kitti-tracking").writer.write(street_scene(), folder)
    return folder


def test_import_and_export_work_beside_a_running_server(kitti: Path, tmp_path: Path, worldline: Command) -> None:
    data = tmp_path / "data"
    with serving(data, "serve") as (address, _):
        run = in_a_process("import", kitti, "--name", "cars", "--format", "kitti-tracking", data=data).succeeded()
        assert re.match(r"imported cars \([0-9a-f]{32}\) from kitti-tracking: 6 frames, ", run.stdout)
        assert [each["name"] for each in httpx.get(f"{address}/api/scenes").json()] == ["cars"]
        assert httpx.get(f"{address}/api/scenes/cars/labels").json()["revision"] == 1
        words = ("export", "cars", "--format", "kitti-tracking", "--out", tmp_path / "out")
        assert worldline(*words, data=data).succeeded().stdout.startswith("exported cars as kitti-tracking to ")
        assert any((tmp_path / "out").iterdir())
        assert "not empty" in worldline(*words, data=data).refusal
        assert address in worldline("serve", data=data).refusal
        assert worldline("remove", "cars", data=data).succeeded().stdout.startswith("removed cars: 6 frames")
        assert httpx.get(f"{address}/api/scenes").json() == []


def test_json_is_for_scripts(kitti: Path, tmp_path: Path, worldline: Command) -> None:
    run = worldline("import", kitti, "--name", "cars", "--json", data=tmp_path).succeeded()
    (imported,) = json.loads(run.stdout)
    assert (imported["name"], imported["format"], imported["frame_count"]) == ("cars", "kitti-tracking", 6)
    assert imported["point_count"] > 0
    (scene,) = json.loads(worldline("scenes", "--json", data=tmp_path).stdout)
    assert (scene["name"], scene["frame_count"], scene["object_count"]) == ("cars", 6, imported["object_count"])
    words = ("export", "cars", "--format", "nuscenes", "--out", tmp_path / "out", "--json")
    losses = json.loads(worldline(*words, data=tmp_path).succeeded().stdout)["losses"]
    assert all({"what", "count", "why"} == loss.keys() for loss in losses)
    assert json.loads(worldline("formats", "--json").stdout)[0]["name"] == "kitti-object"
    assert json.loads(worldline("remove", "cars", "--json", data=tmp_path).stdout)["removed"] == "cars"


def test_what_cannot_be_is_said_in_one_line(kitti: Path, tmp_path: Path, worldline: Command) -> None:
    data = tmp_path / "data"
    import_scene(data)
    text = tmp_path / "text.mp4"
    text.write_text("this is no film")
    out = tmp_path / "out"
    cases = {
        ("remove", "nothing"): "there is no scene 'nothing'",
        ("import", tmp_path / "none", "--name", "x"): "no such file",
        ("import", text, "--name", "x", "--format", "video"): "text.mp4",
        ("import", text, "--name", "x"): "text.mp4",
        ("import", tmp_path / ("n" * 999), "--name", "x"): "nnn...: File name too long",
        ("import", kitti, "--name", "../x"): "cannot be a scene's name",
        ("import", kitti, "--name", "x", "--format", "nonsense"): "unknown format 'nonsense'",
        ("import", kitti, "--name", "street"): "there is a scene 'street' already",
        ("export", "nothing", "--format", "kitti-tracking", "--out", out): "there is no scene 'nothing'",
        ("export", "street", "--format", "video", "--out", out): "cannot be exported",
        ("simulate", "--name", "x", "--seconds", "-1"): "duration_s must be between",
        ("simulate", "--name", "street"): "there is a scene 'street' already",
    }
    for words, fault in cases.items():
        line = worldline(*words, data=data).refusal
        assert line.startswith("error: ")
        assert fault in line
    assert not out.exists()
    assert [each["name"] for each in json.loads(worldline("scenes", "--json", data=data).stdout)] == ["street"]


def test_a_refused_command_says_one_line_in_a_shell_too(tmp_path: Path) -> None:
    assert "there is no scene 'nothing'" in in_a_process("remove", "nothing", data=tmp_path).refusal


@pytest.mark.parametrize("words", [("import",), ("nonsense",), ("export", "x", "--format"), ("scenes", "--nonsense")])
def test_a_mistyped_command_exits_with_2(worldline: Command, words: tuple[str, ...]) -> None:
    run = worldline(*words)
    assert run.code == 2
    assert run.stdout == ""
    assert "Error: " in run.stderr


def test_another_address_is_refused_with_a_sentence_that_says_how(tmp_path: Path, worldline: Command) -> None:
    assert "WORLDLINE_TOKEN" in worldline("serve", "--host", "0.0.0.0", data=tmp_path).refusal  # noqa: S104


def test_a_port_that_is_taken_is_named(tmp_path: Path, worldline: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port}" in worldline("serve", "--port", str(port), data=tmp_path).refusal


def test_the_variable_names_the_data_folder(
    tmp_path: Path, worldline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_scene(tmp_path)
    monkeypatch.setenv("WORLDLINE_DATA", str(tmp_path))
    assert worldline("scenes").succeeded().stdout.startswith("street\t6 frames")


def test_a_data_folder_that_cannot_be_is_named(tmp_path: Path, worldline: Command) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in worldline("scenes", data=tmp_path / "file" / "data").refusal
    (tmp_path / "worldline.db").write_text("this is no database at all, but it is long enough to be looked at")
    assert "worldline.db" in worldline("scenes", data=tmp_path).refusal


def test_the_demo_can_be_opened_while_it_is_simulated_and_starts_at_once_the_second_time(tmp_path: Path) -> None:
    with serving(tmp_path, "demo", "--seconds", "0.4") as (address, _):
        assert address.endswith("/scenes/street")
        base = address.removesuffix("/scenes/street")
        until = time.monotonic() + 200
        while not (found := httpx.get(f"{base}/api/scenes").json()) or found[0]["state"] != "ready":
            assert time.monotonic() < until
            time.sleep(0.2)
        assert found[0]["frame_count"] == 4
        assert found[0]["object_count"] > 0
    with serving(tmp_path, "demo") as (address, server):
        (scene,) = httpx.get(f"{address.removesuffix('/scenes/street')}/api/scenes").json()
        assert scene["state"] == "ready"
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 0


def test_simulate_makes_the_same_street_from_the_same_seed(tmp_path: Path, worldline: Command) -> None:
    words = ("--seconds", "0.2", "--columns", "100", "--no-cameras", "--seed", "5", "--json")
    facts = [
        json.loads(worldline("simulate", "--name", "one", *words, data=tmp_path / where).succeeded().stdout)
        for where in ("here", "there")
    ]
    assert facts[0] == facts[1]


def test_the_interface_is_printed(worldline: Command) -> None:
    assert json.loads(worldline("openapi").succeeded().stdout)["info"]["title"] == "Worldline"
