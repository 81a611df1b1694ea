"""KITTI's classes and the schema's."""

from typing import Literal, TypeAlias

Dialect: TypeAlias = Literal["kitti-object", "kitti-tracking"]

DONT_CARE = "DontCare"
CLASS_NAMES = {
    "Car": "car",
    "Van": "van",
    "Truck": "truck",
    "Pedestrian": "pedestrian",
    "Person_sitting": "person_sitting",
    "Person": "person_sitting",
    "Cyclist": "cyclist",
    "Tram": "tram",
    "Misc": "misc",
}
"""KITTI's name (the tracking set's sitting person is a Person) to the schema's."""

_NAMES = {"person_sitting": {"kitti-object": "Person_sitting", "kitti-tracking": "Person"}}
_OTHERS = {name: kitti for kitti, name in CLASS_NAMES.items() if name != "person_sitting"}


def kitti_class(class_name: str, dialect: Dialect) -> str | None:
    """KITTI's name for a class of the schema, None where it has none but Misc."""
    if class_name in _NAMES:
        return _NAMES[class_name][dialect]
    return _OTHERS.get(class_name)
