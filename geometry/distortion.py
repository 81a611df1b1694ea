"""Lens distortion: where a ray falls on the normalised image, and back.

The models and the order of their coefficients are OpenCV's: plumb_bob k1 k2 p1 p2 k3,
rational k1 k2 p1 p2 k3 k4 k5 k6, fisheye k1 k2 k3 k4 (J. Kannala and S. Brandt, PAMI 2006).
A polynomial lens holds only up to the radius at which it turns back: beyond it points would
fold into the image, so they are outside the lens and become NaN here.
"""

import math
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import ArrayLike

from .arrays import Float64s

CameraModel: TypeAlias = Literal["pinhole", "plumb_bob", "rational", "fisheye"]
COEFFICIENT_COUNTS: dict[str, int] = {"pinhole": 0, "plumb_bob": 5, "rational": 8, "fisheye": 4}

_NEWTON_STEPS = 30
_TABLE_SIZE = 256
_WIDEST = 20.0


@lru_cache(maxsize=256)
def lens_limit(model: CameraModel, coefficients: tuple[float, ...]) -> float:
    """How far from the axis the lens still spreads outward.

    Returns:
        The largest r = hypot(x, y) / z, or for a fisheye the largest angle in radians; infinite
        where the model never turns back.
    """
    if model == "pinhole":
        return math.inf
    if model == "fisheye":
        k1, k2, k3, k4 = coefficients
        return min(math.pi, math.sqrt(_first_root([1, 3 * k1, 5 * k2, 7 * k3, 9 * k4])))
    above, below = _radial_polynomials(model, coefficients)
    slope_above = polynomial.polyadd(above, 2 * polynomial.polymulx(polynomial.polyder(above)))
    slope = polynomial.polysub(
        polynomial.polymul(slope_above, below),
        2 * polynomial.polymulx(polynomial.polymul(above, polynomial.polyder(below))),
    )
    return math.sqrt(min(_first_root(slope), _first_root(below)))


def distort(points: Float64s, model: CameraModel, coefficients: tuple[float, ...]) -> Float64s:
    """Where points in front of a lens fall on the plane at distance 1.

    Args:
        points: (N, 3) camera, metres.
        model: The lens.
        coefficients: Its numbers, in OpenCV's order.

    Returns:
        (N, 2) float64 normalised image coordinates, NaN for a point the lens cannot see.
    """
    x, y, z = points.T
    limit = lens_limit(model, coefficients)
    if model == "fisheye":
        across = np.hypot(x, y)
        angle = np.arctan2(across, z)
        scale = _fisheye_angle(angle, coefficients) / np.where(across > 0, across, 1.0)
        scale[(angle > limit) | ~np.isfinite(angle) | ((across == 0) & (z <= 0))] = np.nan
        return np.stack([x * scale, y * scale], axis=1)
    depth = np.where(z > 0, z, np.nan)
    flat = np.stack([x / depth, y / depth], axis=1)
    if model == "pinhole":
        return flat
    spread, jacobian = _spread(flat, model, coefficients)
    folded = (np.hypot(flat[:, 0], flat[:, 1]) > limit) | (_determinant(jacobian) <= 0)
    spread[folded] = np.nan
    return spread


def undistort(image: Float64s, model: CameraModel, coefficients: tuple[float, ...]) -> Float64s:
    """The ray that falls on a place of the plane at distance 1: Newton's method on `distort`.

    Args:
        image: (N, 2) normalised image coordinates.
        model: The lens.
        coefficients: Its numbers, in OpenCV's order.

    Returns:
        (N, 3) float64 unit vectors, camera; NaN where no ray of the lens falls.
    """
    if model == "fisheye":
        return _undistort_fisheye(image, coefficients)
    flat = image.copy() if model == "pinhole" else _undistort_flat(image, model, coefficients)
    rays = np.concatenate([flat, np.ones((len(flat), 1))], axis=1)
    rays[np.isnan(flat[:, 0]), 2] = np.nan
    unit: Float64s = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    return unit


