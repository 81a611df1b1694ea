"""Writes the indexes of a stored scene as layout version 1 had them, to test that it can still be read."""

import json
import shutil
from pathlib import Path

import numpy as np
import zarr

from worldline.formats.scene import Lidar, Scene
from worldline.formats.store import open_scene
from worldline.formats.store.layout import NEVER_SKIP, node_name


def as_first_layout(stored: Path, scene: Scene) -> None:
    """Turns a scene of today into one of version 1, in place; its manifest goes with it."""
    opened = open_scene(stored)
    rows = {each.name: opened.block_index(each.name) for each in scene.lidars}
    tables = {each.name: opened.footage(each.name, each.media) for each in scene.cameras}
    group = zarr.open_group(stored, mode="r+")
    for sensor in scene.sensors:
        node = node_name(sensor.name)
        poses = [(*pose.rotation_wxyz, *pose.translation_m) for pose in sensor.world_from_sensor]
        _put(group, f"clocks/{node}", sensor.clock.time_ns, {"names": list(sensor.clock.names)})
        _put(group, f"poses/{node}", np.array(poses))
        if isinstance(sensor, Lidar):
            blocks = rows[sensor.name]
            found = blocks.rows(0, blocks.block_count)
            frames = np.repeat(np.arange(len(sensor.clock)), np.diff(blocks.first(0, len(sensor.clock))))
            shutil.rmtree(stored / f"lidars/{node}/blocks")
            for name, values in (
                ("frame", frames),
                ("count", found.count),
                ("origin_m", found.origin_m),
                ("scale_m", found.scale_m),
            ):
                _put(group, f"lidars/{node}/blocks/{name}", values)
        else:
            footage = tables[sensor.name].rows(0, len(sensor.clock))
            shutil.rmtree(stored / f"cameras/{node}/index")
            for name in ("offset", "size", "media"):
                _put(group, f"cameras/{node}/index/{name}", getattr(footage, name))
    for name in ("names", "matches"):
        shutil.rmtree(stored / name)
    path = stored / "zarr.json"
    metadata = json.loads(path.read_text())
    header = metadata["attributes"]["worldline"]
    header["version"] = 1
    del header["long_meta"]
    for each in header["sensors"]:
        del each["clock"]
    path.write_text(json.dumps(metadata))


def _put(group: zarr.Group, path: str, values: np.ndarray, attributes: dict[str, object] | None = None) -> None:
    array = group.create_array(
        path,
        shape=values.shape,
        chunks=values.shape,
        dtype=values.dtype,
        overwrite=True,
        attributes=attributes,
        config=NEVER_SKIP,
    )
    array[...] = values
