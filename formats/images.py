"""Image files: what they are and how large, without decoding, and PNG made of any of them."""

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import IO

from PIL import Image, UnidentifiedImageError

from .errors import BrokenFileError, MissingFileError
from .scene import EncodedImage

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_ENDS = {"image/png": b"IEND\xaeB`\x82", "image/jpeg": b"\xff\xd9"}
_TRAILER_BYTES = 64
_PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_PX = 100_000_000
"""Pixels of the largest image that is read; decoded it takes 400 MB."""
_TOO_LARGE = f"expected an image of at most {LARGEST_PX} pixels"


def read_image(path: Path) -> EncodedImage:
    """An image as its file's bytes.

    Raises:
        MissingFileError: There is no such file.
        BrokenFileError: It is empty, no image of a known kind, or cut off.
    """
    if not path.is_file():
        raise MissingFileError("the image is missing", path=path)
    data = path.read_bytes()
    return EncodedImage(data, check_image(data, path)[0])


def check_image(data: bytes, path: Path) -> tuple[str, int, int]:
    """The media type, width and height of an image file's bytes.

    Raises:
        BrokenFileError: It is empty, no image of a known kind, or cut off.
    """
    fix = "copy the file again from its source"
    if not data:
        raise BrokenFileError("the image is empty", path=path, fix=fix)
    media_type, width_px, height_px = _read_head(io.BytesIO(data), path)
    end = _ENDS.get(media_type)
    if end is not None and end not in data[-_TRAILER_BYTES:]:
        raise BrokenFileError(
            "the image is cut off: its end mark is missing", path=path, place=f"byte {len(data)}", fix=fix
        )
    if media_type == "image/png":
        _check_chunks(data, path)
    return media_type, width_px, height_px


def image_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels, from the head of the file.

    Raises:
        MissingFileError: There is no such file.
        BrokenFileError: It is no image of a known kind.
    """
    try:
        with path.open("rb") as file:
            return _read_head(file, path)[1:]
    except FileNotFoundError:
        raise MissingFileError("the image is missing", path=path) from None


def check_image_size(path: Path, expected: tuple[int, int]) -> None:
    """Raise unless an image is as large as the first of its sensor.

    Raises:
        MissingFileError: There is no such file.
        BrokenFileError: It is no image of a known kind, or of another size.
    """
    size = image_size(path)
    if size != expected:
        raise BrokenFileError(
            f"expected {expected[0]} x {expected[1]} pixels as the first image has, found {size[0]} x {size[1]}",
            path=path, fix="a sensor's images are of one size: remove it, or scale it",
        )  # fmt: skip


def to_png(image: EncodedImage) -> bytes:
    """The bytes of a PNG file with the same pixels; a PNG is given back as it is.

    Raises:
        BrokenFileError: The image cannot be decoded.
    """
    if image.media_type == "image/png":
        return image.data
    file = io.BytesIO()
    try:
        with Image.open(io.BytesIO(image.data)) as picture:
            picture.save(file, "PNG")
    except (OSError, SyntaxError, ValueError) as error:
        raise BrokenFileError(f"an image of type {image.media_type} cannot be decoded: {error}") from error
    return file.getvalue()


def blank_png(width_px: int, height_px: int) -> bytes:
    """A PNG file of one gray."""
    file = io.BytesIO()
    Image.new("L", (width_px, height_px), 255).save(file, "PNG")
    return file.getvalue()


def _check_chunks(data: bytes, path: Path) -> None:
    """Compare the checksum of each part of a PNG file."""
    start = len(_PNG)
    while start < len(data) and data[start + 4 : start + 8] != b"IEND":
        (size,) = struct.unpack_from(">I", data.ljust(start + 4, b"\0"), start)
        stop = start + 8 + size
        if int.from_bytes(data[stop : stop + 4]) != zlib.crc32(data[start + 4 : stop]) or stop + 4 > len(data):
            raise BrokenFileError(
                "the image is damaged: a checksum does not fit its data",
                path=path, place=f"byte {start}", fix="copy the file again from its source",
            )  # fmt: skip
        start = stop + 4


def _read_head(file: IO[bytes], path: Path) -> tuple[str, int, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=tuple(MEDIA_TYPES)) as picture:
                kind, (width_px, height_px) = MEDIA_TYPES[str(picture.format)], picture.size
    except Image.DecompressionBombError as error:
        raise BrokenFileError(f"{_TOO_LARGE} ({error})", path=path, place="byte 0", fix="scale the image") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        file.seek(0)
        raise BrokenFileError(
            f"expected a PNG, JPEG or WebP image, found {file.read(20)!r}",
            path=path, place="byte 0", fix="copy the file again from its source",
        ) from error  # fmt: skip
    if width_px * height_px > LARGEST_PX:
        raise BrokenFileError(
            f"{_TOO_LARGE}, found {width_px} x {height_px}", path=path, place="byte 0", fix="scale the image"
        )
    return kind, width_px, height_px
