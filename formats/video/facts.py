"""What a video file holds: counted by decoding all of it, never by what its header says."""

import base64
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from worldline.formats.errors import BrokenFileError, MissingFileError
from worldline.formats.sound import Sound
from worldline.geometry.arrays import Bools, Int64s

from .confined import COPY_AGAIN, LIMITS, Limits, run_child
from .damage import ProbedPacket, find_damage
from .sounds import find_sounds
from .times import settle_times


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """A file's video.

    Attributes:
        stream: Its index in the file.
        codec_name: FFmpeg's name.
        pix_fmt: FFmpeg's name of the pixels.
        extradata: The codec's configuration.
        time_base: Seconds per PTS unit.
        width_px: Coded.
        height_px: Coded.
        rotation_deg: Clockwise turn to show it upright.
        frame_pts: (F,) of each decoded frame, strictly increasing.
        packet_pts: (P,) of each packet, in decode order.
        packet_key: (P,) A decoder can begin there.
        is_one_to_one: Every packet shows one frame, and none is discarded.
        is_one_size: Every frame has one size.
        is_one_configuration: No parameters stand among the packets but those of the configuration.
        damaged: Numbers of frames that the decoder calls damaged, or that build on such.
        lost_count: Packets that cannot be decoded, and gave no frame at all.
        estimated: Numbers of frames whose times are not the file's.
        digest: SHA-256 of the packets.
        sounds: What is heard with it.
    """

    stream: int
    codec_name: str
    pix_fmt: str
    extradata: bytes
    time_base: Fraction
    width_px: int
    height_px: int
    rotation_deg: int
    frame_pts: Int64s
    packet_pts: Int64s
    packet_key: Bools
    is_one_to_one: bool
    is_one_size: bool
    is_one_configuration: bool
    damaged: tuple[int, ...]
    lost_count: int
    estimated: tuple[int, ...]
    digest: str
    sounds: tuple[Sound, ...] = ()

    @property
    def pixels(self) -> int:
        """In all frames."""
        return self.width_px * self.height_px * len(self.frame_pts)

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


def read_facts(path: Path, limits: Limits = LIMITS) -> VideoFacts:
    """Decode a video file from end to end, in a process with limits.

    Raises:
        MissingFileError: There is no such file.
        BrokenFileError: It is no video, or truncated, or damaged from end to end, or it takes too much.
    """
    if not path.is_file():
        raise MissingFileError("the video file is missing", path=path)
    if path.stat().st_size == 0:
        raise BrokenFileError("the file is empty", path=path, fix="copy it again from its source")
    records = list(run_child(path, {"task": "probe"}, limits))
    try:
        found: dict[str, Any] = json.loads(records[0].data)
    except ValueError as error:
        raise BrokenFileError("the decoder gave no answer that can be read", path=path, fix=COPY_AGAIN) from error
    return _check(found, path, limits)


def _check(found: dict[str, Any], path: Path, limits: Limits) -> VideoFacts:
    packets, frames = [ProbedPacket(*row) for row in found["packets"]], found["frames"]
    if not frames:
        raise BrokenFileError("no frame can be decoded", path=path, fix=COPY_AGAIN)
    if found["held"] < found["promised"]:
        raise BrokenFileError(
            f"truncated: its index promises {found['promised']} frames, the file holds {found['held']}",
            path=path,
            place=f"byte {path.stat().st_size}",
            fix=COPY_AGAIN,
        )
    pts = [each for each, _, _, _ in frames]
    damage = find_damage(found["codec_name"], packets, pts, [bool(corrupt) for _, _, corrupt, _ in frames])
    if len(damage.frames) == len(frames):
        raise BrokenFileError("all of its frames are damaged", path=path, fix=COPY_AGAIN)
    time_base, rate = Fraction(*found["time_base"]), Fraction(*found["rate"])
    frame_pts, estimated = settle_times(pts, [each for _, each, _, _ in frames], float(1 / (rate * time_base)))
    if frame_pts is None:
        raise BrokenFileError(
            "its presentation times do not increase, and none can be put between them",
            path=path,
            place=f"frame {estimated[0]}",
            fix=COPY_AGAIN,
        )
    known = all(packet.pts is not None and not packet.is_discard for packet in packets)
    packet_pts = np.array([packet.pts or 0 for packet in packets], dtype=np.int64)
    extradata = base64.b64decode(found["extradata"])
    parameters = {base64.b64decode(unit) for unit in found["parameters"]}
    return VideoFacts(
        stream=found["stream"],
        codec_name=found["codec_name"],
        pix_fmt=found["pix_fmt"] or "",
        extradata=extradata,
        time_base=time_base,
        width_px=found["width"],
        height_px=found["height"],
        rotation_deg=-round(found["rotation"] / 90) * 90 % 360,
        frame_pts=frame_pts,
        packet_pts=packet_pts,
        packet_key=np.array([packet.is_key for packet in packets], dtype=np.bool_),
        is_one_to_one=known and np.array_equal(np.sort(packet_pts), frame_pts),
        is_one_size=len({size for _, _, _, size in frames}) == 1,
        is_one_configuration=all(unit in extradata for unit in parameters),
        damaged=damage.frames,
        lost_count=damage.lost_count,
        estimated=estimated,
        digest=found["digest"],
        sounds=find_sounds(path, found["sounds"], limits),
    )
