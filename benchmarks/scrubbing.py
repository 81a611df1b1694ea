"""Scrubbing and playing in the viewer: headless Chromium, a server of its own process, 200 KITTI-sized frames.

- Decoding: milliseconds a sweep in the viewer's workers, from fetched bytes to metres, of the frames scrubbed over.
- Uncached: from asking for a frame to its points being in the buffers of the graphics card.
- Cached: processor time of the page's own thread for a step to a frame that is held: the state, the panels, the
  buffers and the drawing, as Chromium counts it (`TaskDuration` in thread ticks), and of it the state and buffers.
- Playing: 10 Hz lidar and 30 Hz video together; how far the image shown is from the sweep shown.

Chromium draws in software where there is no graphics card, on the same cores.

    python benchmarks/scrubbing.py [--frames 200]
"""

import argparse
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from playwright.sync_api import Page, sync_playwright
from project import machine
from recordings import repeat_ten_hz
from served import read_kitti, running_server, store

from worldline.formats.labels import Labels
from worldline.formats.registry import find_format
from worldline.formats.scene import Clock, Lidar, Scene

FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
SCRIPT = Path(__file__).with_suffix(".js")
VIDEO_HZ = 30
PLAYED_S = 8


def film(path: Path, frame_count: int) -> None:
    """A 30 Hz H.264 film."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=VIDEO_HZ, options={"g": "15"})
        stream.width, stream.height, stream.pix_fmt = 960, 540, "yuv420p"
        base = np.add.outer(np.arange(540), np.arange(960))
        for number in range(frame_count):
            shades = ((base + 4 * number) % 256).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(np.repeat(shades[..., None], 3, axis=2), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def lidar_and_video(kitti: Scene, folder: Path) -> Scene:
    """The sweeps, ten a second, beside a film; the film's frames are the scene's."""
    path = folder / "film.mp4"
    film(path, VIDEO_HZ * (PLAYED_S + 2))
    reader = find_format("video").reader
    assert reader is not None
    recorded = next(iter(reader.read(path, "film"))).scene
    camera, source = recorded.cameras[0], kitti.lidars[0]
    count = min(10 * (PLAYED_S + 2), len(source.clock))
    times = np.arange(count, dtype=np.int64) * 100_000_000 + camera.clock.time_ns[0]
    lidar: Lidar = replace(
        source,
        clock=Clock(times, tuple(f"{n:06d}" for n in range(count))),
        world_from_sensor=source.world_from_sensor[:count],
    )

    class Data:
        def __getattr__(self, name: str) -> Any:
            return getattr(kitti.data if name in ("sweep", "is_large", "sweep_parts") else recorded.data, name)

    return replace(recorded, name="together", sensors=(lidar, camera), data=Data(), labels=Labels())


def opened(page: Page, address: str, scene: str) -> None:
    """Open a scene and wait for its first points."""
    page.goto(f"{address}/scenes/{scene}")
    page.wait_for_function("() => Number(document.querySelector('.wl-cloud')?.dataset.frame) >= 0", timeout=60_000)
    page.add_script_tag(content=SCRIPT.read_text())
    page.wait_for_timeout(1500)


def scrub_cached(page: Page, steps: int) -> tuple[list[float], list[float], int]:
    """Milliseconds of each step: all tasks of the page's thread, and its state and buffers alone; frames held."""
    counted = page.context.new_cdp_session(page)
    counted.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy_ms() -> float:
        metrics = counted.send("Performance.getMetrics")["metrics"]
        return 1e3 * next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")

    tasks, scripts, held = [], [], 0
    for step in range(steps):
        before = busy_ms()
        done = page.evaluate(f"stepCached({step})")
        tasks.append(busy_ms() - before)
        scripts.append(done["passed"])
        held = done["held"]
    return tasks, scripts, held


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200)
    count = parser.parse_args().frames
    chromium = os.environ.get("WORLDLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("needs Chromium: apt-get install chromium, or set WORLDLINE_CHROMIUM")
        return
    with tempfile.TemporaryDirectory() as kept, sync_playwright() as playwright:
        folder = Path(kept)
        recording = repeat_ten_hz(folder / "kitti", count)
        if recording is None:
            return
        kitti = read_kitti(recording, "scrubbed")
        store(folder / "data", [kitti, lidar_and_video(kitti, folder)])
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        with running_server(folder / "data") as address:
            print(machine())
            page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
            opened(page, address, "scrubbed")
            uncached = page.evaluate("scrubUncached(24)")
            tasks, scripts, held = scrub_cached(page, 60)
            work = page.evaluate("worldline.stream.status().work.points")
            opened(page, address, "together")
            played = page.evaluate(f"playTogether({PLAYED_S})")
        browser.close()
    size = work["fetched_bytes"] / work["fetched_count"] / 1e3
    print(f"decoding in a worker: {work['decode_ms']:.2f} ms p50 a sweep ({size:.0f} kB fetched)")
    print(f"uncached, to buffers ready: {uncached['p50']:.1f} ms p50, {uncached['p95']:.1f} ms p95")
    middle, high = np.percentile(tasks, 50), np.percentile(tasks, 95)
    state = np.percentile(scripts, 50)
    print(f"cached, the page's thread: {middle:.1f} ms p50, {high:.1f} ms p95, of it {state:.1f} ms state; {held} held")
    print(
        f"playing 10 Hz lidar with 30 Hz video: image and sweep {played['p50']} frames apart p50, {played['p95']} p95, "
        f"{played['worst']} at worst, of {played['count']} looks; pace {played['pace']:.2f} of the recording's"
    )


if __name__ == "__main__":
    main()