def _undistort_flat(image: Float64s, model: CameraModel, coefficients: tuple[float, ...]) -> Float64s:
    limit = lens_limit(model, coefficients)
    radius = np.hypot(image[:, 0], image[:, 1])
    table = np.linspace(0, min(limit, _WIDEST), _TABLE_SIZE)
    reach = _spread(
        np.stack([table, np.zeros(_TABLE_SIZE)], axis=1), model, (*coefficients[:2], 0, 0, *coefficients[4:])
    )
    start = np.interp(radius, reach[0][:, 0], table)
    flat = image * (start / np.where(radius > 0, radius, 1.0))[:, None]
    for _ in range(_NEWTON_STEPS):
        there, jacobian = _spread(flat, model, coefficients)
        miss = there - image
        determinant = _determinant(jacobian)
        safe = np.where(np.abs(determinant) > 1e-12, determinant, np.nan)
        step_x = (jacobian[:, 1, 1] * miss[:, 0] - jacobian[:, 0, 1] * miss[:, 1]) / safe
        step_y = (jacobian[:, 0, 0] * miss[:, 1] - jacobian[:, 1, 0] * miss[:, 0]) / safe
        flat = flat - np.stack([step_x, step_y], axis=1)
        if not np.any(np.abs(miss) > 1e-14):
            break
    there, jacobian = _spread(flat, model, coefficients)
    lost = (
        ~(np.hypot(*(there - image).T) < 1e-9)
        | (np.hypot(flat[:, 0], flat[:, 1]) > limit * (1 + 1e-9))
        | (_determinant(jacobian) <= 0)
    )
    flat[lost] = np.nan
    return flat


def _undistort_fisheye(image: Float64s, coefficients: tuple[float, ...]) -> Float64s:
    limit = lens_limit("fisheye", coefficients)
    radius = np.hypot(image[:, 0], image[:, 1])
    table = np.linspace(0, limit, _TABLE_SIZE)
    angle = np.interp(radius, _fisheye_angle(table, coefficients), table)
    k1, k2, k3, k4 = coefficients
    for _ in range(_NEWTON_STEPS):
        s = angle * angle
        slope = 1 + s * (3 * k1 + s * (5 * k2 + s * (7 * k3 + s * 9 * k4)))
        miss = _fisheye_angle(angle, coefficients) - radius
        angle = np.clip(angle - miss / np.where(slope > 1e-12, slope, 1e-12), 0, limit)
        if not np.any(np.abs(miss) > 1e-15):
            break
    angle[~(np.abs(_fisheye_angle(angle, coefficients) - radius) < 1e-9)] = np.nan
    across = np.sin(angle) / np.where(radius > 0, radius, 1.0)
    return np.stack([image[:, 0] * across, image[:, 1] * across, np.cos(angle)], axis=1)


def _fisheye_angle(angle: Float64s, coefficients: tuple[float, ...]) -> Float64s:
    k1, k2, k3, k4 = coefficients
    s = angle * angle
    bent: Float64s = angle * (1 + s * (k1 + s * (k2 + s * (k3 + s * k4))))
    return bent


def _spread(flat: Float64s, model: CameraModel, coefficients: tuple[float, ...]) -> tuple[Float64s, Float64s]:
    """Distorted coordinates (N, 2) and their Jacobian (N, 2, 2)."""
    above, below = _radial_polynomials(model, coefficients)
    p1, p2 = coefficients[2:4]
    x, y = flat.T
    s = x * x + y * y
    top, bottom = polynomial.polyval(s, above), polynomial.polyval(s, below)
    scale = top / bottom
    slope = (
        polynomial.polyval(s, polynomial.polyder(above)) - scale * polynomial.polyval(s, polynomial.polyder(below))
    ) / bottom
    spread = np.stack(
        [x * scale + 2 * p1 * x * y + p2 * (s + 2 * x * x), y * scale + p1 * (s + 2 * y * y) + 2 * p2 * x * y], axis=1
    )
    mixed = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y
    jacobian = np.empty((len(flat), 2, 2))
    jacobian[:, 0, 0] = scale + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
    jacobian[:, 0, 1] = jacobian[:, 1, 0] = mixed
    jacobian[:, 1, 1] = scale + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x
    return spread, jacobian


def _determinant(jacobian: Float64s) -> Float64s:
    determinant: Float64s = jacobian[:, 0, 0] * jacobian[:, 1, 1] - jacobian[:, 0, 1] * jacobian[:, 1, 0]
    return determinant


def _radial_polynomials(model: CameraModel, coefficients: tuple[float, ...]) -> tuple[Float64s, Float64s]:
    """Numerator and denominator of the radial scale in s = r squared, lowest power first."""
    k1, k2, _, _, k3 = coefficients[:5]
    k4, k5, k6 = coefficients[5:] if model == "rational" else (0.0, 0.0, 0.0)
    return np.array([1.0, k1, k2, k3]), np.array([1.0, k4, k5, k6])


def _first_root(series: ArrayLike) -> float:
    """Smallest positive real root of a polynomial, lowest power first; infinite when there is none."""
    roots = np.roots(np.asarray(series, dtype=np.float64)[::-1])
    real = roots.real[(np.abs(roots.imag) <= 1e-9 * np.maximum(np.abs(roots), 1e-300)) & (roots.real > 0)]
    return float(real.min()) if real.size else math.inf
