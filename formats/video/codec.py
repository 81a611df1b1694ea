"""Codec strings that a browser understands (RFC 6381), and H.264 as MP4 holds it.

H.264 has two forms: units with start codes (Annex B), and units with their length before them,
whose parameters stand apart in an avcC record. The second is what is made here.
"""

import re
import struct

from worldline.formats.errors import BrokenFileError

_START_CODE = re.compile(rb"\x00\x00\x01")
_SPS, _PPS, _DELIMITER = 7, 8, 9
_BROWSER_PIXELS = ("yuv420p", "yuvj420p")
_H264_PROFILES = (66, 77, 88, 100)
_VP9_LEVELS = ((36864, 10), (73728, 11), (122880, 20), (245760, 21), (552960, 30), (983040, 31), (2228224, 40))
_VP9_LARGE = ((8912896, 50), (35651584, 60))


def browser_codec(codec_name: str, pix_fmt: str, extradata: bytes, width_px: int, height_px: int) -> str | None:
    """The codec string of a stream that a browser decodes as it is, else None.

    Args:
        codec_name: FFmpeg's name.
        pix_fmt: FFmpeg's name of the pixels.
        extradata: The codec's configuration.
        width_px: Coded.
        height_px: Coded.
    """
    if pix_fmt not in _BROWSER_PIXELS:
        return None
    if codec_name == "h264" and len(extradata) >= 7 and extradata[0] == 1 and extradata[1] in _H264_PROFILES:
        return avc_codec(extradata)
    if codec_name == "vp8":
        return "vp8"
    if codec_name == "vp9":
        area = width_px * height_px
        level = next((level for most, level in _VP9_LEVELS + _VP9_LARGE if area <= most), 62)
        return f"vp09.00.{level:02d}.08"
    if codec_name == "av1" and len(extradata) >= 4 and extradata[0] == 0x81 and extradata[1] >> 5 == 0:
        tier = "H" if extradata[2] & 0x80 else "M"
        return f"av01.0.{extradata[1] & 31:02d}{tier}.08"
    return None


def as_avcc(codec_name: str, extradata: bytes) -> bytes:
    """The configuration of a stream, that of H.264 with start codes as an avcC record where it has parameters."""
    if codec_name != "h264" or not extradata.startswith((b"\0\0\1", b"\0\0\0\1")):
        return extradata
    try:
        return avcc_of(extradata)
    except BrokenFileError:
        return extradata


def avc_codec(avcc: bytes) -> str:
    """The codec string of an avcC record."""
    return f"avc1.{avcc[1]:02x}{avcc[2]:02x}{avcc[3]:02x}"


def split_units(data: bytes) -> list[bytes]:
    """The units of H.264 with start codes."""
    codes = list(_START_CODE.finditer(data))
    ends = [*(code.start() for code in codes[1:]), len(data)][: len(codes)]
    units = (data[code.end() : end].rstrip(b"\0") for code, end in zip(codes, ends, strict=True))
    return [unit for unit in units if unit]


def avcc_of(parameters: bytes) -> bytes:
    """The avcC record of parameters with start codes.

    Raises:
        BrokenFileError: There is no sequence or picture parameter set.
    """
    units = split_units(parameters)
    sequence = [unit for unit in units if unit[0] & 31 == _SPS]
    picture = [unit for unit in units if unit[0] & 31 == _PPS]
    if not sequence or not picture or len(sequence[0]) < 4:
        raise BrokenFileError("an H.264 stream without parameter sets")
    record = bytes([1, *sequence[0][1:4], 0xFF, 0xE0 | len(sequence)])
    record += b"".join(struct.pack(">H", len(unit)) + unit for unit in sequence)
    record += bytes([len(picture)]) + b"".join(struct.pack(">H", len(unit)) + unit for unit in picture)
    if sequence[0][1] >= 100:
        record += bytes([0xFC | 1, 0xF8, 0xF8, 0])  # 4:2:0, 8 bits, no extensions
    return record


def to_lengths(data: bytes) -> bytes:
    """A packet with start codes as one with lengths; parameters stand in the avcC record."""
    units = [unit for unit in split_units(data) if unit[0] & 31 not in (_SPS, _PPS, _DELIMITER)]
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units)
