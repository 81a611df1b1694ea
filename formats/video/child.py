"""Decodes one video file in a process of its own, which has limits and nothing to lose.

Decoding a file of unknown origin may crash the decoder, or ask for memory without end. This program is run by its
path, imports nothing of Worldline, reads one job as JSON and writes records: a kind, a number, a size, the bytes.
"""

import base64
import hashlib
import json
import re
import resource
import struct
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av

DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf,mxf,h264,hevc,ivf,obu,av1,gif,nut,rm,"
    "mpegvideo,m4v,mpjpeg,mjpeg,dv,wtv,yuv4mpegpipe"
)
"""Containers of video; none that reads other files (playlists) or takes text for pictures."""
OPEN_OPTIONS = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
GROUP = 30
"""Frames from one key frame to the next, where a video is encoded again."""
ENCODER_OPTIONS = {
    "crf": "16",
    "preset": "veryfast",
    "x264-params": "open-gop=0:scenecut=0:threads=2",
    "flags": "+cgop",
}
RECORD = struct.Struct("<cqI")
"""Kind, number and size of what follows: H a header, P a packet, K a key packet, X an error, E the end."""
_START_CODE = re.compile(rb"\x00\x00\x01")
_IDR, _SPS, _PPS = 5, 7, 8


class RefusedError(Exception):
    """The file is not what may be decoded here."""


def write_record(kind: bytes, number: int, data: bytes) -> None:
    """Hand one record to the parent."""
    sys.stdout.buffer.write(RECORD.pack(kind, number, len(data)) + data)


def open_file(path: str, **options: str) -> "av.container.InputContainer":
    """The file; metadata in an odd encoding does no harm."""
    return av.open(path, options={**OPEN_OPTIONS, **options}, metadata_errors="replace")


def h264_units(data: bytes, length_size: int) -> Iterator[bytes]:
    """The units of a packet: with lengths before them, or with start codes (a length of 0)."""
    if length_size:
        at = 0
        while at + length_size < len(data):
            size = int.from_bytes(data[at : at + length_size], "big")
            yield data[at + length_size : at + length_size + size]
            at += length_size + size
        return
    codes = list(_START_CODE.finditer(data))
    ends = [*(code.start() for code in codes[1:]), len(data)][: len(codes)]
    yield from (data[code.end() : end].rstrip(b"\0") for code, end in zip(codes, ends, strict=True))


def decode(packet: "av.Packet[Any]") -> "tuple[list[av.VideoFrame], bool]":
    """The frames that come out, and whether the decoder refused the packet: the next ones may be good."""
    try:
        return list(packet.decode()), False
    except av.error.MemoryError:
        raise
    except av.FFmpegError:
        return [], True


