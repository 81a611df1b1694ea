"""Importing and growing scenes: all or nothing, and nothing left behind."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from tests.scenes import street_scene
from tests.server.servers import FORMAT, running_server
from worldline.formats.documents import labels_from_paths
from worldline.formats.errors import BrokenFileError, FormatError
from worldline.formats.labels import Labels, SceneObject
from worldline.formats.registry import ReadScene
from worldline.formats.scene import Scene, Sweep
from worldline.formats.store import open_scene
from worldline.server.catalogue import find_scene, list_scenes, remove_scene, stored_path
from worldline.server.database import open_database, reading
from worldline.server.errors import GrowingSceneError, SceneExistsError, SceneNameError, UnknownSceneError
from worldline.server.exporting import labelled_scene
from worldline.server.growing import grow_scene
from worldline.server.history import changes_since, state_paths, state_rows
from worldline.server.importing import import_scenes, import_source
from worldline.server.sweeping import sweep


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path)
    yield engine
    engine.dispose()


def stored_folders(data: Path) -> list[str]:
    return sorted(path.name for path in (*(data / "scenes").iterdir(), *(data / "staging").iterdir()))


def imported(engine: Engine, data: Path, *scenes: Scene) -> None:
    import_scenes(engine, data, [ReadScene(scene) for scene in scenes], FORMAT, "ann", lambda *_: None)


def failing(scene: Scene, at: int) -> Scene:
    """A scene whose sweep cannot be read at a frame."""

    class Data:
        def sweep(self, sensor: str, frame: int) -> Sweep:
            if frame == at:
                raise BrokenFileError("expected 16, found 7 bytes", path="000003.bin", place="byte 16")
            return scene.data.sweep(sensor, frame)

        def __getattr__(self, name: str) -> object:
            return getattr(scene.data, name)

    return replace(scene, data=Data())


def test_labels_come_back_out_of_the_journal_as_they_went_in(engine: Engine, tmp_path: Path) -> None:
    scene = street_scene()
    imported(engine, tmp_path, scene)
    row = find_scene(engine, "street")
    with reading(engine) as connection:
        (change,) = changes_since(connection, row.id, 0, 10)
        paths = state_paths(state_rows(connection, row.id))
    assert (change.cause, change.revision) == ("import", 1)
    assert labels_from_paths(paths) == scene.labels
    back = labelled_scene(engine, tmp_path, row)
    assert back.labels == scene.labels
    assert (back.data.sweep("lidar", 3).xyz_m == scene.data.sweep("lidar", 3).xyz_m).all()


def test_a_scene_without_labels_has_an_empty_journal(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, replace(street_scene(), labels=Labels()))
    assert find_scene(engine, "street").revision == 0


def test_a_source_that_breaks_off_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match="byte 16"):
        imported(engine, tmp_path, street_scene("one"), failing(street_scene("two"), 3))
    assert list_scenes(engine) == []
    assert stored_folders(tmp_path) == []


def test_labels_that_mean_nothing_leave_nothing(engine: Engine, tmp_path: Path) -> None:
    labels = Labels((SceneObject("1", "spaceship", 1),))
    with pytest.raises(FormatError, match="spaceship"):
        imported(engine, tmp_path, street_scene("one"), replace(street_scene("two"), labels=labels))
    assert list_scenes(engine) == []
    assert stored_folders(tmp_path) == []


def test_a_taken_name_is_refused_and_the_scene_stays(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, street_scene())
    before = find_scene(engine, "street")
    with pytest.raises(SceneExistsError, match="worldline remove street"):
        imported(engine, tmp_path, street_scene(seed=8))
    assert find_scene(engine, "street") == before
    assert len(stored_folders(tmp_path)) == 1


def test_two_names_for_one_content_share_it_until_the_last_is_removed(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, street_scene("one"))
    imported(engine, tmp_path, street_scene("one2"))
    for name in ("one", "one2"):
        open_scene(stored_path(tmp_path, find_scene(engine, name)))
        others = [row.name for row in list_scenes(engine) if row.name != name]
        remove_scene(engine, name)
        sweep(engine, tmp_path)
        for other in others:
            open_scene(stored_path(tmp_path, find_scene(engine, other)))
    assert stored_folders(tmp_path) == []


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "x" * 81, "\u00e4", "a\n"])
def test_a_name_that_could_be_a_path_is_refused(engine: Engine, tmp_path: Path, name: str) -> None:
    with pytest.raises(SceneNameError):
        import_source(engine, tmp_path, tmp_path, name, None, "ann", lambda *_: None)


def test_a_source_that_is_not_there_is_named(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no such file or folder"):
        import_source(engine, tmp_path, tmp_path / "nothing", "x", None, "ann", lambda *_: None)


class SlowData:
    """Frames that take their time."""

    def __init__(self, scene: Scene, pause_s: float) -> None:
        self._data, self._pause_s = scene.data, pause_s

    def sweep(self, sensor: str, frame: int) -> Sweep:
        """A frame, after a while."""
        time.sleep(self._pause_s)
        return self._data.sweep(sensor, frame)

    def __getattr__(self, name: str) -> object:
        return getattr(self._data, name)


def grow(data: str, pause_s: float) -> None:
    engine = open_database(Path(data))
    scene = street_scene(frame_count=16)
    grow_scene(engine, Path(data), replace(scene, data=SlowData(scene, pause_s)), "synthetic", "ann")
    engine.dispose()


def test_a_growing_scene_can_be_opened_and_labelled_while_it_grows(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["worldline.server.growing"])
    with running_server(tmp_path) as address, httpx.Client(base_url=address, timeout=20) as client:
        child = context.Process(target=grow, args=(str(tmp_path), 0.3))
        child.start()
        until = time.monotonic() + 30
        while not (found := client.get("/api/scenes").json()) or not found[0]["ready_frame_count"]:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert found[0]["state"] == "growing"
        document = client.get("/api/scenes/street").json()
        old = f"/api/scenes/street/data/{document['generation']}"
        assert 0 < document["ready_frame_count"] < document["frame_count"] == 16
        first = client.get(f"{old}/points/lidar/0")
        assert (first.status_code, first.headers["cache-control"]) == (200, "private, no-cache")
        later = client.get(f"{old}/images/front/15")
        assert (later.status_code, later.json()["code"]) == (425, "frame_pending")
        assert client.post("/api/scenes/street/exports", json={"format": "kitti-object"}).json()["code"] == "growing"
        assert client.get("/api/scenes/street/labels").json()["revision"] == 1
        op = {"path": "objects/mine", "value": {"class_name": "car", "number": 99}, "based_on": 0}
        answer = client.post("/api/scenes/street/changes", json={"id": "mine", "label": "x", "ops": [op]})
        assert answer.status_code == 200
        child.join(60)
        assert child.exitcode == 0
        while client.get("/api/scenes").json()[0]["state"] != "ready":
            assert time.monotonic() < until + 60
            time.sleep(0.05)
        time.sleep(0.7)
        assert client.get(f"{old}/images/front/15").status_code == 200  # who opened it early may go on
        ready = client.get("/api/scenes/street").json()
        assert (ready["state"], ready["ready_frame_count"]) == ("ready", 16)
        assert ready["generation"] != document["generation"]
        again = client.get(f"/api/scenes/street/data/{ready['generation']}/points/lidar/0")
        assert again.content == first.content
        assert client.get("/api/scenes/street/labels").json()["revision"] == 2


def test_a_scene_whose_writer_was_killed_is_gone_at_the_next_start(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    engine = open_database(tmp_path)
    child = context.Process(target=grow, args=(str(tmp_path), 0.3))
    child.start()
    until = time.monotonic() + 30
    while not list_scenes(engine):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert sweep(engine, tmp_path) == []  # its owner lives
    row = find_scene(engine, "street")
    with pytest.raises(GrowingSceneError):
        labelled_scene(engine, tmp_path, row)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(10)
    assert sweep(engine, tmp_path) == ["street"]
    assert list_scenes(engine) == []
    assert stored_folders(tmp_path) == []
    engine.dispose()


def test_a_scene_removed_while_it_grows_stays_removed(engine: Engine, tmp_path: Path) -> None:
    def remove_at_last(done: int, total: int) -> None:
        if done == total:
            remove_scene(engine, "street")

    with pytest.raises(UnknownSceneError, match="removed while"):
        grow_scene(engine, tmp_path, street_scene(), "synthetic", "ann", remove_at_last)
    assert list_scenes(engine) == []
    assert stored_folders(tmp_path) == []


def test_a_scene_that_cannot_be_finished_is_taken_back(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError):
        grow_scene(engine, tmp_path, failing(street_scene(), 3), "synthetic", "ann")
    assert list_scenes(engine) == []
    assert stored_folders(tmp_path) == []
