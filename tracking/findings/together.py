"""Rules about tracks and what surrounds them: other objects, the ground, the points inside."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from worldline.geometry.arrays import Bools, Float64s, Int64s
from worldline.geometry.overlap import overlap_matrix_3d, overlap_matrix_bev

from .finding import Finding, Rule, stretches
from .limits import Limits
from .sampled import Sampled

_FEWEST_KNOWN = 3
_MOSTLY_HIDDEN = 2

LimitsOf: TypeAlias = Callable[[str], Limits]
Counts: TypeAlias = Callable[[int, Float64s], Int64s]
"""Points in the cuboids (N, 7) of a frame."""
Heights: TypeAlias = Callable[[int, Float64s], Float64s]
"""Height of the ground, world, metres, at places (N, 2) of a frame; NaN where it is not known."""


def check_pairs(samples: Sequence[Sampled], limits_of: LimitsOf) -> Iterator[Finding]:
    """Objects that stand in one another, and objects drawn twice."""
    worst: dict[tuple[Rule, int, int], tuple[list[int], list[float]]] = {}
    for frame, places in _by_frame(samples).items():
        rows = np.array([samples[which].rows[at] for which, at in places])
        shared = overlap_matrix_bev(rows, rows)
        for i, j in np.argwhere(np.triu(shared > 0, 1)):
            (a, _), (b, _) = places[i], places[j]
            limits = limits_of(samples[a].class_name)
            in_space = float(overlap_matrix_3d(rows[i : i + 1], rows[j : j + 1])[0, 0])
            if in_space == 0:
                continue
            is_same = samples[a].class_name == samples[b].class_name
            covered = _covered(rows[i], rows[j], float(shared[i, j]))
            if is_same and in_space > limits.duplicate:
                rule: Rule = "duplicate"
                value = in_space
            elif covered > min(limits.overlap, limits_of(samples[b].class_name).overlap):
                rule, value = "overlap", covered
            else:
                continue
            frames, values = worst.setdefault((rule, a, b), ([], []))
            frames.append(frame)
            values.append(value)
    for (rule, a, b), (frames, values) in worst.items():
        limits = limits_of(samples[a].class_name)
        limit = limits.duplicate if rule == "duplicate" else limits.overlap
        excess = np.array(values)
        for start, end, at in stretches(np.array(frames), np.ones(len(frames), dtype=np.bool_), excess):
            value = values[at]
            say = "may be the same as" if rule == "duplicate" else "stands in"
            word = f"{say} another object ({value:.0%} of it)"
            ids = (samples[a].track.id, samples[b].track.id)
            yield Finding(rule, *ids, start, end, frames[at], value, limit, word)


def check_surroundings(
    samples: Sequence[Sampled], limits_of: LimitsOf, counts: Counts | None, heights: Heights | None
) -> Iterator[Finding]:
    """Cuboids without a point, above the ground, or in it."""
    count = [np.ones(len(each.frames), dtype=np.int64) for each in samples]
    above = [np.zeros(len(each.frames)) for each in samples]
    for frame, places in _by_frame(samples).items():
        rows = np.array([samples[which].rows[at] for which, at in places])
        inside = counts(frame, rows) if counts else np.ones(len(rows), dtype=np.int64)
        clear = rows[:, 2] - rows[:, 5] / 2 - heights(frame, rows[:, :2]) if heights else np.zeros(len(rows))
        for (which, at), points, height in zip(places, inside.tolist(), clear.tolist(), strict=True):
            count[which][at], above[which][at] = points, height
    for each, inside, seen_m in zip(samples, count, above, strict=True):
        limits, height = limits_of(each.class_name), _steady(seen_m)
        yield from _found(
            each, "empty", (inside == 0) & ~_hidden(each), np.ones(len(inside)), 0.0, lambda _: "holds no point"
        )
        yield from _found(
            each, "floating", height > limits.floating_m, height, limits.floating_m,
            lambda v: f"floats {v:.2f} m above the ground",
        )  # fmt: skip
        yield from _found(
            each, "sunk", -height > limits.sunk_m, -height, limits.sunk_m,
            lambda v: f"reaches {v:.2f} m into the ground",
        )  # fmt: skip


def _found(
    sampled: Sampled, rule: Rule, bad_mask: Bools, excess: Float64s, limit: float, say: Callable[[float], str]
) -> Iterator[Finding]:
    for start, end, at in stretches(sampled.frames, bad_mask, excess):
        value = 0.0 if rule == "empty" else float(excess[at])
        frame = int(sampled.frames[at])
        yield Finding(rule, sampled.track.id, None, start, end, frame, value, limit, say(value))


def _hidden(sampled: Sampled) -> Bools:
    """Frames in which most of it is said to be hidden: no point is expected then."""
    return np.array(
        [sampled.track.occlusion_at(frame) >= _MOSTLY_HIDDEN for frame in sampled.frames.tolist()], np.bool_
    )


def _steady(heights_m: Float64s) -> Float64s:
    """The median of five frames, as far as they are known: the ground of one sweep may be wrong for once."""
    padded = np.pad(heights_m, 2, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 5)
    known = np.isfinite(windows)
    steady = np.zeros(len(heights_m))
    enough = known.sum(axis=1) >= _FEWEST_KNOWN
    steady[enough] = np.nanmedian(windows[enough], axis=1)
    return steady


def _by_frame(samples: Sequence[Sampled]) -> dict[int, list[tuple[int, int]]]:
    """Which sample, and where in it, has each frame."""
    places: dict[int, list[tuple[int, int]]] = {}
    for which, each in enumerate(samples):
        for at, frame in enumerate(each.frames.tolist()):
            places.setdefault(frame, []).append((which, at))
    return dict(sorted(places.items()))


def _covered(a: Float64s, b: Float64s, shared: float) -> float:
    """The share of the smaller footprint that both cover, from their intersection over union."""
    areas = a[3] * a[4], b[3] * b[4]
    both = shared / (1 + shared) * sum(areas)
    return float(both / min(areas))
