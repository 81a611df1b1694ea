"""Turns a stored scene's display copy into the coding that scenes had at first, which HTTP calls zstd."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import zarr

from worldline.formats.store.display import display_array
from worldline.formats.store.layout import MANIFEST


def as_planes(stored: Path, lidar: str = "lidar") -> None:
    """Code the blocks of a lidar as planes, in place; the manifest goes along, the scene's name does not."""
    node = f"lidars/{lidar}/display/points"
    group = zarr.open_group(stored, mode="r+")
    array = group[node]
    assert isinstance(array, zarr.Array)
    values, per_shard = np.asarray(array[...]), int((array.shards or array.chunks)[0])
    shutil.rmtree(stored / node)
    planes = display_array(group, node, len(values), per_shard, values.shape[1], "planes")
    planes[...] = np.ascontiguousarray(values.transpose(0, 2, 1))
    group[f"lidars/{lidar}"].update_attributes({"coding": "planes"})
    files = {
        path.relative_to(stored).as_posix(): {
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in stored.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    manifest = json.loads((stored / MANIFEST).read_bytes())
    (stored / MANIFEST).write_text(json.dumps({**manifest, "files": files}))
