"""Images are known by their heads, and broken ones are refused before anybody decodes them."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.scenes import InMemoryData, street_scene
from worldline.formats.errors import BrokenFileError, MissingFileError
from worldline.formats.images import blank_png, check_image, image_size, read_image, to_png
from worldline.formats.intensity import full_intensity, scaled_intensity
from worldline.formats.scene import EncodedImage, Sweep


def encoded(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 100, 50)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_an_image_says_what_it_is(kind: str, media_type: str, tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(encoded(kind))
    assert image_size(path) == (40, 30)
    assert read_image(path).media_type == media_type
    with Image.open(io.BytesIO(to_png(read_image(path)))) as png, Image.open(path) as source:
        assert png.format == "PNG"
        np.testing.assert_array_equal(np.asarray(png), np.asarray(source.convert("RGB")))


@pytest.mark.parametrize("data", [b"", b"text", encoded("PNG")[:-12], encoded("JPEG")[:-2], encoded("PNG")[:20]])
def test_a_broken_image_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match="image"):
        check_image(data, tmp_path / "image.png")


def test_an_absent_image_is_missing(tmp_path: Path) -> None:
    for read in (image_size, read_image):
        with pytest.raises(MissingFileError):
            read(tmp_path / "absent.png")
    with pytest.raises(BrokenFileError, match="decoded"):
        to_png(EncodedImage(b"nothing", "image/jpeg"))


def test_a_blank_picture_is_a_picture(tmp_path: Path) -> None:
    assert check_image(blank_png(64, 32), tmp_path) == ("image/png", 64, 32)


@pytest.mark.parametrize(
    ("values", "meta", "full"),
    [
        (np.array([0.0, 0.5], np.float32), {}, 1.0),
        (np.array([0.0, 200.0], np.float32), {}, 255.0),
        (np.array([0.0, 3000.0], np.float32), {}, 65535.0),
        (np.array([0, 9], np.uint8), {}, 255.0),
        (np.array([0, 9], np.uint16), {}, 65535.0),
        (np.array([0.0, 0.5], np.float32), {"intensity_max": 100.0}, 100.0),
    ],
)
def test_full_intensity_is_found(values: np.ndarray, meta: dict[str, float], full: float) -> None:
    scene = street_scene()
    sweep = Sweep(np.zeros((2, 3), np.float32), {"intensity": values})
    data = InMemoryData({("lidar", frame): sweep for frame in range(scene.frame_count)})
    assert full_intensity(replace(scene, data=data, meta=meta), "lidar") == full
    np.testing.assert_allclose(scaled_intensity(values, full, 1.0), values / full, rtol=1e-6)
    np.testing.assert_array_equal(scaled_intensity(values, full, full), values)
