"""Uploading in the browser: broken off by a reload and gone on with, imported, opened; what fails says why."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.browser.person import Person
from tests.server.kills import make_source

FRAMES = 8
PAD_BYTES = 40_000_000
"""A file that no format reads makes the upload last for more than one request of 16 MiB."""
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 12_000_000}
FAST = {**SLOW, "uploadThroughput": -1}


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small recording as KITTI tracking data, and a large file beside it."""
    folder = make_source(tmp_path_factory.mktemp("recording") / "drive", FRAMES)
    (folder / "notes.dat").write_bytes(bytes(range(256)) * (PAD_BYTES // 256))
    return folder


class Uploader:
    """A person at the home page, and the bytes of files that the page sent."""

    def __init__(self, person: Person) -> None:
        self.person, self.page, self.sent = person, person.page, 0
        self._network = self.page.context.new_cdp_session(self.page)
        self._network.send("Network.enable")
        self.page.on("requestfinished", self._count)

    def _count(self, request: Any) -> None:
        if "/api/uploads/" in request.url and request.method in ("POST", "PATCH") and "import" not in request.url:
            self.sent += int(request.all_headers().get("content-length", 0))

    def slow(self, conditions: dict[str, Any]) -> None:
        """Make the network as slow as said."""
        self._network.send("Network.emulateNetworkConditions", conditions)

    def choose(self, what: Path) -> None:
        """Open the home page and choose a file or a folder."""
        self.page.goto(self.person.address)
        folder = what.is_dir()
        self.page.locator("input[type=file]").nth(0 if folder else 1).set_input_files(what)
        self.person.until(lambda: self.page.get_by_label("Name of the scene").count(), "files chosen")

    def start(self) -> None:
        """Begin to send."""
        self.page.get_by_role("button", name="Upload and import").click()

    def progress(self) -> float:
        """Percent, as the page says."""
        bar = self.page.get_by_label("Bytes sent")
        return float(bar.get_attribute("aria-valuenow") or 0) if bar.count() else 0.0

    def said(self) -> str:
        """What the page writes of uploads and imports."""
        return self.page.locator(".upload-box").inner_text()


def pack(recording: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(each for each in recording.rglob("*") if each.is_file()):
            archive.write(file, file.relative_to(recording.parent))
    return path


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_an_upload_goes_on_after_a_reload_and_becomes_a_scene(
    person, serve, recording: Path, tmp_path: Path, pictures: Path, kind: str
) -> None:
    data = tmp_path / "data"
    source = pack(recording, tmp_path / "drive.zip") if kind == "zip" else recording
    size = sum(each.stat().st_size for each in (source.rglob("*") if source.is_dir() else [source]) if each.is_file())
    window = person(serve(data))
    uploader = Uploader(window)
    uploader.slow(SLOW)
    uploader.choose(source)
    uploader.start()
    window.until(lambda: stored(data) > 17_000_000, "a part was sent")
    window.page.screenshot(path=pictures / f"uploading-{kind}.png")
    window.page.reload()
    there = stored(data)
    assert 0 < there < size
    uploader.sent = 0
    uploader.slow(FAST)
    uploader.choose(source)
    uploader.start()
    window.until(lambda: "imported" in uploader.said(), "imported")
    assert uploader.sent <= size - 16_000_000  # what was there was not sent again
    window.until(lambda: window.page.get_by_role("button", name="Open drive").is_enabled(), "the scene is listed")
    window.page.screenshot(path=pictures / f"uploaded-{kind}.png")
    window.page.get_by_role("button", name="Dismiss the import of drive").click()
    window.until(lambda: "imported" not in uploader.said(), "dismissed")
    window.page.get_by_role("button", name="Open drive").click()
    window.until(lambda: window.page.evaluate("window.worldline !== undefined"), "the scene opened")
    window.until_points()
    (scene,) = window.page.request.get(f"{window.address}/api/scenes").json()
    assert (scene["state"], scene["frame_count"]) == ("ready", FRAMES)
    assert not any((data / "uploads").iterdir())
    assert window.errors == []


def test_a_paused_upload_goes_on(person, serve, recording: Path, tmp_path: Path, pictures: Path) -> None:
    data = tmp_path / "data"
    window = person(serve(data))
    uploader = Uploader(window)
    uploader.slow(SLOW)
    uploader.choose(pack(recording, tmp_path / "drive.zip"))
    uploader.start()
    window.until(lambda: uploader.progress() > 10, "a part was sent")
    window.page.get_by_role("button", name="Pause").click()
    window.until(lambda: "paused" in uploader.said(), "paused")
    window.page.screenshot(path=pictures / "upload-paused.png")
    uploader.slow(FAST)
    window.page.get_by_role("button", name="Go on").click()
    window.until(lambda: "imported" in uploader.said(), "imported")


def test_an_import_that_fails_says_why_without_places_of_the_server_and_can_be_dismissed(
    person, serve, tmp_path: Path, pictures: Path
) -> None:
    data, source = tmp_path / "data", make_source(tmp_path / "drive", 30)
    bad = sorted(source.rglob("*.bin"))[25]
    bad.write_bytes(b"\x00\x00\xc0\x7f" + bad.read_bytes()[4:])
    window = person(serve(data))
    uploader = Uploader(window)
    uploader.choose(source)
    uploader.start()
    window.until(lambda: "000025.bin" in uploader.said(), "it says why")
    text = window.page.locator("main").inner_text()
    assert str(tmp_path) not in text
    assert "uploads/" not in text
    window.until(lambda: "interrupted" in window.page.locator(".scenes").inner_text(), "the scene is kept")
    window.page.screenshot(path=pictures / "upload-failed.png")
    window.page.get_by_role("button", name="Dismiss the import of drive").click()
    window.until(lambda: "000025.bin" not in uploader.said(), "dismissed")


def stored(data: Path) -> int:
    """Bytes of uploads on the server's disk."""
    total = 0
    for each in (data / "uploads").rglob("*"):
        try:
            total += each.stat().st_size if each.suffix != ".json" and each.is_file() else 0
        except FileNotFoundError:
            continue
    return total
