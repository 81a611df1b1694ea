"""From opening a scene's address to its first points on the screen, in headless Chromium.

Both ends are on the page's own clock, which starts with the navigation. Beside it, in the same run: a bare
page of the same server that does nothing but fetch the block of these points. New: a browser that has never
been here; again: the same browser once more, its cache filled. WebGL is drawn in software here.

Run: python benchmarks/first_points.py [--runs 5]
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from project import ROOT, SHARED_DATA, machine
from served import read_kitti, running_server, store

from tests.browser.conftest import FLAGS
from worldline.formats.synthetic import SimulationOptions, simulate_scene

VIEWER = ROOT / "viewer" / "dist" / "index.html"
LABELLED = SHARED_DATA / "kitti_tracking_0001"
STREET = SimulationOptions(duration_s=0.5)

WATCH = """
window.benchmark = new Promise((seen) => {
  const look = () =>
    document.querySelector(".wl-cloud[data-frame]") ? seen(performance.now()) : requestAnimationFrame(look);
  requestAnimationFrame(look);
});
"""
FETCH = """
window.benchmark = fetch(BLOCK)
  .then((answer) => answer.arrayBuffer())
  .then((bytes) => (bytes.byteLength > 0 ? performance.now() : NaN));
"""

WAIT = """
Promise.race([window.benchmark, new Promise((_, fail) => setTimeout(() => fail(new Error("no points")), 30000))])
"""


def visit(context: BrowserContext, address: str, script: str) -> float:
    """Milliseconds on the page's clock until what the script waits for."""
    page = context.new_page()
    page.add_init_script(script)
    page.goto(address, wait_until="commit")
    spent: float = page.evaluate(WAIT)
    page.close()
    return spent


def measure(browser: Browser, address: str, script: str, runs: int) -> tuple[float, float]:
    """Median milliseconds of new browsers, and of each one's second visit."""
    first, again = [], []
    for _ in range(runs):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        first.append(visit(context, address, script))
        again.append(visit(context, address, script))
        context.close()
    return statistics.median(first), statistics.median(again)


def first_block(address: str, scene: str) -> str:
    """Where the points of the first frame are."""
    document: dict[str, Any] = httpx.get(f"{address}/api/scenes/{scene}").raise_for_status().json()
    lidar = document["lidars"][0]["name"]
    return f"/api/scenes/{scene}/data/{document['generation']}/points/{lidar}/0"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    chromium = os.environ.get("WORLDLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not VIEWER.exists():
        print("skipped: needs Chromium (WORLDLINE_CHROMIUM) and the built viewer (make viewer)")
        return
    print(machine())
    scene = read_kitti(LABELLED, "scene") if LABELLED.is_dir() else simulate_scene("scene", STREET)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store(Path(folder), [scene])
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        with running_server(Path(folder)) as address:
            fetch = FETCH.replace("BLOCK", json.dumps(first_block(address, "scene")))
            places = {
                "first points": (f"{address}/scenes/scene", WATCH),
                "bare fetch": (f"{address}/api/session", fetch),
            }
            for place, script in places.values():
                measure(browser, place, script, 1)  # the server's kernels, the browser's own start
            found = {what: measure(browser, place, script, options.runs) for what, (place, script) in places.items()}
        browser.close()
    print("\n| | new, ms | again, ms |\n|---|---|---|")
    for what, (first, again) in found.items():
        print(f"| {what} | {first:.0f} | {again:.0f} |")
    (first, again), (bare_first, bare_again) = found.values()
    print(f"| ratio | {first / bare_first:.1f} | {again / bare_again:.1f} |")


if __name__ == "__main__":
    main()