def probe(job: dict[str, Any]) -> dict[str, Any]:
    """Facts, packets and decoded frames of a file's video."""
    with open_file(job["path"]) as container:
        streams = [
            each for each in container.streams.video if not each.disposition & av.stream.Disposition.attached_pic
        ]
        if not streams:
            raise RefusedError("there is no video in the file")
        stream = streams[0]
        context = stream.codec_context
        check_pixels(context.width, context.height, job["pixels"])
        extradata = context.extradata or b""
        length_size = (extradata[4] & 3) + 1 if len(extradata) > 6 and extradata[0] == 1 else 0
        is_h264 = context.codec.canonical_name == "h264"
        parameters: set[bytes] = set()
        digest = hashlib.sha256()
        sounds = sounds_of(container)
        sound_digests = {each.index: hashlib.sha256() for each in sounds}
        packets: list[tuple[int | None, bool, bool, bool, bool, bool]] = []
        frames: list[tuple[int | None, int | None, bool, int]] = []
        rotation = 0
        for packet in container.demux([stream, *sounds]):
            data, is_key = bytes(packet), packet.is_keyframe
            if packet.stream_index in sound_digests:
                sound_digests[packet.stream_index].update(data)
                continue
            digest.update(data)
            if is_h264:
                units = [unit for unit in h264_units(data, length_size) if unit]
                is_key = is_key and any(unit[0] & 31 == _IDR for unit in units)
                parameters.update(unit for unit in units if unit[0] & 31 in (_SPS, _PPS) and len(parameters) < 99)
            found, has_failed = decode(packet)
            for frame in found:
                check_pixels(frame.width, frame.height, job["pixels"])
                rotation = rotation or frame.rotation
                frames.append((frame.pts, frame.dts, frame.is_corrupt, frame.width << 32 | frame.height))
            if data:
                packets.append(
                    (packet.pts, is_key, packet.is_corrupt, packet.is_discard, packet.is_disposable, has_failed)
                )
            if max(len(frames), len(packets)) > job["frames"]:
                raise RefusedError(f"it has more than {job['frames']} frames")
        rate = stream.average_rate or stream.guessed_rate
        # AVI counts frame slots, most others guess: only MP4 has a table with a row a frame.
        promised = stream.frames if container.format.name.startswith("mov") else 0
        if stream.time_base is None:
            raise RefusedError("the video has no time base")
        return {
            "stream": stream.index,
            "codec_name": context.codec.canonical_name,
            "pix_fmt": context.pix_fmt,
            "extradata": base64.b64encode(extradata).decode(),
            "parameters": [base64.b64encode(unit).decode() for unit in sorted(parameters)],
            "time_base": [stream.time_base.numerator, stream.time_base.denominator],
            "rate": [rate.numerator, rate.denominator] if rate else [25, 1],
            "width": context.width,
            "height": context.height,
            "rotation": rotation,
            "promised": promised,
            "held": held_packets(job["path"], stream.index) if promised > len(packets) else len(packets),
            "digest": digest.hexdigest(),
            "packets": packets,
            "frames": frames,
            "sounds": [describe_sound(each, sound_digests[each.index].hexdigest()) for each in sounds],
        }


def sounds_of(container: "av.container.InputContainer") -> "list[av.AudioStream]":
    """The streams of sound that say how to read them."""
    return [each for each in container.streams.audio if each.time_base and each.codec_context.sample_rate]


def describe_sound(stream: "av.AudioStream", digest: str) -> dict[str, Any]:
    """What must be known of a stream of sound to decode it later."""
    context = stream.codec_context
    base = stream.time_base or Fraction(1)
    return {
        "stream": stream.index,
        "codec_name": context.codec.canonical_name,
        "extradata": base64.b64encode(context.extradata or b"").decode(),
        "time_base": [base.numerator, base.denominator],
        "rate": context.sample_rate,
        "channels": context.channels,
        "language": stream.language if stream.language not in (None, "und") else None,
        "digest": digest,
    }


def copy_sound(job: dict[str, Any]) -> str:
    """Write the packets of a stream of sound as they are; one without a time begins where the last one ended."""
    digest = hashlib.sha256()
    end = 0
    with open_file(job["path"]) as container:
        for packet in container.demux(container.streams[job["stream"]]):
            if packet.size:
                data, begin, duration = bytes(packet), packet.pts, packet.duration or 0
                digest.update(data)
                begin = end if begin is None else begin
                end = begin + duration
                write_record(b"P", begin, struct.pack("<q", duration) + data)
    return digest.hexdigest()


def held_packets(path: str, stream: int) -> int:
    """Packets that the file holds, also those that its edit list leaves out."""
    with open_file(path, ignore_editlist="1") as container:
        return sum(1 for packet in container.demux(container.streams[stream]) if packet.size)


def check_pixels(width_px: int, height_px: int, most: int) -> None:
    """Refuse a picture that is too large."""
    if width_px * height_px > most:
        raise RefusedError(f"pictures of {width_px} x {height_px} are larger than {most} pixels")


def copy(job: dict[str, Any]) -> str:
    """Write the packets as they are, each by its PTS."""
    digest = hashlib.sha256()
    with open_file(job["path"]) as container:
        for packet in container.demux(container.streams[job["stream"]]):
            if packet.size and packet.pts is not None:
                data = bytes(packet)
                digest.update(data)
                write_record(b"K" if packet.is_keyframe else b"P", packet.pts, data)
    return digest.hexdigest()


