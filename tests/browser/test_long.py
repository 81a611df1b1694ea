"""A recording of several pages of frames, in the browser: any frame is shown, between keyframes as the server says."""

import numpy as np
import pytest

from tests.scenes import InMemoryData
from tests.server.servers import import_scene
from worldline.formats.labels import Labels, SceneObject
from worldline.formats.scene import Clock, Lidar, Scene, Sweep
from worldline.formats.store.layout import PAGE_FRAMES
from worldline.geometry import Pose
from worldline.tracking import Keyframe, Span, Track, cuboid_at

FRAMES = 2 * PAGE_FRAMES + 40


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A data folder with it, and the scene: frames are 50 to 150 ms apart, so that times matter."""
    random = np.random.default_rng(5)
    times = np.cumsum(random.integers(50_000_000, 150_000_000, FRAMES))
    clock = Clock(times, tuple(f"f{frame:05d}" for frame in range(FRAMES)))
    poses = tuple(Pose.from_yaw(0.0, (0.3 * frame, 0.0, 1.8)) for frame in range(FRAMES))
    data = InMemoryData()
    for frame in range(FRAMES):
        ring = random.normal(0, 6, (400, 3)).astype(np.float32) * np.float32([1, 1, 0.02]) - np.float32([0, 0, 1.75])
        data.sweeps["top", frame] = Sweep(ring)
    keyframes = tuple(
        Keyframe(frame, Pose.from_yaw(0.002 * frame, (0.3 * frame + 8, 0.004 * frame, 0.8)))
        for frame in (0, 300, 301, 700, PAGE_FRAMES * 2, FRAMES - 1)
    )
    track = Track("1.cuboid", "1", size_m=(4, 2, 1.5), keyframes=keyframes, spans=(Span(0, FRAMES),))
    labels = Labels((SceneObject("1", "car", 1),), (track,))
    scene = Scene("long", (Lidar("top", Pose(), clock, poses),), "top", data, labels)
    folder = tmp_path_factory.mktemp("long")
    import_scene(folder, scene)
    return folder, scene, track


def test_any_frame_of_a_long_recording_is_shown_and_labelled_exactly(recording, serve, person, pictures):
    folder, scene, track = recording
    one = person(serve(folder))
    asked = []
    one.page.on("request", lambda request: asked.append(request.url.rpartition("/frames/")[2]))
    one.open("long")
    one.until(lambda: one.state("labels.tracks.size") == 1, "the labels")
    assert [each for each in asked if each.startswith("top/")] == ["top/0"]  # nothing else for the first frame
    one.page.evaluate("window.worldline.editor.select('1')")
    for frame in (FRAMES - 1, 3, PAGE_FRAMES - 1, PAGE_FRAMES, 650, 2 * PAGE_FRAMES - 1, 150):
        one.page.evaluate(f"window.worldline.editor.showFrame({frame})")
        one.until_points()
        expected = cuboid_at(track, frame, scene.clock.time_ns)
        assert expected is not None
        assert one.cuboid()["center_m"] == pytest.approx(expected.pose.translation_m, abs=1e-9)
        assert one.page.text_content(".frame-name") == scene.clock.names[frame]
    one.page.screenshot(path=str(pictures / "long.png"))
    # Playing goes on over the edge of a page.
    one.page.evaluate(f"window.worldline.editor.showFrame({PAGE_FRAMES - 4})")
    one.until_points()
    one.page.evaluate("window.worldline.editor.play()")
    one.until(lambda: one.state("frame") > PAGE_FRAMES + 3, "playing over the edge of a page")
    assert one.errors == []
