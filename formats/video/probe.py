"""Reads a video file once, in a process of its own, and prints what is in it as JSON.

Decoding a file of unknown origin may crash the decoder, or ask for memory without end: this
program has limits and nothing to lose. It is run by its path and imports nothing of Worldline.
"""

import base64
import json
import resource
import sys
from typing import Any

import av

MEMORY_BYTES = 8 << 30
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf,mxf,h264,hevc,ivf,obu,av1,gif,nut,rm,"
    "mpegvideo,m4v,mpjpeg,mjpeg,dv,wtv,yuv4mpegpipe"
)
"""Containers of video; none that reads other files (playlists) or takes text for pictures."""
OPEN_OPTIONS = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}


def probe(path: str) -> dict[str, Any]:
    """Facts, packets and decoded frames of a file's video."""
    with av.open(path, options=OPEN_OPTIONS) as container:
        streams = [
            each for each in container.streams.video if not each.disposition & av.stream.Disposition.attached_pic
        ]
        if not streams:
            return {"error": "there is no video in the file"}
        stream = streams[0]
        packets: list[tuple[int | None, int, int, int]] = []
        frames: list[tuple[int | None, int, int]] = []
        rotation = 0
        for packet in container.demux(stream):
            if packet.size:
                packets.append((packet.pts, packet.is_keyframe, packet.is_corrupt, packet.is_discard))
            for frame in packet.decode():
                rotation = rotation or frame.rotation
                frames.append((frame.pts, int(frame.is_corrupt), frame.width << 16 | frame.height))
        context = stream.codec_context
        rate = stream.average_rate or stream.guessed_rate
        unit = stream.time_base
        if unit is None:
            return {"error": "the video has no time base"}
        return {
            "stream": stream.index,
            "codec_name": context.codec.canonical_name,
            "pix_fmt": context.pix_fmt,
            "extradata": base64.b64encode(context.extradata or b"").decode(),
            "time_base": [unit.numerator, unit.denominator],
            "rate": [rate.numerator, rate.denominator] if rate else [25, 1],
            "width": context.width,
            "height": context.height,
            "rotation": rotation,
            # AVI counts frame slots, most others guess: only MP4 has a table with a row a frame.
            "promised": stream.frames if container.format.name.startswith("mov") else 0,
            "packets": packets,
            "frames": frames,
        }


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    av.logging.set_level(av.logging.PANIC)
    try:
        facts = probe(sys.argv[1])
    except (av.FFmpegError, MemoryError, ValueError) as error:
        facts = {"error": getattr(error, "strerror", None) or str(error) or type(error).__name__}
    sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    _main()
