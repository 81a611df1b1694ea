"""What a video file holds: counted by decoding all of it, never by what its header says."""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from worldline.formats.errors import BrokenFileError, MissingFileError
from worldline.geometry.arrays import Bools, Int64s

_PROBE = Path(__file__).with_name("probe.py")
_COPY = "copy it again from its source, or rewrite it with: ffmpeg -i FILE -c:v libx264 NEW.mp4"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """A file's video.

    Attributes:
        stream: Its index in the file.
        codec_name: FFmpeg's name.
        pix_fmt: FFmpeg's name of the pixels.
        extradata: The codec's configuration.
        time_base: Seconds per PTS unit.
        rate: Frames a second on average: a hint for an encoder, never a clock.
        width_px: Coded.
        height_px: Coded.
        rotation_deg: Clockwise turn to show it upright.
        frame_pts: (F,) of each decoded frame, strictly increasing.
        packet_pts: (P,) of each packet, in decode order.
        packet_key: (P,) A decoder can begin there.
        is_one_to_one: Every packet shows one frame, and none is discarded.
        is_one_size: Every frame has one size.
    """

    stream: int
    codec_name: str
    pix_fmt: str
    extradata: bytes
    time_base: Fraction
    rate: Fraction
    width_px: int
    height_px: int
    rotation_deg: int
    frame_pts: Int64s
    packet_pts: Int64s
    packet_key: Bools
    is_one_to_one: bool
    is_one_size: bool

    @property
    def longest_group(self) -> int:
        """The most packets from one key packet up to the next."""
        keys = np.flatnonzero(self.packet_key)
        return int(np.diff([*keys, len(self.packet_key)]).max(initial=0)) if len(keys) else len(self.packet_key)

    @property
    def is_closed(self) -> bool:
        """The first packet is a key, and no packet after a key is shown before it."""
        if not len(self.packet_key) or not self.packet_key[0]:
            return False
        latest_key = np.maximum.accumulate(np.where(self.packet_key, np.arange(len(self.packet_key)), 0))
        return bool((self.packet_pts >= self.packet_pts[latest_key]).all())


def read_facts(path: Path) -> VideoFacts:
    """Decode a video file from end to end.

    Raises:
        MissingFileError: There is no such file.
        BrokenFileError: It is no video, or truncated, or damaged, or two frames have one time.
    """
    if not path.is_file():
        raise MissingFileError("the video file is missing", path=path)
    size = path.stat().st_size
    if size == 0:
        raise BrokenFileError("the file is empty", path=path, fix="copy it again from its source")
    finished = subprocess.run(
        [sys.executable, "-P", str(_PROBE), str(path.absolute())], capture_output=True, check=False
    )
    try:
        found: dict[str, Any] = json.loads(finished.stdout)
    except ValueError as error:
        how = f"signal {-finished.returncode}" if finished.returncode < 0 else f"exit code {finished.returncode}"
        raise BrokenFileError(f"the decoder failed on it ({how})", path=path, fix=_COPY) from error
    if "error" in found:
        raise BrokenFileError(f"expected a video that FFmpeg decodes: {found['error']}", path=path, fix=_COPY)
    return _check(found, path, size)


def _check(found: dict[str, Any], path: Path, size: int) -> VideoFacts:
    packets, frames = found["packets"], found["frames"]
    if not frames:
        raise BrokenFileError("no frame can be decoded", path=path, fix=_COPY)
    discarded = sum(1 for _, _, _, discard in packets if discard)
    if len(packets) < found["promised"]:
        raise BrokenFileError(
            f"truncated: its index promises {found['promised']} frames, the file holds {len(packets)}",
            path=path,
            place=f"byte {size}",
            fix=_COPY,
        )
    for number, (pts, corrupt, _) in enumerate(frames):
        if corrupt or pts is None:
            what = "is damaged" if corrupt else "has no presentation time"
            raise BrokenFileError(f"it {what}", path=path, place=f"frame {number}", fix=_COPY)
    for number, (_, _, corrupt, _) in enumerate(packets):
        if corrupt:
            raise BrokenFileError("it is damaged", path=path, place=f"packet {number}", fix=_COPY)
    frame_pts = np.array([pts for pts, _, _ in frames], dtype=np.int64)
    steps = np.diff(frame_pts)
    if (steps <= 0).any():
        number = int(np.argmax(steps <= 0)) + 1
        raise BrokenFileError(
            f"presentation times must increase, found {frame_pts[number - 1]} and then {frame_pts[number]}",
            path=path,
            place=f"frame {number}",
            fix=_COPY,
        )
    known = all(pts is not None for pts, _, _, _ in packets)
    packet_pts = np.array([pts or 0 for pts, _, _, _ in packets], dtype=np.int64)
    return VideoFacts(
        stream=found["stream"],
        codec_name=found["codec_name"],
        pix_fmt=found["pix_fmt"] or "",
        extradata=base64.b64decode(found["extradata"]),
        time_base=Fraction(*found["time_base"]),
        rate=Fraction(*found["rate"]),
        width_px=found["width"],
        height_px=found["height"],
        rotation_deg=-round(found["rotation"] / 90) * 90 % 360,
        frame_pts=frame_pts,
        packet_pts=packet_pts,
        packet_key=np.array([bool(key) for _, key, _, _ in packets], dtype=np.bool_),
        is_one_to_one=known and not discarded and np.array_equal(np.sort(packet_pts), frame_pts),
        is_one_size=len({shape for _, _, shape in frames}) == 1,
    )
