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


@pytest.fixture
def serve():
    """Starts `worldline serve` on a data folder and gives its address."""
    running = []

    def start(data: Path) -> str:
        server = subprocess.Popen(
            [sys.executable, "-m", "worldline.server.cli", "serve", "--data", str(data), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        running.append(server)
        assert server.stdout is not None
        for line in server.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                return found[0]
        raise AssertionError("the server ended before it said where it is")

    yield start
    for server in running:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()
