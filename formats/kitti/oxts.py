"""KITTI's oxts files: where the vehicle was, as latitude, longitude, altitude and angles.

Source: A. Geiger et al., Vision meets Robotics: The KITTI Dataset, IJRR 2013, and its development
kit: a Mercator projection with the scale s = cos(latitude of the first line),
x = s r lon, y = s r ln tan(pi/4 + lat/2), z = alt, R = Rz(yaw) Ry(pitch) Rx(roll).
The first line's position is the world's origin.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.geometry import Pose, interpolate_pose
from worldline.geometry.arrays import Float64s
from worldline.geometry.pose import Vector

from ..errors import BrokenFileError

EARTH_RADIUS_M = 6378137.0
COLUMN_COUNT = 30
_ANGLES = slice(3, 6)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a world's origin is on the earth; the scale of the projection is the cosine of its latitude.

    Attributes:
        latitude_deg: North.
        longitude_deg: East.
        altitude_m: Above the ellipsoid.
    """

    latitude_deg: float
    longitude_deg: float
    altitude_m: float

    @property
    def scale(self) -> float:
        """The Mercator scale."""
        return math.cos(math.radians(self.latitude_deg))

    @property
    def origin_m(self) -> Vector:
        """Its own Mercator coordinates."""
        x, y = project(self.latitude_deg, self.longitude_deg, self.scale)
        return x, y, self.altitude_m


KARLSRUHE = Place(49.0, 8.43, 110.0)
"""The place on the earth of a scene that names none: where KITTI was recorded."""


def read_oxts(path: Path) -> tuple[Place, list[Pose]]:
    """The world's origin and ``world_from_imu`` of each line.

    Raises:
        BrokenFileError: A line has not 30 finite numbers, or no place on the earth.
    """
    rows: list[list[float]] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BrokenFileError(f"expected text: {error}", path=path, place=f"byte {error.start}") from error
    for number, line in enumerate(lines, start=1):
        words = line.split()
        try:
            row = [float(word) for word in words]
        except ValueError as error:
            raise BrokenFileError(f"must be numbers: {error}", path=path, place=f"line {number}") from error
        if len(row) != COLUMN_COUNT or not all(map(math.isfinite, row)):
            raise BrokenFileError(
                f"must be {COLUMN_COUNT} finite numbers, found {len(row)}", path=path, place=f"line {number}",
                fix="copy the file again from its source",
            )  # fmt: skip
        if not (-89 < row[0] < 89 and -180 <= row[1] <= 180):
            raise BrokenFileError(
                f"latitude {row[0]:g}, longitude {row[1]:g} is no place that KITTI's projection knows",
                path=path, place=f"line {number}",
            )  # fmt: skip
        rows.append(row)
    if not rows:
        raise BrokenFileError("is empty: expected one line a frame", path=path)
    place = Place(*rows[0][:3])
    return place, [_pose(row, place) for row in rows]


def format_oxts(poses: Sequence[Pose | None], place: Place, step_s: float) -> str:
    """The text of an oxts file, from which `read_oxts` gives the same poses.

    Args:
        poses: ``world_from_imu`` of each line. Where it is None, the line is filled: between two poses with
            what lies between, after the last with the last, before the first with the world's origin, so that
            the first line says where that is.
        place: The world's origin on the earth.
        step_s: From line to line.
    """
    filled = fill_poses(poses)
    places = np.array([pose.translation_m for pose in filled])
    velocities = np.zeros_like(places)
    first = next(index for index, pose in enumerate(poses) if pose is not None)
    if len(filled) - first > 1:
        velocities[first:] = np.gradient(places[first:], step_s, axis=0)
    return "".join(_format(pose, velocity, place) for pose, velocity in zip(filled, velocities, strict=True))


def fill_poses(poses: Sequence[Pose | None]) -> list[Pose]:
    """Poses with the gaps filled as `format_oxts` says."""
    known = [(index, pose) for index, pose in enumerate(poses) if pose is not None]
    filled: list[Pose] = [Pose()] * known[0][0]
    for (index, pose), (following, after) in zip(known, [*known[1:], (len(poses), known[-1][1])], strict=True):
        gap = following - index
        filled += [interpolate_pose(pose, after, step / gap) if step else pose for step in range(gap)]
    return filled


def project(latitude_deg: float, longitude_deg: float, scale: float) -> tuple[float, float]:
    """Mercator coordinates in metres."""
    x = scale * EARTH_RADIUS_M * math.radians(longitude_deg)
    y = scale * EARTH_RADIUS_M * math.log(math.tan(math.pi / 4 + math.radians(latitude_deg) / 2))
    return x, y


def unproject(x_m: float, y_m: float, scale: float) -> tuple[float, float]:
    """Latitude and longitude in degrees of Mercator coordinates."""
    latitude = 2 * math.atan(math.exp(y_m / (scale * EARTH_RADIUS_M))) - math.pi / 2
    return math.degrees(latitude), math.degrees(x_m / (scale * EARTH_RADIUS_M))


def _pose(row: list[float], place: Place) -> Pose:
    x, y = project(row[0], row[1], place.scale)
    east, north, up = place.origin_m
    roll, pitch, yaw = row[_ANGLES]
    turn = Pose.from_yaw(yaw) @ Pose((math.cos(pitch / 2), 0.0, math.sin(pitch / 2), 0.0))
    turn = turn @ Pose((math.cos(roll / 2), math.sin(roll / 2), 0.0, 0.0))
    return Pose(turn.rotation_wxyz, (x - east, y - north, row[2] - up))


def _format(pose: Pose, velocity: Float64s, place: Place) -> str:
    east, north, up = place.origin_m
    x, y, z = pose.translation_m
    latitude, longitude = unproject(x + east, y + north, place.scale)
    r = pose.rotation
    roll, yaw = math.atan2(r[2, 1], r[2, 2]), math.atan2(r[1, 0], r[0, 0])
    pitch = math.asin(min(1.0, max(-1.0, -float(r[2, 0]))))
    forward, left, upward = (r.T @ velocity).tolist()
    to_north, to_east = float(velocity[1]), float(velocity[0])
    moving = (to_north, to_east, forward, left, upward)
    numbers = [f"{latitude:.13f} {longitude:.13f} {z + up:.9f}", f"{roll:.12f} {pitch:.12f} {yaw:.12f}"]
    numbers += [" ".join(f"{round(value, 9) + 0.0:.9f}" for value in moving), " ".join(["0"] * 19)]
    return " ".join(numbers) + "\n"
