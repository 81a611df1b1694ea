"""Running `child.py`: the only place where bytes of unknown origin meet a decoder."""

import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from worldline.formats.errors import BrokenFileError, MissingFileError

from .child import RECORD

CHILD = Path(__file__).with_name("child.py")
COPY_AGAIN = "copy it again from its source, or rewrite it with: ffmpeg -i FILE -c:v libx264 NEW.mp4"
_LONGEST_RECORD = 1 << 30
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Limits:
    """What decoding one file may cost.

    Attributes:
        memory_bytes: Address space of the process.
        pixels: Of one picture.
        frames: Of one video.
        least_s: Processor time that any file may take.
        bytes_per_s: A file may take another second for so many bytes: fewer than a video has.
        pixels_per_s: And another for so many pixels that are known to be in it.
        patience: How many times longer than the processor time a clock on the wall may show.
    """

    memory_bytes: int = 4 << 30
    pixels: int = 1 << 26
    frames: int = 1 << 23
    least_s: int = 120
    bytes_per_s: int = 5_000
    pixels_per_s: int = 2_000_000
    patience: float = 4.0

    def cpu_s(self, size_bytes: int, pixels: int) -> int:
        """Processor time for a file of a size, and of so many pixels in all its frames."""
        return self.least_s + size_bytes // self.bytes_per_s + pixels // self.pixels_per_s


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Record:
    """What the child gave.

    Attributes:
        kind: H, P, K or E, as `child.RECORD` says.
        number: Of a packet: its PTS, or its frame.
        data: Its bytes.
    """

    kind: bytes
    number: int
    data: bytes


def run_child(
    path: Path, job: dict[str, Any], limits: Limits = LIMITS, pixels: int = 0
) -> Generator[Record, None, None]:
    """Do a job on a file in a process with limits; a process that is no longer listened to is ended.

    Args:
        path: The file.
        job: The task and what it needs.
        limits: Of the process.
        pixels: In all frames of the file, where they are known.

    Raises:
        MissingFileError: The file is not there any more.
        BrokenFileError: The child refused the file, crashed, or took too much of something.
    """
    try:
        cpu_s = limits.cpu_s(path.stat().st_size, pixels)
    except OSError as error:
        raise MissingFileError("the video file is missing", path=path) from error
    wall_s = cpu_s * limits.patience
    full = {
        **job,
        "path": str(path.absolute()),
        "memory_bytes": limits.memory_bytes,
        "pixels": limits.pixels,
        "frames": limits.frames,
        "cpu_s": cpu_s,
    }
    process = subprocess.Popen(
        [sys.executable, "-P", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        start_new_session=True,
    )
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        process.kill()

    timer = threading.Timer(wall_s, end)
    timer.daemon = True
    timer.start()
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the decoder's pipes are missing")
    try:
        with suppress(BrokenPipeError), process.stdin as into:
            into.write(json.dumps(full).encode())
        while (record := _next_record(process.stdout)) is not None:
            if record.kind == b"X":
                said = record.data.decode(errors="replace")
                raise BrokenFileError(f"expected a video that FFmpeg decodes: {said}", path=path, fix=COPY_AGAIN)
            yield record
            if record.kind == b"E":
                return
        process.wait()
        if is_late.is_set():
            how = f"it took longer than {wall_s:.0f} s"
        elif process.returncode == -signal.SIGXCPU:
            how = f"it took more than {cpu_s} s of the processor"
        elif process.returncode < 0:
            how = f"signal {-process.returncode}"
        else:
            how = f"exit code {process.returncode}"
        raise BrokenFileError(f"the decoder failed on it ({how})", path=path, fix=COPY_AGAIN)
    finally:
        timer.cancel()
        process.kill()
        process.stdout.close()
        process.wait()


def _next_record(source: IO[bytes]) -> Record | None:
    head = source.read(RECORD.size)
    with suppress(struct.error):
        kind, number, size = RECORD.unpack(head)
        data = source.read(size) if size <= _LONGEST_RECORD else b""
        if len(data) == size:
            return Record(kind, number, data)
    return None
