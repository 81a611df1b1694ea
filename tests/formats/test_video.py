"""Frame n of a video is its n-th decoded frame, at its own PTS, whatever the file says."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.formats.video_files import decode, decoded_times, read_one, write_video
from tests.shared_data import shared_data
from worldline.formats.registry import find_format
from worldline.formats.scene import Packet
from worldline.formats.store import StoredScene, open_scene, stage_scene
from worldline.formats.video import READER

OPEN_GROUPS = "open-gop=1:keyint=10:min-keyint=10:bframes=3:b-adapt=0:scenecut=0"
REAL = {
    "bikes.mp4": 250,
    "bigbuckbunny.mp4": 132,
    "car_traffic_small.mp4": 917,
    "carphone_pristine.mp4": 120,
    "scene_cuts.mp4": 250,
}


def assert_every_frame_is_found(stored: StoredScene, camera: str) -> None:
    """From the nearest key packet, any frame is decoded, and it is the frame of a whole decode."""
    index, stream = stored.video_index(camera), stored.stream(camera)
    packets = list(stored.scene.data.packets(camera))
    whole = decode(stream, iter(packets))
    assert [pts for pts, _ in whole] == sorted(index.pts)
    packet_of_frame = {frame: number for number, frame in enumerate(index.frame)}
    for frame in {0, 1, len(packets) // 2, len(packets) - 1, *range(0, len(packets), 37)}:
        number = packet_of_frame[frame]
        start = max(key for key in range(number + 1) if index.key[key])
        found = dict(decode(stream, iter(packets[start : number + 20])))
        assert np.array_equal(found[index.pts[number]], whole[frame][1])


@pytest.mark.parametrize("name", REAL)
def test_real_videos_are_indexed_by_presentation(tmp_path: Path, name: str) -> None:
    path = shared_data("video", name)
    found = read_one(path)
    times = decoded_times(path)
    assert found.scene.frame_count == len(times) == REAL[name]
    assert found.scene.clock.time_ns.tolist() == [round(time * 1_000_000_000) for time in times]
    stored = open_scene(stage_scene(tmp_path, found.scene).path)
    assert stored.ready_frame_count == REAL[name]
    camera = stored.scene.cameras[0]
    stream = stored.stream(camera.name)
    by_frame = sorted(zip(stored.video_index(camera.name).frame, stored.video_index(camera.name).pts, strict=True))
    assert [pts * stream.time_base for _, pts in by_frame] == times
    assert_every_frame_is_found(stored, camera.name)
    assert bool(found.skipped) == (name != "bikes.mp4")


def test_packets_of_a_good_video_are_stored_as_they_are(tmp_path: Path) -> None:
    path = shared_data("video", "bikes.mp4")
    found = read_one(path)
    assert found.skipped == ()
    stored = open_scene(stage_scene(tmp_path, found.scene).path)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stored.stream("bikes").extradata == stream.codec_context.extradata
        packets = [
            Packet(bytes(packet), packet.pts, packet.is_keyframe) for packet in container.demux(0) if packet.size
        ]
    assert list(stored.scene.data.packets("bikes")) == packets
    parts = stored.packet_bytes("bikes", 3, 20)
    assert b"".join(part.read() for part in parts) == b"".join(packet.data for packet in packets[3:23])
    assert list(stored.video_index("bikes").size) == [len(packet.data) for packet in packets]


@pytest.mark.parametrize(
    ("ending", "codec", "string"),
    [
        ("mp4", "libx264", "avc1.64"),
        ("ts", "libx264", "avc1.64"),
        ("mkv", "libx264", "avc1.64"),
        ("webm", "libvpx", "vp8"),
        ("webm", "libvpx-vp9", "vp09.00.10.08"),
        ("mp4", "libsvtav1", "av01.0.0"),
    ],
)
def test_codecs_of_browsers_are_taken_as_they_are(tmp_path: Path, ending: str, codec: str, string: str) -> None:
    options = {"g": "20", "bf": "2"} if codec == "libx264" else {"g": "20"}
    if codec == "libvpx":
        options |= {"auto-alt-ref": "0"}
    path = write_video(tmp_path / f"clip.{ending}", codec=codec, options=options)
    found = read_one(path)
    assert found.skipped == ()
    assert found.scene.data.stream("clip").codec.startswith(string)
    stored = open_scene(stage_scene(tmp_path, found.scene).path)
    assert_every_frame_is_found(stored, "clip")
    assert stored.frame_count == 40


@pytest.mark.parametrize(
    ("case", "arguments", "why"),
    [
        ("hevc.mp4", {"codec": "libx265", "options": {"x265-params": "log-level=none"}}, "do not decode hevc"),
        ("xvid.avi", {"codec": "mpeg4"}, "do not decode mpeg4"),
        ("sparse.mp4", {"frame_count": 90, "options": {"g": "250"}}, "90 frames apart, more than 64"),
        (
            "open.mp4",
            {"frame_count": 90, "options": {"x264-params": OPEN_GROUPS}},
            "90 frames apart, more than 64",
        ),
        ("yuv444.mp4", {"pix_fmt": "yuv444p"}, "do not decode h264 yuv444p"),
        ("odd.mkv", {"codec": "ffv1", "size": (51, 37)}, "do not decode ffv1"),
        ("animation.gif", {"codec": "gif", "pix_fmt": "rgb8"}, "do not decode gif"),
    ],
)
def test_other_videos_are_encoded_again_at_the_same_times(
    tmp_path: Path, case: str, arguments: dict[str, object], why: str
) -> None:
    path = write_video(tmp_path / case, **arguments)  # type: ignore[arg-type]
    found = read_one(path)
    assert why in found.skipped[0].why
    assert found.skipped[0].count == found.scene.frame_count
    times = decoded_times(path)
    assert found.scene.clock.time_ns.tolist() == [round(time * 1_000_000_000) for time in times]
    camera = found.scene.reference
    stored = open_scene(stage_scene(tmp_path, found.scene).path)
    index, stream = stored.video_index(camera), stored.stream(camera)
    assert sorted(pts * stream.time_base for pts in index.pts) == times
    keys = np.flatnonzero(index.key)
    assert np.diff(keys).max(initial=0) <= 30
    assert_every_frame_is_found(stored, camera)
    for frame, (_, pixels) in enumerate(decode(stream, stored.scene.data.packets(camera))):
        assert abs(float(pixels.mean()) - _gray(path, frame)) < 4


def _gray(path: Path, number: int) -> float:
    with av.open(str(path)) as container:
        for frame, found in enumerate(container.decode(video=0)):
            if frame == number:
                return float(found.to_ndarray(format="gray").mean())
    raise IndexError(number)


def test_two_reads_of_one_file_give_the_same_bytes(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mkv", codec="ffv1")
    first, second = (list(read_one(path).scene.data.packets("clip")) for _ in range(2))
    assert first == second


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    pts = [0, 7, 50, 51, 1000, 1003, 2500, 2501, 2502, 9000]
    path = write_video(tmp_path / "clip.mkv", len(pts), pts=pts)
    assert read_one(path).scene.clock.time_ns.tolist() == [1_000_000 * value for value in pts]


def test_the_registry_knows_it() -> None:
    assert find_format("video").reader is READER
