"""The store: a scene written once as Zarr, read by everyone as bytes."""

from .claims import SCENES, STAGING, remove_abandoned
from .display import Grid, dequantise
from .document import CameraDocument, LidarDocument, SceneDocument
from .index import VideoIndex
from .publish import Published, remove_folder, verify_scene
from .shard import StoredBytes
from .stage import StagedScene, stage_scene
from .stored import StoredScene, open_scene, open_staged

__all__ = [
    "SCENES",
    "STAGING",
    "CameraDocument",
    "Grid",
    "LidarDocument",
    "Published",
    "SceneDocument",
    "StagedScene",
    "StoredBytes",
    "StoredScene",
    "VideoIndex",
    "dequantise",
    "open_scene",
    "open_staged",
    "remove_abandoned",
    "remove_folder",
    "stage_scene",
    "verify_scene",
]
