"""Rigid poses: where one frame of reference stands in another.

A pose called ``a_from_b`` maps coordinates in b to coordinates in a, so that
``a_from_c = a_from_b @ b_from_c``. Rotations are unit quaternions, scalar first
(w, x, y, z); of q and -q, which are one rotation, the one with w >= 0 is kept.
Yaw is about +z, counter-clockwise from +x, in (-pi, pi].
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from .arrays import Float64s, Floats
from .errors import PoseError

QUATERNION_NORM_TOLERANCE = 1e-3
"""How far from 1 a quaternion's norm may be: more is an error, not rounding."""

_EXACT = 1e-12

Quaternion = tuple[float, float, float, float]
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Pose:
    """A rotation, then a translation: ``a = rotation * b + translation``.

    Attributes:
        rotation_wxyz: Unit quaternion, scalar first.
        translation_m: Where b's origin is in a, metres.

    Raises:
        PoseError: A number is not finite, or the quaternion's norm is off by more than 1e-3.
    """

    rotation_wxyz: Quaternion = (1.0, 0.0, 0.0, 0.0)
    translation_m: Vector = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        """Check the numbers and keep the one quaternion of two that has w >= 0."""
        object.__setattr__(self, "rotation_wxyz", _unit_quaternion(self.rotation_wxyz))
        if not are_finite(self.translation_m, 3):
            raise PoseError(f"translation_m must be 3 finite metres: {self.translation_m}")
        x, y, z = (float(value) for value in self.translation_m)
        object.__setattr__(self, "translation_m", (x, y, z))

    @classmethod
    def from_matrix(cls, matrix: Floats) -> Self:
        """The pose of a (3, 4) or (4, 4) matrix.

        Raises:
            PoseError: The shape is another, or the left 3 x 3 part is not a rotation within 1e-3.
        """
        m = np.asarray(matrix, dtype=np.float64)
        if m.shape not in ((3, 4), (4, 4)):
            raise PoseError(f"a pose's matrix is 3 x 4 or 4 x 4, not {m.shape}")
        return cls(quaternion_from_matrix(m[:3, :3]), (float(m[0, 3]), float(m[1, 3]), float(m[2, 3])))

    @classmethod
    def from_yaw(cls, yaw_rad: float, translation_m: Vector = (0.0, 0.0, 0.0)) -> Self:
        """A pose that only turns about +z."""
        return cls((math.cos(yaw_rad / 2), 0.0, 0.0, math.sin(yaw_rad / 2)), translation_m)

    @property
    def rotation(self) -> Float64s:
        """(3, 3) float64, the rotation as a matrix."""
        w, x, y, z = self.rotation_wxyz
        return np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ]
        )

    @property
    def matrix(self) -> Float64s:
        """(4, 4) float64, homogeneous."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = self.translation_m
        return matrix

    @property
    def yaw_rad(self) -> float:
        """Heading of b's +x seen from a, about a's +z."""
        w, x, y, z = self.rotation_wxyz
        return wrap_angle(math.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)))

    def inverse(self) -> "Pose":
        """``b_from_a`` of ``a_from_b``."""
        w, x, y, z = self.rotation_wxyz
        back = (w, -x, -y, -z)
        tx, ty, tz = rotate(back, self.translation_m)
        return Pose(back, (-tx, -ty, -tz))

    def __matmul__(self, other: "Pose") -> "Pose":
        """``a_from_c`` of ``a_from_b @ b_from_c``."""
        x, y, z = rotate(self.rotation_wxyz, other.translation_m)
        tx, ty, tz = self.translation_m
        return Pose(multiply(self.rotation_wxyz, other.rotation_wxyz), (x + tx, y + ty, z + tz))

    def apply(self, points: Floats) -> Float64s:
        """Points of b as points of a.

        Args:
            points: (..., 3) b, metres.

        Returns:
            (..., 3) float64, a, metres.
        """
        moved: Float64s = np.asarray(points, dtype=np.float64) @ self.rotation.T + np.asarray(self.translation_m)
        return moved

    def turned(self, angle_rad: float) -> "Pose":
        """This pose turned about b's own +z."""
        return self @ Pose.from_yaw(angle_rad)

    def angle_to(self, other: "Pose") -> float:
        """The angle of the rotation between the two, in [0, pi]."""
        w, x, y, z = multiply(self.inverse().rotation_wxyz, other.rotation_wxyz)
        return 2 * math.atan2(math.sqrt(x * x + y * y + z * z), abs(w))


