"""Small pictures look like the large ones, and a bad one harms nobody."""

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.formats.video_files import SIZE_PX, ffmpeg, film, number_in, read_one
from worldline.formats.errors import BrokenFileError
from worldline.formats.reduced import Reducer
from worldline.formats.scene import EncodedImage


@pytest.fixture(scope="module")
def reducer() -> Iterator[Reducer]:
    reducer = Reducer()
    yield reducer
    reducer.close()


def gradient(kind: str, size: tuple[int, int] = (1242, 375)) -> EncodedImage:
    columns, rows = np.meshgrid(np.linspace(0, 255, size[0]), np.linspace(0, 255, size[1]))
    pixels = np.stack([columns, rows, 0 * rows + 90], axis=2).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return EncodedImage(file.getvalue(), f"image/{kind.lower()}")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("width_px", [160, 320])
def test_a_small_picture_is_the_large_one_averaged(reducer: Reducer, kind: str, width_px: int) -> None:
    small = reducer.image(gradient(kind), width_px)
    with Image.open(io.BytesIO(small.data)) as picture:
        assert picture.size == (width_px, round(375 * width_px / 1242))
        found = np.asarray(picture, dtype=np.float64)
    with Image.open(io.BytesIO(gradient("PNG").data)) as whole:
        wanted = np.asarray(whole.resize(picture.size, Image.Resampling.BOX), dtype=np.float64)
    assert np.abs(found - wanted).mean() < 4


def test_what_is_smaller_already_keeps_its_size(reducer: Reducer) -> None:
    with Image.open(io.BytesIO(reducer.image(gradient("PNG", (40, 20)), 160).data)) as picture:
        assert picture.size == (40, 20)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_frame_of_a_video_is_the_one_asked_for_and_upright(reducer: Reducer, tmp_path: Path, turn: int) -> None:
    path = film(tmp_path / "clip.mp4", 50, "-g", 10, "-bf", 2)
    if turn:
        turned = tmp_path / "turned.mp4"
        ffmpeg("-i", path, "-c", "copy", "-metadata:s:v:0", f"rotate={turn}", turned)
        path = turned
    found = read_one(path).scene
    camera = found.cameras[0]
    stream, packets = found.data.stream(camera.name), list(found.data.packets(camera.name))
    assert stream.rotation_deg in ({90, 270} if turn % 180 else {turn})  # FFmpeg's versions differ in what 90 means
    times = sorted(packet.pts for packet in packets)
    for frame in (0, 1, 17, 49):
        number = next(n for n, packet in enumerate(packets) if packet.pts == times[frame])
        first = max(n for n in range(number + 1) if packets[n].is_key)
        small = reducer.frame(stream, packets[first : number + 4], times[frame], SIZE_PX[0])
        with Image.open(io.BytesIO(small.data)) as picture:
            upright = picture.convert("L").rotate(stream.rotation_deg, expand=True)  # as it was filmed
        assert number_in(np.asarray(upright)) == frame


def bomb() -> EncodedImage:
    """A PNG of 60,000 x 60,000 pixels in a few bytes."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0")),
        (b"IEND", b""),
    ]
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts]
    return EncodedImage(b"\x89PNG\r\n\x1a\n" + b"".join(chunks), "image/png")


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (EncodedImage(b"nonsense", "image/png"), "cannot identify"),
        (EncodedImage(gradient("PNG").data[:1000], "image/png"), "truncated"),
        (bomb(), "larger than"),
    ],
)
def test_a_bad_picture_is_refused_and_the_next_one_is_made(reducer: Reducer, image: EncodedImage, why: str) -> None:
    with pytest.raises(BrokenFileError, match=why):
        reducer.image(image, 160)
    assert reducer.image(gradient("JPEG"), 160).data


def test_a_decoder_that_hangs_or_dies_is_begun_anew() -> None:
    reducer = Reducer(longest_s=0.001)
    with pytest.raises(BrokenFileError, match="too long"):
        reducer.image(gradient("PNG"), 160)
    reducer._longest_s = 20
    assert reducer.image(gradient("PNG"), 160).data
    assert reducer._process is not None
    reducer._process.kill()
    reducer._process.wait()
    assert reducer.image(gradient("PNG"), 160).data
    reducer.close()
    assert reducer.image(gradient("PNG"), 160).data
    reducer.close()
