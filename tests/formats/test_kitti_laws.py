"""KITTI's geometry turned into ours and back is the same."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldline.formats.kitti.cuboids import box_from_rect, observation_angle, rect_from_box
from worldline.formats.kitti.oxts import KARLSRUHE, Place, format_oxts, read_oxts
from worldline.formats.kitti.rows import Row, format_rows, read_rows
from worldline.geometry import Box, Cuboid, Pose, wrap_angle

METRES = st.floats(-200, 200)
ANGLES = st.floats(-math.pi, math.pi)
SIDES = st.floats(0.1, 30)


@given(METRES, METRES, METRES, ANGLES, SIDES, SIDES, SIDES)
def test_a_box_is_its_cuboid_and_back(x: float, y: float, z: float, ry: float, le: float, w: float, h: float) -> None:
    cuboid = Cuboid(rect_from_box(h, (x, y, z), ry), (le, w, h))
    bottom_m, rotation_y_rad = box_from_rect(cuboid)
    np.testing.assert_allclose(bottom_m, (x, y, z), atol=1e-9)
    assert abs(wrap_angle(rotation_y_rad - ry)) < 1e-9


@given(METRES, METRES, METRES, ANGLES, SIDES, SIDES, SIDES)
def test_corners_are_those_of_the_development_kit(
    x: float, y: float, z: float, ry: float, le: float, w: float, h: float
) -> None:
    cosine, sine = math.cos(ry), math.sin(ry)
    turn = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    expected = [turn @ (a * le / 2, -up * h, b * w / 2) + (x, y, z) for a in (-1, 1) for b in (-1, 1) for up in (0, 1)]
    corners = Cuboid(rect_from_box(h, (x, y, z), ry), (le, w, h)).corners()
    apart = np.linalg.norm(corners[:, None] - np.array(expected)[None], axis=2)
    assert apart.min(axis=1).max() < 1e-6
    assert apart.min(axis=0).max() < 1e-6


def test_alpha_is_rotation_seen_along_the_ray() -> None:
    assert observation_angle((0.0, 0.0, 10.0), 0.3) == pytest.approx(0.3)
    assert observation_angle((10.0, 0.0, 10.0), 0.3) == pytest.approx(0.3 - math.pi / 4)


POSES = st.builds(
    lambda yaw, pitch, roll, x, y, z: Pose(
        (
            Pose.from_yaw(yaw)
            @ Pose((math.cos(pitch / 2), 0, math.sin(pitch / 2), 0))
            @ Pose((math.cos(roll / 2), math.sin(roll / 2), 0, 0))
        ).rotation_wxyz,
        (x, y, z),
    ),
    ANGLES,
    st.floats(-0.5, 0.5),
    st.floats(-0.5, 0.5),
    st.floats(-5000, 5000),
    st.floats(-5000, 5000),
    METRES,
)


@given(st.lists(POSES, min_size=1, max_size=5), st.floats(-60, 60), st.floats(-170, 170))
def test_poses_survive_latitude_and_longitude(
    tmp_path_factory: pytest.TempPathFactory, poses: list[Pose], latitude: float, longitude: float
) -> None:
    place = Place(latitude, longitude, 100.0)
    path = tmp_path_factory.mktemp("oxts") / "0000.txt"
    path.write_text(format_oxts([Pose(), *poses], place, 0.1))
    found, read = read_oxts(path)
    assert found.latitude_deg == pytest.approx(latitude, abs=1e-9)
    for before, after in zip([Pose(), *poses], read, strict=True):
        np.testing.assert_allclose(after.translation_m, before.translation_m, atol=1e-3)
        assert after.angle_to(before) < 1e-6


def test_gaps_between_poses_are_filled(tmp_path) -> None:  # type: ignore[no-untyped-def]
    far = Pose.from_yaw(0.4, (10.0, 0.0, 0.0))
    path = tmp_path / "0000.txt"
    path.write_text(format_oxts([None, Pose(), None, far, None], KARLSRUHE, 0.1))
    _, read = read_oxts(path)
    places = [pose.translation_m[0] for pose in read]
    np.testing.assert_allclose(places, [0, 0, 5, 10, 10], atol=1e-3)
    assert read[2].yaw_rad == pytest.approx(0.2, abs=1e-6)


@given(METRES, METRES, METRES, ANGLES, SIDES, st.integers(0, 3))
def test_rows_survive_their_text(
    tmp_path_factory: pytest.TempPathFactory, x: float, y: float, z: float, ry: float, side: float, occlusion: int
) -> None:
    row = Row(7, 3, "Car", 1.0, occlusion, ry, Box(1, 2, 3, 4), (side, side, side), (x, y, z), ry)
    for dialect in ("kitti-tracking", "kitti-object"):
        path = tmp_path_factory.mktemp("labels") / "0000.txt"
        path.write_text(format_rows([row], dialect))  # type: ignore[arg-type]
        (read,) = read_rows(path, dialect, 7)  # type: ignore[arg-type]
        np.testing.assert_allclose(read.bottom_m, row.bottom_m, atol=1e-6)
        np.testing.assert_allclose(read.size_m, row.size_m, atol=1e-6)
        assert (read.frame, read.name, read.occlusion, read.box) == (7, "Car", occlusion, row.box)
