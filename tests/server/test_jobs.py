"""Exports as jobs."""

import io
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert

from tests.server.journals import car
from tests.server.servers import post_change, running_server
from worldline.formats.errors import SceneError
from worldline.formats.registry import Progress
from worldline.formats.report import Loss
from worldline.formats.scene import Scene
from worldline.server import exporting, jobs
from worldline.server.database import open_database, writing
from worldline.server.tables import jobs as table

EXPORTS = "/api/scenes/street/exports"


class Writer:
    """Writes what a test can look at, as slowly as the test likes."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()
        self.fault: Exception | None = None
        self.reached = threading.Event()

    @property
    def writer(self) -> "Writer":
        """Itself: it stands for the format too."""
        return self

    def write(self, scene: Scene, out: Path, progress: Progress) -> tuple[Loss, ...]:
        """Write the ids of the objects."""
        out.mkdir()
        for frame in range(scene.frame_count):
            progress(frame + 1, scene.frame_count)
            self.reached.set()
            self.go_on.wait(20)
            if self.fault is not None:
                raise self.fault
        (out / "deep").mkdir()
        (out / "deep" / "objects.txt").write_text("\n".join(each.id for each in scene.labels.objects))
        return (Loss("boxes", 3, "it has no boxes"),)


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    writer = Writer()
    for module in (jobs, exporting):
        monkeypatch.setattr(module, "find_format", lambda _name: writer)
    yield writer
    writer.go_on.set()


def finished(client: httpx.Client, job: str) -> dict:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = client.get(f"/api/jobs/{job}").json()
        if found["state"] not in ("queued", "running"):
            return found
        time.sleep(0.02)
    raise AssertionError("the job never ended")


@pytest.mark.usefixtures("writer")
def test_an_export_becomes_a_zip_with_its_losses(served: httpx.Client) -> None:
    post_change(served, "street", {"objects/new": car(900)})
    started = served.post(EXPORTS, json={"format": "test"})
    assert started.status_code == 202
    job = finished(served, started.json()["id"])
    assert (job["state"], job["revision"], job["error"]) == ("done", 2, None)
    assert job["progress"]["done"] == job["progress"]["total"] == 6
    assert job["losses"] == [{"what": "boxes", "count": 3, "why": "it has no boxes"}]
    answer = served.get(f"/api/jobs/{job['id']}/file")
    assert answer.headers["content-type"] == "application/zip"
    assert job["file_name"] in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert "new" in archive.read("deep/objects.txt").decode().split()


@pytest.mark.usefixtures("writer")
def test_the_same_export_is_the_same_bytes(served: httpx.Client) -> None:
    files = []
    for _ in range(2):
        job = finished(served, served.post(EXPORTS, json={"format": "test"}).json()["id"])
        files.append(served.get(f"/api/jobs/{job['id']}/file").content)
    assert files[0] == files[1]


def test_edits_during_an_export_are_not_in_it(served: httpx.Client, writer: Writer) -> None:
    writer.go_on.clear()
    job = served.post(EXPORTS, json={"format": "test"}).json()["id"]
    assert writer.reached.wait(10)
    post_change(served, "street", {"objects/late": car(900)})
    assert served.get(f"/api/jobs/{job}").json()["state"] == "running"
    assert served.get(f"/api/jobs/{job}/file").json()["code"] == "unfinished_job"
    writer.go_on.set()
    assert finished(served, job)["revision"] == 1
    with zipfile.ZipFile(io.BytesIO(served.get(f"/api/jobs/{job}/file").content)) as archive:
        assert "late" not in archive.read("deep/objects.txt").decode()


def test_a_cancelled_job_stops_and_leaves_nothing(served: httpx.Client, writer: Writer, tmp_path: Path) -> None:
    writer.go_on.clear()
    job = served.post(EXPORTS, json={"format": "test"}).json()["id"]
    assert writer.reached.wait(10)
    assert served.delete(f"/api/jobs/{job}").json()["state"] == "cancelled"
    writer.go_on.set()
    until = time.monotonic() + 10
    while list((tmp_path / "exports").iterdir()) and time.monotonic() < until:
        time.sleep(0.02)
    assert list((tmp_path / "exports").iterdir()) == []
    assert served.get(f"/api/jobs/{job}").json()["state"] == "cancelled"


@pytest.mark.usefixtures("writer")
def test_deleting_a_finished_job_removes_its_file(served: httpx.Client, tmp_path: Path) -> None:
    job = finished(served, served.post(EXPORTS, json={"format": "test"}).json()["id"])["id"]
    served.delete(f"/api/jobs/{job}")
    assert list((tmp_path / "exports").iterdir()) == []
    assert served.get(f"/api/jobs/{job}/file").status_code == 409


@pytest.mark.parametrize("fault", [SceneError("nothing to write"), ZeroDivisionError()])
def test_a_job_that_fails_says_why(served: httpx.Client, writer: Writer, fault: Exception, tmp_path: Path) -> None:
    writer.fault = fault
    job = finished(served, served.post(EXPORTS, json={"format": "test"}).json()["id"])
    assert job["state"] == "failed"
    assert job["error"] in ("nothing to write", "ZeroDivisionError()")
    assert list((tmp_path / "exports").iterdir()) == []


def test_a_failure_is_told_even_when_the_log_cannot_be_written(
    served: httpx.Client, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def exception(self, *_: object, **__: object) -> None:
            raise ValueError("I/O operation on closed file")

    monkeypatch.setattr(jobs, "_LOG", Broken())
    writer.fault = SceneError("nothing to write")
    assert finished(served, served.post(EXPORTS, json={"format": "test"}).json()["id"])["error"] == "nothing to write"


def test_what_cannot_be_exported_is_refused_at_once(served: httpx.Client) -> None:
    for form, status in (("nonsense", 404), ("points", 404), ("video", 404)):
        answer = served.post(EXPORTS, json={"format": form})
        assert (answer.status_code, answer.json()["code"]) == (status, "unknown_format")
    assert served.post("/api/scenes/nothing/exports", json={"format": "kitti-object"}).status_code == 404


def test_a_job_that_a_crash_cut_short_says_so(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    row = {
        "id": "old",
        "kind": "export",
        "scene": "street",
        "format": "x",
        "revision": 1,
        "state": "running",
        "done": 3,
        "total": 9,
        "losses": "[]",
        "created_ns": time.time_ns(),
    }
    with writing(engine) as connection:
        connection.execute(insert(table), row)
    engine.dispose()
    (tmp_path / "exports" / "old").mkdir()
    (tmp_path / "exports" / "old.partial").write_bytes(b"half")
    with running_server(tmp_path) as address:
        job = httpx.get(f"{address}/api/jobs/old").json()
    assert (job["state"], job["error"]) == ("failed", "the server stopped before it was done")
    assert list((tmp_path / "exports").iterdir()) == []
