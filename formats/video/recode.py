"""Encoding a video again, so that a browser finds any frame of it quickly.

H.264, closed groups of 30 frames, 8 bits 4:2:0, every frame at the very PTS of its source.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from worldline.formats.errors import BrokenFileError
from worldline.formats.scene import Packet, VideoStream

from .codec import avc_codec, avcc_of, to_lengths
from .facts import VideoFacts
from .probe import OPEN_OPTIONS

GROUP = 30
"""Frames from one key frame to the next."""

_OPTIONS = {"crf": "16", "preset": "veryfast", "x264-params": "open-gop=0:scenecut=0:threads=2", "flags": "+cgop"}


def recoded_stream(facts: VideoFacts) -> VideoStream:
    """The stream that `recoded_packets` gives."""
    encoder = _open_encoder(facts)
    avcc = avcc_of(encoder.extradata or b"")
    return VideoStream(
        avc_codec(avcc), "h264", avcc, facts.time_base, encoder.width, encoder.height, facts.rotation_deg
    )


def recoded_packets(path: Path, facts: VideoFacts) -> Iterator[Packet]:
    """Decode a file and encode its frames.

    Raises:
        BrokenFileError: It does not hold the frames that it held when it was looked at.
    """
    encoder = _open_encoder(facts)
    expected = facts.frame_pts.tolist()
    count = 0
    with av.open(str(path), options=OPEN_OPTIONS) as container:
        stream = container.streams[facts.stream]
        for packet in container.demux(stream):
            for frame in packet.decode():
                if not isinstance(frame, av.VideoFrame) or count >= len(expected) or frame.pts != expected[count]:
                    raise _changed(path)
                picture = _even(frame, encoder.width, encoder.height)
                picture.pts, picture.time_base = frame.pts, facts.time_base
                picture.pict_type = av.video.frame.PictureType.I if count % GROUP == 0 else 0
                count += 1
                yield from map(_packet, encoder.encode(picture))
    if count != len(expected):
        raise _changed(path)
    yield from map(_packet, encoder.encode(None))


def _open_encoder(facts: VideoFacts) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise BrokenFileError("FFmpeg has no libx264 here", fix="install the av package from PyPI")
    encoder.width, encoder.height = facts.width_px + facts.width_px % 2, facts.height_px + facts.height_px % 2
    encoder.pix_fmt = "yuv420p"
    encoder.time_base, encoder.framerate = facts.time_base, facts.rate
    encoder.gop_size = GROUP
    encoder.options = dict(_OPTIONS)
    encoder.flags |= av.codec.context.Flags.global_header | av.codec.context.Flags.closed_gop
    encoder.open()
    return encoder


def _even(frame: av.VideoFrame, width_px: int, height_px: int) -> av.VideoFrame:
    """A frame in 4:2:0, whose sides are even: an odd one gets its last column or row twice."""
    if (frame.width, frame.height) == (width_px, height_px):
        return frame.reformat(format="yuv420p")
    extra_px = (width_px - frame.width, height_px - frame.height)
    if not all(0 <= extra <= 1 for extra in extra_px):  # the size changes within the video
        return frame.reformat(width_px, height_px, "yuv420p")
    pixels = frame.to_ndarray(format="rgb24")
    padded = np.pad(pixels, ((0, extra_px[1]), (0, extra_px[0]), (0, 0)), mode="edge")
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(padded), format="rgb24").reformat(format="yuv420p")


def _packet(packet: "av.Packet[Any]") -> Packet:
    if packet.pts is None:
        raise BrokenFileError("the encoder gave a packet without a time")
    return Packet(to_lengths(bytes(packet)), packet.pts, packet.is_keyframe)


def _changed(path: Path) -> BrokenFileError:
    return BrokenFileError("the file changed while it was read", path=path, fix="import it again")
