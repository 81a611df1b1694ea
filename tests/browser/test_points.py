"""By pixels, in the browser: points are where they are and have the colour of what was chosen, in any coding."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.formats.clouds import CloudScene
from tests.planes import as_planes
from tests.server.servers import import_scene
from worldline.formats.scene import Sweep

FRAMES = 3
HALF_STEP_M = 0.0025 + 1e-5
# The coordinates that the viewer's workers made of a frame, and its intensities.
DECODED = """async (frame) => {
  const { stream } = window.worldline;
  const points = await stream.points("top", frame);
  return { xyz: [...points.xyz], intensity: [...points.intensity] };
}"""
# Colours of the points, without what else may lie over them.
PLAIN = """(mode) => window.worldline.editor.changeView({ color_mode: mode, eye_dome: false, point_size: 2 })"""


def wall(frame: int) -> Sweep:
    """A street, and a wall 9 m ahead: red at the left, green at the right."""
    random = np.random.default_rng(frame)
    y, z = np.meshgrid(np.arange(-3, 3, 0.025), np.arange(-1.5, 1.5, 0.025))
    face = np.stack([np.full(y.size, 9.0 + frame / 10), y.ravel(), z.ravel()], axis=1)
    turn, reach = random.uniform(-np.pi, np.pi, 9000), random.uniform(3, 70, 9000)
    ground = np.stack([reach * np.cos(turn), reach * np.sin(turn), np.full(9000, -1.7)], axis=1)
    xyz = np.concatenate([face, ground]).astype(np.float32)
    rgb = np.full((len(xyz), 3), 90, np.uint8)
    rgb[: len(face)] = np.where(y.ravel()[:, None] > 0, [230, 20, 20], [20, 230, 20])
    ring = (np.arange(len(xyz)) % 64).astype(np.uint16)
    return Sweep(xyz, {"intensity": random.integers(0, 256, len(xyz)).astype(np.uint8), "rgb": rgb, "ring": ring})


@pytest.mark.parametrize("coding", ["meshopt", "planes"])
def test_points_are_where_the_source_has_them_and_have_its_colours(
    person, serve, tmp_path: Path, pictures: Path, coding: str
) -> None:
    sweeps = [wall(frame) for frame in range(FRAMES)]
    import_scene(tmp_path, CloudScene(sweeps).scene)
    if coding == "planes":
        (stored,) = (tmp_path / "scenes").iterdir()
        as_planes(stored, "top")
    window = person(serve(tmp_path))
    window.open(CloudScene(sweeps).scene.name)
    assert window.page.evaluate("window.worldline.store.getState().scene.lidars[0].coding") == coding
    for frame in range(FRAMES):
        found = window.page.evaluate(DECODED, frame)
        assert np.abs(np.array(found["xyz"]).reshape(-1, 3) - sweeps[frame].xyz_m).max() <= HALF_STEP_M
        assert np.array_equal(found["intensity"], sweeps[frame].fields["intensity"])

    window.page.evaluate(PLAIN, "field:rgb")
    window.until(
        lambda: _color(window, [9.0, 2.0, 0.0])[0] > 150 and _color(window, [9.0, -2.0, 0.0])[1] > 150,
        "the wall is red at the left and green at the right",
    )
    window.page.evaluate(PLAIN, "field:ring")
    legend = window.page.locator(".wl-foot-right")
    window.until(lambda: legend.inner_text().split() == ["1", "62"], f"the ramp's ends: {legend.inner_text()}")
    window.press("Shift+P")
    panel = window.page.get_by_role("region", name="Status of data and drawing")
    assert "Points" in panel.inner_text()
    row = panel.get_by_role("row").filter(has_text="Fields").inner_text().split()
    assert float(row[row.index("of") - 1]) > 0
    window.page.screenshot(path=pictures / f"points_{coding}.png")
    assert window.errors == []


def _color(window, point_m: list[float]) -> tuple[int, ...]:
    """The middle colour of a few pixels around a point of the world."""
    x, y = window.pixel("cloud", point_m)
    clip = {"x": x - 4, "y": y - 4, "width": 9, "height": 9}
    picture = Image.open(io.BytesIO(window.page.screenshot(clip=clip))).convert("RGB")
    return tuple(int(each) for each in np.median(np.asarray(picture).reshape(-1, 3), axis=0))
