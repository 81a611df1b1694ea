"""Small scenes made in memory, with something of everything that a scene can hold."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from worldline.formats.labels import IgnoreRegion, Labels, SceneObject
from worldline.formats.scene import CameraSensor, Clock, EncodedImage, Lidar, Packet, Scene, Sweep, VideoStream
from worldline.geometry import Box, Camera, Cuboid, Pose
from worldline.tracking import Keyframe, Span, Track, cuboid_at

FRAME_NS = 100_000_000
OPTICAL_FROM_EGO = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
"""x right, y down, z forward, from x forward, y left, z up."""


@dataclass(frozen=True, slots=True)
class InMemoryData:
    """Frames held in memory."""

    sweeps: dict[tuple[str, int], Sweep] = field(default_factory=dict)
    images: dict[tuple[str, int], EncodedImage] = field(default_factory=dict)

    def sweep(self, sensor: str, frame: int) -> Sweep:
        """A lidar's frame."""
        return self.sweeps[sensor, frame]

    def image(self, sensor: str, frame: int) -> EncodedImage:
        """A camera's frame."""
        return self.images[sensor, frame]

    def stream(self, sensor: str) -> VideoStream:
        """There is none."""
        raise KeyError(sensor)

    def packets(self, sensor: str) -> Iterator[Packet]:
        """There are none."""
        raise KeyError(sensor)


def street_scene(name: str = "street", frame_count: int = 6, seed: int = 7, start_ns: int = 0) -> Scene:
    """A drive of a few frames past cars and people.

    The reference is ``lidar`` (x, y, z, intensity 0..1 float32, ring uint8) at 10 Hz; cameras ``front``
    and ``left`` give PNG images of 160 x 90. The ego moves and turns. The objects: a parked car in every
    frame, a car that drives ahead with keyframes only at its ends, a pedestrian who is hidden for a while
    and absent for a while, a tilted trailer, a van behind the ego that the front camera never sees, and a
    cyclist with a labelled box in the image. The front camera has two ignore regions.

    Args:
        name: Of the scene.
        frame_count: At least 4.
        seed: Of the points and pixels.
        start_ns: Time of the first frame.
    """
    random = np.random.default_rng(seed)
    times = start_ns + FRAME_NS * np.arange(frame_count, dtype=np.int64)
    names = tuple(f"{frame:06d}" for frame in range(frame_count))
    ego = [Pose.from_yaw(0.02 * frame, (0.8 * frame, 0.01 * frame**2, 0.0)) for frame in range(frame_count)]
    ego_from_lidar = Pose.from_yaw(0.01, (0.9, 0.0, 1.8))
    poses = tuple(pose @ ego_from_lidar for pose in ego)
    lidar = Lidar("lidar", ego_from_lidar, Clock(times, names), poses, ("intensity", "ring"))
    lens = Camera(160, 90, 110.0, 111.0, 79.5, 44.5)
    cameras = []
    for camera_name, yaw_rad, place_m in (("front", 0.0, (1.6, 0.05, 1.5)), ("left", 1.2, (1.2, 0.6, 1.5))):
        mount = Pose.from_yaw(yaw_rad, place_m) @ Pose.from_matrix(np.c_[OPTICAL_FROM_EGO.T, np.zeros(3)])
        cameras.append(
            CameraSensor(
                camera_name, mount, Clock(times, names), tuple(pose @ mount for pose in ego), 160, 90, camera=lens
            )
        )
    labels = street_labels(frame_count)
    data = InMemoryData()
    for frame in range(frame_count):
        shapes = [cuboid_at(track, frame, times) for track in labels.tracks if track.kind == "cuboid"]
        shown = [shape for shape in shapes if shape is not None]
        data.sweeps["lidar", frame] = _sweep(random, lidar.world_from_sensor[frame], shown)
        for camera in cameras:
            data.images[camera.name, frame] = png_image(random, camera.width_px, camera.height_px)
    meta = {"weather": "dry"}
    return Scene(name, (lidar, *cameras), "lidar", data, labels, meta=meta)


