"""Scenes of very many frames, written quickly: the index is a whole one, the shards of points are few, and shared.

A frame is one tiny cloud. The first shard is written by the store's own writer; every other one is the same
file under another name, so that 100,000 frames take seconds and hardly any room.
"""

import os
import shutil
from pathlib import Path

import numpy as np
import zarr

from worldline.formats.labels import Labels, SceneObject
from worldline.formats.scene import CameraSensor, Clock, Lidar, Scene, Sweep
from worldline.formats.store import Grid, open_scene, stage_scene
from worldline.formats.store.header import write_header
from worldline.formats.store.index import BlockIndex
from worldline.geometry import Pose
from worldline.server.catalogue import insert_scene
from worldline.server.database import opened_database, writing
from worldline.server.importing import enter_labels
from worldline.tracking import Keyframe, Span, Track

FRAME_NS = 100_000_000
POINTS = 2000
_SHARD = 8  # blocks of a shard, as an import writes them
_MOST_LIFE = 200  # frames of a track; less in a short scene, so that about 20 are in the first frame
_KEY_EVERY = 14


class _TinyClouds:
    """The same small ring of points in every frame."""

    def sweep(self, _sensor: str, _frame: int) -> Sweep:
        """A ring of points."""
        turn = np.linspace(0, 2 * np.pi, POINTS, dtype=np.float32)
        xyz = np.stack([20 * np.cos(turn), 20 * np.sin(turn), np.sin(9 * turn) - 1.5], axis=1)
        return Sweep(xyz.astype(np.float32), {"intensity": np.abs(np.sin(5 * turn)).astype(np.float32)})


def long_scene(name: str, frames: int, track_count: int, *, whole_life: bool = False) -> Scene:
    """A drive with one lidar, and labelled tracks.

    Args:
        name: The scene's.
        frames: How many.
        track_count: Tracks, each somewhere in the scene for 20 s, or a fiftieth of it where that is less.
        whole_life: Every track is there from the first frame to the last.
    """
    clock = Clock(FRAME_NS * np.arange(frames, dtype=np.int64), tuple(f"{frame:06d}" for frame in range(frames)))
    poses = tuple(Pose.from_yaw(1e-4 * frame, (0.8 * frame, 0.0, 1.8)) for frame in range(frames))
    lidar = Lidar("lidar", Pose((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1.8)), clock, poses, ("intensity",))
    sensors: tuple[Lidar | CameraSensor, ...] = (lidar,)
    random = np.random.default_rng(3)
    tracks = []
    for number in range(1, track_count + 1):
        life = frames if whole_life else min(_MOST_LIFE, max(frames // 50, 2))
        start = int(random.integers(0, frames - life + 1))
        keys = sorted({*range(start, start + life, _KEY_EVERY), start + life - 1})
        keyframes = tuple(
            Keyframe(at, Pose.from_yaw(0.01 * at, (0.8 * at + 10, number % 40 - 20.0, 0.8)), "propagated", quality=0.8)
            for at in keys
        )
        spans = (Span(start, start + life),)
        tracks.append(Track(f"{number}.cuboid", str(number), size_m=(4.2, 1.8, 1.5), keyframes=keyframes, spans=spans))
    objects = tuple(SceneObject(str(number), "car", number) for number in range(1, track_count + 1))
    return Scene(name, sensors, "lidar", _TinyClouds(), Labels(objects, tuple(tracks)))  # type: ignore[arg-type]


def store_long(data: Path, scene: Scene) -> None:
    """Put a long scene into a data folder, with its labels."""
    (lidar,) = scene.lidars
    few = slice(0, _SHARD)
    clock = Clock(scene.clock.time_ns[few], scene.clock.names[few])
    short = Scene(
        scene.name,
        (Lidar(lidar.name, lidar.ego_from_sensor, clock, lidar.world_from_sensor[few], lidar.fields),),
        scene.reference,
        scene.data,
    )
    written = stage_scene(data, short).path
    grid, _ = open_scene(written).grid_of(lidar.name, 0)
    folder = data / "scenes" / f"{len(scene.clock):032x}"
    written.rename(folder)
    for name in ("clocks", "poses", "names", "matches", f"lidars/{lidar.name}/blocks"):
        shutil.rmtree(folder / name)
    group = zarr.open_group(folder, mode="r+")
    write_header(group, scene, {})
    _lengthen(folder, group, lidar.name, len(scene.clock), grid)
    with opened_database(data) as engine, writing(engine) as connection:
        scene_id = insert_scene(
            connection,
            scene,
            generation=folder.name,
            folder=folder.relative_to(data).as_posix(),
            source_format="benchmark",
        )
        enter_labels(connection, scene_id, scene.labels, "ann", "labels of the benchmark")


def _lengthen(folder: Path, group: zarr.Group, lidar: str, frames: int, grid: Grid) -> None:
    root = f"lidars/{lidar}"
    sensor = group[root]
    sensor.update_attributes({"block_count": frames, "point_count": frames * POINTS})
    index = BlockIndex(frame=list(range(frames)), count=[POINTS] * frames, grid=[grid] * frames, frame_count=frames)
    index.write(group, f"{root}/blocks")
    for path in (f"{root}/display/points", f"{root}/source/xyz", f"{root}/source/fields/intensity"):
        array = group[path]
        assert isinstance(array, zarr.Array)
        array.resize((frames, *array.shape[1:]))
        shard = folder / path / "c" / "0"
        inner = [each for each in shard.rglob("*") if each.is_file()]
        for number in range(1, -(-frames // _SHARD)):
            for file in inner:
                link = folder / path / "c" / str(number) / file.relative_to(shard)
                link.parent.mkdir(parents=True, exist_ok=True)
                os.link(file, link)
