"""Frame n of a video is its n-th decoded frame, at its own PTS, whatever the file says."""

import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.shared_data import shared_data
from worldline.formats.errors import BrokenFileError, MissingFileError
from worldline.formats.registry import ReadScene, find_format
from worldline.formats.scene import Packet, Scene, VideoStream
from worldline.formats.store import StoredScene, open_scene, stage_scene
from worldline.formats.video import READER
from worldline.formats.video.codec import browser_codec, split_units, to_lengths

OPEN_GROUPS = "open-gop=1:keyint=10:min-keyint=10:bframes=3:b-adapt=0:scenecut=0"
REAL = {
    "bikes.mp4": 250,
    "bigbuckbunny.mp4": 132,
    "car_traffic_small.mp4": 917,
    "carphone_pristine.mp4": 120,
    "scene_cuts.mp4": 250,
}


def read_one(path: Path) -> ReadScene:
    (found,) = READER.read(path, "clip")
    return found


def write_video(
    path: Path,
    frame_count: int = 40,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (64, 48),
    pts: list[int] | None = None,
    options: dict[str, str] | None = None,
    pix_fmt: str = "yuv420p",
    corner: bool = False,
) -> Path:
    """A video whose frame n has the gray value 4 * n, with a white corner at the top left if asked for."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(frame_count):
            pixels = np.full((size[1], size[0], 3), 4 * (number % 60), np.uint8)
            if corner:
                pixels[: size[1] // 3, : size[0] // 3] = 255
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = pts[number] if pts else 40 * number
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def decoded_times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [frame.pts * stream.time_base for frame in container.decode(stream)]


def decode(stream: VideoStream, packets: Iterator[Packet]) -> list[tuple[int, np.ndarray]]:
    """What a decoder makes of packets, as a browser would get them."""
    context = av.CodecContext.create({"av1": "libdav1d"}.get(stream.codec_name, stream.codec_name), "r")
    context.extradata = stream.extradata or None
    frames = []
    for packet in [*packets, None]:
        sent = None
        if packet is not None:
            sent = av.Packet(packet.data)
            sent.pts = sent.dts = packet.pts
            sent.time_base = stream.time_base
        frames += [(frame.pts, frame.to_ndarray(format="gray")) for frame in context.decode(sent)]
    return frames


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
    assert stored.document.cameras[0].index is not None
    assert stored.document.cameras[0].index.size == [len(packet.data) for packet in packets]


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
            {"options": {"x264-params": OPEN_GROUPS}},
            "are open",
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


@pytest.mark.parametrize("turn_deg", [90, 180, 270])
def test_a_turned_video_says_how_to_turn_it(tmp_path: Path, turn_deg: int) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs the program ffmpeg, which writes and shows a turned video")
    flat, turned = write_video(tmp_path / "flat.mp4", 5, corner=True), tmp_path / "turned.mov"
    ffmpeg = ["ffmpeg", "-v", "error", "-i"]
    subprocess.run([*ffmpeg, flat, "-c", "copy", "-metadata:s:v", f"rotate={turn_deg}", turned], check=True)
    shown = subprocess.run(
        [*ffmpeg, turned, "-f", "rawvideo", "-pix_fmt", "gray", "-"], check=True, capture_output=True
    )
    scene = read_one(turned).scene
    camera, stream = scene.cameras[0], scene.data.stream("turned")
    assert (stream.width_px, stream.height_px) == (64, 48)
    assert stream.rotation_deg != 0
    upright = np.frombuffer(shown.stdout, np.uint8).reshape(5, camera.height_px, camera.width_px)
    for (_, coded), picture in zip(decode(stream, scene.data.packets("turned")), upright, strict=True):
        found = np.rot90(coded, -stream.rotation_deg // 90)
        assert np.abs(found.astype(int) - picture).mean() < 3


def broken_files(tmp_path: Path) -> dict[str, Path]:
    good = write_video(tmp_path / "good.mp4", options={"g": "10"}).read_bytes()
    fast = tmp_path / "fast.mp4"
    with (
        av.open(str(tmp_path / "good.mp4")) as source,
        av.open(str(fast), "w", options={"movflags": "faststart"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    files = {
        "empty": b"",
        "text": b"this is no video\n" * 50,
        "playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\ngood.mp4\n#EXT-X-ENDLIST\n",
        "without_end": good[: len(good) // 2],
        "cut": fast.read_bytes()[:-300],
    }
    for name, data in files.items():
        (tmp_path / f"{name}.mp4").write_bytes(data)
    return {name: tmp_path / f"{name}.mp4" for name in files}


@pytest.mark.parametrize("name", ["empty", "text", "playlist", "without_end", "cut"])
def test_a_broken_video_is_one_clear_error(tmp_path: Path, name: str) -> None:
    path = broken_files(tmp_path)[name]
    assert READER.recognise(path)
    with pytest.raises(BrokenFileError) as caught:
        list(READER.read(path, "clip"))
    assert str(path) in str(caught.value)
    assert caught.value.fix


def test_a_missing_video_or_one_of_sound_only_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        list(READER.read(tmp_path / "nothing.mp4", "clip"))
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(BrokenFileError, match="there is no video in the file"):
        list(READER.read(path, "clip"))


def test_a_file_that_changes_after_it_was_looked_at_is_an_error(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", 40, options={"g": "10"})
    scene: Scene = read_one(path).scene
    write_video(path, 30, options={"g": "10"})
    with pytest.raises(BrokenFileError, match="changed"):
        stage_scene(tmp_path, scene)
    assert not (tmp_path / "scenes").exists()


def test_the_registry_knows_it() -> None:
    assert find_format("video").reader is READER


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