def street_labels(frame_count: int) -> Labels:
    """The objects of `street_scene`."""
    last = frame_count - 1
    whole = (Span(0, frame_count),)
    objects = (
        SceneObject("1", "car", 1),
        SceneObject("2", "car", 2, {"color": "red"}),
        SceneObject("3", "pedestrian", 3),
        SceneObject("4", "trailer", 4),
        SceneObject("5", "van", 5),
        SceneObject("6", "cyclist", 6),
    )
    tracks = (
        Track(
            "1.cuboid",
            "1",
            size_m=(4.2, 1.8, 1.5),
            keyframes=(Keyframe(0, Pose.from_yaw(0.3, (14.0, 3.0, 0.75)), "imported"),),
            spans=whole,
        ),
        Track(
            "2.cuboid",
            "2",
            size_m=(4.5, 1.9, 1.6),
            keyframes=(
                Keyframe(0, Pose.from_yaw(-0.1, (18.0, -2.5, 0.8))),
                Keyframe(last, Pose.from_yaw(0.2, (24.0, -2.0, 0.8)), "propagated", quality=0.8),
            ),
            spans=whole,
            attributes={"brake_light": {0: False, 2: True}},
        ),
        Track(
            "3.cuboid",
            "3",
            size_m=(0.7, 0.6, 1.75),
            keyframes=(
                Keyframe(0, Pose.from_yaw(1.5, (12.0, -1.0, 0.875)), "model", verified_by="local"),
                Keyframe(last, Pose.from_yaw(1.6, (12.5, 1.0, 0.875))),
            ),
            spans=(Span(0, 1), Span(1, 2, 2), Span(3, frame_count, 1)),
        ),
        Track(
            "4.cuboid",
            "4",
            size_m=(8.0, 2.5, 3.0),
            keyframes=(Keyframe(0, Pose((0.9990482, 0.0, 0.0436194, 0.0), (30.0, 4.0, 2.0)), "imported"),),
            spans=whole,
        ),
        Track(
            "5.cuboid",
            "5",
            size_m=(5.0, 2.0, 2.1),
            keyframes=(Keyframe(1, Pose.from_yaw(3.0, (-12.0, 2.0, 1.05))),),
            spans=(Span(1, 3),),
        ),
        Track(
            "6.cuboid",
            "6",
            size_m=(1.8, 0.6, 1.7),
            keyframes=(Keyframe(0, Pose.from_yaw(2.8, (16.0, 0.5, 0.85)), "imported"),),
            spans=(Span(0, 2),),
        ),
        Track(
            "6.front",
            "6",
            kind="box",
            space="front",
            keyframes=(Keyframe(0, Box(60.5, 40.25, 75.5, 58.75), "imported"),),
            spans=(Span(0, 1),),
        ),
    )
    regions = (
        IgnoreRegion("front", 0, Box(3.0, 20.0, 30.5, 44.0)),
        IgnoreRegion("front", 2, Box(100.0, 31.5, 121.0, 52.0)),
    )
    return Labels(objects, tracks, regions)


def png_image(random: np.random.Generator, width_px: int, height_px: int) -> EncodedImage:
    """A PNG of coarse random colours."""
    pixels = random.integers(0, 255, (height_px // 10 + 1, width_px // 10 + 1, 3), dtype=np.uint8)
    pixels = np.kron(pixels, np.ones((10, 10, 1), dtype=np.uint8))[:height_px, :width_px]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return EncodedImage(file.getvalue(), "image/png")


def _sweep(random: np.random.Generator, world_from_lidar: Pose, cuboids: list[Cuboid]) -> Sweep:
    """Ground points, and 30 points in each cuboid, well within its faces."""
    ground = np.c_[random.uniform(-40, 40, (600, 2)), random.normal(0, 0.02, 600)]
    things = [cuboid.pose.apply(random.uniform(-0.45, 0.45, (30, 3)) * cuboid.size_m) for cuboid in cuboids]
    world = np.concatenate([ground, *things])
    xyz = world_from_lidar.inverse().apply(world).astype(np.float32)
    fields = {
        "intensity": random.integers(0, 256, len(xyz)).astype(np.float32) / np.float32(255),
        "ring": random.integers(0, 64, len(xyz)).astype(np.uint8),
    }
    return Sweep(xyz, fields)
