"""Videos made for tests, and what decoders make of them.

With FFmpeg's own program: each frame of which shows its number: a row of bits, dark or bright.

A picture has 6 by 4 blocks of 16 pixels: twelve bits of the number, and below them the same bits turned over. Blocks
are read at their middles, so that lossy coding, other colours and a size that grew by a pixel do no harm.
"""

import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

from worldline.formats.registry import ReadScene
from worldline.formats.scene import Packet, VideoStream
from worldline.formats.video import READER

BLOCK_PX = 16
COLUMNS, ROWS = 6, 4
SIZE_PX = (COLUMNS * BLOCK_PX, ROWS * BLOCK_PX)
BITS = COLUMNS * ROWS // 2
DARK, BRIGHT = 40, 215


def picture(number: int) -> np.ndarray:
    """(64, 96) uint8: the picture of a number below 4096."""
    bits = np.array([number >> place & 1 for place in range(BITS)], dtype=np.uint8)
    blocks = np.concatenate([bits, 1 - bits]).reshape(ROWS, COLUMNS) * (BRIGHT - DARK) + DARK
    return np.kron(blocks, np.ones((BLOCK_PX, BLOCK_PX), dtype=np.uint8))


def number_in(gray: np.ndarray) -> int:
    """The number that an upright picture shows; -1 where there is none, as in a damaged frame."""
    tiles = gray[: SIZE_PX[1], : SIZE_PX[0]].reshape(ROWS, BLOCK_PX, COLUMNS, BLOCK_PX)[:, 5:11, :, 5:11]
    blocks = tiles.transpose(0, 2, 1, 3).reshape(2 * BITS, -1).astype(np.float64)
    means = blocks.mean(axis=1)
    bits = means > (DARK + BRIGHT) / 2
    is_clear = (np.abs(means - np.where(bits, BRIGHT, DARK)) < 45).all() and (blocks.std(axis=1) < 25).all()
    if not is_clear or (bits[:BITS] == bits[BITS:]).any():
        return -1
    return sum(1 << place for place in range(BITS) if bits[place])


@cache
def _encoders() -> str:
    if shutil.which("ffmpeg") is None:
        return ""
    return subprocess.run(["ffmpeg", "-v", "error", "-encoders"], capture_output=True, text=True, check=True).stdout


def need_ffmpeg(encoder: str = "") -> None:
    """Skips the test where the program, or one of its encoders, is absent."""
    if not _encoders():
        pytest.skip("needs the program ffmpeg, which makes and shows the videos: apt-get install ffmpeg")
    if encoder and f" {encoder} " not in _encoders():
        pytest.skip(f"needs an ffmpeg with the encoder {encoder}")


def ffmpeg(*words: object, data: bytes = b"") -> bytes:
    """What a run of ffmpeg gave out."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "2", *map(str, words)]
    if data:
        command.remove("-nostdin")
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def film(path: Path, frame_count: int, *options: object) -> Path:
    """A video of numbered frames, 25 a second, written with options of ffmpeg."""
    words = [str(option) for option in options]
    need_ffmpeg(words[words.index("-c:v") + 1] if "-c:v" in words else "")
    pixels = b"".join(picture(number).tobytes() for number in range(frame_count))
    source = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", "{}x{}".format(*SIZE_PX), "-r", 25, "-i", "-")
    ffmpeg(*source, "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", *options, path, data=pixels)
    return path


def shown_by_ffmpeg(path: Path) -> list[int]:
    """The numbers of the frames that ffmpeg shows, in its order and turned upright: the truth."""
    width_px, height_px = SIZE_PX
    pixels = ffmpeg("-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-")
    return [number_in(frame) for frame in np.frombuffer(pixels, dtype=np.uint8).reshape(-1, height_px, width_px)]


def read_one(path: Path) -> ReadScene:
    (found,) = READER.read(path, "clip")
    return found


def write_video(
    path: Path,
    frame_count: int = 40,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (64, 48),
    pts: list[int] | None = None,
    options: dict[str, str] | None = None,
    pix_fmt: str = "yuv420p",
    corner: bool = False,
) -> Path:
    """A video whose frame n has the gray value 4 * n, with a white corner at the top left if asked for."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(frame_count):
            pixels = np.full((size[1], size[0], 3), 4 * (number % 60), np.uint8)
            if corner:
                pixels[: size[1] // 3, : size[0] // 3] = 255
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = pts[number] if pts else 40 * number
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def decoded_times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [frame.pts * stream.time_base for frame in container.decode(stream)]


def decode(stream: VideoStream, packets: Iterator[Packet]) -> list[tuple[int, np.ndarray]]:
    """What a decoder makes of packets, as a browser would get them."""
    context = av.CodecContext.create({"av1": "libdav1d"}.get(stream.codec_name, stream.codec_name), "r")
    context.extradata = stream.extradata or None
    frames = []
    for packet in [*packets, None]:
        sent = None
        if packet is not None:
            sent = av.Packet(packet.data)
            sent.pts = sent.dts = packet.pts
            sent.time_base = stream.time_base
        frames += [(frame.pts, frame.to_ndarray(format="gray")) for frame in context.decode(sent)]
    return frames
