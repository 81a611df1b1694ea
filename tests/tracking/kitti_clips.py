"""Real KITTI frames as propagation sees them: points and cuboids of people in one frame, read plainly."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.geometry import Cuboid, Pose

EARTH_M = 6378137.0


@dataclass
class Clip:
    """Frames of a KITTI sequence.

    Attributes:
        names: KITTI's frame numbers, in order.
        clouds: (N, 3) float32 points of each frame, world.
        sensors: Where the lidar is.
        truth: The cuboids of each track id by index into `names`.
        classes: Class by track id.
    """

    names: list[int]
    clouds: list[np.ndarray]
    sensors: list[tuple[float, float, float]]
    truth: dict[int, dict[int, Cuboid]]
    classes: dict[int, str]

    @property
    def clock_ns(self):
        """KITTI's frames are a tenth of a second apart."""
        return np.array(self.names, dtype=np.int64) * 100_000_000

    def sweep(self, frame, around, radius_m):
        """The points of a frame around a place."""
        points = self.clouds[frame]
        dx, dy = points[:, 0] - np.float32(around[0]), points[:, 1] - np.float32(around[1])
        return points[dx * dx + dy * dy <= radius_m * radius_m]

    def sensor_at(self, frame):
        """Where the lidar is in a frame."""
        return self.sensors[frame]


def read_clip(root: Path, sequence: str, oxts: Path | None = None) -> Clip:
    """A clip of the KITTI tracking layout; in the lidar's frame where there are no oxts."""
    training = root / "training"
    scans = sorted((training / "velodyne" / sequence).glob("*.bin"))
    names = [int(scan.stem) for scan in scans]
    calibration = _read_calibration(training / "calib" / f"{sequence}.txt")
    camera_from_lidar = calibration["R_rect"] @ calibration["Tr_velo_cam"]
    lidar_from_imu = calibration["Tr_imu_velo"]
    world_from_lidar = [np.eye(4)] * len(names)
    if oxts is not None:
        rows = np.loadtxt(oxts)[:, :6]
        poses = [_oxts_pose(row, math.cos(math.radians(rows[0, 0]))) for row in rows]
        origin = np.linalg.inv(poses[names[0]])
        world_from_lidar = [origin_level(origin) @ poses[name] @ np.linalg.inv(lidar_from_imu) for name in names]
    clouds = []
    for scan, pose in zip(scans, world_from_lidar, strict=True):
        own = np.fromfile(scan, dtype=np.float32).reshape(-1, 4)[:, :3].astype(np.float64)
        clouds.append((own @ pose[:3, :3].T + pose[:3, 3]).astype(np.float32))
    sensors = [tuple(pose[:3, 3].tolist()) for pose in world_from_lidar]
    truth, classes = {}, {}
    lidar_from_camera = np.linalg.inv(camera_from_lidar)
    for line in (training / "label_02" / f"{sequence}.txt").read_text().splitlines():
        row = line.split()
        if row[2] == "DontCare" or int(row[0]) not in names:
            continue
        frame, track = names.index(int(row[0])), int(row[1])
        height, width, length, x, y, z, ry = (float(value) for value in row[10:17])
        center = world_from_lidar[frame] @ lidar_from_camera @ np.array([x, y - height / 2, z, 1])
        ahead = (world_from_lidar[frame] @ lidar_from_camera)[:3, :3] @ np.array([math.cos(ry), 0, -math.sin(ry)])
        pose = Pose.from_yaw(math.atan2(ahead[1], ahead[0]), tuple(center[:3].tolist()))
        truth.setdefault(track, {})[frame] = Cuboid(pose, (length, width, height))
        classes[track] = row[2]
    return Clip(names, clouds, sensors, truth, classes)


def read_raw_clip(root: Path) -> Clip:
    """The 10 Hz clip without labels and poses, in the lidar's frame."""
    scans = sorted((root / "velodyne_points" / "data").glob("*.bin"))
    clouds = [np.fromfile(scan, dtype=np.float32).reshape(-1, 4)[:, :3].copy() for scan in scans]
    return Clip([int(scan.stem) for scan in scans], clouds, [(0.0, 0.0, 0.0)] * len(scans), {}, {})


def origin_level(origin: np.ndarray) -> np.ndarray:
    """Only the shift of an origin, so that the world stays level."""
    level = np.eye(4)
    level[:3, 3] = -np.linalg.inv(origin)[:3, 3]
    return level


def _read_calibration(path: Path) -> dict[str, np.ndarray]:
    matrices = {}
    for line in path.read_text().splitlines():
        if not line.strip():
            continue
        name, *numbers = line.replace(":", " ").split()
        values, matrix = np.array(numbers, dtype=np.float64), np.eye(4)
        if values.size == 9:
            matrix[:3, :3] = values.reshape(3, 3)
        else:
            matrix[:3] = values.reshape(3, 4)
        names = {"R0_rect": "R_rect", "Tr_velo_to_cam": "Tr_velo_cam", "Tr_imu_to_velo": "Tr_imu_velo"}
        matrices[names.get(name, name)] = matrix
    return matrices


def _oxts_pose(row: np.ndarray, scale: float) -> np.ndarray:
    """World from IMU by a Mercator projection, as KITTI's own tools do."""
    latitude, longitude, altitude, roll, pitch, yaw = row
    pose = np.eye(4)
    pose[0, 3] = scale * math.radians(longitude) * EARTH_M
    pose[1, 3] = scale * EARTH_M * math.log(math.tan(math.radians(90 + latitude) / 2))
    pose[2, 3] = altitude
    turn = Pose.from_yaw(yaw).rotation
    tip = np.array([[math.cos(pitch), 0, math.sin(pitch)], [0, 1, 0], [-math.sin(pitch), 0, math.cos(pitch)]])
    lean = np.array([[1, 0, 0], [0, math.cos(roll), -math.sin(roll)], [0, math.sin(roll), math.cos(roll)]])
    pose[:3, :3] = turn @ tip @ lean
    return pose
