"""Which frames of a video are not what they were: those that a decoder calls damaged, and those built on them."""

from collections.abc import Sequence
from dataclasses import dataclass

_ONE_PACKET_A_FRAME = ("h264", "hevc")
_MOST_HIDDEN = 0.25
"""More packets than this without a picture are the way the video is made, not damage."""


@dataclass(frozen=True, slots=True)
class ProbedPacket:
    """A packet, as the child saw it.

    Attributes:
        pts: None where it has none.
        is_key: A decoder can begin there.
        is_corrupt: Its container says so.
        is_discard: Not to be shown, by the edit list.
        is_disposable: No other packet builds on it.
        has_failed: The decoder refused it.
    """

    pts: int | None
    is_key: bool
    is_corrupt: bool
    is_discard: bool
    is_disposable: bool
    has_failed: bool


@dataclass(frozen=True, slots=True)
class Damage:
    """What is damaged.

    Attributes:
        frames: Numbers of frames that are there and damaged.
        lost_count: Packets that should have given a frame and gave none.
    """

    frames: tuple[int, ...]
    lost_count: int


def find_damage(
    codec_name: str, packets: Sequence[ProbedPacket], frame_pts: Sequence[int | None], is_corrupt: Sequence[bool]
) -> Damage:
    """Damage, and how it spreads: from a packet to all after it that are not decoded from a later key packet.

    Args:
        codec_name: FFmpeg's name.
        packets: In decode order.
        frame_pts: Of each decoded frame.
        is_corrupt: Of each decoded frame, by the decoder.
    """
    frame_of = {pts: frame for frame, pts in enumerate(frame_pts) if pts is not None}
    bad = {frame for frame, corrupt in enumerate(is_corrupt) if corrupt}
    lost = _lost(codec_name, packets, frame_of)
    has_spread, is_spreading, key_pts = False, False, None
    for number, packet in enumerate(packets):
        frame = frame_of.get(packet.pts) if packet.pts is not None else None
        is_hurt = packet.is_corrupt or packet.has_failed or number in lost or frame in bad
        if packet.is_key:
            has_spread, is_spreading, key_pts = is_spreading, False, packet.pts
        # Shown before its key packet: it may build on the group before.
        leads = has_spread and None not in (packet.pts, key_pts) and packet.pts < key_pts  # type: ignore[operator]
        if frame is not None and (is_hurt or is_spreading or leads):
            bad.add(frame)
        is_spreading = is_spreading or (is_hurt and not packet.is_disposable)
    return Damage(tuple(sorted(bad)), len(lost))


def _lost(codec_name: str, packets: Sequence[ProbedPacket], frame_of: dict[int, int]) -> set[int]:
    """Packets whose frame did not come, though it should have."""
    first = min(frame_of, default=0)
    hidden = {
        number
        for number, packet in enumerate(packets)
        if packet.pts is not None and packet.pts not in frame_of and packet.pts > first and not packet.is_discard
    }
    failed = {number for number, packet in enumerate(packets) if packet.has_failed}
    is_odd = codec_name in _ONE_PACKET_A_FRAME and len(hidden) <= _MOST_HIDDEN * len(packets)
    return hidden | failed if failed or is_odd else set()


def as_ranges(numbers: Sequence[int]) -> str:
    """Numbers for people: ``3-5, 9``."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
