"""Makes small pictures of encoded ones, in a process of its own, which has limits and nothing to lose.

Decoding bytes of unknown origin may crash the decoder, or ask for memory without end. This program is run by its
path and imports nothing of Worldline. It reads jobs until its input ends: the size of a JSON text, the text, and as
many bytes as the text says; and answers each with a kind (I a JPEG file, X what is wrong with it) and its bytes.
"""

import base64
import io
import json
import resource
import struct
import sys
import warnings
from fractions import Fraction
from typing import Any

import av
from PIL import Image

SIZE = struct.Struct("<I")
ANSWER = struct.Struct("<cI")
QUALITY = 80
_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def reduce_image(job: dict[str, Any], data: bytes) -> Image.Image:
    """A picture file's small picture; a JPEG is decoded no larger than is needed."""
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
        check_pixels(*picture.size, job["pixels"])
        size = small_size(*picture.size, job["width"])
        picture.draft("RGB", size)
        return picture.convert("RGB").resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def reduce_frame(job: dict[str, Any], data: bytes) -> Image.Image:
    """The small picture of a video's frame, from packets that begin with a key packet."""
    context = av.CodecContext.create(job["codec_name"], "r")
    if not isinstance(context, av.VideoCodecContext):
        raise ValueError(f"{job['codec_name']} is no video codec")
    context.extradata = base64.b64decode(job["extradata"]) or None
    start = 0
    for size, pts in zip([*job["sizes"], 0], [*job["pts"], None], strict=True):
        packet = None
        if pts is not None:
            packet = av.Packet(data[start : start + size])
            packet.pts = packet.dts = pts
            packet.time_base = Fraction(*job["time_base"])
        start += size
        for frame in context.decode(packet):
            check_pixels(frame.width, frame.height, job["pixels"])
            if frame.pts == job["shown"]:
                size = small_size(frame.width, frame.height, job["width"])
                picture = Image.fromarray(frame.reformat(*size, "rgb24").to_ndarray())
                turn = _TURNS.get(job["rotation"])
                return picture if turn is None else picture.transpose(turn)
    raise ValueError("the frame is not among what its packets show")


def small_size(width_px: int, height_px: int, most_px: int) -> tuple[int, int]:
    """A size of the same shape, as wide as wanted and never wider than it was."""
    wide = min(width_px, most_px)
    return wide, max(1, round(height_px * wide / width_px))


def check_pixels(width_px: int, height_px: int, most: int) -> None:
    """Refuse a picture that is too large."""
    if width_px * height_px > most:
        raise ValueError(f"a picture of {width_px} x {height_px} is larger than {most} pixels")


def _main() -> None:
    memory_bytes = int(sys.argv[1])
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_AS, memory_bytes),
    ):
        resource.setrlimit(what, (most, most))
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # `check_pixels` knows the limit
    av.logging.set_level(av.logging.PANIC)
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(SIZE.size)) == SIZE.size:
        job = json.loads(source.read(*SIZE.unpack(head)))
        data = source.read(job["size"])
        try:
            picture = {"image": reduce_image, "frame": reduce_frame}[job["task"]](job, data)
            file = io.BytesIO()
            picture.save(file, "JPEG", quality=QUALITY)
            kind, answer = b"I", file.getvalue()
        except (av.FFmpegError, MemoryError, OSError, SyntaxError, ValueError) as error:
            kind, answer = b"X", (str(error) or type(error).__name__).encode()
        answers.write(ANSWER.pack(kind, len(answer)) + answer)
        answers.flush()


if __name__ == "__main__":
    _main()
