"""Facts of a KITTI source that a scene keeps in its `meta`, so that an export gives them back."""

from collections.abc import Mapping

from ..scene import MetaValue
from .oxts import KARLSRUHE, Place

SOURCE = "source_format"
SEQUENCE = "kitti_sequence"
EGO_POSES = "ego_poses"
NO_EGO_POSES = "unknown"
"""Value of `EGO_POSES` where the source does not say how the vehicle moved: the world moves with it."""

_LATITUDE, _LONGITUDE, _ALTITUDE = "kitti_latitude_deg", "kitti_longitude_deg", "kitti_altitude_m"


def calibration_key(camera: str) -> str:
    """The key of the calibration file of a camera."""
    return f"kitti_calibration.{camera}"


def place_facts(place: Place) -> dict[str, MetaValue]:
    """Where the world's origin is on the earth."""
    return {_LATITUDE: place.latitude_deg, _LONGITUDE: place.longitude_deg, _ALTITUDE: place.altitude_m}


def find_place(meta: Mapping[str, MetaValue]) -> Place:
    """Where the world's origin is on the earth; Karlsruhe where nothing says it."""
    latitude, longitude, altitude = (meta.get(key) for key in (_LATITUDE, _LONGITUDE, _ALTITUDE))
    if isinstance(latitude, int | float) and isinstance(longitude, int | float) and isinstance(altitude, int | float):
        return Place(latitude, longitude, altitude)
    return KARLSRUHE


def place_is_known(meta: Mapping[str, MetaValue]) -> bool:
    """Whether the source said where the world's origin is on the earth."""
    return all(isinstance(meta.get(key), int | float) for key in (_LATITUDE, _LONGITUDE, _ALTITUDE))


def ego_is_known(meta: Mapping[str, MetaValue]) -> bool:
    """Whether the source said how the vehicle moved."""
    return meta.get(EGO_POSES) != NO_EGO_POSES
