"""A small street for tests: box surfaces as a lidar would see them, with known poses.

No rays are cast: points lie on the faces that look to the sensor, thinned with distance, and those
behind another box, seen from above, are left out.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from worldline.geometry import Cuboid, Pose

CAR = (4.4, 1.8, 1.5)
STEP_S = 0.1


@dataclass
class Street:
    """Objects that move on a plane, and a lidar that moves past them.

    Attributes:
        paths: For each object the pose in every frame.
        sizes: Its size.
        sensor: (F, 3) Where the lidar is.
        slope: Rise of the street along x.
        noise_m: Range noise.
    """

    paths: list[list[Pose]]
    sizes: list[tuple[float, float, float]]
    sensor: np.ndarray
    slope: float = 0.0
    noise_m: float = 0.02
    seed: int = 0
    _sweeps: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def clock_ns(self):
        """Ten frames a second."""
        return (np.arange(len(self.sensor)) * STEP_S * 1e9).astype(np.int64)

    def sensor_at(self, frame):
        """Where the lidar is in a frame."""
        return tuple(self.sensor[frame].tolist())

    def cuboid(self, number, frame):
        """The truth."""
        return Cuboid(self.paths[number][frame], self.sizes[number])

    def sweep(self, frame, around=None, radius_m=None):
        """The points of a frame, made when first asked for."""
        if frame not in self._sweeps:
            self._sweeps[frame] = self._make(frame)
        points = self._sweeps[frame]
        if around is None:
            return points
        near = np.hypot(points[:, 0] - around[0], points[:, 1] - around[1]) <= radius_m
        return points[near]

    def _make(self, frame):
        random = np.random.default_rng([self.seed, frame])
        sensor = self.sensor[frame]
        cuboids = [self.cuboid(number, frame) for number in range(len(self.paths))]
        clouds = []
        for number, cuboid in enumerate(cuboids):
            points = self._faces(cuboid, sensor, random)
            for other, screen in enumerate(cuboids):
                if other != number and len(points):
                    points = points[~_behind(points, screen, sensor)]
            clouds.append(points)
        clouds.append(self._ground(sensor, cuboids, random))
        return np.concatenate(clouds).astype(np.float32)

    def _faces(self, cuboid, sensor, random):
        half = np.array(cuboid.size_m) / 2
        own_sensor = cuboid.pose.inverse().apply(sensor[None])[0]
        away = max(np.linalg.norm(sensor - np.array(cuboid.center_m)), 3.0)
        # A spinning lidar of 0.2 by 0.4 degrees.
        per_m2 = 1 / (away * math.radians(0.2) * away * math.radians(0.4))
        clouds = []
        for axis in range(3):
            for side in (-1, 1):
                if own_sensor[axis] * side <= half[axis]:
                    continue
                others = [each for each in range(3) if each != axis]
                face = np.zeros(3)
                face[axis] = side * half[axis]
                ray = own_sensor - face
                cosine = abs(ray[axis]) / np.linalg.norm(ray)
                area = 4 * half[others[0]] * half[others[1]]
                count = random.poisson(min(area * per_m2 * cosine, 4000))
                points = np.empty((count, 3))
                points[:, axis] = side * half[axis]
                for other in others:
                    points[:, other] = random.uniform(-half[other], half[other], count)
                points += random.normal(0, self.noise_m, (count, 3))
                clouds.append(points)
        own = np.concatenate(clouds) if clouds else np.zeros((0, 3))
        return cuboid.pose.apply(own)

    def _ground(self, sensor, cuboids, random):
        count = 15000
        away = 2 + 48 * random.random(count)
        turn = random.uniform(-math.pi, math.pi, count)
        points = np.stack([sensor[0] + away * np.cos(turn), sensor[1] + away * np.sin(turn), np.zeros(count)], axis=1)
        points[:, 2] = self.slope * points[:, 0] + random.normal(0, self.noise_m, count)
        for cuboid in cuboids:
            points = points[~_behind(points, cuboid, sensor)]
        return points


def _behind(points, screen, sensor):
    """Which points the screen hides: the line to the sensor passes its footprint, low enough."""
    own = screen.pose.inverse().apply(points)
    eye = screen.pose.inverse().apply(sensor[None])[0]
    half = np.array(screen.size_m) / 2
    ray = own - eye
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (-half - eye) / ray, (half - eye) / ray
    enter, leave = np.nanmax(np.minimum(a, b), axis=1), np.nanmin(np.maximum(a, b), axis=1)
    return (enter < leave) & (enter > 0) & (enter < 0.995)


def drive(frame_count, start, speed_mps, turn_radps=0.0, height_m=CAR[2], slope=0.0, gain_mps2=0.0):
    """A path of constant turn rate: start is x, y, yaw."""
    x, y, yaw = start
    path = []
    for _ in range(frame_count):
        pitch = -math.atan(slope * math.cos(yaw))
        tilt = Pose((math.cos(pitch / 2), 0.0, math.sin(pitch / 2), 0.0))
        path.append(Pose.from_yaw(yaw, (x, y, height_m / 2 + slope * x)) @ tilt)
        x += speed_mps * STEP_S * math.cos(yaw + turn_radps * STEP_S / 2)
        y += speed_mps * STEP_S * math.sin(yaw + turn_radps * STEP_S / 2)
        yaw += turn_radps * STEP_S
        speed_mps += gain_mps2 * STEP_S
    return path


def move_sensor(frame_count, speed_mps, height_m=1.8, slope=0.0):
    """A lidar that drives along x from the origin."""
    x = np.arange(frame_count) * STEP_S * speed_mps
    return np.stack([x, np.zeros(frame_count), height_m + slope * x], axis=1)
