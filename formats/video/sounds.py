"""The sound of a video file: its packets, copied in a process with limits and never decoded."""

import base64
import hashlib
import struct
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from worldline.formats.errors import BrokenFileError
from worldline.formats.sound import Sound, SoundPacket, browser_sound_codec

from .confined import LIMITS, Limits, run_child

_DURATION = struct.Struct("<q")


def find_sounds(path: Path, found: list[dict[str, Any]], limits: Limits = LIMITS) -> tuple[Sound, ...]:
    """The sounds that a probe found in a file, named by language or number.

    Args:
        path: The file.
        found: What `child.probe` says of each stream of sound.
        limits: Of the processes that copy their packets.
    """
    sounds: list[Sound] = []
    for facts in found:
        extradata = base64.b64decode(facts["extradata"])
        sounds.append(
            Sound(
                name=f"sound_{len(sounds)}",
                codec_name=facts["codec_name"],
                codec=browser_sound_codec(facts["codec_name"], extradata),
                extradata=extradata,
                time_base=Fraction(*facts["time_base"]),
                sample_rate_hz=facts["rate"],
                channel_count=facts["channels"],
                language=facts["language"],
                read=partial(read_packets, path, facts["stream"], facts["digest"], limits),
            )
        )
    return tuple(sounds)


def read_packets(path: Path, stream: int, digest: str, limits: Limits = LIMITS) -> Iterator[SoundPacket]:
    """The packets of a file's sound, in decode order.

    Args:
        path: The file.
        stream: The number of its stream.
        digest: SHA-256 of the packets when the file was looked at.
        limits: Of the process.

    Raises:
        BrokenFileError: The process failed, or the file is not what it was when it was looked at.
    """
    seen = hashlib.sha256()
    for record in run_child(path, {"task": "sound", "stream": stream}, limits):
        if record.kind == b"P":
            (duration,) = _DURATION.unpack_from(record.data)
            data = record.data[_DURATION.size :]
            seen.update(data)
            yield SoundPacket(data, record.number, duration)
        elif record.kind == b"E" and seen.hexdigest() != digest:
            raise BrokenFileError("the file changed while it was read", path=path, fix="import it again")
