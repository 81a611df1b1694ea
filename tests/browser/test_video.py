"""By pixels, in the browser: a frame of a video is the one that FFmpeg shows, in whatever order it is looked at."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.formats.video_cases import CASES, SHOWN
from tests.formats.video_files import BITS, BLOCK_PX, BRIGHT, COLUMNS, DARK, ROWS, need_ffmpeg
from worldline.server.database import opened_database
from worldline.server.importing import import_source

FILMS = (
    "B-frames",
    "variable rate in Matroska",
    "open groups",
    "trimmed by an edit list",
    "negative start, clock turned over",
    "negative start without times",
    "late start in Matroska",
    "turned by 90",
    "turned by 180",
    "turned by 270",
    "HEVC",
    "MPEG-4 part 2",
    "ProRes",
    "VP9",
    "AV1",
    "sparse key frames",
    "pixels that are not square",
)
# Steps to frames as a person does, waits for each picture, and gives the brightness of its blocks.
STEP = """async ([frames, block, columns, rows]) => {
  const { store, stream } = window.worldline;
  const camera = store.getState().scene.cameras[0];
  const canvas = new OffscreenCanvas(camera.width_px, camera.height_px);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const found = [];
  for (const frame of frames) {
    // A step elsewhere that is given up at once must not disturb what comes next.
    const other = (frame * 7 + 3) % camera.frame_count;
    store.setState({ frame: other });
    stream.image(camera.name, other).catch(() => undefined);
    if (frame % 2) await new Promise((resolve) => setTimeout(resolve, 4));
    store.setState({ frame });
    const asked = performance.now();
    let image = stream.peekImage(camera.name, frame);
    stream.image(camera.name, frame).catch(() => undefined);
    while (!image && performance.now() - asked < 15000) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      image = stream.peekImage(camera.name, frame);
    }
    if (!image) return { found, error: `frame ${frame} did not come` };
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, columns * block, rows * block);
    const means = [];
    for (let at = 0; at < columns * rows; at++) {
      let sum = 0;
      for (let y = 5; y < 11; y++)
        for (let x = 5; x < 11; x++) {
          const row = Math.floor(at / columns) * block + y;
          sum += data[4 * (row * columns * block + (at % columns) * block + x) + 1];
        }
      means.push(sum / 36);
    }
    found.push({ means, width: image.width, height: image.height });
  }
  return { found, size: [camera.width_px, camera.height_px] };
}"""


def number_of(means: list[float]) -> int:
    bits = [mean > (DARK + BRIGHT) / 2 for mean in means]
    is_clear = all(abs(mean - (BRIGHT if bit else DARK)) < 50 for mean, bit in zip(means, bits, strict=True))
    if not is_clear or any(bits[place] == bits[place + BITS] for place in range(BITS)):
        return -1
    return sum(1 << place for place in range(BITS) if bits[place])


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """A data folder with a scene of each case."""
    need_ffmpeg()
    folder = tmp_path_factory.mktemp("films")

    def make(case):
        (folder / case).mkdir()
        return CASES[case](folder / case)

    with ThreadPoolExecutor(2) as pool, opened_database(folder / "data") as engine:
        for number, path in enumerate(pool.map(make, FILMS)):
            import_source(engine, folder / "data", path, f"film-{number}", "video", "ann", lambda *_: None)
    return folder / "data"


def test_every_frame_in_any_order_is_the_one_that_ffmpeg_shows(films, serve, person):
    address = serve(films)
    one = person(address)
    for number, case in enumerate(FILMS):
        one.page.goto(f"{address}/scenes/film-{number}")
        one.until(lambda: one.page.evaluate("window.worldline?.store.getState().scene != null"), f"{case} opened")
        truth = SHOWN.get(case, range(40))
        count = len(truth)
        assert one.state("scene.ready_frame_count") == count
        ahead = list(range(0, count, 3))
        order = [*ahead, *ahead[::-2], *random.Random(number).sample(range(count), min(count, 16)), count - 1, 0]
        answer = one.page.evaluate(STEP, [order, BLOCK_PX, COLUMNS, ROWS])
        assert "error" not in answer, f"{case}: {answer['error']}"
        shown = [number_of(picture["means"]) for picture in answer["found"]]
        assert shown == [truth[frame] for frame in order], case
        assert {(picture["width"], picture["height"]) for picture in answer["found"]} == {tuple(answer["size"])}, case
    assert one.errors == []
