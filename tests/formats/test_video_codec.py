"""Codec strings, start codes, times that are mended, and how damage spreads."""

from hypothesis import given
from hypothesis import strategies as st

from worldline.formats.video.codec import browser_codec, split_units, to_lengths
from worldline.formats.video.damage import ProbedPacket, as_ranges, find_damage
from worldline.formats.video.times import settle_times

TIMES = st.lists(st.one_of(st.none(), st.integers(-50, 3000)), min_size=1, max_size=60)


def test_units_with_start_codes_become_units_with_lengths() -> None:
    data = b"\0\0\0\1\x09\x10" + b"\0\0\0\1\x67abc" + b"\0\0\1\x65xyz\0\0\1\x41end\0"
    assert split_units(data) == [b"\x09\x10", b"\x67abc", b"\x65xyz", b"\x41end"]
    assert to_lengths(data) == b"\0\0\0\4\x65xyz\0\0\0\4\x41end"


def test_only_what_a_browser_decodes_has_a_codec_string() -> None:
    avcc = bytes.fromhex("01640015ffe1")
    assert browser_codec("h264", "yuv420p", avcc + b"\0\0", 64, 48) == "avc1.640015"
    assert browser_codec("h264", "yuv420p10le", avcc + b"\0\0", 64, 48) is None
    assert browser_codec("vp9", "yuv420p", b"", 1920, 1080) == "vp09.00.40.08"
    assert browser_codec("hevc", "yuv420p", b"", 64, 48) is None
    assert split_units(b"no start code") == []


@given(TIMES)
def test_mended_times_increase_and_keep_what_was_good(pts: list[int | None]) -> None:
    times, estimated = settle_times(pts, [None] * len(pts), 40.0)
    kept = [frame for frame in range(len(pts)) if frame not in set(estimated)]
    assert len(kept) >= min(1, sum(pts_of is not None for pts_of in pts))
    if times is not None:
        assert all(early < late for early, late in zip(times.tolist(), times.tolist()[1:], strict=False))
        assert [times[frame] for frame in kept] == [pts[frame] for frame in kept]


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=60, unique=True).map(sorted))
def test_times_that_increase_stay_as_they_are(pts: list[int]) -> None:
    times, estimated = settle_times(pts, [None] * len(pts), 40.0)
    assert times is not None
    assert (times.tolist(), estimated) == (pts, ())


def test_missing_times_are_put_between_their_neighbours() -> None:
    times, estimated = settle_times([None, None, 100, 140, None, 220, None], [None] * 7, 40.0)
    assert times is not None
    assert (times.tolist(), estimated) == ([20, 60, 100, 140, 180, 220, 260], (0, 1, 4, 6))
    assert settle_times([5, 6, 6, 7], [None] * 4, 1.0)[0] is None
    none, all_of_them = settle_times([None] * 3, [None] * 3, 3003.0)
    assert none is not None
    assert (none.tolist(), all_of_them) == ([0, 3003, 6006], (0, 1, 2))


def packet(pts: int, *, key: bool = False, failed: bool = False, disposable: bool = False) -> ProbedPacket:
    return ProbedPacket(pts, key, False, False, disposable, failed)


def test_damage_spreads_to_the_next_key_packet_and_what_is_shown_before_it() -> None:
    packets = [packet(0, key=True), packet(1), packet(2), packet(5, key=True), packet(3), packet(4), packet(6)]
    damage = find_damage("h264", packets, [0, 1, 2, 3, 4, 5, 6], [False, True, False, False, False, False, False])
    assert damage.frames == (1, 2, 3, 4)
    disposable = [packet(0, key=True), packet(2), packet(1, disposable=True), packet(3)]
    assert find_damage("h264", disposable, [0, 1, 2, 3], [False, True, False, False]).frames == (1,)
    lost = [packet(0, key=True), packet(1, failed=True), packet(2), packet(3, key=True)]
    found = find_damage("mpeg4", lost, [0, 2, 3], [False] * 3)
    assert (found.frames, found.lost_count) == ((1,), 1)


def test_frames_are_named_as_people_name_them() -> None:
    assert as_ranges([3, 4, 5, 9, 11, 12]) == "3-5, 9, 11-12"
