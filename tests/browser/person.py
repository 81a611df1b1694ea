"""A person at the viewer: looks at the page, moves the mouse, presses keys."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

WAIT_S = 40.0


class Person:
    """One window, used as a person uses it; the page's state is only read."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, scene: str) -> None:
        """Opens a scene and waits for its first points."""
        self.page.goto(f"{self.address}/scenes/{scene}")
        self.until(lambda: self.page.evaluate("window.worldline !== undefined"), "the scene opened")
        self.until_points()

    def until(self, holds: Callable[[], Any], what: str) -> Any:
        """Waits until something is so."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            answer = holds()
            if answer:
                return answer
            self.page.wait_for_timeout(50)
        raise AssertionError(f"waited {WAIT_S:.0f} s in vain: {what}; errors of the page: {self.errors}")

    def until_points(self) -> None:
        """Waits until the points of this frame are drawn."""
        shown = "document.querySelector('.wl-cloud').dataset.frame"
        self.until(lambda: self.page.evaluate(shown) == str(self.state("frame")), "the points of the frame")
        self.page.wait_for_timeout(150)

    def until_saved(self) -> None:
        """Waits until the top bar says that all is saved."""
        self.until(lambda: self.state("save.kind") == "saved" and self.state("save.pending") == 0, "all is saved")

    def state(self, path: str) -> Any:
        """A value of the page's state."""
        return self.page.evaluate(f"window.worldline.store.getState().{path}")

    def press(self, *keys: str) -> None:
        """Presses keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(30)

    def pixel(self, view: str, point: list[float]) -> tuple[float, float]:
        """Where a point of the world is in a view, in pixels of the page."""
        element = ".wl-cloud" if view == "cloud" else f".wl-side[data-plan={view}]"
        place = self.page.evaluate("([at, point]) => document.querySelector(at).pixelOf(point)", [element, point])
        assert place is not None, f"{point} is not in the {view} view"
        return place["x"], place["y"]

    def click(self, view: str, point: list[float]) -> None:
        """Clicks on a point of the world in a view."""
        x, y = self.pixel(view, point)
        self.page.mouse.move(x, y)
        self.page.mouse.click(x, y)

    def drag(self, view: str, start: list[float], end: list[float]) -> None:
        """Drags from one point of the world to another in a view."""
        (x0, y0), (x1, y1) = self.pixel(view, start), self.pixel(view, end)
        self.page.mouse.move(x0, y0)
        self.page.mouse.down()
        for step in range(1, 9):
            self.page.mouse.move(x0 + (x1 - x0) * step / 8, y0 + (y1 - y0) * step / 8)
            self.page.wait_for_timeout(16)
        self.page.mouse.up()

    def cuboid(self) -> dict[str, list[float]]:
        """The selected object's cuboid at this frame, as the page computes it."""
        cuboid = self.page.evaluate("document.querySelector('.wl-sides').cuboid()")
        assert cuboid is not None, "nothing is selected, or it is absent here"
        return {
            "center_m": cuboid["pose"]["translation_m"],
            "rotation_wxyz": cuboid["pose"]["rotation_wxyz"],
            "size_m": cuboid["size_m"],
        }

    def entries(self, scene: str) -> dict[str, Any]:
        """The labels as the server has them."""
        answer = self.page.request.get(f"{self.address}/api/scenes/{scene}/labels").json()
        return {entry["path"]: entry["value"] for entry in answer["entries"]}
