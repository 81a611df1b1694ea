"""Smoothing: the path of an object in the plane from noisy sightings of its centre.

The object's velocity changes by white noise (constant velocity between frames); a Kalman filter runs forward and
the smoother of Rauch, Tung and Striebel back, so that every frame knows of all the others. A sighting may know
one direction better than the other: its information is a matrix.

Source: H. Rauch, F. Tung, C. Striebel, Maximum likelihood estimates of linear dynamic systems, AIAA Journal 1965.
"""

import numpy as np
from numba import njit

from worldline.geometry.arrays import Float64s

_UNKNOWN_M2 = 1e4
_UNKNOWN_M2PS2 = 900.0
_LEAST_INFORMATION = 1e-6
_STATE = 4


def smooth_path(
    time_s: Float64s, seen_m: Float64s, information: Float64s, unrest_m2ps3: Float64s
) -> tuple[Float64s, Float64s]:
    """The most likely path through sightings.

    Args:
        time_s: (F,) increasing.
        seen_m: (F, 2) x and y; what stands in a frame without information does not matter.
        information: (F, 2, 2) inverse covariance of each sighting, 1 / m2; zeros where nothing was seen.
        unrest_m2ps3: (F, 2, 2) spectral density of the acceleration on the way to each frame.

    Returns:
        (F, 4) x, y and their velocities; (F, 4, 4) covariances.
    """
    count = len(time_s)
    states, covariances = np.empty((count, _STATE)), np.empty((count, _STATE, _STATE))
    if count:
        _smooth(time_s, seen_m, information, unrest_m2ps3, states, covariances)
    return states, covariances


@njit(cache=True, nogil=True)
def fill_step(step_s: float, unrest: Float64s, carry: Float64s, noise: Float64s) -> None:
    """What a step of time does to a state, and the noise it adds.

    Args:
        step_s: Seconds.
        unrest: (2, 2) spectral density of the acceleration, m2 / s3.
        carry: (4, 4) filled.
        noise: (4, 4) filled.
    """
    carry[:], noise[:] = 0.0, 0.0
    for k in range(2):
        carry[k, k] = carry[k + 2, k + 2] = 1.0
        carry[k, k + 2] = step_s
        for m in range(2):
            noise[k, m] = unrest[k, m] * step_s**3 / 3
            noise[k, m + 2] = noise[k + 2, m] = unrest[k, m] * step_s**2 / 2
            noise[k + 2, m + 2] = unrest[k, m] * step_s


@njit(cache=True, nogil=True)
def update_state(state: Float64s, covariance: Float64s, seen: Float64s, information: Float64s) -> None:
    """Take a sighting into a state.

    Args:
        state: (4,) changed.
        covariance: (4, 4) changed.
        seen: (2,) x and y.
        information: (2, 2) inverse covariance; nothing happens when it is next to zero.
    """
    if information[0, 0] + information[1, 1] < _LEAST_INFORMATION:
        return
    spread = np.linalg.inv(information + _LEAST_INFORMATION * np.eye(2))
    gain = np.ascontiguousarray(covariance[:, :2]) @ np.linalg.inv(covariance[:2, :2] + spread)
    state += gain @ (seen - state[:2])
    covariance -= gain @ np.ascontiguousarray(covariance[:2, :])
    covariance[:] = (covariance + covariance.T) / 2


@njit(cache=True, nogil=True)
def _smooth(time_s, seen, information, unrest, states, covariances):  # type: ignore[no-untyped-def]
    count = len(time_s)
    carry, noise = np.empty((_STATE, _STATE)), np.empty((_STATE, _STATE))
    expected, spread = np.empty((count, _STATE)), np.empty((count, _STATE, _STATE))
    state, covariance = np.zeros(_STATE), np.zeros((_STATE, _STATE))
    first = 0
    while first < count - 1 and information[first, 0, 0] + information[first, 1, 1] < _LEAST_INFORMATION:
        first += 1
    state[0], state[1] = seen[first, 0], seen[first, 1]
    for k in range(2):
        covariance[k, k], covariance[k + 2, k + 2] = _UNKNOWN_M2, _UNKNOWN_M2PS2
    for f in range(count):
        if f > 0:
            fill_step(time_s[f] - time_s[f - 1], unrest[f], carry, noise)
            state = carry @ state
            covariance = carry @ covariance @ carry.T + noise
        expected[f], spread[f] = state, covariance
        update_state(state, covariance, seen[f], information[f])
        states[f], covariances[f] = state, covariance
    for f in range(count - 2, -1, -1):
        fill_step(time_s[f + 1] - time_s[f], unrest[f + 1], carry, noise)
        gain = np.linalg.solve(spread[f + 1], carry @ covariances[f]).T.copy()
        states[f] += gain @ (states[f + 1] - expected[f + 1])
        covariances[f] += gain @ (covariances[f + 1] - spread[f + 1]) @ gain.T
