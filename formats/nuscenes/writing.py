"""Write a scene as a nuScenes version of its own, with all 13 tables.

Every frame of the scene is a sample, so that no label is lost; a scene that came from nuScenes keeps
its own samples and sweeps. The files of samples are in ``samples``, of sweeps in ``sweeps``.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from worldline.geometry.arrays import Float32s

from ..folder import OutFolder, check_part
from ..images import EXTENSIONS, blank_png, to_png
from ..intensity import full_intensity, scaled_intensity
from ..registry import Progress, no_progress
from ..report import Loss, Losses
from ..scene import CameraSensor, EncodedImage, Lidar, Scene, Sweep
from .annotating import Annotator, count_unwritten
from .categories import LEVELS
from .digits import place_row, turn_row
from .meta import DEFAULT_VERSION, VERSION, make_token
from .naming import Names, Written, name_scene
from .tables import TABLES, Values

FULL_INTENSITY = 255.0
SPLIT = "all"
_HELD_FIELDS = ("intensity", "ring")
_NANOSECONDS = 1000
_MAP_PX = 64


class NuScenesWriter:
    """Writes a scene as a version of nuScenes."""

    def write(self, scene: Scene, out: Path, progress: Progress = no_progress) -> tuple[Loss, ...]:
        """Write into a new folder.

        Raises:
            FormatError: The scene's frames are of a sensor that nuScenes cannot hold, or the folder is not empty.
        """
        losses = Losses()
        names = name_scene(scene, losses)
        check_part(names.name, "the scene's name")
        version = check_part(str(scene.meta.get(VERSION, DEFAULT_VERSION)), "the version")
        annotator = Annotator(scene, names, losses)
        total = sum(len(each.sensor.clock) for each in names.sensors)
        rows: list[Values] = []
        ego_rows: list[Values] = []
        with OutFolder(out) as folder:
            for each in names.sensors:
                full = full_intensity(scene, each.sensor.name) if isinstance(each.sensor, Lidar) else 1.0
                for frame in range(len(each.sensor.clock)):
                    row, xyz_m = _write_frame(scene, folder, names, each, frame, full, losses)
                    if each is names.sensors[0] and frame in each.key_frames:
                        annotator.annotate(each.samples[frame], each.sensor.world_from_sensor[frame].inverse(), xyz_m)
                    rows.append(row)
                    ego_rows.append(_ego_row(scene, each, frame))
                    progress(len(rows), total)
            tables = {**_fixed_tables(scene, names), **annotator.tables(), "sample_data": rows, "ego_pose": ego_rows}
            for table in TABLES:
                folder.write_text(f"{version}/{table}.json", format_table(tables[table]))
            folder.write_text(f"{version}/splits.json", json.dumps({SPLIT: [names.name]}) + "\n")
            folder.write_bytes(tables["map"][0]["filename"], blank_png(_MAP_PX, _MAP_PX))
        _count_sensors(names, losses)
        count_unwritten(scene, names, losses)
        return losses.listed()


def format_table(rows: Iterable[Values]) -> str:
    """A table's text: a line a record."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def _data_row(names: Names, each: Written, frame: int) -> Values:
    token = each.tokens[frame]
    return {
        "token": token,
        "sample_token": names.sample_tokens[each.samples[frame]],
        "ego_pose_token": token,
        "calibrated_sensor_token": each.calibrated_token,
        "timestamp": each.times_us[frame],
        "fileformat": "",
        "is_key_frame": frame in each.key_frames,
        "height": 0,
        "width": 0,
        "filename": "",
        "prev": each.tokens[frame - 1] if frame else "",
        "next": each.tokens[frame + 1] if frame + 1 < len(each.tokens) else "",
    }


def _write_frame(
    scene: Scene, folder: OutFolder, names: Names, each: Written, frame: int, full: float, losses: Losses
) -> tuple[Values, Float32s]:
    """Write a frame's file; its record, and its points where it has any."""
    row = _data_row(names, each, frame)
    stem = f"{names.name}__{each.channel}__{each.times_us[frame]}"
    stem = f"{'samples' if frame in each.key_frames else 'sweeps'}/{each.channel}/{stem}"
    if isinstance(each.sensor, CameraSensor):
        image = scene.data.image(each.sensor.name, frame)
        if image.media_type == "image/webp":
            image = EncodedImage(to_png(image), "image/png")
        kind = EXTENSIONS[image.media_type]
        folder.write_bytes(f"{stem}.{kind}", image.data)
        size = {"width": each.sensor.width_px, "height": each.sensor.height_px}
        return row | size | {"fileformat": kind, "filename": f"{stem}.{kind}"}, np.empty((0, 3), np.float32)
    sweep = scene.data.sweep(each.sensor.name, frame)
    if not len(sweep):
        losses.add("frames without points", "their files are empty, which readers may refuse")
    folder.write_bytes(f"{stem}.pcd.bin", _cloud_bytes(sweep, full))
    return row | {"fileformat": "pcd", "filename": f"{stem}.pcd.bin"}, sweep.xyz_m


