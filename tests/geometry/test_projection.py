"""Laws of cuboids on images, and KITTI's own boxes as the referee."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kitti_boxes import read_sequence

from tests.geometry.strategies import floats
from tests.geometry.test_camera import BARREL, CAMERAS, FISHEYE, PINHOLE
from tests.shared_data import shared_data
from worldline.geometry import Camera, Cuboid, Pose, cuboid_box, project_cuboid

CAMERA_FROM_EGO = Pose.from_matrix(np.array([[0.0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0]]))

cameras = st.sampled_from(CAMERAS)
cuboids = st.builds(
    Cuboid,
    st.builds(Pose.from_yaw, floats(math.pi), st.tuples(st.floats(-10, 60), floats(20), floats(3))),
    st.tuples(st.floats(0.3, 12), st.floats(0.3, 3), st.floats(0.3, 4)),
)


def car_at(x: float, y: float, z: float = -0.9, yaw: float = 0.4) -> Cuboid:
    return Cuboid(Pose.from_yaw(yaw, (x, y, z)), (4.2, 1.8, 1.5))


@given(cameras, cuboids)
def test_lines_stay_in_the_image(camera: Camera, cuboid: Cuboid) -> None:
    for line in project_cuboid(camera, CAMERA_FROM_EGO, cuboid):
        assert line.shape[0] >= 2
        assert line.shape[1] == 2
        assert camera.contains(line).all()


@given(cameras, cuboids, st.integers(0, 2**32 - 1))
def test_what_is_seen_of_a_cuboid_lies_in_its_box(camera: Camera, cuboid: Cuboid, seed: int) -> None:
    visible, whole, truncation = cuboid_box(camera, CAMERA_FROM_EGO, cuboid)
    own = np.random.default_rng(seed).uniform(-0.5, 0.5, (200, 3)) * cuboid.size_m
    own[:100, 0] = np.sign(own[:100, 0]) * cuboid.length_m / 2
    inside = CAMERA_FROM_EGO.apply(cuboid.pose.apply(own))
    pixels, visible_mask = camera.project(inside)
    seen = pixels[visible_mask & (inside[:, 2] > 0.1)]
    assert 0 <= truncation <= 1
    if len(seen):
        assert visible is not None
        assert whole is not None
        slack = 0 if camera.model == "pinhole" else 0.02 * camera.width_px
        assert (seen >= np.array([visible.left_px, visible.top_px]) - slack - 1e-6).all()
        assert (seen <= np.array([visible.right_px, visible.bottom_px]) + slack + 1e-6).all()


@given(cuboids)
def test_a_box_wholly_in_view_is_that_of_its_corners(cuboid: Cuboid) -> None:
    pixels, visible_mask = PINHOLE.project(CAMERA_FROM_EGO.apply(cuboid.corners()))
    if visible_mask.all():
        visible, whole, truncation = cuboid_box(PINHOLE, CAMERA_FROM_EGO, cuboid)
        assert visible == whole
        assert truncation == 0
        assert visible is not None
        assert (visible.left_px, visible.top_px) == pytest.approx(tuple(pixels.min(axis=0)))
        assert (visible.right_px, visible.bottom_px) == pytest.approx(tuple(pixels.max(axis=0)))
        assert len(project_cuboid(PINHOLE, CAMERA_FROM_EGO, cuboid)) == 12


def test_half_a_car_out_of_the_image_is_truncated() -> None:
    visible, whole, truncation = cuboid_box(PINHOLE, CAMERA_FROM_EGO, car_at(15, 12.5))
    assert visible is not None
    assert whole is not None
    assert visible.left_px == 0 > whole.left_px
    assert 0.1 < truncation < 0.9


def test_the_visible_box_is_not_larger_than_the_visible_part() -> None:
    """A slanted silhouette that leaves through a corner: cutting its bounding box would be too wide."""
    slanted = Cuboid(Pose((math.cos(0.4), math.sin(0.4), 0, 0), (10.0, 8.9, 1.5)), (0.1, 12.0, 0.1))
    visible, whole, _ = cuboid_box(PINHOLE, CAMERA_FROM_EGO, slanted)
    assert visible is not None
    assert whole is not None
    assert visible.height_px < min(whole.bottom_px, 374) - max(whole.top_px, 0) - 20


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_cuboid_behind_is_not_seen(camera: Camera) -> None:
    behind = car_at(-30, 0, yaw=0)
    assert project_cuboid(camera, CAMERA_FROM_EGO, behind) == []
    assert cuboid_box(camera, CAMERA_FROM_EGO, behind) == (None, None, 1.0)


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_cuboid_around_the_camera_fills_the_image(camera: Camera) -> None:
    visible, _, _ = cuboid_box(camera, CAMERA_FROM_EGO, Cuboid(Pose(), (50.0, 50.0, 50.0)))
    assert visible is not None
    assert visible.width_px == pytest.approx(camera.width_px - 1, abs=2)
    assert visible.height_px == pytest.approx(camera.height_px - 1, abs=2)


def test_a_cuboid_through_the_near_plane_keeps_its_front() -> None:
    lines = project_cuboid(PINHOLE, CAMERA_FROM_EGO, Cuboid(Pose((1, 0, 0, 0), (0.0, 0.0, -1.0)), (30.0, 2.0, 1.0)))
    assert len(lines) >= 4


@pytest.mark.parametrize("camera", [BARREL, FISHEYE])
def test_edges_bend_with_the_lens(camera: Camera) -> None:
    cuboid = car_at(5, 1.5)
    corners = CAMERA_FROM_EGO.apply(cuboid.corners())
    lines = np.concatenate(project_cuboid(camera, CAMERA_FROM_EGO, cuboid))
    rays = camera.unproject(lines)
    normals = np.cross(corners[[0, 1, 2, 3]], corners[[1, 2, 3, 0]])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    assert (np.abs(rays @ normals.T).min(axis=1) < 1e-6).sum() >= 33


def test_the_lines_of_a_fisheye_reach_behind_its_plane() -> None:
    beside = Cuboid(Pose((1, 0, 0, 0), (0.0, 3.0, 0.0)), (4.0, 1.5, 1.5))
    pixels = np.concatenate(project_cuboid(FISHEYE, CAMERA_FROM_EGO, beside))
    assert (FISHEYE.unproject(pixels)[:, 2] < 0).any()


@pytest.mark.parametrize("name", ["kitti_tracking_0001", "kitti_tracking_0002"])
def test_kittis_own_boxes_of_wholly_visible_vehicles_are_reproduced(name: str) -> None:
    """People's boxes in KITTI are drawn on the image and are no projections."""
    sequence = read_sequence(shared_data(name))
    errors = []
    for box in sequence.boxes:
        if box.truncated == 0 and box.occluded == 0 and box.kind in ("Car", "Van", "Truck"):
            visible, _, truncation = cuboid_box(sequence.camera, sequence.camera_from_lidar, box.cuboid)
            assert visible is not None
            if truncation > 0:  # KITTI's own flag is 0 for cars that the border merely touches
                continue
            sides = (visible.left_px, visible.top_px, visible.right_px, visible.bottom_px)
            errors += np.abs(np.subtract(sides, box.box_px)).tolist()
    assert len(errors) > 1000
    assert np.quantile(errors, 0.5) < 0.5
    assert np.quantile(errors, 0.95) < 1.5
