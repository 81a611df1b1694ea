"""What every format that writes must keep: the laws of `tests/formats/test_conformance.py`."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from worldline.formats.documents import canonical_json, labels_to_paths
from worldline.formats.intensity import full_intensity
from worldline.formats.labels import SceneObject
from worldline.formats.report import Loss
from worldline.formats.scene import CameraSensor, Lidar, Scene
from worldline.geometry import Box, Cuboid
from worldline.tracking import Track, cuboid_at

CENTER_M = 2e-5
SIZE_M = 2e-6
ANGLE_RAD = 1e-4
EGO_M = 1e-3
BOX_PX = 1e-5
"""KITTI writes six decimals; a millimetre for the ego, which it writes as latitude and longitude."""


@dataclass(slots=True)
class Declared:
    """Losses by what they are of; each test takes what it finds, and none may be left undeclared."""

    losses: Sequence[Loss]
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Add up."""
        for loss in self.losses:
            assert loss.count > 0
            assert loss.why
            self.counts[loss.what] = self.counts.get(loss.what, 0) + loss.count

    def count(self, *kinds: str) -> int:
        """How many were lost of some kinds."""
        return sum(count for what, count in self.counts.items() if what in kinds)


@dataclass(frozen=True, slots=True)
class Standing:
    """A cuboid in one frame, in the reference lidar's frame."""

    each: SceneObject
    track: Track
    cuboid: Cuboid
    occlusion: int


def fingerprint(scene: Scene) -> str:
    """A digest of everything in a scene."""
    digest = hashlib.sha256(canonical_json(labels_to_paths(scene.labels)).encode())
    digest.update(repr((scene.name, scene.sensors, scene.reference, scene.world_origin_m, dict(scene.meta))).encode())
    for sensor in scene.sensors:
        for frame in range(len(sensor.clock)):
            if isinstance(sensor, Lidar):
                sweep = scene.data.sweep(sensor.name, frame)
                digest.update(sweep.xyz_m.tobytes())
                for name, values in sweep.fields.items():
                    digest.update(name.encode() + values.tobytes())
            elif sensor.media == "images":
                digest.update(scene.data.image(sensor.name, frame).data)
    return digest.hexdigest()


def folder_bytes(folder: Path) -> dict[str, str]:
    """Name and digest of every file in a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def check_equal(scene: Scene, read: Scene, losses: Sequence[Loss]) -> None:
    """A scene that was written and read again is the scene less the declared losses."""
    declared = Declared(losses)
    assert read.frame_count == scene.frame_count
    _check_clouds(scene, read, declared)
    _check_poses(scene, read, declared)
    cameras = _check_images(scene, read, declared)
    _check_cuboids(scene, read, declared)
    _check_boxes(scene, read, cameras, declared)
    regions = {(r.frame, r.box) for r in scene.labels.ignore_regions if r.sensor in cameras}
    kept = {(r.frame, _rounded(r.box)) for r in read.labels.ignore_regions}
    assert kept == {(frame, _rounded(box)) for frame, box in regions} or not kept
    assert len(scene.labels.ignore_regions) - len(kept) == declared.count("ignore regions")


def standing(scene: Scene, frame: int) -> list[Standing]:
    """The cuboids of a frame as the reference sensor sees them."""
    sensor_from_world = scene.sensor(scene.reference).world_from_sensor[frame].inverse()
    found = []
    for track in scene.labels.tracks:
        cuboid = cuboid_at(track, frame, scene.clock.time_ns) if track.kind == "cuboid" else None
        if cuboid is not None:
            each = scene.labels.object_of(track)
            found.append(Standing(each, track, cuboid.moved(sensor_from_world), track.occlusion_at(frame)))
    return found


def _check_clouds(scene: Scene, read: Scene, declared: Declared) -> None:
    source, copy = scene.sensor(scene.reference), read.sensor(read.reference)
    assert isinstance(source, Lidar)
    assert isinstance(copy, Lidar)
    lost = [name for name in source.fields if name not in copy.fields]
    assert len(lost) == declared.count("fields of points")
    scale = full_intensity(scene, source.name) / full_intensity(read, copy.name)
    for frame in range(scene.frame_count):
        before, after = scene.data.sweep(source.name, frame), read.data.sweep(copy.name, frame)
        np.testing.assert_array_equal(before.xyz_m, after.xyz_m)
        for name in set(source.fields) - set(lost):
            factor = scale if name == "intensity" else 1.0
            np.testing.assert_allclose(after.fields[name] * factor, before.fields[name], rtol=1e-6)


def _check_poses(scene: Scene, read: Scene, declared: Declared) -> None:
    if declared.count("ego poses"):
        assert declared.count("ego poses") == scene.frame_count
        return
    before, after = scene.sensor(scene.reference), read.sensor(read.reference)
    first, copied_first = before.world_from_sensor[0].inverse(), after.world_from_sensor[0].inverse()
    for source, copy in zip(before.world_from_sensor, after.world_from_sensor, strict=True):
        moved, copied = first @ source, copied_first @ copy
        np.testing.assert_allclose(copied.translation_m, moved.translation_m, atol=EGO_M)
        assert moved.angle_to(copied) < ANGLE_RAD


def _check_images(scene: Scene, read: Scene, declared: Declared) -> dict[str, str]:
    """Cameras are found again by where they stand; gives each camera's name in the copy."""
    names: dict[str, str] = {}
    for camera in scene.cameras:
        for other in read.cameras:
            if _apart_m(scene, camera, read, other) < CENTER_M and other.name not in names.values():
                names[camera.name] = other.name
                break
    kinds = ("cameras", "videos", "cameras without calibration")
    assert len(scene.cameras) - len(names) == declared.count(*kinds)
    for name, other in names.items():
        camera, copy = scene.sensor(name), read.sensor(other)
        assert isinstance(camera, CameraSensor)
        assert isinstance(copy, CameraSensor)
        assert camera.camera is not None
        assert copy.camera is not None
        np.testing.assert_allclose(copy.camera.intrinsics, camera.camera.intrinsics, atol=1e-6)
        assert (copy.width_px, copy.height_px) == (camera.width_px, camera.height_px)
        for frame in range(len(copy.clock)):
            before, after = scene.data.image(name, frame), read.data.image(other, frame)
            np.testing.assert_array_equal(_pixels(before.data), _pixels(after.data))
    return names


