"""Categories, attributes and visibility of nuScenes, and the schema's classes."""

from ..schema import default_schema

CATEGORIES: dict[str, tuple[str, str]] = {
    "human.pedestrian.adult": ("pedestrian", ""),
    "human.pedestrian.child": ("pedestrian", "child"),
    "human.pedestrian.construction_worker": ("pedestrian", "construction_worker"),
    "human.pedestrian.personal_mobility": ("pedestrian", "personal_mobility"),
    "human.pedestrian.police_officer": ("pedestrian", "police_officer"),
    "human.pedestrian.stroller": ("pedestrian", "stroller"),
    "human.pedestrian.wheelchair": ("pedestrian", "wheelchair"),
    "vehicle.car": ("car", ""),
    "vehicle.emergency.police": ("car", "emergency.police"),
    "vehicle.emergency.ambulance": ("van", "emergency.ambulance"),
    "vehicle.truck": ("truck", ""),
    "vehicle.bus.rigid": ("bus", ""),
    "vehicle.bus.bendy": ("bus", "bendy"),
    "vehicle.trailer": ("trailer", ""),
    "vehicle.construction": ("construction_vehicle", ""),
    "vehicle.motorcycle": ("motorcycle", ""),
    "vehicle.bicycle": ("bicycle", ""),
    "animal": ("animal", ""),
    "movable_object.trafficcone": ("traffic_cone", ""),
    "movable_object.barrier": ("barrier", ""),
    "movable_object.debris": ("misc", "debris"),
    "movable_object.pushable_pullable": ("misc", "pushable_pullable"),
    "static_object.bicycle_rack": ("misc", "bicycle_rack"),
    "other_vehicle": ("misc", "other_vehicle"),
    "emergency_vehicle": ("misc", "emergency_vehicle"),
}
"""nuScenes' categories, and two of Lyft's: the schema's class, and the subtype where several share it."""

SUBTYPE = "subtype"
"""The object's attribute that tells apart categories of one class."""

_BROADER = {
    "van": "vehicle.car",
    "cyclist": "vehicle.bicycle",
    "person_sitting": "human.pedestrian.adult",
}
_BY_CLASS = {pair: name for name, pair in CATEGORIES.items()}

ATTRIBUTES = (
    "cycle.with_rider", "cycle.without_rider", "pedestrian.moving", "pedestrian.sitting_lying_down",
    "pedestrian.standing", "vehicle.moving", "vehicle.parked", "vehicle.stopped",
)  # fmt: skip
"""nuScenes' attributes: an evaluation knows no others."""

STATE = "state"
"""The track's attribute that holds a nuScenes attribute over time."""

VISIBILITY = "visibility"
"""The track's attribute that holds the level of an imported box over time."""

LEVELS = {"1": "v0-40", "2": "v40-60", "3": "v60-80", "4": "v80-100"}
"""Token to level: the share of the object that the cameras see, in percent."""

OCCLUSIONS = {
    "v80-100": 0, "v60-80": 1, "v40-60": 1, "v0-40": 2,
    "full": 0, "most": 1, "partial": 1, "none": 2,
}  # fmt: skip
"""Level, of nuScenes and of T4 data, to occlusion; any other is unknown."""

UNKNOWN_OCCLUSION = 3
_TOKENS = {0: "4", 1: "3", 2: "1", 3: ""}


def class_of(category: str) -> tuple[str, str] | None:
    """The schema's class and the subtype of a category; None for one that is not known."""
    if category in CATEGORIES:
        return CATEGORIES[category]
    known = {each.name for each in default_schema().classes}
    return (category, "") if category in known else None


def category_of(class_name: str, subtype: object) -> tuple[str, bool]:
    """The category of a class, and whether it says all that class and subtype say."""
    if isinstance(subtype, str) and (class_name, subtype) in _BY_CLASS:
        return _BY_CLASS[class_name, subtype], True
    if (class_name, "") in _BY_CLASS:
        return _BY_CLASS[class_name, ""], subtype is None
    if class_name in _BROADER:
        return _BROADER[class_name], False
    return class_name, subtype is None


def visibility_token(occlusion: int, level: object) -> str:
    """The token of an occlusion: the imported level's where it still says the same; empty for unknown."""
    if isinstance(level, str) and OCCLUSIONS.get(level) == occlusion:
        token = next((token for token, name in LEVELS.items() if name == level), None)
        if token is not None:
            return token
    return _TOKENS[occlusion]