def interpolate_pose(start: Pose, end: Pose, share: float) -> Pose:
    """The pose a share of the way from start to end: a straight line and the shorter arc (slerp).

    Source: K. Shoemake, Animating Rotation with Quaternion Curves, SIGGRAPH 1985.
    """
    w, x, y, z = multiply(start.inverse().rotation_wxyz, end.rotation_wxyz)
    if w < 0:
        w, x, y, z = -w, -x, -y, -z
    sine = math.sqrt(x * x + y * y + z * z)
    half = math.atan2(sine, w) * share
    scale = math.sin(half) / sine if sine > _EXACT else share
    rotation = multiply(start.rotation_wxyz, (math.cos(half), x * scale, y * scale, z * scale))
    ax, ay, az = start.translation_m
    bx, by, bz = end.translation_m
    return Pose(rotation, (ax + (bx - ax) * share, ay + (by - ay) * share, az + (bz - az) * share))


def are_finite(values: Sequence[float], count: int) -> bool:
    """Whether there are so many values and all of them are finite."""
    return len(values) == count and all(map(math.isfinite, values))


def wrap_angle(angle_rad: float) -> float:
    """The same angle in (-pi, pi]."""
    wrapped = math.remainder(angle_rad, math.tau)
    return math.pi if wrapped == -math.pi else wrapped


def multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """The Hamilton product: first b's rotation, then a's."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def rotate(q: Quaternion, v: Vector) -> Vector:
    """A vector turned by a unit quaternion."""
    w, x, y, z = q
    vx, vy, vz = v
    cx, cy, cz = 2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)
    return (
        vx + w * cx + y * cz - z * cy,
        vy + w * cy + z * cx - x * cz,
        vz + w * cz + x * cy - y * cx,
    )


def quaternion_from_matrix(rotation: Float64s) -> Quaternion:
    """The unit quaternion of a rotation matrix.

    Source: S. W. Shepperd, Quaternion from Rotation Matrix, J. Guidance and Control 1978.

    Raises:
        PoseError: The matrix is not a rotation within 1e-3, or not finite.
    """
    r = np.asarray(rotation, dtype=np.float64)
    if r.shape != (3, 3) or not np.isfinite(r).all():
        raise PoseError(f"a rotation is 3 x 3 finite numbers: {r.tolist()}")
    error = float(np.abs(r @ r.T - np.eye(3)).max())
    if error > QUATERNION_NORM_TOLERANCE or np.linalg.det(r) < 0:
        raise PoseError(
            f"not a rotation: R R^T differs from the identity by {error:.3g}, "
            f"determinant {np.linalg.det(r):.6g} (must be 1 within {QUATERNION_NORM_TOLERANCE})"
        )
    trace = r[0, 0] + r[1, 1] + r[2, 2]
    squares = np.array([trace, r[0, 0], r[1, 1], r[2, 2]])
    largest = int(np.argmax(squares))
    if largest == 0:
        q = np.array([1 + trace, r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])
    else:
        i, j, k = largest - 1, largest % 3, (largest + 1) % 3
        q = np.empty(4)
        q[0] = r[k, j] - r[j, k]
        q[1 + i] = 1 + 2 * r[i, i] - trace
        q[1 + j] = r[j, i] + r[i, j]
        q[1 + k] = r[k, i] + r[i, k]
    q /= np.linalg.norm(q)
    return (float(q[0]), float(q[1]), float(q[2]), float(q[3]))


def _unit_quaternion(q: Quaternion) -> Quaternion:
    if not are_finite(q, 4):
        raise PoseError(f"rotation_wxyz must be 4 finite numbers, scalar first: {q}")
    w, x, y, z = (float(value) for value in q)
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    if abs(norm - 1) > QUATERNION_NORM_TOLERANCE:
        raise PoseError(f"rotation_wxyz must have norm 1 within {QUATERNION_NORM_TOLERANCE}, not {norm:.6g}: {q}")
    if abs(norm - 1) > _EXACT:
        w, x, y, z = w / norm, x / norm, y / norm, z / norm
    first = next((value for value in (w, x, y, z) if value != 0.0), 1.0)
    if first < 0:
        w, x, y, z = -w, -x, -y, -z
    return (w + 0.0, x + 0.0, y + 0.0, z + 0.0)  # + 0.0 turns -0.0 into 0.0: one text per value
