"""Deskewing: a sweep whose points were measured one after another, as if at one instant.

A spinning lidar takes a tenth of a second for a turn. Each point stands where the sensor was when it was measured;
`move_timed_points` brings the points to one frame by the pose of the sensor at each point's own time, which
holds for whatever stands still. `rest_points` moves the points of an object that moves by itself to where
they would have been at the instant.
"""

import math
from collections.abc import Sequence

import numpy as np
from numba import njit

from .arrays import Float32s, Float64s, Floats, Int64s
from .errors import CloudError
from .inside import check_points
from .pose import Pose, Vector


def move_timed_points(
    points: Floats, time_s: Floats, knot_s: Float64s, a_from_b: Sequence[Pose]
) -> tuple[Float32s, Int64s]:
    """The finite points in another frame, each by the pose of its own time.

    Args:
        points: (N, 3) b at each point's own time, metres.
        time_s: (N,) When each was measured.
        knot_s: (K,) Times of the poses, strictly increasing; before the first and after the last these hold.
        a_from_b: (K,) Where b stands in a at these times; between two, what lies on the straight line between
            where the one and where the other puts a point.

    Returns:
        (M, 3) float32, a, metres, in the order of the sweep, and (M,) int64 the points' numbers in it.

    Raises:
        CloudError: Points and times are of different numbers, or the knots do not increase or are none.
    """
    cloud = check_points(points)
    times = np.require(time_s, np.float64, ["C", "W"])
    knots = np.require(knot_s, np.float64, ["C", "W"])
    if times.shape != (len(cloud),):
        raise CloudError(f"there are {len(cloud)} points and times of shape {times.shape}: one time each a point")
    if knots.shape != (len(a_from_b),) or not len(knots) or not (np.diff(knots) > 0).all():
        raise CloudError(f"{len(a_from_b)} poses need as many strictly increasing times, not {knots.tolist()}")
    matrices = np.array([pose.matrix[:3] for pose in a_from_b])
    moved, kept = np.empty((len(cloud), 3), dtype=np.float32), np.empty(len(cloud), dtype=np.int64)
    count = _move_timed(cloud, times, knots, matrices, moved, kept)
    return (moved, kept) if count == len(cloud) else (moved[:count].copy(), kept[:count].copy())


def rest_points(
    points: Floats, time_s: Floats, velocity_mps: Vector, yaw_rate_radps: float = 0.0, around_m: Vector = (0.0,) * 3
) -> Float32s:
    """Points of a moving object where they would have been at time 0.

    Args:
        points: (N, 3) metres.
        time_s: (N,) When each was measured.
        velocity_mps: The object's, in the points' frame.
        yaw_rate_radps: How fast it turns about the vertical.
        around_m: The place about which it turns, at time 0.

    Returns:
        (N, 3) float32.

    Raises:
        CloudError: Points and times are of different numbers.
    """
    if len(time_s) != len(points):
        raise CloudError(f"there are {len(points)} points and {len(time_s)} times: one time each a point")
    rested = np.empty((len(points), 3), dtype=np.float32)
    times = np.require(time_s, np.float64, ["C", "W"])
    motion = np.array([*velocity_mps, yaw_rate_radps, around_m[0], around_m[1]], dtype=np.float64)
    _rest(check_points(points), times, motion, rested)
    return rested


def poses_within(start_s: float, end_s: float, step_s: float) -> Float64s:
    """Times from a start to an end, both included, about a step apart: where a sweep's poses are asked for."""
    count = max(2, math.ceil((end_s - start_s) / step_s) + 1)
    return np.linspace(start_s, max(end_s, start_s + 1e-9), count)


@njit(cache=True, nogil=True)
def _move_timed(points, times, knots, matrices, moved, kept):  # type: ignore[no-untyped-def]
    count, k = 0, 0
    last = len(knots) - 1
    for p in range(len(points)):
        x, y, z = np.float64(points[p, 0]), np.float64(points[p, 1]), np.float64(points[p, 2])
        if not (np.isfinite(x + y + z) and np.isfinite(times[p])):
            continue
        time = min(max(times[p], knots[0]), knots[last])
        # Neighbours in a sweep are neighbours in time: the interval is the one before, or near it.
        while k > 0 and time < knots[k]:
            k -= 1
        while k < last - 1 and time >= knots[k + 1]:
            k += 1
        after = min(k + 1, last)
        share = (time - knots[k]) / (knots[after] - knots[k]) if after > k else 0.0
        for d in range(3):
            a, b = matrices[k, d], matrices[after, d]
            before = a[0] * x + a[1] * y + a[2] * z + a[3]
            behind = b[0] * x + b[1] * y + b[2] * z + b[3]
            moved[count, d] = before + share * (behind - before)
        kept[count] = p
        count += 1
    return count


@njit(cache=True, nogil=True)
def _rest(points, times, motion, rested):  # type: ignore[no-untyped-def]
    for p in range(len(points)):
        time = times[p]
        x = np.float64(points[p, 0]) - motion[0] * time - motion[4]
        y = np.float64(points[p, 1]) - motion[1] * time - motion[5]
        cosine, sine = np.cos(motion[3] * time), np.sin(motion[3] * time)
        rested[p, 0] = motion[4] + cosine * x + sine * y
        rested[p, 1] = motion[5] + cosine * y - sine * x
        rested[p, 2] = np.float64(points[p, 2]) - motion[2] * time
