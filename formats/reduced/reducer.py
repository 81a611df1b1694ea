"""Running `child.py`: one process that makes small pictures, ended when it takes too long and begun anew."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from worldline.formats.errors import BrokenFileError
from worldline.formats.scene import EncodedImage, Packet, VideoStream

from .child import ANSWER, SIZE

WIDTHS_PX = (160, 320, 640)
"""Widths that are made."""

CHILD = Path(__file__).with_name("child.py")
_FIX = "import the scene again from a good copy"
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")
_MEMORY_BYTES = 2 << 30
_PIXELS = 100_000_000
_LONGEST_S = 20.0
_JOBS_PER_PROCESS = 2_000


class Reducer:
    """Makes small pictures in a process with limits; a crash there is an error on that picture alone.

    Safe to share between threads.
    """

    def __init__(self, longest_s: float = _LONGEST_S) -> None:
        """No process runs yet.

        Args:
            longest_s: What one picture may take.
        """
        self._longest_s = longest_s
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs = 0
        self._lock = threading.Lock()

    def image(self, image: EncodedImage, width_px: int) -> EncodedImage:
        """A picture file's small picture, at most so wide.

        Raises:
            BrokenFileError: It cannot be decoded within the limits.
        """
        return self._ask({"task": "image", "width": width_px}, image.data)

    def frame(self, stream: VideoStream, packets: Sequence[Packet], pts: int, width_px: int) -> EncodedImage:
        """The small picture of a video's frame, shown upright.

        Args:
            stream: The video's.
            packets: In decode order from a key packet on, as many as the decoder needs.
            pts: Of the frame.
            width_px: The most it may be wide before it is turned.

        Raises:
            BrokenFileError: It cannot be decoded within the limits.
        """
        job = {
            "task": "frame",
            "width": width_px,
            "codec_name": {"av1": "libdav1d"}.get(stream.codec_name, stream.codec_name),
            "extradata": base64.b64encode(stream.extradata).decode(),
            "time_base": [stream.time_base.numerator, stream.time_base.denominator],
            "rotation": stream.rotation_deg,
            "sizes": [len(packet.data) for packet in packets],
            "pts": [packet.pts for packet in packets],
            "shown": pts,
        }
        return self._ask(job, b"".join(packet.data for packet in packets))

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ask(self, job: dict[str, Any], data: bytes) -> EncodedImage:
        text = json.dumps({**job, "size": len(data), "pixels": _PIXELS}).encode()
        with self._lock:
            process = self._running()
            timer = threading.Timer(self._longest_s, process.kill)
            timer.start()
            kind, answer = b"", b""
            try:
                if process.stdin is None or process.stdout is None:
                    raise RuntimeError("the decoder's pipes are missing")
                with suppress(BrokenPipeError):
                    process.stdin.write(SIZE.pack(len(text)) + text + data)
                    process.stdin.flush()
                head = process.stdout.read(ANSWER.size)
                if len(head) == ANSWER.size:
                    kind, size = ANSWER.unpack(head)
                    answer = process.stdout.read(size)
            finally:
                timer.cancel()
                if kind not in (b"I", b"X"):
                    self._end()
        if kind == b"I":
            return EncodedImage(answer, "image/jpeg")
        why = answer.decode(errors="replace") if kind == b"X" else "its decoder crashed or took too long"
        raise BrokenFileError(f"the picture cannot be made smaller: {why}", fix=_FIX)

    def _running(self) -> "subprocess.Popen[bytes]":
        self._jobs += 1
        if self._process is None or self._process.poll() is not None or self._jobs % _JOBS_PER_PROCESS == 0:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(CHILD), str(_MEMORY_BYTES)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        process.wait()
