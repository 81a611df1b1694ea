"""Sound is kept packet by packet, as the file has it, on the clock of its video."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.formats.video_files import ffmpeg, need_ffmpeg, read_one
from tests.scenes import street_scene
from worldline.formats.errors import FormatError, StoreError
from worldline.formats.sound import Sound, SoundPacket, browser_sound_codec
from worldline.formats.store import StoredScene, open_scene, stage_scene, verify_scene
from worldline.formats.store.layout import BYTES_SHARD


def film(path: Path, *options: object, delay_s: float = 0.0, sounds: int = 1) -> Path:
    need_ffmpeg()
    tones = [
        word for n in range(sounds) for word in ("-itsoffset", delay_s, "-f", "lavfi", "-i", f"sine={440 + n}:d=1")
    ]
    maps = [word for n in range(sounds + 1) for word in ("-map", n)]
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=96x64:r=25:d=1", *tones, *maps, *options, path)
    return path


def packets_by_av(path: Path, number: int = 0) -> list[SoundPacket]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[number]
        return [SoundPacket(bytes(each), each.pts, each.duration or 0) for each in container.demux(stream) if each.size]


@pytest.mark.parametrize(
    ("ending", "codec", "named"),
    [
        ("mp4", "aac", "mp4a.40.2"),
        ("webm", "libopus", "opus"),
        ("mkv", "flac", "flac"),
        ("mov", "pcm_s16le", "pcm-s16"),
    ],
)
def test_packets_are_those_of_the_file(tmp_path: Path, ending: str, codec: str, named: str) -> None:
    need_ffmpeg(codec)
    video = "libvpx" if ending == "webm" else "libx264"
    path = film(tmp_path / f"clip.{ending}", "-c:v", video, "-c:a", codec, "-metadata:s:a:0", "language=deu")
    (sound,) = read_one(path).scene.sounds
    assert (sound.codec, sound.sample_rate_hz, sound.channel_count) == (
        named,
        48000 if codec == "libopus" else 44100,
        1,
    )
    assert sound.language in ("deu", "ger") or ending == "mov"  # QuickTime has names of its own
    assert list(sound.read()) == packets_by_av(path)


def test_sound_stays_where_it_is_beside_the_pictures(tmp_path: Path) -> None:
    path = film(tmp_path / "late.mp4", "-c:a", "aac", delay_s=0.4)
    found = read_one(path).scene
    first = next(found.sounds[0].read())
    assert float(first.pts * found.sounds[0].time_base) == pytest.approx(0.4, abs=0.03)
    assert found.clock.time_ns[0] == 0


def test_every_stream_is_kept_and_a_silent_video_has_none(tmp_path: Path) -> None:
    path = film(tmp_path / "two.mkv", "-c:a", "flac", sounds=2)
    sounds = read_one(path).scene.sounds
    assert [sound.name for sound in sounds] == ["sound_0", "sound_1"]
    assert [list(sound.read()) for sound in sounds] == [packets_by_av(path, 0), packets_by_av(path, 1)]
    assert read_one(film(tmp_path / "silent.mp4", sounds=0)).scene.sounds == ()


def test_a_file_that_changed_is_refused(tmp_path: Path) -> None:
    path = film(tmp_path / "clip.mkv", "-c:a", "flac")
    (sound,) = read_one(path).scene.sounds
    film(path, "-c:a", "flac", delay_s=0.0, sounds=2)
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=96x64:r=25:d=1", "-f", "lavfi", "-i", "sine=999:d=1", "-c:a", "flac", path)
    with pytest.raises(FormatError, match="changed"):
        list(sound.read())


def made_sound(packets: list[SoundPacket]) -> Sound:
    return Sound("sound_0", "aac", "mp4a.40.2", b"\x12\x08", Fraction(1, 44100), 44100, 2, "eng", lambda: iter(packets))


def stored_with(root: Path, packets: list[SoundPacket]) -> StoredScene:
    scene = replace(street_scene(frame_count=4), sounds=(made_sound(packets),))
    return open_scene(stage_scene(root, scene).path)


@pytest.mark.parametrize("size", [0, 1, 1000, BYTES_SHARD // 3])
def test_the_store_gives_back_what_was_put_in(tmp_path: Path, size: int) -> None:
    rng = np.random.default_rng(size)
    packets = [SoundPacket(rng.bytes(size + n % 7 + 1), 1024 * n - 1024, 1024) for n in range(5 if size else 0)]
    stored = stored_with(tmp_path, packets)
    (found,) = stored.scene.sounds
    assert found == made_sound([])
    assert list(found.read()) == packets
    assert stored.path is not None
    verify_scene(stored.path)


def test_a_stored_sound_with_a_lost_file_is_damage_not_silence(tmp_path: Path) -> None:
    stored = stored_with(tmp_path, [SoundPacket(b"abc", 0, 1)])
    assert stored.path is not None
    (file,) = (stored.path / "sounds").rglob("bytes/c/0")
    file.unlink()
    with pytest.raises(StoreError, match="not what was imported"):
        list(stored.scene.sounds[0].read())


def test_the_sound_of_a_film_is_imported_with_it(tmp_path: Path) -> None:
    path = film(tmp_path / "clip.mp4", "-c:a", "aac")
    stored = open_scene(stage_scene(tmp_path, read_one(path).scene).path)
    assert list(stored.scene.sounds[0].read()) == packets_by_av(path)


def test_aac_says_its_kind() -> None:
    assert browser_sound_codec("aac", b"\x2b\x92") == "mp4a.40.5"
    assert browser_sound_codec("ac3", b"") is None
