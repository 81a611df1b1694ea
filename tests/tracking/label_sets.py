"""Pairs of label sets that agree more or less, for property tests."""

import numpy as np
from hypothesis import strategies as st

from worldline.tracking.sightings import Sightings

CLASSES = ("car", "cyclist", "pedestrian")
SIZES = np.array([[4.4, 1.8, 1.5], [1.8, 0.7, 1.7], [0.7, 0.6, 1.75]])


def make_labels(seed: int, frame_count: int = 8, track_count: int = 5) -> Sightings:
    """Tracks that wander over a crowded square, each present in some of the frames."""
    random = np.random.default_rng(seed)
    frames, tracks, rows, classes = [], [], [], []
    for number in range(track_count):
        kind = int(random.integers(len(CLASSES)))
        size_m = SIZES[kind] * random.uniform(0.9, 1.1, 3)
        start, step = random.uniform(-4, 4, 3) * (1, 1, 0.1), random.normal(0, 0.4, 3) * (1, 1, 0.05)
        yaw_rad, turn_rad = random.uniform(-np.pi, np.pi), random.normal(0, 0.1)
        for frame in np.flatnonzero(random.random(frame_count) < 0.8):
            frames.append(frame)
            tracks.append(number)
            rows.append([*(start + frame * step), *size_m, yaw_rad + frame * turn_rad])
        classes.append(CLASSES[kind])
    return Sightings(np.array(frames), np.array(tracks), np.array(rows), tuple(classes), frame_count)


def disturb(labels: Sightings, seed: int, noise: float = 1.0) -> Sightings:
    """The same scene by a careless hand: noise, misses, extras, flips, identities and classes exchanged."""
    random = np.random.default_rng(seed)
    rows = labels.rows.copy()
    rows[:, :3] += random.normal(0, 0.25 * noise, (len(rows), 3)) * (1, 1, 0.2)
    rows[:, 3:6] *= np.exp(random.normal(0, 0.05 * noise, (len(rows), 3)))
    rows[:, 6] += random.normal(0, 0.08 * noise, len(rows)) + np.pi * (random.random(len(rows)) < 0.05 * noise)
    tracks = labels.tracks.copy()
    if labels.track_count > 1:
        one, other = random.choice(labels.track_count, 2, replace=False)
        late = labels.frames >= labels.frame_count // 2
        tracks[late & (labels.tracks == one)], tracks[late & (labels.tracks == other)] = other, one
    kept = random.random(len(rows)) > 0.15 * noise
    extra = make_labels(seed + 1, labels.frame_count, 1)
    classes = tuple(CLASSES[int(random.integers(3))] if random.random() < 0.1 else each for each in labels.classes)
    return Sightings(
        np.concatenate([labels.frames[kept], extra.frames]),
        np.concatenate([tracks[kept], extra.tracks + labels.track_count]),
        np.concatenate([rows[kept], extra.rows]),
        classes + extra.classes,
        labels.frame_count,
    )


seeds = st.integers(0, 2**32 - 1)


@st.composite
def label_sets(draw: st.DrawFn, frame_count: int = 8, track_count: int = 5) -> Sightings:
    """One label set."""
    return make_labels(draw(seeds), frame_count, draw(st.integers(0, track_count)))


@st.composite
def label_pairs(draw: st.DrawFn, frame_count: int = 8, track_count: int = 5) -> tuple[Sightings, Sightings]:
    """A label set and what a careless hand made of the scene."""
    a = draw(label_sets(frame_count, track_count))
    return a, disturb(a, draw(seeds), draw(st.sampled_from([0.2, 1.0, 3.0])))
