"""Laws of the smoother and of headings along a path."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldline.geometry.arrays import Float64s
from worldline.tracking.habit import PERSON, RIDER, VEHICLE
from worldline.tracking.heading import head_along
from worldline.tracking.smooth import smooth_path


def dense_path(time_s: Float64s, seen: Float64s, information: Float64s, unrest: Float64s) -> Float64s:
    """The same path as one least-squares problem over all states: slow and obvious."""
    count = len(time_s)
    normal, right = np.zeros((4 * count, 4 * count)), np.zeros(4 * count)
    first = next(f for f in range(count) if np.trace(information[f]) > 0)
    prior = np.diag([1e-4, 1e-4, 1 / 900, 1 / 900])
    normal[:4, :4] += prior
    right[:4] += prior @ np.array([*seen[first], 0, 0])
    for f in range(count):
        rows = slice(4 * f, 4 * f + 2)
        if np.trace(information[f]) > 0:
            held = np.linalg.inv(np.linalg.inv(information[f] + 1e-6 * np.eye(2)))
            normal[rows, rows] += held
            right[rows] += held @ seen[f]
        if f == 0:
            continue
        step = time_s[f] - time_s[f - 1]
        carry = np.eye(4)
        carry[0, 2] = carry[1, 3] = step
        noise = np.block(
            [[unrest[f] * step**3 / 3, unrest[f] * step**2 / 2], [unrest[f] * step**2 / 2, unrest[f] * step]]
        )
        both = np.hstack([-carry, np.eye(4)])
        there = slice(4 * f - 4, 4 * f + 4)
        normal[there, there] += both.T @ np.linalg.inv(noise) @ both
    return np.asarray(np.linalg.solve(normal, right).reshape(count, 4))


def sightings(seed: int, count: int) -> tuple[Float64s, Float64s, Float64s]:
    random = np.random.default_rng(seed)
    time_s = np.cumsum(random.uniform(0.05, 0.4, count))
    seen = np.cumsum(random.normal(0.4, 0.3, (count, 2)), axis=0)
    roots = random.normal(0, 4, (count, 2, 2))
    information = roots @ np.swapaxes(roots, 1, 2) + np.eye(2)
    information[random.random(count) < 0.3] = 0
    information[0] = 25 * np.eye(2)
    return time_s, seen, information


@given(st.integers(0, 10_000), st.integers(1, 25))
def test_the_smoother_is_the_least_squares_path(seed: int, count: int) -> None:
    time_s, seen, information = sightings(seed, count)
    unrest = VEHICLE.unrest(np.linspace(0, 2, count))
    states, covariances = smooth_path(time_s, seen, information, unrest)
    np.testing.assert_allclose(states, dense_path(time_s, seen, information, unrest), atol=2e-3)
    assert (np.linalg.eigvalsh(covariances) > -1e-9).all()


@given(st.integers(0, 10_000))
def test_running_time_backwards_runs_the_path_backwards(seed: int) -> None:
    time_s, seen, information = sightings(seed, 15)
    information[-1] = 25 * np.eye(2)
    unrest = np.tile(np.eye(2), (15, 1, 1))
    there, _ = smooth_path(time_s, seen, information, unrest)
    back, _ = smooth_path(-time_s[::-1], seen[::-1], information[::-1], unrest)
    np.testing.assert_allclose(back[::-1, :2], there[:, :2], atol=5e-3)


def test_what_is_seen_on_a_straight_line_stays_on_it() -> None:
    time_s = np.arange(40) * 0.1
    seen = np.column_stack([7 * time_s, -2 * time_s])
    states, _ = smooth_path(time_s, seen, np.tile(100 * np.eye(2), (40, 1, 1)), VEHICLE.unrest(np.zeros(40)))
    np.testing.assert_allclose(states[:, :2], seen, atol=1e-3)
    np.testing.assert_allclose(states[5:-5, 2:], np.tile([7, -2], (30, 1)), atol=1e-2)


def along(angle: float, speed: float, count: int = 30) -> tuple[Float64s, Float64s, Float64s]:
    time_s = np.arange(count) * 0.1
    velocity = speed * np.array([math.cos(angle), math.sin(angle)])
    states = np.column_stack([np.outer(time_s, velocity), np.tile(velocity, (count, 1))])
    return time_s, states, np.tile(np.diag([1e-3, 1e-3, 1e-3, 1e-3]), (count, 1, 1))


@given(st.floats(-3.1, 3.1), st.sampled_from([PERSON, RIDER, VEHICLE]))
def test_what_moves_heads_where_it_goes_whatever_the_click_said(angle: float, habit: object) -> None:
    time_s, states, covariances = along(angle, 2.0)
    mask = np.zeros(30, dtype=np.bool_)
    mask[0] = True
    told = np.full(30, angle + 2.5)
    yaw = head_along(time_s, states, covariances, habit, mask, told, np.full(30, math.radians(60)))  # type: ignore[arg-type]
    assert np.abs(np.angle(np.exp(1j * (yaw - angle)))).max() < math.radians(3)


def test_a_person_who_says_it_goes_backwards_is_believed() -> None:
    time_s, states, covariances = along(0.3, 2.0)
    mask = np.zeros(30, dtype=np.bool_)
    mask[4] = True
    told = np.full(30, 0.3 + math.pi)
    yaw = head_along(time_s, states, covariances, VEHICLE, mask, told, np.full(30, math.radians(1.5)))
    assert np.abs(np.angle(np.exp(1j * (yaw - told)))).max() < math.radians(3)


def test_what_stands_keeps_the_heading_it_came_with() -> None:
    time_s, states, covariances = along(1.0, 3.0, 60)
    states[20:, :2], states[20:, 2:] = states[19, :2], 0.0
    none = np.zeros(60, dtype=np.bool_)
    yaw = head_along(time_s, states, covariances, VEHICLE, none, np.zeros(60), np.ones(60))
    assert yaw[-1] == pytest.approx(1.0, abs=math.radians(3))
