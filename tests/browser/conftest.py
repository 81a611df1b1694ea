"""A real server, a real Chromium, and a person's mouse and keyboard."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.person import Person

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-gpu-blocklist",
]
VIEWER = Path(__file__).resolve().parents[2] / "viewer" / "dist" / "index.html"


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests."""
    path = os.environ.get("WORLDLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium, or set WORLDLINE_CHROMIUM")
    if not VIEWER.exists():
        pytest.skip("needs the built viewer: make viewer")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def person(chromium):
    """Opens windows; each is a person at a desk of 1280 x 800."""
    contexts = []

    def open_window(address: str, width: int = 1280, height: int = 800) -> Person:
        context = chromium.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        contexts.append(context)
        return Person(context.new_page(), address)

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def pictures():
    """Where screenshots go, to be looked at by people."""
    folder = Path(os.environ.get("WORLDLINE_SCREENSHOTS", Path(__file__).parents[2] / "out" / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run_command(*words: str) -> str:
    """What a `worldline` command printed."""
    done = subprocess.run([sys.executable, "-m", "worldline.server.cli", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Servers:
    """Starts `worldline serve` on a data folder, and kills it as a power cut would."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[str]] = {}

    def __call__(self, data: Path, port: int = 0) -> str:
        """Start one and give its address."""
        server = subprocess.Popen(
            [sys.executable, "-m", "worldline.server.cli", "serve", "--data", str(data), "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert server.stdout is not None
        for line in server.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self._running[found[0]] = server
                return found[0]
        server.wait(timeout=20)
        server.stdout.close()
        raise AssertionError("the server ended before it said where it is")

    def kill(self, address: str) -> None:
        """End one at once, without a chance to write anything."""
        server = self._running.pop(address)
        server.kill()
        server.wait(timeout=20)
        server.stdout.close()

    def close(self) -> None:
        """End all of them."""
        for server in self._running.values():
            server.terminate()
            server.wait(timeout=20)
            server.stdout.close()


@pytest.fixture
def serve():
    """Starts servers on data folders, and gives their addresses."""
    servers = Servers()
    yield servers
    servers.close()
