"""How long the page's thread was held, from a trace of Chromium: by the clock, and in its own time.

Where WebGL is drawn in software the page's thread waits for every picture as long as it takes to draw; a graphics
card takes no time of it. A task's own time (CPU time of the thread) has no such waiting in it, and nothing of what
else the machine does.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

TRACED = ["toplevel", "blink.user_timing"]


class Tasks:
    """Tasks of the page's thread: (start, milliseconds by the clock, milliseconds of its own)."""

    def __init__(self, trace: Path) -> None:
        events = json.loads(trace.read_text())["traceEvents"]
        mains = {
            (each["pid"], each["tid"])
            for each in events
            if each.get("name") == "thread_name" and each["args"]["name"] == "CrRendererMain"
        }
        marks = [each for each in events if "blink.user_timing" in each.get("cat", "")]
        self.marks = {each["name"]: each["ts"] / 1000 for each in marks}
        own = {(each["pid"], each["tid"]) for each in marks} & mains or mains
        self.tasks = [
            (each["ts"] / 1000, each.get("dur", 0) / 1000, each.get("tdur", 0) / 1000)
            for each in events
            if each.get("ph") == "X" and each["name"].endswith("RunTask") and (each["pid"], each["tid"]) in own
        ]

    def longest(self, first: str, last: str) -> tuple[float, float]:
        """The longest task that began between two marks, milliseconds by the clock and of its own."""
        kept = [each for each in self.tasks if self.marks[first] <= each[0] <= self.marks[last]]
        return max((each[1] for each in kept), default=0.0), max((each[2] for each in kept), default=0.0)

    def between(self, first: str, last: str) -> float:
        """Milliseconds of its own that the thread worked between two marks."""
        kept = [each for each in self.tasks if self.marks[first] <= each[0] <= self.marks[last]]
        ends = 0.0
        total = 0.0
        for start_ms, spent_ms, own_ms in sorted(kept):
            if start_ms >= ends:  # a task is traced by two names, one within the other
                total += own_ms
                ends = start_ms + spent_ms
        return total


def traced(browser: Browser, page: Page, act: Callable[[Page], list[float]]) -> tuple[list[float], Tasks]:
    """What comes of something that is done in a page, and the page's tasks meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trace.json"
        browser.start_tracing(page=page, path=file, categories=TRACED)
        try:
            found = act(page)
        finally:
            browser.stop_tracing()
        return found, Tasks(file)
