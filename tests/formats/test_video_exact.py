"""By pixels: frame n of a scene is the n-th frame that FFmpeg and PyAV show, however the file numbers them."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.formats.video_cases import CASES, SHOWN
from tests.formats.video_files import decode, number_in, read_one, shown_by_ffmpeg
from worldline.formats.scene import Packet, VideoStream

COPIED = {
    "constant rate",
    "B-frames",
    "variable rate in MP4",
    "variable rate in Matroska",
    "open groups",
    "delayed by an edit list",
    "negative start, clock turned over",
    "late start in Matroska",
    "late start in a transport stream",
    "turned by 90",
    "turned by 180",
    "turned by 270",
    "VP9",
    "AV1",
    "interlaced",
    "pixels that are not square",
    "VP8 with hidden frames",
}


def upright(pixels: np.ndarray, stream: VideoStream) -> np.ndarray:
    return np.rot90(pixels, -stream.rotation_deg // 90)


def shown_by_pyav(path: Path) -> tuple[list[int], list[int | None]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        turned = [np.rot90(frame.to_ndarray(format="gray"), round(frame.rotation / 90)) for frame in frames]
        return [number_in(each) for each in turned], [frame.pts for frame in frames]


@pytest.mark.parametrize("case", CASES)
def test_frame_n_is_the_nth_that_ffmpeg_shows(tmp_path: Path, case: str) -> None:
    path = CASES[case](tmp_path)
    truth = shown_by_ffmpeg(path)
    by_pyav, pts = shown_by_pyav(path)
    assert truth == by_pyav == list(SHOWN.get(case, range(40)))
    found = read_one(path)
    scene, camera = found.scene, found.scene.cameras[0]
    stream, packets = scene.data.stream(camera.name), list(scene.data.packets(camera.name))
    assert scene.frame_count == len(truth)
    assert packets[0].is_key
    whole = decode(stream, iter(packets))
    frame_pts = scene.data.facts.frame_pts.tolist()
    assert [time for time, _ in whole] == frame_pts == sorted(packet.pts for packet in packets)
    assert [number_in(upright(pixels, stream)) for _, pixels in whole] == truth
    assert (camera.height_px, camera.width_px) == upright(whole[0][1], stream).shape
    if None not in pts and np.all(np.diff(pts) > 0):
        assert frame_pts == pts
    else:
        assert any(loss.what == "frame times" for loss in found.skipped)
    assert (not any("encoded again" in loss.what for loss in found.skipped)) == (case in COPIED)
    assert_found_from_key_packets(stream, packets, dict(zip(frame_pts, truth, strict=True)))


def assert_found_from_key_packets(stream: VideoStream, packets: list[Packet], numbers: dict[int, int]) -> None:
    """Decoding from any key packet gives the frames of its group, right from the first."""
    keys = [number for number, packet in enumerate(packets) if packet.is_key]
    for start, end in zip(keys, [*keys[1:], len(packets)], strict=True):
        assert end - start <= 64
        group = decode(stream, iter(packets[start:end]))
        assert [time for time, _ in group] == sorted(packet.pts for packet in packets[start:end])
        assert [number_in(upright(pixels, stream)) for _, pixels in group] == [numbers[time] for time, _ in group]
