"""Propagation on real sweeps of KITTI."""

import math

import numba
import pytest

from tests.shared_data import shared_data
from tests.tracking.kitti_clips import read_clip, read_raw_clip
from worldline.geometry import Cuboid, Pose
from worldline.geometry.overlap import overlap_bev
from worldline.tracking import Keyframe, Span, Track, propagate

pytestmark = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="takes minutes in plain Python; test_register compares each kernel there"
)

# Cars of the 10 Hz clip in its first sweep, in the lidar's frame: x, y, z, heading in degrees, size.
CARS = {
    "passed closely on the left": ((7.53, 3.29, -0.77), 0.0, (4.0, 1.69, 1.75)),
    "behind us on the left": ((-5.82, 3.8, -0.93), -1.0, (4.2, 1.69, 1.73)),
    "further behind on the left": ((-11.35, 3.96, -1.06), 2.0, (4.0, 1.75, 1.67)),
    "driving ahead": ((10.08, -0.16, -0.91), 0.0, (4.2, 1.69, 1.5)),
    "driving behind us": ((-16.9, 0.01, -1.07), 173.0, (4.2, 1.78, 1.79)),
    "a van further on the left": ((14.73, 3.43, -0.71), 2.0, (4.66, 2.05, 1.79)),
}


def track_of(cuboid, frame, count):
    return Track("t", "o", size_m=cuboid.size_m, keyframes=(Keyframe(frame, cuboid.pose),), spans=(Span(0, count),))


@pytest.mark.parametrize("name", CARS)
def test_forward_and_back_over_three_seconds_returns_to_the_start(name):
    clip = read_raw_clip(shared_data("kitti_raw_10hz"))
    place, yaw_deg, size_m = CARS[name]
    pose = Pose.from_yaw(math.radians(yaw_deg), place)
    there = propagate(
        track_of(Cuboid(pose, size_m), 0, 30), 0, "forward", 29, clip.sweep, clip.clock_ns, clip.sensor_at
    )
    assert there.reason is None and len(there.keyframes) == 29
    assert min(each.quality for each in there.keyframes) > 0.5
    end = Cuboid(there.keyframes[-1].shape, size_m)
    back = propagate(track_of(end, 29, 30), 29, "backward", 29, clip.sweep, clip.clock_ns, clip.sensor_at)
    assert len(back.keyframes) == 29
    returned = back.keyframes[0].shape
    assert math.dist(returned.translation_m, pose.translation_m) < 0.15
    assert returned.angle_to(pose) < math.radians(2)


def test_every_car_of_a_real_frame_is_found_in_the_next_a_tenth_of_a_second_later():
    root = shared_data("scalabel_kitti_sample", "tracking")
    clip = read_clip(root, "0001", root / "training" / "oxts" / "0001.txt")
    assert len(clip.truth) == 7
    for number, cuboids in clip.truth.items():
        track = track_of(cuboids[0], 0, 2)
        result = propagate(track, 0, "forward", 1, clip.sweep, clip.clock_ns, clip.sensor_at)
        assert result.reason is None, (number, result.reason)
        assert overlap_bev(cuboids[1], Cuboid(result.keyframes[0].shape, track.size_m)) >= 0.8, number


def test_over_gaps_of_a_second_what_is_accepted_is_right():
    oxts = shared_data("scalabel_kitti_sample", "tracking", "training", "oxts", "0001.txt")
    clip = read_clip(shared_data("kitti_tracking_0001"), "0001", oxts)
    found = 0
    for number, cuboids in clip.truth.items():
        start = min(cuboids)
        track = track_of(cuboids[start], start, 5)
        result = propagate(track, start, "forward", 4, clip.sweep, clip.clock_ns, clip.sensor_at)
        for each in result.keyframes:
            if each.frame in cuboids:
                found += 1
                assert overlap_bev(cuboids[each.frame], Cuboid(each.shape, track.size_m)) >= 0.6, (number, each)
    assert found >= 8
