"""Laws of poses: a group that moves points, and an interpolation that takes the shorter way."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

from tests.geometry.strategies import angles, poses, quaternions, vectors
from worldline.geometry import Pose, PoseError, interpolate_pose, wrap_angle

shares = st.floats(0, 1)


def scipy_rotation(pose: Pose) -> Rotation:
    w, x, y, z = pose.rotation_wxyz
    return Rotation.from_quat([x, y, z, w])


def assert_same(a: Pose, b: Pose) -> None:
    assert a.angle_to(b) < 1e-7
    assert a.translation_m == pytest.approx(b.translation_m, abs=1e-9)


@given(poses, poses, poses)
def test_composition_is_associative(a: Pose, b: Pose, c: Pose) -> None:
    assert_same((a @ b) @ c, a @ (b @ c))


@given(poses)
def test_the_identity_changes_nothing(pose: Pose) -> None:
    assert_same(pose @ Pose(), pose)
    assert_same(Pose() @ pose, pose)


@given(poses)
def test_the_inverse_undoes_the_pose(pose: Pose) -> None:
    assert_same(pose @ pose.inverse(), Pose())
    assert_same(pose.inverse() @ pose, Pose())


@given(poses, poses, vectors())
def test_composing_is_applying_one_after_the_other(a: Pose, b: Pose, point: tuple[float, float, float]) -> None:
    assert (a @ b).apply(np.array(point)) == pytest.approx(a.apply(b.apply(np.array(point))), abs=1e-9)


@given(poses, vectors(), vectors())
def test_distances_are_kept(pose: Pose, p: tuple[float, float, float], q: tuple[float, float, float]) -> None:
    moved = pose.apply(np.array([p, q]))
    assert np.linalg.norm(moved[0] - moved[1]) == pytest.approx(math.dist(p, q), abs=1e-9)


@given(poses)
def test_the_matrix_is_the_pose(pose: Pose) -> None:
    assert_same(Pose.from_matrix(pose.matrix), pose)
    assert np.allclose(pose.rotation, scipy_rotation(pose).as_matrix(), atol=1e-12)
    assert np.linalg.det(pose.rotation) == pytest.approx(1)


@given(quaternions())
def test_a_rotation_matrix_of_scipy_is_read_back(q: tuple[float, float, float, float]) -> None:
    w, x, y, z = q
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_quat([x, y, z, w]).as_matrix()
    assert Pose.from_matrix(matrix).angle_to(Pose(q)) < 1e-7


@given(angles, vectors())
def test_yaw_is_read_back(yaw: float, place: tuple[float, float, float]) -> None:
    assert abs(wrap_angle(Pose.from_yaw(yaw, place).yaw_rad - yaw)) < 1e-9
    assert -math.pi < Pose.from_yaw(yaw).yaw_rad <= math.pi


@given(poses)
def test_yaw_is_the_heading_of_x_seen_from_above(pose: Pose) -> None:
    x, y, _ = pose.rotation[:, 0]
    if math.hypot(x, y) > 1e-6:
        assert abs(wrap_angle(pose.yaw_rad - math.atan2(y, x))) < 1e-6


@given(poses, angles)
def test_turning_keeps_the_place(pose: Pose, angle: float) -> None:
    turned = pose.turned(angle)
    assert turned.translation_m == pytest.approx(pose.translation_m)
    assert turned.angle_to(pose) == pytest.approx(abs(wrap_angle(angle)), abs=1e-7)


@given(quaternions())
def test_of_two_quaternions_of_a_rotation_one_is_kept(q: tuple[float, float, float, float]) -> None:
    w, x, y, z = q
    assert Pose(q) == Pose((-w, -x, -y, -z))
    assert Pose(q).rotation_wxyz[0] >= 0


def test_a_half_turn_has_one_sign() -> None:
    assert Pose((0.0, 0.0, 0.0, -1.0)) == Pose((-0.0, 0.0, -0.0, 1.0))
    assert str(Pose((-0.0, 0.0, -0.0, 1.0)).rotation_wxyz) == "(0.0, 0.0, 0.0, 1.0)"


@given(poses)
def test_a_pose_is_the_same_after_json(pose: Pose) -> None:
    text = json.dumps([pose.rotation_wxyz, pose.translation_m])
    rotation, translation = json.loads(text)
    again = Pose(tuple(rotation), tuple(translation))
    assert again == pose
    assert json.dumps([again.rotation_wxyz, again.translation_m]) == text


@given(poses, poses)
def test_interpolation_begins_and_ends_at_its_poses(a: Pose, b: Pose) -> None:
    assert_same(interpolate_pose(a, b, 0), a)
    assert_same(interpolate_pose(a, b, 1), b)


@given(poses, poses, shares)
def test_interpolation_takes_the_shorter_arc(a: Pose, b: Pose, share: float) -> None:
    between = interpolate_pose(a, b, share)
    assert a.angle_to(between) == pytest.approx(share * a.angle_to(b), abs=1e-6)
    assert a.angle_to(between) <= math.pi + 1e-9


@given(poses, poses, shares)
def test_interpolation_is_the_same_backwards(a: Pose, b: Pose, share: float) -> None:
    if a.angle_to(b) < math.pi - 1e-3:
        assert_same(interpolate_pose(a, b, share), interpolate_pose(b, a, 1 - share))


@given(poses, poses, shares)
def test_interpolation_is_scipys_slerp(a: Pose, b: Pose, share: float) -> None:
    if a.angle_to(b) < math.pi - 1e-3:
        arc = Slerp([0, 1], Rotation.concatenate([scipy_rotation(a), scipy_rotation(b)]))
        assert np.allclose(interpolate_pose(a, b, share).rotation, arc(share).as_matrix(), atol=1e-7)


@given(poses, poses, poses, shares)
def test_interpolation_does_not_depend_on_the_frame(frame: Pose, a: Pose, b: Pose, share: float) -> None:
    if a.angle_to(b) < math.pi - 1e-3:
        moved = interpolate_pose(frame @ a, frame @ b, share)
        expected = frame @ interpolate_pose(a, b, share)
        assert moved.angle_to(expected) < 1e-6
        assert moved.translation_m == pytest.approx(expected.translation_m, abs=1e-7)


@given(st.floats(-1e3, 1e3))
def test_a_wrapped_angle_is_the_same_angle_in_the_half_open_circle(angle: float) -> None:
    wrapped = wrap_angle(angle)
    assert -math.pi < wrapped <= math.pi
    assert math.cos(wrapped - angle) == pytest.approx(1)


def test_half_a_circle_is_plus_pi() -> None:
    assert wrap_angle(-math.pi) == math.pi == wrap_angle(math.pi) == wrap_angle(3 * math.pi)


@pytest.mark.parametrize(
    ("rotation", "translation"),
    [
        ((1.0, 0.0, 0.0, 0.01), (0.0, 0.0, math.inf)),
        ((1.0, 0.0, 0.0, math.nan), (0.0, 0.0, 0.0)),
        ((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((1.01, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((1.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0)),
    ],
)
def test_numbers_that_are_no_pose_are_refused(rotation: tuple[float, ...], translation: tuple[float, ...]) -> None:
    with pytest.raises(PoseError):
        Pose(rotation, translation)  # type: ignore[arg-type]


@pytest.mark.parametrize("matrix", [np.zeros((4, 4)), np.eye(3), np.diag([1, 1, -1, 1]), np.diag([1, 1, 1.1, 1])])
def test_a_matrix_that_is_no_rotation_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(PoseError):
        Pose.from_matrix(matrix)


def test_a_norm_off_by_rounding_is_mended() -> None:
    assert sum(v * v for v in Pose((1.0005, 0.0, 0.0, 0.0)).rotation_wxyz) == 1
