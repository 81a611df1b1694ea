"""Packets of a video, as they are or encoded again; read in a process with limits.

Encoded again means H.264, closed groups of 30 frames, 8 bits 4:2:0, every frame at the very PTS of its source.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from worldline.formats.errors import BrokenFileError
from worldline.formats.scene import Packet, VideoStream

from .codec import as_avcc, avc_codec, avcc_of, to_lengths
from .confined import LIMITS, Limits, Record, run_child
from .facts import VideoFacts


def recoded_stream(path: Path, facts: VideoFacts, limits: Limits = LIMITS) -> VideoStream:
    """The stream that `recoded_packets` gives.

    Raises:
        BrokenFileError: The process failed.
    """
    header = next(run_child(path, _job(facts), limits, facts.pixels))
    avcc = avcc_of(header.data)
    even_px = (facts.width_px + facts.width_px % 2, facts.height_px + facts.height_px % 2)
    return VideoStream(avc_codec(avcc), "h264", avcc, facts.time_base, *even_px, facts.rotation_deg)


def recoded_packets(path: Path, facts: VideoFacts, limits: Limits = LIMITS) -> Iterator[Packet]:
    """Decode a file and encode its frames.

    Raises:
        BrokenFileError: The process failed, or the file is not what it was when it was looked at.
    """
    times = facts.frame_pts.tolist()
    seen: set[int] = set()
    for record in run_child(path, _job(facts), limits, facts.pixels):
        if record.kind in (b"P", b"K"):
            if not 0 <= record.number < len(times) or record.number in seen:
                raise _changed(path)
            seen.add(record.number)
            yield Packet(to_lengths(record.data), times[record.number], record.kind == b"K")
        else:
            _check_end(record, path, facts, len(seen) == len(times))


def stored_packets(path: Path, facts: VideoFacts, limits: Limits = LIMITS) -> Iterator[Packet]:
    """A file's packets as they are; H.264 with start codes gets lengths.

    Raises:
        BrokenFileError: The process failed, or the file is not what it was when it was looked at.
    """
    expected, keys = facts.packet_pts.tolist(), facts.packet_key.tolist()
    has_start_codes = as_avcc(facts.codec_name, facts.extradata) != facts.extradata
    count = 0
    for record in run_child(path, {"task": "copy", "stream": facts.stream}, limits):
        if record.kind in (b"P", b"K"):
            if count >= len(expected) or record.number != expected[count]:
                raise _changed(path)
            data = to_lengths(record.data) if has_start_codes else record.data
            yield Packet(data, record.number, keys[count])
            count += 1
        else:
            _check_end(record, path, facts, count == len(expected))


def _job(facts: VideoFacts) -> dict[str, Any]:
    size = {"width": facts.width_px, "height": facts.height_px}
    return {"task": "recode", "stream": facts.stream, "damaged": facts.damaged, **size}


def _check_end(record: Record, path: Path, facts: VideoFacts, is_whole: bool) -> None:
    if record.kind == b"E" and not (is_whole and record.data.decode() == facts.digest):
        raise _changed(path)


def _changed(path: Path) -> BrokenFileError:
    return BrokenFileError("the file changed while it was read", path=path, fix="import it again")
