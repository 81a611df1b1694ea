"""Benchmarks: the page names every program, and what they measure is what they say it is."""

import importlib
import re
from pathlib import Path

import pytest

from tests.shared_data import shared_data

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def recordings(monkeypatch: pytest.MonkeyPatch):
    """The module, found as a program beside it finds it."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("recordings")


def test_the_page_has_a_section_for_every_program_and_for_nothing_else() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    named = re.findall(r"^## .*`python (benchmarks/\w+\.py)`$", page, re.MULTILINE)
    programs = [path for path in (ROOT / "benchmarks").glob("*.py") if "\ndef main" in path.read_text()]
    assert sorted(named) == sorted(path.relative_to(ROOT).as_posix() for path in programs)


def test_repeated_frames_have_the_same_points_and_labels(recordings, tmp_path: Path) -> None:
    from worldline.formats.registry import find_format

    shared_data("kitti_tracking_0001")
    read = find_format("kitti-tracking").reader.read
    (once,) = read(recordings.LABELLED, "once")
    (twice,) = read(recordings.repeat_labelled(tmp_path / "twice", 2), "twice")
    count, lidar = once.scene.frame_count, once.scene.lidars[0].name
    assert twice.scene.frame_count == 2 * count
    for frame in range(2 * count):
        own, first = (each.scene.data.sweep(lidar, at).xyz_m for each, at in ((twice, frame), (once, frame % count)))
        assert own.tobytes() == first.tobytes()
    boxes = {
        name: [
            [key.shape for key in track.keyframes if key.frame // count == visit]
            for track in read_scene.scene.labels.tracks
            for visit in range(visits)
        ]
        for name, read_scene, visits in (("once", once, 1), ("twice", twice, 2))
    }
    assert sorted(map(repr, boxes["twice"])) == sorted(map(repr, boxes["once"] * 2))


def test_the_ten_hz_clip_becomes_a_recording_of_consecutive_frames(recordings, tmp_path: Path) -> None:
    from worldline.formats.registry import find_format

    shared_data("kitti_raw_10hz")
    (clip,) = find_format("kitti-tracking").reader.read(recordings.link_ten_hz(tmp_path / "clip"), "clip")
    assert clip.scene.frame_count == 30
    assert set(clip.scene.clock.time_ns[1:] - clip.scene.clock.time_ns[:-1]) == {100_000_000}
