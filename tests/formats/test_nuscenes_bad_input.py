"""What is wrong with a nuScenes source is said once, with the table, the token and what to do."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.scenes import street_scene
from tests.shared_data import shared_data
from worldline.formats.errors import BrokenFileError, FormatError, LabelError, MissingFileError, OutsideRootError
from worldline.formats.registry import find_format

Rows = list[dict[str, Any]]
NUSCENES = find_format("nuscenes")


def rows(table: str, change: Callable[[Rows], object]) -> Callable[[Path], object]:
    """A change to a table."""

    def apply(out: Path) -> None:
        path = out / "v1.0-worldline" / f"{table}.json"
        values = json.loads(path.read_text())
        change(values)
        path.write_text(json.dumps(values))

    return apply


def text(table: str, change: Callable[[str], str]) -> Callable[[Path], object]:
    """A change to a table's text."""

    def apply(out: Path) -> None:
        path = out / "v1.0-worldline" / f"{table}.json"
        path.write_text(change(path.read_text()))

    return apply


def cloud(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """A change to the second cloud."""

    def apply(out: Path) -> None:
        path = sorted((out / "samples" / "LIDAR_TOP").iterdir())[1]
        path.write_bytes(change(path.read_bytes()))

    return apply


def first(**values: Any) -> Callable[[Rows], object]:
    return lambda table: table[0].update(values)


def camera(**values: Any) -> Callable[[Rows], object]:
    return lambda table: table[1].update(values)


def shrink(out: Path) -> None:
    """Make the second image of the camera smaller."""
    Image.new("RGB", (8, 8)).save(sorted((out / "samples" / "CAM_FRONT").iterdir())[1])


CASES = [
    ("table missing", lambda out: (out / "v1.0-worldline" / "map.json").unlink(), MissingFileError, "table is missing"),
    ("table cut off", text("sample", lambda t: t[:-20]), BrokenFileError, "line .*JSON"),
    ("table empty", text("sample", lambda _: ""), BrokenFileError, "line 1.*JSON"),
    ("no list", text("sample", lambda _: "{}"), BrokenFileError, "expected a list"),
    ("no token", rows("sample", lambda t: t[0].pop("token")), BrokenFileError, "record 0"),
    ("token twice", rows("sample", lambda t: t.append(t[0])), BrokenFileError, "token stands twice"),
    ("no scenes", rows("scene", lambda t: t.clear()), BrokenFileError, "no scenes"),
    ("chain broken", rows("sample", first(next="nowhere")), BrokenFileError, "names sample 'nowhere'"),
    ("chain in a circle", rows("sample", lambda t: t[2].update(next=t[0]["token"])), BrokenFileError, "leads back"),
    ("chain too short", rows("sample", lambda t: t[2].update(next="")), BrokenFileError, "says it has 6 samples"),
    ("no instance", rows("instance", lambda t: t.pop(0)), BrokenFileError, "names instance"),
    ("no sensor", rows("sensor", lambda t: t.pop(0)), BrokenFileError, "names sensor"),
    ("no ego pose", rows("ego_pose", lambda t: t.pop(0)), BrokenFileError, "names ego_pose"),
    ("unknown category", rows("category", lambda t: [r.update(name="ufo") for r in t]), LabelError, "token .*'ufo'"),
    ("impossible size", rows("sample_annotation", first(size=[1, 0, 1])), LabelError, "token .*impossible size"),
    ("infinite size", rows("sample_annotation", first(size=[1, float("inf"), 1])), BrokenFileError, "token .*finite"),
    ("no rotation", rows("sample_annotation", first(rotation=[2, 0, 0, 0])), BrokenFileError, "token .*norm 1"),
    (
        "twice in a sample",
        rows("sample_annotation", lambda t: t.insert(1, {**t[0], "token": "x"})),
        LabelError,
        "twice",
    ),
    ("pose with NaN", rows("ego_pose", first(translation=[0, float("nan"), 0])), BrokenFileError, "token .*finite"),
    ("no rotation of a sensor", rows("calibrated_sensor", first(rotation=[0] * 4)), BrokenFileError, "norm 1"),
    ("singular lens", rows("calibrated_sensor", camera(camera_intrinsic=[[0] * 3] * 3)), BrokenFileError, "fx 0 cx"),
    ("no lens", rows("calibrated_sensor", camera(camera_intrinsic=[])), BrokenFileError, "3 rows"),
    ("time of words", rows("sample", first(timestamp="noon")), BrokenFileError, "timestamp must be a finite number"),
    ("time beyond all", rows("sample", first(timestamp=10**400)), BrokenFileError, "timestamp must be a finite number"),
    ("time in nanoseconds", rows("sample", first(timestamp=10**18)), BrokenFileError, "timestamp must be microseconds"),
    ("pose beyond all", rows("ego_pose", first(translation=[10**400, 0, 0])), BrokenFileError, "token .*finite"),
    ("pose off the earth", rows("ego_pose", first(translation=[1e12, 0, 0])), BrokenFileError, "translation .*farther"),
    ("box off the earth", rows("sample_annotation", first(translation=[0, 1e300, 0])), BrokenFileError, "farther"),
    ("a table too deep", text("map", lambda _: "[" * 100_000), BrokenFileError, "map.json.*nested"),
    (
        "half a letter",
        text("scene", lambda t: t.replace('"description": "', '"description": "\\ud800', 1)),
        BrokenFileError,
        "token .*description.*half a letter",
    ),
    (
        "name of a file too long",
        rows("sample_data", first(filename="samples/" + "a" * 999)),
        OutsideRootError,
        "too long",
    ),
    ("cloud of text", cloud(lambda _: b"1 22 333\n." * 6), BrokenFileError, "text"),
    (
        "cloud beyond the earth",
        cloud(lambda data: data + struct.pack("<5f", 0, 1e30, 0, 0, 0)),
        BrokenFileError,
        r"byte .*1e.30 as y of point .*farther",
    ),
    ("image of another size", shrink, BrokenFileError, "160 x 90 pixels as the first"),
    ("file outside", rows("sample_data", first(filename="../secret.pcd.bin")), OutsideRootError, "outside"),
    ("cloud cut off", cloud(lambda data: data[:-3]), BrokenFileError, "multiple of 20 bytes"),
    ("cloud empty", cloud(lambda _: b""), BrokenFileError, "found 0"),
    (
        "cloud with NaN",
        cloud(lambda data: data + struct.pack("<5f", 0, float("nan"), 0, 0, 0)),
        BrokenFileError,
        "as y",
    ),
    (
        "cloud missing",
        lambda out: sorted((out / "samples" / "LIDAR_TOP").iterdir())[1].unlink(),
        MissingFileError,
        "key",
    ),
]


@pytest.mark.parametrize(("change", "kind", "message"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_one_clear_error(
    change: Callable[[Path], object], kind: type[FormatError], message: str, tmp_path: Path
) -> None:
    NUSCENES.writer.write(street_scene(), tmp_path / "out")
    change(tmp_path / "out")
    with pytest.raises(kind, match=f"(?s){message}") as caught:
        for read in NUSCENES.reader.read(tmp_path / "out", "scene"):
            for frame in range(read.scene.frame_count):
                read.scene.data.sweep(read.scene.reference, frame)
    assert type(caught.value) is kind
    assert str(tmp_path) in str(caught.value.path)


def test_several_versions_ask_for_one(tmp_path: Path) -> None:
    NUSCENES.writer.write(street_scene(), tmp_path / "out")
    (tmp_path / "out" / "v1.0-worldline").rename(tmp_path / "out" / "v1.0-a")
    NUSCENES.writer.write(street_scene(), tmp_path / "other")
    (tmp_path / "other" / "v1.0-worldline").rename(tmp_path / "out" / "v1.0-b")
    with pytest.raises(FormatError, match=r"several versions: v1\.0-a, v1\.0-b"):
        list(NUSCENES.reader.read(tmp_path / "out", "scene"))
    assert len(list(NUSCENES.reader.read(tmp_path / "out" / "v1.0-a", "scene"))) == 1


def test_tables_cut_out_of_a_larger_set_are_refused() -> None:
    path = shared_data("peer_fixtures", "mmdet3d_lyft_tables", "v1.01-train")
    assert NUSCENES.reader.recognise(path)
    with pytest.raises(BrokenFileError, match=r"names sample .*incomplete"):
        list(NUSCENES.reader.read(path, "scene"))


def test_an_empty_folder_is_not_recognised(tmp_path: Path) -> None:
    assert not NUSCENES.reader.recognise(tmp_path)
    assert not NUSCENES.reader.recognise(tmp_path / "absent")
    with pytest.raises(MissingFileError):
        list(NUSCENES.reader.read(tmp_path, "scene"))
