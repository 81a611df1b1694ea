"""Sound that belongs to a recording: encoded packets, kept as they are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class SoundPacket:
    """An encoded stretch of sound, in decode order.

    Attributes:
        data: Its bytes.
        pts: When it begins, in the sound's time base and on the clock of the video it came with.
        duration: How long it lasts, in the time base; 0 where the file does not say.
    """

    data: bytes
    pts: int
    duration: int


@dataclass(frozen=True, slots=True)
class Sound:
    """A stream of sound, and where its packets come from.

    Attributes:
        name: Unique in the scene.
        codec_name: FFmpeg's name, as ``aac``.
        codec: WebCodecs' string, as ``mp4a.40.2``; None where browsers have no name for it.
        extradata: The codec's configuration; empty where it has none.
        time_base: Seconds per unit of PTS.
        sample_rate_hz: Samples a second.
        channel_count: Channels.
        language: As the file says it (ISO 639-2), None where it does not.
        read: Gives the packets, anew each time.
    """

    name: str
    codec_name: str
    codec: str | None
    extradata: bytes
    time_base: Fraction
    sample_rate_hz: int
    channel_count: int
    language: str | None
    read: Callable[[], Iterator[SoundPacket]] = field(compare=False, repr=False)


def browser_sound_codec(codec_name: str, extradata: bytes) -> str | None:
    """WebCodecs' string of a codec that FFmpeg names; None where there is none.

    See the WebCodecs codec registry. The kind of AAC stands in the first five bits of its configuration.
    """
    if codec_name == "aac":
        kind = extradata[0] >> 3 if extradata else 2
        return f"mp4a.40.{kind}" if 0 < kind < 31 else "mp4a.40.2"
    names = {
        "opus": "opus",
        "mp3": "mp3",
        "flac": "flac",
        "vorbis": "vorbis",
        "pcm_s16le": "pcm-s16",
        "pcm_u8": "pcm-u8",
    }
    return names.get(codec_name)
