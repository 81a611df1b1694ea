"""Rolling sweeps of the simulated street agree with the truth once everybody's motion is taken out."""

import numpy as np
import pytest

from worldline.formats.sweep_times import OWN_TIME, has_own_times, offsets_s, points_at_key
from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import Cuboid, Pose
from worldline.geometry.crop import move_points
from worldline.geometry.deskew import rest_points
from worldline.server.level import level_sweep
from worldline.tracking.odometry import TimedSweep, follow_lidar
from worldline.tracking.rolling import OwnMotion

OPTIONS = SimulationOptions(seed=5, duration_s=8.0, columns=900, cameras=False, rolling=True, pace=1.7)


@pytest.fixture(scope="module")
def scene():
    return simulate_scene("rolling", OPTIONS)


def test_the_scene_says_that_its_points_stand_at_their_own_times(scene):
    lidar = scene.lidars[0]
    assert scene.meta[points_at_key(lidar.name)] == OWN_TIME
    assert has_own_times(scene.meta, lidar)
    offset_s = offsets_s(scene.data.sweep(lidar.name, 2))
    assert offset_s.min() < -0.04 and offset_s.max() > 0.04
    still = simulate_scene("still", SimulationOptions(seed=5, duration_s=1.0, columns=64, beams=4, cameras=False))
    assert not has_own_times(still.meta, still.lidars[0])
    assert offsets_s(still.data.sweep("lidar", 0)) is None


@pytest.mark.parametrize("frame", [3, 77])
def test_points_fill_the_cuboids_once_all_motion_is_taken_out(scene, frame):
    lidar = scene.lidars[0]
    sweep = scene.data.sweep(lidar.name, frame)
    level = level_sweep(scene, lidar, frame, sweep, Pose())
    raw = move_points(sweep.xyz_m, lidar.world_from_sensor[frame])
    seen, moving, raw_inside, inside = 0, 0, [], []
    for track in scene.labels.tracks:
        keyframe = track.keyframe_at(frame) or track.keyframes[0]
        if not track.is_present(frame) or track.size_m[0] < 3:
            continue
        motion = OwnMotion.of_track(track, scene.clock.time_ns).at(frame / 10)
        (velocity, turn) = motion if motion is not None else ((0.0, 0.0, 0.0), 0.0)
        around = keyframe.shape.translation_m
        rested = rest_points(np.asarray(level.grid.points), level.offset_s, velocity, turn, around)
        wide = Cuboid(keyframe.shape, tuple(side + 2.4 for side in track.size_m))
        tight = Cuboid(keyframe.shape, tuple(side + 0.1 for side in track.size_m))
        floor = around[2] - track.size_m[2] / 2 + 0.25
        near = wide.contains(rested) & (rested[:, 2] > floor)
        if near.sum() < 30:
            continue
        seen += 1
        inside.append(tight.contains(rested[near]).mean())
        raw_inside.append(tight.contains(raw[near]).mean())
        moving += np.hypot(*velocity[:2]) > 5
    assert seen >= 5
    assert moving >= 1
    assert np.median(inside) > 0.95
    assert np.mean(inside) > np.mean(raw_inside) + 0.1


def test_odometry_takes_the_turn_into_account(scene):
    lidar = scene.lidars[0]
    frames = range(6)
    sweeps = [scene.data.sweep(lidar.name, frame) for frame in frames]
    timed = [
        TimedSweep(int(lidar.clock.time_ns[frame]), sweep.xyz_m, np.asarray(offsets_s(sweep), np.float64))
        for frame, sweep in zip(frames, sweeps, strict=True)
    ]
    found = follow_lidar(timed)
    first = lidar.world_from_sensor[0].inverse()
    for frame, pose in zip(frames, found.first_from_sensor, strict=True):
        off = (first @ lidar.world_from_sensor[frame]).inverse() @ pose
        assert np.linalg.norm(off.translation_m) < 0.15
    assert len(found.doubtful) == 0