def recode(job: dict[str, Any]) -> str:
    """Write the frames as H.264, each by its number; damaged ones as stripes."""
    encoder = open_encoder(job)
    write_record(b"H", 0, encoder.extradata or b"")
    sys.stdout.buffer.flush()
    damaged = set(job["damaged"])
    digest = hashlib.sha256()
    count = 0
    with open_file(job["path"]) as container:
        for packet in container.demux(container.streams[job["stream"]]):
            digest.update(bytes(packet))
            for frame in decode(packet)[0]:
                check_pixels(frame.width, frame.height, job["pixels"])
                picture = stripes(encoder) if count in damaged else even(frame, encoder.width, encoder.height)
                picture.pts, picture.time_base = count, encoder.time_base
                picture.pict_type = av.video.frame.PictureType.I if count % GROUP == 0 else 0
                count += 1
                write_encoded(encoder.encode(picture))
    write_encoded(encoder.encode(None))
    return digest.hexdigest()


def open_encoder(job: dict[str, Any]) -> "av.VideoCodecContext":
    """H.264 in closed groups, for pictures whose sides are even."""
    encoder = av.CodecContext.create("libx264", "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise RefusedError("FFmpeg has no libx264 here")
    encoder.width, encoder.height = job["width"] + job["width"] % 2, job["height"] + job["height"] % 2
    encoder.pix_fmt = "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 25), Fraction(25)
    encoder.gop_size = GROUP
    encoder.options = dict(ENCODER_OPTIONS)
    encoder.flags |= av.codec.context.Flags.global_header | av.codec.context.Flags.closed_gop
    encoder.open()
    return encoder


def write_encoded(packets: "list[av.Packet[Any]]") -> None:
    """Hand over what the encoder gave."""
    for packet in packets:
        if packet.pts is None:
            raise RefusedError("the encoder gave a packet without a number")
        write_record(b"K" if packet.is_keyframe else b"P", packet.pts, bytes(packet))


def even(frame: "av.VideoFrame", width_px: int, height_px: int) -> "av.VideoFrame":
    """A frame in 4:2:0, whose sides are even: an odd one gets its last column or row twice."""
    import numpy as np

    if (frame.width, frame.height) == (width_px, height_px):
        return frame.reformat(format="yuv420p")
    extra_px = (width_px - frame.width, height_px - frame.height)
    if not all(0 <= extra <= 1 for extra in extra_px):  # the size changes within the video
        return frame.reformat(width_px, height_px, "yuv420p")
    pixels = frame.to_ndarray(format="rgb24")
    padded = np.pad(pixels, ((0, extra_px[1]), (0, extra_px[0]), (0, 0)), mode="edge")
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(padded), format="rgb24").reformat(format="yuv420p")


def stripes(encoder: "av.VideoCodecContext") -> "av.VideoFrame":
    """What stands for a damaged frame, and can be taken for no picture: magenta and black, aslant."""
    import numpy as np

    rows, columns = np.ogrid[: encoder.height, : encoder.width]
    is_bright = ((rows + columns) // 12 % 2).astype(np.uint8)
    pixels = is_bright[..., None] * np.array([200, 0, 140], dtype=np.uint8)
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(format="yuv420p")


def impose_limits(job: dict[str, Any]) -> None:
    """No core, no file written, so much memory and so much time of the processor."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_AS, job["memory_bytes"]),
    ):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (job["cpu_s"], job["cpu_s"] + 5))  # the second one kills unsaid


def _main() -> None:
    job: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    impose_limits(job)
    av.logging.set_level(av.logging.PANIC)
    try:
        if job["task"] == "probe":
            write_record(b"H", 0, json.dumps(probe(job)).encode())
            digest = ""
        else:
            digest = {"copy": copy, "recode": recode, "sound": copy_sound}[job["task"]](job)
        write_record(b"E", 0, digest.encode())
    except (av.FFmpegError, MemoryError, ValueError, RefusedError) as error:
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
        write_record(b"X", 0, text.encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()
