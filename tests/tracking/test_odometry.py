"""Laws of odometry: what a lidar's sweeps tell about its motion, and what is said where they do not."""

import numpy as np
import pytest

from tests.shared_data import shared_data
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Pose
from worldline.tracking.errors import OdometryError
from worldline.tracking.odometry import TimedSweep, follow_lidar, poses_between


def test_the_simulated_street_tells_the_drive() -> None:
    scene = simulate_scene("drive", SimulationOptions(seed=6, duration_s=8.0, columns=720, cameras=False))
    lidar, frames = scene.lidars[0], range(8)
    told: list[int] = []
    found = follow_lidar(
        (TimedSweep(int(lidar.clock.time_ns[k]), scene.data.sweep("lidar", k).xyz_m) for k in frames), told.append
    )
    assert told == [1, 2, 3, 4, 5, 6, 7, 8]
    assert found.method.startswith("small_gicp ")
    first = lidar.world_from_sensor[0].inverse()
    for frame, pose in zip(frames, found.first_from_sensor, strict=True):
        off = (first @ lidar.world_from_sensor[frame]).inverse() @ pose
        assert np.linalg.norm(off.translation_m) < 0.1
        assert np.degrees(off.angle_to(Pose())) < 0.2
    assert found.agreement.min() > 0.6


def test_sweeps_that_have_nothing_in_common_are_doubtful() -> None:
    rng = np.random.default_rng(1)
    sweeps = [TimedSweep(k * 10**9, rng.uniform(-30, 30, (3000, 3)).astype(np.float32)) for k in range(3)]
    assert follow_lidar(sweeps).doubtful.tolist() == [1, 2]


def test_real_sweeps_at_10_hz_agree_with_each_other() -> None:
    folder = shared_data("kitti_raw_10hz", "velodyne_points", "data")
    clouds = [np.fromfile(path, np.float32).reshape(-1, 4)[:, :3] for path in sorted(folder.glob("*.bin"))[:8]]
    found = follow_lidar([TimedSweep(k * 10**8, cloud) for k, cloud in enumerate(clouds)])
    assert found.agreement.min() > 0.9
    steps = np.linalg.norm(np.diff([pose.translation_m for pose in found.first_from_sensor], axis=0), axis=1)
    assert np.abs(steps - np.median(steps)).max() < 0.2  # no jumps: the car drives evenly


def test_what_tells_nothing_is_refused() -> None:
    with pytest.raises(OdometryError, match="no sweep"):
        follow_lidar([])
    with pytest.raises(OdometryError, match="fewer than"):
        follow_lidar([TimedSweep(0, np.zeros((3, 3), np.float32))])
    cloud = np.random.default_rng(1).uniform(-30, 30, (3000, 3)).astype(np.float32)
    with pytest.raises(OdometryError, match="not later"):
        follow_lidar([TimedSweep(0, cloud), TimedSweep(0, cloud)])


def test_poses_between_lie_on_the_way_and_carry_on_evenly_outside() -> None:
    poses = (Pose(), Pose.from_yaw(0.2, (2.0, 0.0, 0.0)))
    clock = np.array([0, 100])
    for pose, known in zip(poses_between(np.array([0, 100]), clock, poses), poses, strict=True):
        assert pose.translation_m == pytest.approx(known.translation_m)
        assert pose.angle_to(known) == pytest.approx(0, abs=1e-9)
    (middle,) = poses_between(np.array([50]), clock, poses)
    assert middle.translation_m == pytest.approx((1.0, 0.0, 0.0))
    assert middle.yaw_rad == pytest.approx(0.1)
    (after,) = poses_between(np.array([150]), clock, poses)
    assert after.yaw_rad == pytest.approx(0.3)
    (before,) = poses_between(np.array([-50]), clock, poses)
    assert before.translation_m[0] == pytest.approx(-1.0, abs=0.02)
    assert poses_between(np.array([7]), np.array([0]), poses[:1]) == poses[:1]
