"""The table of interpolation cases that Python and the viewer's TypeScript both have to answer.

Run ``python -m tests.tracking.interpolation_cases`` after a change of the curves; a test says when
``tests/cases/interpolation.json`` is out of date. Times stay below 2**53, so that JSON keeps them.
"""

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np

from worldline.geometry import Box, Pose
from worldline.geometry.pose import Quaternion, Vector
from worldline.tracking import Keyframe, Span, Track, shape_at

CASES = Path(__file__).resolve().parent.parent / "cases" / "interpolation.json"

SIZE: Vector = (4.5, 1.8, 1.6)
TENTHS = [100_000_000 * n for n in range(41)]
JITTERED = [100_000_000 * n + (n * 7_919_317) % 31_000_000 for n in range(41)]
STRETCHED = [50_000_000 * n * (n + 1) // 2 + 1_700_000_000_000_000 for n in range(41)]


def write_cases() -> None:
    """Write the table."""
    lines = ",\n".join(json.dumps(case) for case in build_cases())
    CASES.write_text(f'{{"cases": [\n{lines}\n]}}\n')


def build_cases() -> list[dict[str, Any]]:
    """All cases as they stand in the file."""
    return [*_plain_cases(), *_gap_cases(), *_box_cases(), *_random_cases()]


def read_track(document: dict[str, Any], name: str = "case") -> Track:
    """The track of a case."""
    keyframes = tuple(
        Keyframe(each["frame"], Box(*each["box"]) if "box" in each else _pose(each)) for each in document["keyframes"]
    )
    spans = tuple(Span(span["start"], span["end"]) for span in document["spans"])
    size_m = tuple(document["size_m"]) if document["size_m"] else None
    return Track(name, name, kind=document["kind"], size_m=size_m, keyframes=keyframes, spans=spans)


def _pose(document: dict[str, Any]) -> Pose:
    return Pose(tuple(document["rotation_wxyz"]), tuple(document["center_m"]))


def _yawed(frame: int, x: float, y: float, z: float, yaw_deg: float) -> Keyframe:
    return Keyframe(frame, Pose.from_yaw(math.radians(yaw_deg), (x, y, z)))


def _turned(frame: int, rotation_wxyz: Quaternion, center_m: Vector = (0.0, 0.0, 0.0)) -> Keyframe:
    return Keyframe(frame, Pose(rotation_wxyz, center_m))


def _case(
    name: str, keyframes: list[Keyframe], spans: list[tuple[int, int]], clock_ns: list[int] = TENTHS
) -> dict[str, Any]:
    is_box = any(isinstance(keyframe.shape, Box) for keyframe in keyframes)
    document: dict[str, Any] = {
        "kind": "box" if is_box else "cuboid",
        "size_m": None if is_box else list(SIZE),
        "keyframes": [{"frame": keyframe.frame, **_shape(keyframe.shape)} for keyframe in keyframes],
        "spans": [{"start": start, "end": end} for start, end in spans],
    }
    track = read_track(document)
    clock = np.array(clock_ns, dtype=np.int64)
    expected: list[dict[str, Any]] = []
    for frame in range(len(clock_ns)):
        shape = shape_at(track, frame, clock)
        expected.append({"frame": frame, **(_shape(shape) if shape is not None else {"absent": True})})
    return {"name": name, "clock_ns": clock_ns, "track": document, "expected": expected}


def _shape(shape: Pose | Box) -> dict[str, Any]:
    if isinstance(shape, Box):
        return {"box": [shape.left_px, shape.top_px, shape.right_px, shape.bottom_px]}
    return {"center_m": list(shape.translation_m), "rotation_wxyz": list(shape.rotation_wxyz)}


def _plain_cases() -> list[dict[str, Any]]:
    whole = [(0, 41)]
    start, half = _yawed(0, 0, 0, 0, 0), math.sqrt(0.5)
    stop = [_yawed(0, 0, 0, 0, 0), _yawed(10, 10, 0, 0, 0), _yawed(20, 11, 0, 0, 0), _yawed(30, 11, 0, 0, 0)]
    turn = [_yawed(10 * n, 10 * math.sin(n * 0.5), 10 - 10 * math.cos(n * 0.5), 0, 28.6 * n) for n in range(5)]
    sets_off = [_yawed(10 * n, x, 0, 0, 0) for n, x in enumerate((-11, -11, -11, -10, 0))]
    lean = [start, _turned(20, (half, half, 0.0, 0.0)), _turned(40, (0.5, 0.5, 0.5, -0.5))]
    far = [_yawed(0, 1e5, -2e5, 50, 0), _yawed(20, 1e5 + 8, -2e5 + 3, 50, 9), _yawed(40, 1e5 + 11, -2e5 + 9, 51, 30)]
    ramp = [_yawed(0, 0, 0, 0, 0), _yawed(7, 0.5, 0, 0, 2), _yawed(19, 4, 0.2, 0, 5), _yawed(40, 21, 1, 0.3, 9)]
    return [
        _case("no keyframe", [], whole),
        _case("one keyframe holds", [_yawed(12, 1.5, -2.25, 0.5, 30)], [(5, 20)]),
        _case("two keyframes, straight and even", [start, _yawed(40, 20, 0, 0, 0)], whole),
        _case("keyframes inside the span, ends hold", [_yawed(10, 1, 2, 3, 0), _yawed(20, 4, 6, 3, 90)], whole),
        _case("neighbouring frames", [start, _yawed(1, 1, 0, 0, 1), _yawed(2, 2.5, 0, 0, 2)], [(0, 3)]),
        _case("equal keyframes stand still", [_yawed(f, 3.3, -7.7, 0.1, 77) for f in (0, 13, 40)], whole),
        _case("brakes and stands", stop, whole),
        _case("stands and sets off", sets_off, whole),
        _case("there and back", [start, _yawed(20, 10, 0, 0, 0), _yawed(40, 0, 0, 0, 0)], whole),
        _case("a bend of constant speed", turn, whole),
        _case("a right angle", [start, _yawed(20, 10, 0, 0, 45), _yawed(40, 10, 10, 0, 90)], whole),
        _case("a sharp way back to the side", [start, _yawed(20, 10, 0, 0, 0), _yawed(40, 1, 1, 0, 170)], whole),
        _case("speeds up, uneven keyframes", ramp, whole),
        _case("speeds up, jittered clock", ramp, whole, JITTERED),
        _case("speeds up, stretched clock", ramp, whole, STRETCHED),
        _case("a bend, stretched clock", turn, whole, STRETCHED),
        _case("end slower than a parabola allows", [start, _yawed(4, 0.5, 0, 0, 0), _yawed(40, 60, 3, 0, 0)], whole),
        _case("half a turn to the left", [start, _yawed(40, 0, 0, 0, 180)], whole),
        _case("half a turn from 90 degrees", [_yawed(0, 0, 0, 0, 90), _yawed(40, 0, 0, 0, -90)], whole),
        _case("half a turn about y", [_turned(0, (1.0, 0.0, 0.0, 0.0)), _turned(40, (0.0, 0.0, 1.0, 0.0))], whole),
        _case("half a turn about x", [_turned(0, (1.0, 0.0, 0.0, 0.0)), _turned(40, (0.0, 1.0, 0.0, 0.0))], whole),
        _case("over the seam at 180 degrees", [_yawed(0, 0, 0, 0, 170), _yawed(40, 5, 0, 0, -170)], whole),
        _case("almost half a turn, right", [start, _yawed(40, 0, 0, 0, -179.5)], whole),
        _case("a hair's breadth of turn", [start, _yawed(40, 0, 0, 0, 1e-7)], whole),
        _case("pitch and roll", lean, whole),
        _case("far from the origin", far, whole),
    ]  # fmt: skip


def _gap_cases() -> list[dict[str, Any]]:
    path = [_yawed(0, 0, 0, 0, 0), _yawed(10, 8, 0, 0, 0), _yawed(25, 22, 4, 0, 30), _yawed(40, 30, 16, 0, 60)]
    return [
        _case("never present", path, []),
        _case("a gap between two keyframes", path, [(0, 15), (20, 41)]),
        _case("a keyframe in a gap", path, [(0, 8), (12, 41)]),
        _case("spans that touch are no gap", path, [(0, 15), (15, 41)]),
        _case("each keyframe alone", path, [(0, 5), (8, 12), (20, 30), (35, 41)]),
        _case("present only between keyframes", path, [(2, 9), (12, 20), (28, 33)]),
        _case("spans before and after all keyframes", [_yawed(20, 1, 2, 3, 4)], [(0, 10), (30, 41)]),
    ]


def _box_cases() -> list[dict[str, Any]]:
    boxes = [
        Keyframe(3, Box(10.0, 20.0, 110.0, 90.0)),
        Keyframe(17, Box(60.5, 18.25, 200.0, 100.0)),
        Keyframe(30, Box(60.5, 18.25, 200.0, 100.0)),
    ]
    grows = [Keyframe(0, Box(5.0, 5.0, 5.0, 5.0)), Keyframe(40, Box(0.0, 0.0, 9.0, 7.0))]
    return [
        _case("boxes on straight lines", boxes, [(0, 41)]),
        _case("boxes, stretched clock", boxes, [(0, 41)], STRETCHED),
        _case("boxes over a gap", boxes, [(3, 8), (12, 31)]),
        _case("an empty box grows", grows, [(0, 41)]),
    ]


def _random_cases() -> list[dict[str, Any]]:
    source = random.Random(20240229)
    cases = []
    for number in range(8):
        keyframes = []
        for frame in sorted(source.sample(range(41), source.randint(3, 7))):
            q = [source.gauss(0, 1) for _ in range(4)]
            norm = math.sqrt(sum(each * each for each in q))
            w, x, y, z = (each / norm for each in q)
            center = (source.uniform(-50, 50), source.uniform(-50, 50), source.uniform(-2, 2))
            keyframes.append(_turned(frame, (w, x, y, z), center))
        spans = [(0, 41)] if number % 2 else [(0, 11), (13, 29), (29, 41)]
        clock_ns = (TENTHS, JITTERED, STRETCHED)[number % 3]
        cases.append(_case(f"random {number}", keyframes, spans, clock_ns))
    return cases


if __name__ == "__main__":
    write_cases()
