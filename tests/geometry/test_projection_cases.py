"""The shared table of cuboids on images: the viewer's twin is tested against the same file."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

from worldline.geometry import Box, Camera, Cuboid, Pose
from worldline.geometry.projection import cuboid_box, project_cuboid

TABLE = Path(__file__).parents[1] / "cases" / "projection.json"

_CAMERAS = {
    "pinhole": Camera(1242, 375, 721.5, 718.0, 609.6, 172.9),
    "plumb_bob": Camera(640, 480, 400.0, 410.0, 322.0, 238.0, "plumb_bob", (-0.28, 0.07, 0.001, -0.002, 0.01)),
    "rational": Camera(
        800, 600, 480.0, 470.0, 395.0, 310.0, "rational", (0.4, -0.05, 0.0005, 0.001, -0.002, 0.7, 0.03, -0.004)
    ),
    "fisheye": Camera(1000, 1000, 320.0, 320.0, 500.0, 499.0, "fisheye", (0.02, -0.008, 0.002, -0.0004)),
}


def test_the_table_says_what_the_kernel_computes() -> None:
    """A change of the kernel that moves a pixel has to renew the table, and so reaches the viewer's twin."""
    for case in json.loads(TABLE.read_text())["cases"]:
        seen = _case(case["name"], _CAMERAS[case["camera"]["model"]], _cuboid(case["cuboid"]))
        for key in ("visible", "whole"):
            assert (seen[key] is None) == (case[key] is None), (case["name"], key)
            if seen[key] is not None:
                np.testing.assert_allclose(seen[key], case[key], rtol=1e-9, atol=1e-6)
        assert math.isclose(seen["truncation"], case["truncation"], abs_tol=1e-9), case["name"]
        assert [len(line) for line in seen["lines"]] == [len(line) for line in case["lines"]], case["name"]
        for ours, theirs in zip(seen["lines"], case["lines"], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-6)


def build_cases() -> list[dict[str, Any]]:
    """Cuboids before, beside, around and behind each camera."""
    random = np.random.default_rng(11)
    cases = []
    for model, camera in _CAMERAS.items():
        for number in range(12):
            reach = 2.5 if number % 3 == 0 else 14.0
            center = (
                float(random.uniform(-reach, reach)),
                float(random.uniform(-2, 2)),
                float(random.uniform(-3, reach)),
            )
            rotation = random.normal(size=4)
            pose = Pose(tuple(rotation / np.linalg.norm(rotation)), center)
            size = (float(random.uniform(0.5, 5)), float(random.uniform(0.5, 2)), float(random.uniform(0.5, 2)))
            cases.append(_case(f"{model} {number}", camera, Cuboid(pose, size)))
        cases.append(_case(f"{model} behind", camera, Cuboid(Pose(translation_m=(0.0, 0.0, -9.0)), (2.0, 2.0, 2.0))))
        cases.append(_case(f"{model} all round", camera, Cuboid(Pose(), (6.0, 5.0, 4.0))))
    return cases


def _case(name: str, camera: Camera, cuboid: Cuboid) -> dict[str, Any]:
    visible, whole, truncation = cuboid_box(camera, Pose(), cuboid)
    return {
        "name": name,
        "camera": {
            "model": camera.model,
            "width_px": camera.width_px,
            "height_px": camera.height_px,
            "fx_px": camera.fx_px,
            "fy_px": camera.fy_px,
            "cx_px": camera.cx_px,
            "cy_px": camera.cy_px,
            "distortion": list(camera.distortion),
        },
        "cuboid": {
            "center_m": list(cuboid.center_m),
            "rotation_wxyz": list(cuboid.pose.rotation_wxyz),
            "size_m": list(cuboid.size_m),
        },
        "lines": [np.round(line, 7).tolist() for line in project_cuboid(camera, Pose(), cuboid)],
        "visible": _sides(visible),
        "whole": _sides(whole),
        "truncation": truncation,
    }


def _sides(box: Box | None) -> list[float] | None:
    return None if box is None else [box.left_px, box.top_px, box.right_px, box.bottom_px]


def _cuboid(values: dict[str, Any]) -> Cuboid:
    return Cuboid(Pose(tuple(values["rotation_wxyz"]), tuple(values["center_m"])), tuple(values["size_m"]))


if __name__ == "__main__":  # python -m tests.geometry.test_projection_cases renews the table
    lines = ",\n".join(json.dumps(case) for case in build_cases())
    TABLE.write_text(f'{{"cases": [\n{lines}\n]}}\n')
    sys.stdout.write(f"wrote {TABLE}\n")
