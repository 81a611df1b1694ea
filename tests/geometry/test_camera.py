"""Laws of cameras, with OpenCV as the referee."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldline.geometry import Camera, CameraError, CameraModel

PINHOLE = Camera(1242, 375, 721.5, 721.5, 609.6, 172.9)
BARREL = Camera(1280, 720, 700, 710, 640, 360, "plumb_bob", (-0.3, 0.1, 0.001, -0.002, -0.01))
PINCUSHION = Camera(1280, 720, 700, 710, 640, 360, "plumb_bob", (0.1, 0.02, 0.0, 0.0, 0.0))
RATIONAL = Camera(1920, 1080, 900, 905, 960, 540, "rational", (0.5, 0.1, 0.001, -0.001, 0.02, 0.8, 0.2, 0.03))
FISHEYE = Camera(1280, 1024, 330, 331, 640, 512, "fisheye", (0.05, -0.01, 0.003, -0.0005))
CAMERAS = [PINHOLE, BARREL, PINCUSHION, RATIONAL, FISHEYE]

seeds = st.integers(0, 2**32 - 1)
cameras = st.sampled_from(CAMERAS)


def points_before(camera: Camera, seed: int, count: int = 50) -> np.ndarray:
    rays = camera.unproject(
        np.random.default_rng(seed).uniform((0, 0), (camera.width_px - 1, camera.height_px - 1), (count, 2))
    )
    rays = rays[np.isfinite(rays).all(axis=1)]
    return rays * np.random.default_rng(seed).uniform(0.1, 100, (len(rays), 1))


@given(cameras, seeds)
def test_projection_agrees_with_opencv(camera: Camera, seed: int) -> None:
    points = points_before(camera, seed)
    points = points[points[:, 2] > 1e-3]
    zero, lens = np.zeros(3), np.array(camera.distortion)
    if camera.model == "fisheye":
        expected = cv2.fisheye.projectPoints(points[:, None], zero, zero, camera.intrinsics, lens)[0][:, 0]
    else:
        expected = cv2.projectPoints(points[:, None], zero, zero, camera.intrinsics, lens)[0][:, 0]
    pixels, visible_mask = camera.project(points)
    assert np.abs(pixels - expected).max() < 1e-6
    assert visible_mask.mean() > 0.9


@given(cameras, seeds)
def test_projecting_undoes_unprojecting(camera: Camera, seed: int) -> None:
    pixels = np.random.default_rng(seed).uniform(-50, (camera.width_px + 50, camera.height_px + 50), (40, 2))
    rays = camera.unproject(pixels)
    known = np.isfinite(rays).all(axis=1)
    assert np.linalg.norm(rays[known], axis=1) == pytest.approx(1)
    assert np.abs(camera.project(rays[known] * 7)[0] - pixels[known]).max(initial=0) < 1e-6


@given(cameras, seeds)
def test_unprojecting_undoes_projecting(camera: Camera, seed: int) -> None:
    points = np.random.default_rng(seed).uniform((-30, -20, -5), (30, 20, 40), (60, 3))
    pixels, visible_mask = camera.project(points)
    seen = points[visible_mask]
    rays = camera.unproject(pixels[visible_mask])
    assert np.abs(rays - seen / np.linalg.norm(seen, axis=1, keepdims=True)).max(initial=0) < 1e-7


@given(cameras)
def test_the_principal_point_looks_straight_ahead(camera: Camera) -> None:
    assert camera.unproject(np.array([[camera.cx_px, camera.cy_px]])) == pytest.approx(np.array([[0, 0, 1]]))
    assert camera.project(np.array([[0, 0, 5.0]]))[0] == pytest.approx(np.array([[camera.cx_px, camera.cy_px]]))


def test_every_pixel_of_a_whole_lens_has_a_ray() -> None:
    for camera in (PINHOLE, PINCUSHION, RATIONAL):
        u, v = np.meshgrid(np.arange(0, camera.width_px, 40), np.arange(0, camera.height_px, 40))
        assert np.isfinite(camera.unproject(np.stack([u.ravel(), v.ravel()], axis=1))).all()


def test_a_pixel_no_ray_falls_on_has_no_ray() -> None:
    """The corners of a fisheye's image are dark, and a strong barrel does not reach its image's corners."""
    strong = Camera(1280, 720, 400, 400, 640, 360, "plumb_bob", (-0.4, 0, 0, 0, 0))
    for camera in (FISHEYE, strong):
        assert np.isnan(camera.unproject(np.array([[0, 0], [camera.width_px - 1, camera.height_px - 1]]))).all()


@pytest.mark.parametrize("strength", [-0.3, -0.2, -0.5])
def test_points_beyond_the_turning_of_a_lens_do_not_fold_back(strength: float) -> None:
    camera = Camera(1280, 720, 700, 700, 640, 360, "plumb_bob", (strength, 0, 0, 0, 0))
    turning = math.sqrt(1 / (-3 * strength))
    assert camera.lens_limit == pytest.approx(turning)
    angle = np.linspace(0, math.tau, 17)
    for share, is_seen in ((0.999, True), (1.001, False), (1.7, False), (50, False)):
        points = np.stack([share * turning * np.cos(angle), share * turning * np.sin(angle), np.ones(17)], axis=1)
        pixels, visible_mask = camera.project(points)
        assert np.isfinite(pixels).all() == is_seen
        assert is_seen or (np.isnan(pixels).all() and not visible_mask.any())


def test_the_radius_on_the_image_grows_with_the_angle_to_the_axis() -> None:
    for camera in CAMERAS:
        angle = np.linspace(0, 1.5, 400)
        pixels = camera.project(np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=1))[0]
        seen = np.isfinite(pixels[:, 0])
        assert not np.any(np.diff(seen.astype(int)) > 0)
        assert (np.diff(np.hypot(*(pixels[seen] - (camera.cx_px, camera.cy_px)).T)) > 0).all()


def test_a_fisheye_sees_behind_its_plane() -> None:
    pixels, visible_mask = FISHEYE.project(np.array([[1.0, 0, -0.1], [0, 0, -1.0]]))
    assert np.isfinite(pixels[0]).all()
    assert visible_mask.tolist() == [True, False]
    assert FISHEYE.unproject(pixels[:1])[0] == pytest.approx(np.array([1, 0, -0.1]) / math.hypot(1, 0.1))


def test_nothing_behind_or_beside_is_visible() -> None:
    points = np.array([[0, 0, 5.0], [0, 0, -5.0], [0, 0, 0], [100, 0, 1], [np.nan, 0, 1], [0, np.inf, 1]], np.float32)
    pixels, visible_mask = PINHOLE.project(points)
    assert visible_mask.tolist() == [True, False, False, False, False, False]
    assert np.isnan(pixels[[1, 2, 4, 5]]).all()
    assert np.isfinite(pixels[3]).all()


def test_no_points_are_no_pixels() -> None:
    for camera in CAMERAS:
        pixels, visible_mask = camera.project(np.empty((0, 3)))
        assert pixels.shape == (0, 2)
        assert visible_mask.shape == (0,)
        assert camera.unproject(np.empty((0, 2))).shape == (0, 3)


def test_the_outermost_pixel_centres_are_in_the_image() -> None:
    pixels = np.array([[0, 0], [1241, 374], [-0.01, 0], [1241.01, 0], [np.nan, 3]])
    assert PINHOLE.contains(pixels).tolist() == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fx_px", 0.0),
        ("fy_px", -700.0),
        ("cx_px", math.nan),
        ("width_px", 0),
        ("height_px", -3),
        ("height_px", math.nan),
        ("width_px", 10.5),
        ("model", "orthographic"),
    ],
)
def test_numbers_that_are_no_camera_are_refused(field: str, value: object) -> None:
    numbers: dict[str, object] = {"width_px": 10, "height_px": 10, "fx_px": 5.0, "fy_px": 5.0, "cx_px": 5, "cy_px": 5}
    with pytest.raises(CameraError, match=field):
        Camera(**{**numbers, field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "distortion"),
    [("pinhole", (0.1,)), ("plumb_bob", (0.1,) * 4), ("rational", (0.1,) * 5), ("fisheye", (0.1, 0, 0, math.inf))],
)
def test_a_wrong_count_of_coefficients_is_refused(model: CameraModel, distortion: tuple[float, ...]) -> None:
    with pytest.raises(CameraError, match=f"distortion of a {model}"):
        Camera(10, 10, 5, 5, 5, 5, model, distortion)
