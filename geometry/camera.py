"""Cameras: from points in front of a lens to pixels, and from pixels back to rays.

The camera frame is OpenCV's optical frame: x right, y down, z forward. Pixel coordinates are
0-based and (0, 0) is the centre of the top left pixel, so the image is
[0, width - 1] x [0, height - 1].
"""

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np

from .arrays import Bools, Float64s, Floats
from .distortion import COEFFICIENT_COUNTS, CameraModel, distort, lens_limit, undistort
from .errors import CameraError


@dataclass(frozen=True, slots=True)
class Camera:
    """A lens and a sensor.

    Attributes:
        width_px: Columns of the image.
        height_px: Rows of the image.
        fx_px: Focal length across.
        fy_px: Focal length down.
        cx_px: Principal point across.
        cy_px: Principal point down.
        model: The lens.
        distortion: Its coefficients in OpenCV's order: plumb_bob k1 k2 p1 p2 k3, rational
            k1 k2 p1 p2 k3 k4 k5 k6, fisheye k1 k2 k3 k4, pinhole none.

    Raises:
        CameraError: A focal length or a size is not above zero, the model is unknown, the count of
            coefficients is another, or a number is not finite.
    """

    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    model: CameraModel = "pinhole"
    distortion: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.model not in get_args(CameraModel):
            raise CameraError(f"model must be one of {', '.join(get_args(CameraModel))}, not {self.model!r}")
        for name in ("width_px", "height_px"):
            value = getattr(self, name)
            if not math.isfinite(value) or value != int(value) or value <= 0:
                raise CameraError(f"{name} must be a whole number above 0, not {value}")
            object.__setattr__(self, name, int(value))
        for name in ("fx_px", "fy_px", "cx_px", "cy_px"):
            value = float(getattr(self, name))
            if not math.isfinite(value) or (name[0] == "f" and value <= 0):
                raise CameraError(f"{name} must be finite{' and above 0' if name[0] == 'f' else ''}, not {value}")
            object.__setattr__(self, name, value)
        expected = COEFFICIENT_COUNTS[self.model]
        if len(self.distortion) != expected or not all(map(math.isfinite, self.distortion)):
            raise CameraError(
                f"distortion of a {self.model} camera must be {expected} finite numbers in OpenCV's order, "
                f"not {self.distortion}"
            )
        object.__setattr__(self, "distortion", tuple(float(value) for value in self.distortion))

    @property
    def intrinsics(self) -> Float64s:
        """(3, 3) float64, the camera matrix K."""
        return np.array([[self.fx_px, 0, self.cx_px], [0, self.fy_px, self.cy_px], [0, 0, 1]], dtype=np.float64)

    @property
    def lens_limit(self) -> float:
        """How far from the axis the lens sees: r = hypot(x, y) / z, for a fisheye an angle in radians."""
        return lens_limit(self.model, self.distortion)

    def project(self, points_camera: Floats) -> tuple[Float64s, Bools]:
        """Pixels of points, and which of them the camera sees.

        Args:
            points_camera: (N, 3) camera, metres.

        Returns:
            (N, 2) float64 pixels, NaN for a point behind the camera or beyond its lens's range, and
            (N,) bool, True for a point in front of the lens and in the image.
        """
        points = np.asarray(points_camera, dtype=np.float64).reshape(-1, 3)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            pixels = distort(points, self.model, self.distortion) * (self.fx_px, self.fy_px) + (self.cx_px, self.cy_px)
            pixels[~np.isfinite(pixels).all(axis=1)] = np.nan
        return pixels, self.contains(pixels)

    def unproject(self, pixels: Floats) -> Float64s:
        """The ray through each pixel.

        Args:
            pixels: (N, 2) pixels, inside the image or not.

        Returns:
            (N, 3) float64 unit vectors, camera; NaN where no ray of the lens falls.
        """
        image = np.asarray(pixels, dtype=np.float64).reshape(-1, 2)
        image = (image - (self.cx_px, self.cy_px)) / (self.fx_px, self.fy_px)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            return undistort(image, self.model, self.distortion)

    def contains(self, pixels: Floats) -> Bools:
        """Which pixels lie in the image, its outermost pixel centres included; NaN does not.

        Args:
            pixels: (N, 2) pixels.

        Returns:
            (N,) bool.
        """
        x, y = np.asarray(pixels, dtype=np.float64).reshape(-1, 2).T
        inside: Bools = (x >= 0) & (x <= self.width_px - 1) & (y >= 0) & (y <= self.height_px - 1)
        return inside