def _ego_row(scene: Scene, each: Written, frame: int) -> Values:
    world_from_ego = each.sensor.world_from_sensor[frame] @ each.sensor.ego_from_sensor.inverse()
    return {
        "token": each.tokens[frame],
        "timestamp": each.times_us[frame],
        "rotation": turn_row(world_from_ego.rotation_wxyz),
        "translation": place_row(world_from_ego.translation_m, scene.world_origin_m),
    }


def _cloud_bytes(sweep: Sweep, full: float) -> bytes:
    points = np.zeros((len(sweep), 5), dtype="<f4")
    points[:, :3] = sweep.xyz_m
    if "intensity" in sweep.fields:
        points[:, 3] = scaled_intensity(sweep.fields["intensity"], full, FULL_INTENSITY)
    if "ring" in sweep.fields:
        points[:, 4] = sweep.fields["ring"]
    return points.tobytes()


def _fixed_tables(scene: Scene, names: Names) -> dict[str, list[Values]]:
    """The tables that do not depend on files and labels."""
    times_us = (scene.clock.time_ns // _NANOSECONDS).tolist()
    log = dict(names.kept.log) if names.kept else _own_log(names, times_us[0])
    last = len(names.sample_tokens) - 1
    map_token = make_token("map", log["token"])
    calibrated = [
        {
            "token": each.calibrated_token,
            "sensor_token": each.sensor_token,
            "translation": place_row(each.sensor.ego_from_sensor.translation_m, (0.0, 0.0, 0.0)),
            "rotation": turn_row(each.sensor.ego_from_sensor.rotation_wxyz),
            "camera_intrinsic": _intrinsic(each),
        }
        for each in names.sensors
    ]
    samples = [
        {
            "token": token,
            "timestamp": times_us[names.sample_frames[index]],
            "prev": names.sample_tokens[index - 1] if index else "",
            "next": names.sample_tokens[index + 1] if index < last else "",
            "scene_token": names.token,
        }
        for index, token in enumerate(names.sample_tokens)
    ]
    record = {
        "token": names.token,
        "log_token": log["token"],
        "nbr_samples": last + 1,
        "first_sample_token": names.sample_tokens[0],
        "last_sample_token": names.sample_tokens[last],
        "name": names.name,
        "description": names.kept.description if names.kept else "",
    }
    return {
        "visibility": [{"token": token, "level": level, "description": ""} for token, level in LEVELS.items()],
        "sensor": [
            {
                "token": each.sensor_token,
                "channel": each.channel,
                "modality": "lidar" if isinstance(each.sensor, Lidar) else "camera",
            }
            for each in names.sensors
        ],
        "calibrated_sensor": calibrated,
        "log": [log],
        "scene": [record],
        "sample": samples,
        "map": [
            {
                "token": map_token,
                "log_tokens": [log["token"]],
                "category": "semantic_prior",
                "filename": f"maps/{map_token}.png",
            }
        ],
    }


def _own_log(names: Names, first_us: int) -> dict[str, str]:
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=first_us)
    return {
        "token": make_token("log", names.name),
        "logfile": names.name,
        "vehicle": "",
        "date_captured": date.strftime("%Y-%m-%d"),
        "location": "",
    }


def _intrinsic(each: Written) -> list[list[float]]:
    camera = each.sensor.camera if isinstance(each.sensor, CameraSensor) else None
    return [] if camera is None else camera.intrinsics.tolist()


def _count_sensors(names: Names, losses: Losses) -> None:
    for each in names.sensors:
        clock = each.sensor.clock
        losses.add(
            "times of frames", "nuScenes' are whole microseconds", int((clock.time_ns % _NANOSECONDS != 0).sum())
        )
        named = sum(name != str(time) for name, time in zip(clock.names, each.times_us, strict=True))
        losses.add("names of frames", "nuScenes' frames are named by their time", named)
        if isinstance(each.sensor, Lidar):
            for field in each.sensor.fields:
                if field not in _HELD_FIELDS:
                    losses.add("fields of points", f"nuScenes' points have intensity and ring: {field} is not written")
        elif each.sensor.camera is not None and each.sensor.camera.model != "pinhole":
            losses.add("lens distortion", f"images of {each.sensor.name} are written as they are, nuScenes' have none")
