"""What is wrong with a KITTI source is said once, with the file, the place and what to do."""

import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenes import street_scene
from worldline.formats.errors import BrokenFileError, FormatError, LabelError, MissingFileError
from worldline.formats.registry import find_format

CAR = "Car 0.00 0 -1.57 10 10 20 20 1.5 1.6 4.0 1.0 1.7 20.0 0.1"


def edit(name: str, change: Callable[[Path], object]) -> Callable[[Path, str], None]:
    """A change to a file of the tracking set, and of the object set where it has one."""

    def apply(training: Path, dialect: str) -> None:
        tracking = dialect == "kitti-tracking"
        folder, file = {
            "cloud": ("velodyne", "0000/000002.bin" if tracking else "000002.bin"),
            "image": ("image_02" if tracking else "image_2", "0000/000002.png" if tracking else "000002.png"),
            "calib": ("calib", "0000.txt" if tracking else "000002.txt"),
            "labels": ("label_02" if tracking else "label_2", "0000.txt" if tracking else "000002.txt"),
        }[name]
        change(training / folder / file)

    return apply


def cut(count: int) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(path.read_bytes()[:-count])


def append(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(path.read_bytes() + data)


def point(x: float) -> Callable[[Path], object]:
    return append(struct.pack("<4f", x, 0, 0, 0))


def flip(path: Path) -> object:
    """Change one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    return path.write_bytes(data)


def dangle(path: Path) -> object:
    """Make a link to nowhere of a file."""
    path.unlink()
    return path.symlink_to("nowhere")


def giant(path: Path) -> object:
    """A PNG of few bytes that would take gigabytes decoded."""
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0),
        b"IDAT": zlib.compress(bytes(99)),
        b"IEND": b"",
    }
    packed = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks.items()
    )
    return path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(packed))


def line(name: str, text: str) -> Callable[[Path], object]:
    """Replace the lines of a calibration that begin with a name."""

    def change(path: Path) -> object:
        lines = [text if row.startswith(name) else row for row in path.read_text().splitlines()]
        return path.write_text("\n".join(lines) + "\n")

    return change


def label(text: str) -> Callable[[Path], object]:
    """Add a row; ``@`` stands for the frame and track id of the tracking set."""

    def change(path: Path) -> object:
        head = "2 90 " if path.parent.name == "label_02" else ""
        return path.write_text(path.read_text() + text.replace("@", head) + "\n")

    return change


CASES = [
    ("cloud cut off", edit("cloud", cut(3)), BrokenFileError, "multiple of 16 bytes.*found"),
    ("cloud oversized", edit("cloud", append(b"abc")), BrokenFileError, "multiple of 16 bytes.*found"),
    ("cloud empty", edit("cloud", lambda path: path.write_bytes(b"")), BrokenFileError, "found 0"),
    ("cloud with NaN", edit("cloud", point(float("nan"))), BrokenFileError, "byte .*finite.*nan as x of point"),
    ("cloud with infinity", edit("cloud", point(float("inf"))), BrokenFileError, "byte .*finite.*inf as x of point"),
    (
        "cloud with a point beyond the earth",
        edit("cloud", point(1e30)),
        BrokenFileError,
        "byte .*1e.30 as x of point .*farther",
    ),
    (
        "cloud of text",
        edit("cloud", lambda p: p.write_text("x,y,z,i\n1.0 2.0 3.0 4.0 5.0\n9999")),
        BrokenFileError,
        "text",
    ),
    ("cloud is a link to nowhere", edit("cloud", dangle), MissingFileError, "cannot be read"),
    ("cloud with a strange name", edit("cloud", lambda p: p.rename(p.with_name("two.bin"))), BrokenFileError, "two"),
    ("image cut off", edit("image", cut(30)), BrokenFileError, "byte .*cut off"),
    ("image of text", edit("image", lambda path: path.write_text("not an image")), BrokenFileError, "byte 0.*PNG"),
    ("image with a flipped bit", edit("image", flip), BrokenFileError, "byte .*checksum"),
    ("image larger than any", edit("image", giant), BrokenFileError, "at most 100000000 pixels .*3600000000 pixels"),
    ("image empty", edit("image", lambda path: path.write_bytes(b"")), BrokenFileError, "image"),
    ("no calibration", edit("calib", lambda path: path.unlink()), MissingFileError, "calibration is missing"),
    ("calibration cut off", edit("calib", cut(90)), BrokenFileError, "line .*12 finite numbers, found"),
    ("calibration without P2", edit("calib", line("P2:", "")), BrokenFileError, "no line P2"),
    ("singular P2", edit("calib", line("P2:", "P2: " + "0 " * 12)), BrokenFileError, "line 3.*P2 must be"),
    ("no rotation", edit("calib", line("R", "R0_rect: 2 0 0 0 2 0 0 0 2")), BrokenFileError, "line .*not a rotation"),
    ("singular", edit("calib", line("Tr_velo", "Tr_velo_to_cam: " + "0 " * 12)), BrokenFileError, "not a rotation"),
    ("mirrored", edit("calib", line("R", "R0_rect: -1 0 0 0 1 0 0 0 1")), BrokenFileError, "not a rotation"),
    ("calibration of words", edit("calib", line("P2:", "P2: a b c")), BrokenFileError, "line 3.*numbers"),
    ("calibration with NaN", edit("calib", line("P2:", "P2: nan" + " 0" * 11)), BrokenFileError, "line 3.*finite"),
    ("unknown class", edit("labels", label("@" + CAR.replace("Car", "Spaceship"))), LabelError, "line .*Spaceship"),
    ("impossible size", edit("labels", label("@" + CAR.replace("1.6 4.0", "-1.6 4.0"))), LabelError, "line .*size"),
    ("giant", edit("labels", label("@" + CAR.replace("1.6 4.0", "1.6 4000"))), LabelError, "line .*impossible size"),
    ("nowhere near", edit("labels", label("@" + CAR.replace("20.0", "1e30"))), LabelError, "line .*impossible place"),
    (
        "degrees",
        edit("labels", label("@" + CAR.replace("20.0 0.1", "20.0 90"))),
        LabelError,
        "line .*radians, found 90",
    ),
    ("labels are a folder", edit("labels", lambda p: (p.unlink(), p.mkdir())), LabelError, "expected a file"),
    ("row cut off", edit("labels", label("@Car 0 0 -1.57 10 10")), LabelError, "line .*columns.*found"),
    ("row of words", edit("labels", label("@" + CAR.replace("20.0", "far"))), LabelError, "line .*far"),
    ("row with NaN", edit("labels", label("@" + CAR.replace("20.0", "nan"))), LabelError, "line .*finite"),
    ("box inside out", edit("labels", label("@" + CAR.replace("10 10 20", "30 10 20"))), LabelError, "line .*left"),
    ("strange occlusion", edit("labels", label("@" + CAR.replace("0 -1.57", "9 -1.57"))), LabelError, "occluded"),
    ("labels of bytes", edit("labels", lambda path: path.write_bytes(b"\xff\xfe\x00")), LabelError, "byte 0"),
]
TRACKING_CASES = [
    ("id twice", label(f"2 90 {CAR}\n2 90 {CAR}"), "track 90 stands twice in frame 2, first in line"),
    ("two classes", label(f"2 90 {CAR}\n3 90 {CAR.replace('Car', 'Van')}"), "a Van here and a Car in line"),
    ("frame of words", label(f"two 90 {CAR}"), "frame must be a whole number"),
    ("giant id", label(f"2 {10**20} {CAR}"), f"track id must be at most 999999999, found {10**20}"),
    ("giant frame", label(f"{10**20} 2 {CAR}"), "frame must be at most 999999999"),
    ("no id", label(f"2 -1 {CAR}"), "track id of 0 or more"),
]


@pytest.mark.parametrize("dialect", ["kitti-tracking", "kitti-object"])
@pytest.mark.parametrize(("change", "kind", "message"), [pytest.param(*c[1:], id=c[0]) for c in CASES])
def test_one_clear_error(
    dialect: str, change: Callable[[Path, str], None], kind: type[FormatError], message: str, tmp_path: Path
) -> None:
    find_format(dialect).writer.write(street_scene(), tmp_path / "out")
    change(tmp_path / "out" / "training", dialect)
    with pytest.raises(kind, match=f"(?s){message}") as caught:
        read_all(tmp_path / "out", dialect)
    assert type(caught.value) is kind
    assert str(tmp_path) in str(caught.value.path)


@pytest.mark.parametrize(("change", "message"), [pytest.param(*case[1:], id=case[0]) for case in TRACKING_CASES])
def test_one_clear_error_in_tracks(change: Callable[[Path], object], message: str, tmp_path: Path) -> None:
    find_format("kitti-tracking").writer.write(street_scene(), tmp_path / "out")
    change(tmp_path / "out" / "training" / "label_02" / "0000.txt")
    with pytest.raises(LabelError, match=message) as caught:
        read_all(tmp_path / "out", "kitti-tracking")
    assert "line" in str(caught.value)
    assert caught.value.fix


def test_frames_without_an_image_are_said_with_what_they_lose(tmp_path: Path) -> None:
    find_format("kitti-tracking").writer.write(street_scene(), tmp_path / "out")
    (whole,) = find_format("kitti-tracking").reader.read(tmp_path / "out", "scene")
    boxes = sum(len(track.keyframes) for track in whole.scene.labels.tracks if track.kind == "box")
    shutil.rmtree(tmp_path / "out" / "training" / "image_02")
    (read,) = find_format("kitti-tracking").reader.read(tmp_path / "out", "scene")
    said = {loss.what: loss.count for loss in read.skipped}
    assert said["frames without an image"] == 6
    assert said["labelled 2D boxes"] == boxes > 0


@pytest.mark.parametrize("text", ["49 8.4 110", "a " * 30, "nan " * 30, "95 8.4 110 " + "0 " * 27, ""])
def test_broken_poses_are_refused(text: str, tmp_path: Path) -> None:
    find_format("kitti-tracking").writer.write(street_scene(), tmp_path / "out")
    (tmp_path / "out" / "training" / "oxts" / "0000.txt").write_text(text)
    with pytest.raises(BrokenFileError, match=r"0000\.txt"):
        read_all(tmp_path / "out", "kitti-tracking")


def test_too_few_poses_are_refused(tmp_path: Path) -> None:
    find_format("kitti-tracking").writer.write(street_scene(), tmp_path / "out")
    path = tmp_path / "out" / "training" / "oxts" / "0000.txt"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]))
    with pytest.raises(BrokenFileError, match="up to 5, found 3"):
        read_all(tmp_path / "out", "kitti-tracking")


@pytest.mark.parametrize("dialect", ["kitti-tracking", "kitti-object"])
def test_a_folder_of_something_else_is_not_recognised(dialect: str, tmp_path: Path) -> None:
    (tmp_path / "velodyne").mkdir()
    (tmp_path / "velodyne" / "readme.txt").write_text("nothing")
    reader = find_format(dialect).reader
    assert not reader.recognise(tmp_path)
    assert not reader.recognise(tmp_path / "absent")
    assert not reader.recognise(tmp_path / "velodyne" / "readme.txt")
    with pytest.raises(FormatError):
        read_all(tmp_path, dialect)


def read_all(path: Path, dialect: str) -> None:
    """Read every frame of every scene, as an import does."""
    for read in find_format(dialect).reader.read(path, "scene"):
        scene = read.scene
        for sensor in scene.sensors:
            for frame in range(len(sensor.clock)):
                if sensor.name == scene.reference:
                    scene.data.sweep(sensor.name, frame)
                else:
                    scene.data.image(sensor.name, frame)