def _check_cuboids(scene: Scene, read: Scene, declared: Declared) -> None:
    lost = tilted = 0
    pairs: dict[str, set[str]] = {}
    classes: dict[str, tuple[str, str]] = {}
    for frame in range(scene.frame_count):
        copies = standing(read, frame)
        for source in standing(scene, frame):
            near = min(copies, key=lambda copy: _distance_m(copy.cuboid, source.cuboid), default=None)
            if near is None or _distance_m(near.cuboid, source.cuboid) > CENTER_M:
                lost += 1
                continue
            copies.remove(near)
            np.testing.assert_allclose(near.cuboid.size_m, source.cuboid.size_m, atol=SIZE_M)
            if near.cuboid.pose.angle_to(source.cuboid.pose) > ANGLE_RAD:
                tilted += 1
            assert near.occlusion == source.occlusion
            pairs.setdefault(source.each.id, set()).add(near.each.id)
            classes[source.each.id] = (source.each.class_name, near.each.class_name)
        assert not copies, "a cuboid came from nowhere"
    assert lost == declared.count("boxes behind the camera", "boxes outside the image", "second cuboids")
    assert tilted == declared.count("pitch and roll")
    assert sum(before != after for before, after in classes.values()) <= declared.count("classes")
    many = sum(len(ids) > 1 for ids in pairs.values())
    assert many <= declared.count("tracks")
    if not declared.count("tracks"):
        assert len(set.union(*pairs.values())) == len(pairs)


def _check_boxes(scene: Scene, read: Scene, cameras: dict[str, str], declared: Declared) -> None:
    sources = [
        (cameras[track.space], keyframe.frame, keyframe.shape)
        for track in scene.labels.tracks
        if track.kind == "box" and track.space in cameras
        for keyframe in track.keyframes
    ]
    copies = {
        (track.space, keyframe.frame, _rounded(keyframe.shape))
        for track in read.labels.tracks
        if track.kind == "box"
        for keyframe in track.keyframes
        if isinstance(keyframe.shape, Box)
    }
    count = sum(len(track.keyframes) for track in scene.labels.tracks if track.kind == "box")
    kept = [each for each in sources if isinstance(each[2], Box) and (each[0], each[1], _rounded(each[2])) in copies]
    assert count - len(kept) == declared.count("labelled 2D boxes")


def _rounded(box: Box) -> Box:
    return Box(*(round(side, 4) for side in (box.left_px, box.top_px, box.right_px, box.bottom_px)))


def _distance_m(a: Cuboid, b: Cuboid) -> float:
    return float(np.linalg.norm(np.subtract(a.center_m, b.center_m)))


def _apart_m(scene: Scene, camera: CameraSensor, read: Scene, other: CameraSensor) -> float:
    """How far apart two cameras stand, each seen from its scene's reference; far where they look elsewhere."""
    first = scene.sensor(scene.reference).ego_from_sensor.inverse() @ camera.ego_from_sensor
    second = read.sensor(read.reference).ego_from_sensor.inverse() @ other.ego_from_sensor
    if first.angle_to(second) > ANGLE_RAD:
        return np.inf
    return float(np.linalg.norm(np.subtract(first.translation_m, second.translation_m)))


def _pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))
