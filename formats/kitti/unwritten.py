"""What of a scene's sensors, clocks and poses KITTI cannot hold."""

from collections.abc import Mapping, Sequence

from ..report import Losses
from ..scene import Lidar, Scene
from .classes import Dialect
from .meta import ego_is_known, place_is_known
from .rig import Rig

_HELD_FIELDS = ("intensity",)
_NAMES = ("velodyne", "image_02", "image_03", "image_2", "image_3")


def count_sensors(
    scene: Scene,
    lidar: Lidar,
    rigs: Sequence[Rig],
    shots: Mapping[str, Mapping[int, int]],
    dialect: Dialect,
    losses: Losses,
) -> None:
    """Count lidars, point fields, images, names and poses that are not written."""
    others = [each.name for each in scene.lidars if each.name != lidar.name]
    losses.add("lidars", f"KITTI holds one: not written are {', '.join(others)}", len(others))
    for name in lidar.fields:
        if name not in _HELD_FIELDS:
            losses.add("fields of points", f"KITTI's points have an intensity only: {name} is not written")
    written = [each for rig in rigs for each in (rig.left, *rig.rights)]
    for each in written:
        spare = len(each.clock) - len(set(shots[each.name].values()))
        losses.add("images", "they are between the frames of the lidar", spare)
    names = [lidar.name, *(each.name for each in written)]
    renamed = [name for name in names if not name.startswith(_NAMES)]
    losses.add("names of sensors", "KITTI's are velodyne, image_02 and image_03", len(renamed))
    if dialect == "kitti-object":
        known = scene.frame_count if ego_is_known(scene.meta) else 0
        losses.add("ego poses", "the object set has single frames", known)
    elif ego_is_known(scene.meta) and not place_is_known(scene.meta):
        losses.add("the world's origin", "the first line of the vehicle's poses is KITTI's origin: all moves together")
