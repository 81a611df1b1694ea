"""Opening scenes of 100 to 100,000 frames with 1,000 tracks: what the first frame takes, and whether it grows.

Server, cold: a new process opens the scene, makes its document, the first page of frames and the first block of
points. Warm: the same requests once more over HTTP. Chromium, headless: from the address to the first points on
the screen, and to the labels, on the page's own clock; WebGL is drawn in software here. The labels come beside
the points and are counted by themselves: they are what they are, however many frames there are. A task is what the
page's thread does in one go: until it ends nobody is heard; see `stalls` for its own time.

Run: python benchmarks/opening.py [--frames 100,1000,10000,100000] [--whole-life]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from long_scenes import long_scene, store_long
from playwright.sync_api import Browser, Page, sync_playwright
from project import ROOT, machine
from served import running_server
from stalls import traced

from tests.browser.conftest import FLAGS

VIEWER = ROOT / "viewer" / "dist" / "index.html"
TRACKS = 1000
RUNS = 2

COLD = """
import json, os, sys, time
from pathlib import Path
from worldline.formats.store import open_scene
from worldline.formats.store.frames import frame_page
def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
before = held()
start = time.perf_counter()
stored = open_scene(Path(sys.argv[1]))
document = stored.document.model_dump_json(by_alias=True).encode()
page = frame_page(stored, "lidar", 0).data
block = stored.display_block("lidar", 0).read()
spent_ms = 1000 * (time.perf_counter() - start)
print(json.dumps([spent_ms, len(document), len(page), len(block), held() - before]))
"""
WATCH = """
window.benchmark = new Promise((seen) => {
  const found = {};
  const look = () => {
    const now = performance.now();
    if (!found.points && document.querySelector(".wl-cloud[data-frame]")) {
      found.points = now;
      performance.mark("points");
    }
    const state = window.worldline?.store.getState();
    found.labels ??= state && state.labels.tracks.size > 0 ? now : undefined;
    if (found.points && found.labels) setTimeout(() => seen([found.points, found.labels]), 500);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
"""
WAIT = """
Promise.race([window.benchmark, new Promise((_, fail) => setTimeout(() => fail(new Error("no points")), 30000))])
"""

SERVER = (
    "new process, ms",
    "document, bytes",
    "first page, bytes",
    "first block, bytes",
    "memory grown, MiB",
    "over HTTP, first, ms",
    "over HTTP, again, ms",
    "labels, ms",
    "labels, MB",
)
BROWSER = (
    "first points, ms",
    "labels, ms",
    "longest task after the points, ms by the clock",
    "longest task after the points, ms of its own",
    "a step of one frame, ms of its own",
)
STEPS = 10
STEP = "const { editor, store } = window.worldline; editor.showFrame(store.getState().frame + 1)"


def cold(folder: Path) -> list[float]:
    """Median milliseconds, bytes of document, page and block, and MiB of memory that it took."""
    runs = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", COLD, str(folder)], check=True, capture_output=True, text=True, cwd=ROOT
            ).stdout
        )
        for _ in range(RUNS)
    ]
    return [statistics.median(each) for each in zip(*runs, strict=True)]


def warm(client: httpx.Client, name: str) -> list[float]:
    """Milliseconds of document, page and block over HTTP: of the first time, and the median of the next."""
    spent = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        document: dict[str, Any] = client.get(f"/api/scenes/{name}").raise_for_status().json()
        root = f"/api/scenes/{name}/data/{document['generation']}"
        for path in ("frames/lidar/0", "points/lidar/0"):
            client.get(f"{root}/{path}").raise_for_status()
        spent.append(1000 * (time.perf_counter() - start))
    return [spent[0], statistics.median(spent[1:])]


def labels(client: httpx.Client, name: str) -> list[float]:
    """Milliseconds and megabytes of the labels."""
    start = time.perf_counter()
    size = len(client.get(f"/api/scenes/{name}/labels").raise_for_status().content)
    return [1000 * (time.perf_counter() - start), size / 1e6]


def visit(browser: Browser, address: str) -> list[float]:
    """What a browser that has never been here sees: a figure for each of `BROWSER`."""
    runs = []
    for _ in range(RUNS):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.add_init_script(WATCH)
        seen, tasks = traced(browser, page, lambda shown: walk(shown, address))
        opened = tasks.longest("points", "labels shown")
        runs.append([*seen, *opened, tasks.between("labels shown", "walked") / STEPS])
        context.close()
    return [statistics.median(each) for each in zip(*runs, strict=True)]


def walk(page: Page, address: str) -> list[float]:
    """Open a scene and go some frames; milliseconds to the points and to the labels."""
    page.goto(address, wait_until="commit")
    seen: list[float] = page.evaluate(WAIT)
    page.evaluate("performance.mark('labels shown')")
    for _ in range(STEPS):
        page.evaluate(f"() => {{ {STEP} }}")
        page.wait_for_timeout(50)
    page.evaluate("performance.mark('walked')")
    return seen


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", default="100,1000,10000,100000")
    parser.add_argument("--whole-life", action="store_true", help="tracks from the first frame to the last")
    options = parser.parse_args()
    counts = [int(each) for each in options.frames.split(",")]
    chromium = os.environ.get("WORLDLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    print(machine())
    rows: dict[int, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        for count in counts:
            start = time.perf_counter()
            store_long(data, long_scene(f"long{count}", count, TRACKS, whole_life=options.whole_life))
            print(f"{count} frames written in {time.perf_counter() - start:.1f} s", flush=True)
        with running_server(data) as address, httpx.Client(base_url=address, timeout=120) as client:
            client.get("/api/scenes").raise_for_status()
            for count in counts:
                found = cold(data / "scenes" / f"{count:032x}")
                rows[count] = [*found, *warm(client, f"long{count}"), *labels(client, f"long{count}")]
            show(SERVER, rows)
            if chromium is None or not VIEWER.exists():
                print("without the browser: needs Chromium (WORLDLINE_CHROMIUM) and the built viewer (make viewer)")
            else:
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                    visit(browser, f"{address}/scenes/long{counts[0]}")  # the browser's own start
                    seen = {count: visit(browser, f"{address}/scenes/long{count}") for count in counts}
                    browser.close()
                show(BROWSER, seen)


def show(names: Sequence[str], rows: Mapping[int, Sequence[float]]) -> None:
    """Print a table: a column for each number of frames."""
    print(f"\n| | {' | '.join(f'{count:,}' for count in rows)} | last : first |")
    print("|---" * (len(rows) + 2) + "|")
    for name, values in zip(names, zip(*rows.values(), strict=True), strict=True):
        ratio = values[-1] / values[0] if values[0] else float("nan")
        print(f"| {name} | {' | '.join(f'{value:,.1f}' for value in values)} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
