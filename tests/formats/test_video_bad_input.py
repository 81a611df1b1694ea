"""A video that is broken, too large, or kills its decoder is one clear error; one with damage says where."""

import os
import time
from pathlib import Path

import av
import numpy as np
import pytest

from tests.formats.video_files import decode, film, number_in, read_one, shown_by_ffmpeg, write_video
from worldline.formats.errors import BrokenFileError, MissingFileError
from worldline.formats.scene import Scene
from worldline.formats.store import stage_scene
from worldline.formats.video import READER, confined
from worldline.formats.video.confined import Limits
from worldline.formats.video.reader import VideoReader
from worldline.formats.video.recode import recoded_packets


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


def spoil(path: Path, number: int) -> None:
    """Overwrite the middle of a packet."""
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(0) if packet.size][number]
        start, size = packet.pos, packet.size
    data = bytearray(path.read_bytes())
    data[start + size // 3 : start + size] = bytes(255 - value for value in data[start + size // 3 : start + size])
    path.write_bytes(data)


@pytest.mark.parametrize(("ending", "codec"), [("mp4", "libx264"), ("avi", "mpeg4"), ("ts", "mpeg2video")])
def test_damaged_frames_are_listed_and_never_shown_as_good(tmp_path: Path, ending: str, codec: str) -> None:
    path = film(tmp_path / f"clip.{ending}", 60, "-vf", "noise=alls=12", "-c:v", codec, "-g", 20, "-bf", 0)
    spoil(path, 25)
    truth = shown_by_ffmpeg(path)
    found = read_one(path)
    facts = found.scene.data.facts
    damaged = set(facts.damaged)
    lost = sum(loss.count for loss in found.skipped if loss.what == "packets without a frame")
    first = 24 if ending == "ts" else 25  # a transport stream is spoilt at its own packets' heads too
    assert sorted(damaged) == list(range(min(damaged), 40 - lost))
    assert min(damaged) in (first, 25)
    (loss,) = [loss for loss in found.skipped if loss.what == "damaged frames"]
    assert loss.count == len(damaged)
    assert loss.why.startswith(f"{min(damaged)}-{max(damaged)}: ")
    stream = found.scene.data.stream("clip")
    frames = decode(stream, found.scene.data.packets("clip"))
    assert [pts for pts, _ in frames] == facts.frame_pts.tolist()
    assert len(frames) == len(truth)
    shown = [number_in(pixels) for _, pixels in frames]
    assert [number for frame, number in enumerate(shown) if frame in damaged] == [-1] * len(damaged)
    assert [n for frame, n in enumerate(shown) if frame not in damaged] == [*range(min(damaged)), *range(40, 60)]


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits_are_an_error_or_a_scene_with_the_frames_that_ffmpeg_shows(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    codec, ending = [("libx264", "mp4"), ("libx265", "mkv"), ("libvpx-vp9", "webm"), ("mpeg4", "avi")][seed]
    path = film(tmp_path / f"clip.{ending}", 30, "-c:v", codec, "-g", 10)
    data = bytearray(path.read_bytes())
    for place in random.integers(len(data) // 4, len(data) * 3 // 4, 6):
        data[place] ^= 1 << int(random.integers(8))
    path.write_bytes(data)
    try:
        found = read_one(path)
        packets = list(found.scene.data.packets("clip"))
    except BrokenFileError as error:
        assert error.path == path
    else:
        assert len(packets) == found.scene.frame_count


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(pixels=64 * 48 - 1), "larger than 3071 pixels"),
        (Limits(frames=39), "more than 39 frames"),
        (Limits(memory_bytes=48 << 20), "decoder failed|that FFmpeg decodes"),
    ],
)
def test_a_video_that_takes_too_much_is_refused(tmp_path: Path, limits: Limits, said: str) -> None:
    path = write_video(tmp_path / "clip.mp4")
    with pytest.raises(BrokenFileError, match=said) as caught:
        list(VideoReader(limits).read(path, "clip"))
    assert caught.value.path == path


def test_encoding_again_has_limits_too(tmp_path: Path) -> None:
    path = film(tmp_path / "clip.avi", 250, "-vf", "scale=1280:-2,noise=alls=30", "-c:v", "mpeg4", "-b:v", "20M")
    facts = read_one(path).scene.data.facts
    for limits, said in (
        (Limits(least_s=1, bytes_per_s=1 << 30, pixels_per_s=1 << 40), "took more than 1 s of the processor"),
        (Limits(patience=0.0001), "took longer than"),
        (Limits(memory_bytes=48 << 20), "decoder failed|that FFmpeg decodes"),
        (Limits(pixels=1000), "larger than 1000 pixels"),
    ):
        with pytest.raises(BrokenFileError, match=said):
            list(recoded_packets(path, facts, limits))


CRASHES = """
import json, os, struct, sys
job = json.loads(sys.stdin.buffer.read())
sys.stdout.buffer.write(struct.pack("<cqI", b"P", 0, 3) + b"abc")
sys.stdout.buffer.flush()
os.abort()
"""
HANGS = """
import os, struct, sys, time
data = str(os.getpid()).encode()
sys.stdout.buffer.write(struct.pack("<cqI", b"P", 0, len(data)) + data)
sys.stdout.buffer.flush()
time.sleep(600)
"""


def test_a_decoder_that_crashes_while_a_scene_is_stored_is_an_error_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "clip.mp4", options={"g": "10"})
    scene = read_one(path).scene
    (tmp_path / "child.py").write_text(CRASHES)
    monkeypatch.setattr(confined, "CHILD", tmp_path / "child.py")
    with pytest.raises(BrokenFileError, match="signal 6") as caught:
        stage_scene(tmp_path, scene)
    assert caught.value.path == path
    assert not (tmp_path / "scenes").exists()


def test_a_decoder_that_nobody_listens_to_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"x")
    (tmp_path / "child.py").write_text(HANGS)
    monkeypatch.setattr(confined, "CHILD", tmp_path / "child.py")
    records = confined.run_child(tmp_path / "clip.mp4", {"task": "copy"})
    process = int(next(records).data)
    os.kill(process, 0)
    records.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    started = time.monotonic()
    with pytest.raises(BrokenFileError, match="took longer than 1 s"):
        list(confined.run_child(tmp_path / "clip.mp4", {"task": "copy"}, Limits(least_s=1, patience=1.0)))
    assert time.monotonic() - started < 20
