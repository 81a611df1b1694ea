"""Velocity: how an object moves when nothing but its shape is known, from the frames around."""

import math

import numpy as np
from numba import njit

from worldline.geometry.arrays import Float32s, Float64s, Int64s

CELL_M = 0.2


@njit(cache=True, nogil=True)
def find_velocity(
    own: Float32s,
    points: Float32s,
    first: Int64s,
    ahead_s: Float64s,
    center: Float64s,
    fastest_mps: float,
    step_mps: float,
    out: Float64s,
) -> float:
    """The velocity that finds the object's shape again in the frames around.

    The object's cells are a template: cells that were hit count for a velocity where they are hit again, the
    empty ones around them count against it.

    Args:
        own: (K, 3) the object's points in its frame.
        points: (N, 3) what stands around in the other frames.
        first: (F + 1,) where each frame's points begin.
        ahead_s: (F,) how long after the object's frame each is, negative before.
        center: (2,) the middle of the object's points.
        fastest_mps: Velocities up to this are tried.
        step_mps: Steps between them.
        out: (2,) filled.

    Returns:
        The share of the template found again, at most 1.
    """
    span = 0.0
    for k in range(own.shape[0]):
        span = max(span, abs(own[k, 0] - center[0]), abs(own[k, 1] - center[1]))
    half = math.ceil(span / CELL_M) + 2
    template = np.zeros((2 * half + 1, 2 * half + 1), dtype=np.int8)
    for k in range(own.shape[0]):
        i = math.floor((own[k, 0] - center[0]) / CELL_M + 0.5) + half
        j = math.floor((own[k, 1] - center[1]) / CELL_M + 0.5) + half
        template[i, j] = 1
    sign = np.zeros(template.shape)
    hit_count = 0
    for i in range(2 * half + 1):
        for j in range(2 * half + 1):
            if template[i, j] == 1:
                sign[i, j] = 1.0
                hit_count += 1
                continue
            near = 2 * half
            for di in range(-2, 3):
                for dj in range(-2, 3):
                    if 0 <= i + di <= 2 * half and 0 <= j + dj <= 2 * half and template[i + di, j + dj] == 1:
                        near = min(near, max(abs(di), abs(dj)))
            sign[i, j] = 0.5 if near == 1 else -1.0 if near == 2 else 0.0
    frames = ahead_s.shape[0]
    farthest = 0.0
    for f in range(frames):
        farthest = max(farthest, abs(ahead_s[f]))
    wide = half + math.ceil(fastest_mps * farthest / CELL_M) + 1
    seen = np.zeros((frames, 2 * wide + 1, 2 * wide + 1), dtype=np.bool_)
    for f in range(frames):
        for n in range(first[f], first[f + 1]):
            i = math.floor((points[n, 0] - center[0]) / CELL_M + 0.5) + wide
            j = math.floor((points[n, 1] - center[1]) / CELL_M + 0.5) + wide
            if 0 <= i <= 2 * wide and 0 <= j <= 2 * wide:
                seen[f, i, j] = True
    cells_i, cells_j = np.nonzero(sign)
    steps = math.ceil(fastest_mps / step_mps)
    best = -1e9
    out[:] = 0.0
    for a in range(-steps, steps + 1):
        for b in range(-steps, steps + 1):
            vx, vy = a * step_mps, b * step_mps
            if vx * vx + vy * vy > fastest_mps * fastest_mps:
                continue
            score = 0.0
            for f in range(frames):
                si = math.floor(vx * ahead_s[f] / CELL_M + 0.5) - half + wide
                sj = math.floor(vy * ahead_s[f] / CELL_M + 0.5) - half + wide
                found = 0.0
                for c in range(len(cells_i)):
                    if seen[f, cells_i[c] + si, cells_j[c] + sj]:
                        found += sign[cells_i[c], cells_j[c]]
                score += max(found, -hit_count)
            score = score / (frames * hit_count) - 0.05 * math.hypot(vx, vy) / fastest_mps
            if score > best:
                best = score
                out[0], out[1] = vx, vy
    return best
