"""Decoding a real sweep in the viewer's own data worker, headless Chromium, a page that draws nothing.

Time is what the worker itself measures, from the bytes of a stored block to interleaved float metres and intensities,
ready to be handed over; the fetch is not in it. The baseline is the coding `planes` of the same points, which the
browser decompresses while it fetches: what is left to do is to put its planes together.

Run: python benchmarks/browser_decode.py [--times 200]
"""

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

import numpy as np
from playwright.sync_api import sync_playwright
from project import ROOT, machine
from recordings import repeat_ten_hz
from served import read_kitti, running_server, store

from tests.browser.conftest import FLAGS
from worldline.formats.store import clouds as written
from worldline.formats.store import coded, display, open_scene

SCRIPT = """
async ([script, works, times]) => {
  const worker = new Worker(script, { type: "module" });
  const spent = [];
  for (let n = 0; n < times; n++) {
    const work = works[n % works.length];
    spent.push(await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => ("value" in data ? resolve(data.cost.decode_ms) : reject(JSON.stringify(data)));
      worker.postMessage({ id: n, work });
    }));
  }
  worker.terminate();
  return spent;
}
"""


def works_of(data: Path, name: str) -> list[dict[str, object]]:
    """What the page asks its worker for: each sweep of a stored scene."""
    (folder,) = (each for each in (data / "scenes").iterdir() if open_scene(each).scene.name == name)
    stored = open_scene(folder)
    lidar = stored.scene.lidars[0].name
    index = stored.block_index(lidar)
    place = {"scene": name, "generation": stored.generation, "sensor": lidar}
    rows = index.rows(0, index.block_count)
    blocks = [
        {"number": number, "count": int(count), "origin_m": origin.tolist(), "scale_m": float(scale)}
        for number, (count, origin, scale) in enumerate(zip(rows.count, rows.origin_m, rows.scale_m, strict=True))
    ]
    return [{"kind": "points", "place": place, "coding": index.coding, "blocks": [block]} for block in blocks]


def main() -> None:
    """Print the milliseconds of both codings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    times = parser.parse_args().times
    chromium = os.environ.get("WORLDLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    scripts = sorted((ROOT / "viewer" / "dist" / "assets").glob("worker-*.js"))
    if chromium is None or not scripts:
        print("needs Chromium and the built viewer: make viewer")
        return
    with tempfile.TemporaryDirectory() as kept, sync_playwright() as playwright:
        recording = repeat_ten_hz(Path(kept, "kitti"), 10)
        if recording is None:
            return
        scene = read_kitti(recording, "sweeps")
        store(Path(kept, "meshopt"), [scene])
        with (
            patch.object(written, "CODING", "planes"),
            patch.object(coded, "encode_block", _planes),
            patch.object(written, "display_array", _planes_array),
        ):
            store(Path(kept, "planes"), [scene])
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        print(f"{machine()}\n\n| coding | points | ms p50 | ms p95 | ms least |\n|---|---|---|---|---|")
        for coding in ("meshopt", "planes"):
            works = works_of(Path(kept, coding), "sweeps")
            with running_server(Path(kept, coding)) as address:
                page = browser.new_page()
                page.goto(address)
                spent = page.evaluate(SCRIPT, [f"{address}/assets/{scripts[-1].name}", works, times])
                page.close()
            points = np.mean([work["blocks"][0]["count"] for work in works])  # type: ignore[index]
            p50, p95 = np.percentile(spent[20:], [50, 95])
            print(f"| {coding} | {points:.0f} | {p50:.2f} | {p95:.2f} | {min(spent):.2f} |")
        browser.close()


def _planes(*arguments: object) -> tuple[bytes, int]:
    xyz_m, intensity, grid, maximum = arguments[:4]
    points = 1 << (len(xyz_m) - 1).bit_length()  # type: ignore[arg-type]
    return display.encode_block(xyz_m, intensity, grid, maximum, "planes", points)  # type: ignore[arg-type]


def _planes_array(*arguments: object) -> object:
    return display.display_array(*arguments, "planes")  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
