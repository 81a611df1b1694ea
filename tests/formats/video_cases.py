"""Numbered videos of every kind that numbers frames in a way of its own."""

from collections.abc import Callable
from pathlib import Path

from tests.formats.video_files import ffmpeg, film

X264 = ("-c:v", "libx264", "-bf", 3, "-g", 20)
OPEN_X264 = "open-gop=1:keyint=10:min-keyint=10:bframes=3:b-adapt=0:scenecut=0"
OPEN_X265 = "log-level=none:open-gop=1:keyint=10:min-keyint=10:bframes=3"
UNEVEN = ("-vf", "settb=1/1000,setpts='N*40+mod(N*N*7\\,33)'", "-enc_time_base", "1:1000")
TURNS = {90: "transpose=2", 180: "hflip,vflip", 270: "transpose=1"}

Make = Callable[[Path], Path]


def encoded(name: str, *options: object, frame_count: int = 40) -> Make:
    """Encoded at once."""
    return lambda folder: film(folder / name, frame_count, *options)


def copied(name: str, options: tuple[object, ...], made: Make, before: tuple[object, ...] = ()) -> Make:
    """The packets of another video in another file."""

    def make(folder: Path) -> Path:
        (folder / "source").mkdir(exist_ok=True)
        ffmpeg(*before, "-i", made(folder / "source"), "-c", "copy", *options, folder / name)
        return folder / name

    return make


def turned(degrees: int, name: str, *options: object) -> Make:
    """Filmed lying, with a flag that says how to turn it."""
    flag = ("-metadata:s:v", f"rotate={degrees}")
    return copied(name, flag, encoded("lies.mp4", "-vf", TURNS[360 - degrees], *options))


def edited(folder: Path) -> Path:
    """An edit list that leaves out frames at both ends."""
    path = film(folder / "edited.mp4", 40, *X264)
    data = bytearray(path.read_bytes())
    entry = data.index(b"elst") + 12
    data[entry : entry + 4] = (800).to_bytes(4, "big")  # ms
    media_time = int.from_bytes(data[entry + 4 : entry + 8], "big") + 12800 // 2
    data[entry + 4 : entry + 8] = media_time.to_bytes(4, "big")
    path.write_bytes(data)
    return path


CASES: dict[str, Make] = {
    "constant rate": encoded("clip.mp4", "-c:v", "libx264", "-bf", 0, "-g", 20),
    "B-frames": encoded("clip.mp4", *X264),
    "B-frames in AVI": encoded("clip.avi", *X264),
    "variable rate in MP4": encoded("clip.mp4", *UNEVEN, *X264),
    "variable rate in Matroska": encoded("clip.mkv", *UNEVEN, *X264),
    "two frames at one time": encoded("clip.mkv", *UNEVEN[:2], *X264),
    "open groups": encoded("clip.mkv", "-c:v", "libx264", "-x264-params", OPEN_X264),
    "cut at an open group": copied(
        "cut.mkv", (), encoded("clip.mkv", "-c:v", "libx264", "-x264-params", OPEN_X264), ("-ss", 0.9)
    ),
    "HEVC cut at an open group": copied(
        "cut.mkv", (), encoded("clip.mkv", "-c:v", "libx265", "-x265-params", OPEN_X265), ("-ss", 0.9)
    ),
    "trimmed by an edit list": copied("trimmed.mp4", (), encoded("clip.mp4", *X264), ("-ss", 0.5)),
    "edited at both ends": edited,
    "delayed by an edit list": copied("late.mp4", ("-output_ts_offset", 2), encoded("clip.mp4", *X264)),
    "negative start, clock turned over": copied("wrap.ts", ("-output_ts_offset", 95442.6), encoded("clip.mp4", *X264)),
    "negative start without times": copied(
        "neg.mkv",
        ("-output_ts_offset", -0.5, "-avoid_negative_ts", "disabled"),
        encoded("clip.mp4", *X264),
    ),
    "negative start cut off": copied(
        "neg.mp4",
        ("-output_ts_offset", -0.5, "-avoid_negative_ts", "disabled"),
        encoded("clip.mp4", *X264),
    ),
    "late start in Matroska": copied("late.mkv", ("-output_ts_offset", 3600), encoded("clip.mp4", *X264)),
    "late start in a transport stream": encoded("clip.ts", *X264),
    "turned by 90": turned(90, "turned.mov", *X264),
    "turned by 180": turned(180, "turned.mov", *X264),
    "turned by 270": turned(270, "turned.mov", *X264),
    "HEVC turned by 90": turned(90, "turned.mp4", "-c:v", "libx265", "-x265-params", "log-level=none"),
    "HEVC": encoded("clip.mp4", "-c:v", "libx265", "-x265-params", "log-level=none"),
    "MPEG-4 part 2": encoded("clip.avi", "-c:v", "mpeg4", "-bf", 2, "-g", 12),
    "ProRes": encoded("clip.mov", "-c:v", "prores_ks", "-pix_fmt", "yuv422p10le"),
    "VP8 with hidden frames": encoded("clip.webm", "-c:v", "libvpx", "-auto-alt-ref", 1, "-lag-in-frames", 16),
    "VP9": encoded("clip.webm", "-c:v", "libvpx-vp9", "-g", 20),
    "AV1": encoded("clip.mp4", "-c:v", "libsvtav1", "-g", 20),
    "sparse key frames": encoded("clip.mp4", "-c:v", "libx264", "-bf", 3, "-g", 250, frame_count=100),
    "intra refresh": encoded(
        "clip.mp4", "-c:v", "libx264", "-x264-params", "intra-refresh=1:keyint=12", frame_count=100
    ),
    "interlaced": encoded("clip.ts", *X264, "-flags", "+ilme+ildct"),
    "no times at all": encoded("clip.h264", *X264),
    "pixels that are not square": encoded("clip.mp4", "-vf", "setsar=4/3", *X264),
}

# The numbers that FFmpeg shows, where they are not 0 to 39.
SHOWN = {
    "cut at an open group": range(10, 40),
    "HEVC cut at an open group": range(10, 40),
    "trimmed by an edit list": range(13, 40),
    "edited at both ends": range(13, 33),
    "negative start cut off": range(13, 40),
    "sparse key frames": range(100),
    "intra refresh": range(100),
}
