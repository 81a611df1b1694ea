"""The store: a scene written once as Zarr, read by everyone as bytes."""

from .claims import SCENES, STAGING, remove_abandoned
from .display import Grid, dequantise
from .document import CameraDocument, LidarDocument, SceneDocument
from .index import VideoIndex
from .place import BucketPlace, LocalPlace, Place
from .pour import IMPORT_SHARD, pour_scene, stage_scene, streams_of_source
from .publish import Published, remove_folder, verify_scene
from .shard import StoredBytes
from .stage import StagedScene
from .stored import StoredScene, open_scene, open_staged

__all__ = [
    "IMPORT_SHARD",
    "SCENES",
    "STAGING",
    "BucketPlace",
    "CameraDocument",
    "Grid",
    "LidarDocument",
    "LocalPlace",
    "Place",
    "Published",
    "SceneDocument",
    "StagedScene",
    "StoredBytes",
    "StoredScene",
    "VideoIndex",
    "dequantise",
    "open_scene",
    "open_staged",
    "pour_scene",
    "remove_abandoned",
    "remove_folder",
    "stage_scene",
    "streams_of_source",
    "verify_scene",
]
