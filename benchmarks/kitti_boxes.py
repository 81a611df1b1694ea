"""KITTI tracking ground truth as cuboids of the lidar, for benchmarks; the reader of scenes is in formats/."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.geometry import Camera, Cuboid, Pose
from worldline.geometry.arrays import Float32s, Float64s


@dataclass(frozen=True)
class LabelledBox:
    """One row of a label file."""

    frame: str
    track_id: int
    kind: str
    truncated: int
    occluded: int
    box_px: tuple[float, float, float, float]
    cuboid: Cuboid
    """In the lidar's frame."""


@dataclass(frozen=True)
class Sequence:
    """One sequence: calibration, boxes and where its sweeps are."""

    folder: Path
    name: str
    camera: Camera
    camera_from_lidar: Pose
    boxes: list[LabelledBox]

    @property
    def frames(self) -> list[str]:
        """Names of the frames that have a sweep."""
        return sorted(path.stem for path in (self.folder / "training/velodyne" / self.name).glob("*.bin"))

    def points(self, frame: str) -> Float32s:
        """(N, 3) float32, lidar, metres."""
        path = self.folder / "training/velodyne" / self.name / f"{frame}.bin"
        return np.fromfile(path, np.float32).reshape(-1, 4)[:, :3].copy()


def read_sequence(folder: Path) -> Sequence:
    """Read the one sequence that a folder holds."""
    name = next((folder / "training/label_02").glob("*.txt")).stem
    rows = {}
    for line in (folder / f"training/calib/{name}.txt").read_text().splitlines():
        if line.strip():
            key, *numbers = line.replace(":", " ").split()
            rows[key] = np.array(numbers, dtype=np.float64)
    rectified = _padded(rows.get("R_rect", rows.get("R0_rect")), 3)
    rect_from_lidar = rectified @ _padded(rows.get("Tr_velo_cam", rows.get("Tr_velo_to_cam")), 4)
    projection = rows["P2"].reshape(3, 4)
    baseline = np.eye(4)
    baseline[:3, 3] = np.linalg.solve(projection[:, :3], projection[:, 3])
    camera = Camera(1242, 375, *(float(projection[i, j]) for i, j in ((0, 0), (1, 1), (0, 2), (1, 2))))
    lidar_from_rect = Pose.from_matrix(rect_from_lidar).inverse()
    boxes = []
    for line in (folder / f"training/label_02/{name}.txt").read_text().splitlines():
        frame, track, kind, truncated, occluded, _, *numbers = line.split()
        left, top, right, bottom, height, width, length, x, y, z, turn = map(float, numbers[:11])
        if kind != "DontCare":
            # KITTI's x right, y down, z forward, bottom centre and turn about -y as a cuboid with z up.
            own = Pose.from_yaw(-turn, (0.0, 0.0, 0.0))
            upright = Pose.from_matrix(np.array([[1.0, 0, 0, x], [0, 0, -1, y - height / 2], [0, 1, 0, z]]))
            cuboid = Cuboid(lidar_from_rect @ upright @ own, (length, width, height))
            box = (left, top, right, bottom)
            boxes.append(
                LabelledBox(f"{int(frame):06d}", int(track), kind, int(float(truncated)), int(occluded), box, cuboid)
            )
    return Sequence(folder, name, camera, Pose.from_matrix(baseline @ rect_from_lidar), boxes)


def _padded(numbers: Float64s, columns: int) -> Float64s:
    matrix = np.eye(4)
    matrix[:3, :columns] = numbers.reshape(3, columns)
    return matrix


def heading_error_rad(a: Cuboid, b: Cuboid) -> float:
    """Angle between two headings, 0 to pi."""
    return abs(math.remainder(a.yaw_rad - b.yaw_rad, math.tau))
