"""Association: cuboids of single frames linked into tracks, offline, over the whole scene.

Forward through the frames each class's tracks are carried on by a Kalman filter of even motion (X. Weng et al., 3D
Multi-Object Tracking: A Baseline and New Evaluation Metrics, IROS 2020), whose first velocity is unsure along
the heading more than across it, and matched to the frame's cuboids where the sum of the surprises is least: place,
height, heading, size, and overlap. What is missed for longer than a short while ends. Then ends are joined to later
beginnings (`relink`), again where the sum of the surprises is least, over gaps of several seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from scipy.optimize import linear_sum_assignment

from worldline.geometry import overlap_matrix_bev, suppress
from worldline.geometry.arrays import Float64s, Int64s

from .errors import AssociationError
from .moving import Moving, Noise, Style, set_free, style_of
from .noise import USUAL, tell_noise
from .relink import relink

_UNMATCHED = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Cuboids that belong to nobody yet.

    Attributes:
        frames: (N,) int64, indices into the clock.
        rows: (N, 7) float64: x, y, z of the centre, length, width, height, yaw; world, metres and radians.
        classes: (N,) The class of each.
        scores: (N,) float64, the higher the surer; None: all alike.

    Raises:
        AssociationError: Lengths differ, a frame is below 0, or a number is not finite.
    """

    frames: Int64s
    rows: Float64s
    classes: tuple[str, ...]
    scores: Float64s | None = None

    def __post_init__(self) -> None:
        """Check the arrays."""
        count = len(self.frames)
        scores = np.zeros(count) if self.scores is None else np.asarray(self.scores)
        if self.rows.shape != (count, 7) or len(self.classes) != count or scores.shape != (count,):
            raise AssociationError(f"{count} frames need as many rows of 7 numbers, classes and scores")
        if count and (self.frames.min() < 0 or not np.isfinite(self.rows).all() or not np.isfinite(scores).all()):
            raise AssociationError("frames are 0 or more, and cuboids and scores are finite numbers")
        if count and self.rows[:, 3:6].min() <= 0:
            raise AssociationError("cuboids have a length, a width and a height above 0")

    def __len__(self) -> int:
        """How many cuboids."""
        return len(self.frames)


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """How cuboids are linked.

    Attributes:
        noise_m: How far a cuboid's centre is usually off; None: told from the cuboids themselves.
        ego_is_known: Whether the cuboids stand in a world in which what stands still does not move.
        short_gap_s: How long an object may be missed within a track.
        long_gap_s: How long between two tracks that may be one.
        most_overlap: Of two cuboids of one class in a frame that overlap by more from above, the one of lower score
            is left out; None keeps all.
        styles: How objects of a class move, where it is not as usual.
    """

    noise_m: float | None = None
    ego_is_known: bool = True
    short_gap_s: float = 1.0
    long_gap_s: float = 4.0
    most_overlap: float | None = None
    styles: Mapping[str, Style] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("noise_m", "short_gap_s", "long_gap_s"):
            value = getattr(self, name)
            if value is not None and not 0 < value < np.inf:
                raise AssociationError(f"{name} is above 0 and finite, not {value}")
        if self.most_overlap is not None and not 0 <= self.most_overlap <= 1:
            raise AssociationError(f"most_overlap is a share from 0 to 1, not {self.most_overlap}")


def link_detections(detections: Detections, clock_ns: Int64s, options: LinkOptions | None = None) -> Int64s:
    """Which track each cuboid belongs to.

    The answer does not depend on the order in which the cuboids are given, but for the numbers of the tracks:
    these count from 0 in order of first frame, then of place.

    Args:
        detections: The cuboids.
        clock_ns: (F,) The clock that their frames count.
        options: How.

    Returns:
        (N,) int64; -1 for a cuboid that was left out as another's double.

    Raises:
        AssociationError: A frame lies outside the clock.
    """
    options = options or LinkOptions()
    if len(detections) and int(detections.frames.max()) >= len(clock_ns):
        raise AssociationError(f"frame {int(detections.frames.max())} lies outside the {len(clock_ns)} frames")
    since_ns = np.asarray(clock_ns, dtype=np.int64) - (int(clock_ns[0]) if len(clock_ns) else 0)
    time_s: Float64s = since_ns.astype(np.float64) * 1e-9
    order = np.lexsort((*detections.rows.T[::-1], np.array(detections.classes, dtype=np.str_), detections.frames))
    links = np.full(len(detections), -1, dtype=np.int64)
    tracks: list[list[int]] = []
    for name in sorted(set(detections.classes)):
        style = options.styles.get(name) or style_of(name)
        style = style if options.ego_is_known else set_free(style)
        own = np.array([k for k in order.tolist() if detections.classes[k] == name], dtype=np.int64)
        kept = own if options.most_overlap is None else _singles(detections, own, options.most_overlap)
        noise = Noise(options.noise_m or USUAL.place_m, USUAL.size_share)
        pieces = _carry(detections, kept, time_s, style, noise, options)
        told = tell_noise(pieces, detections.rows, time_s[detections.frames])
        noise = replace(told, place_m=options.noise_m or told.place_m)
        pieces = _carry(detections, kept, time_s, style, noise, options)
        tracks += relink(pieces, detections.rows, time_s[detections.frames], style, noise, options.long_gap_s)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    for number, members in enumerate(sorted(tracks, key=lambda each: int(rank[each[0]]))):
        links[members] = number
    return links


def _singles(detections: Detections, own: Int64s, most_overlap: float) -> Int64s:
    """Those that are not another's double."""
    scores = np.zeros(len(detections)) if detections.scores is None else detections.scores
    kept: list[int] = []
    for frame in np.unique(detections.frames[own]):
        here = own[detections.frames[own] == frame]
        kept += here[np.sort(suppress(detections.rows[here], scores[here], most_overlap))].tolist()
    return np.array(kept, dtype=np.int64)


def _carry(
    detections: Detections, own: Int64s, time_s: Float64s, style: Style, noise: Noise, options: LinkOptions
) -> list[list[int]]:
    """Tracks from the first frame to the last, as members in order of time."""
    alive: list[Moving] = []
    ended: list[Moving] = []
    frames = detections.frames[own]
    for frame in np.unique(frames).tolist():
        here, now = own[frames == frame], float(time_s[frame])
        step_s = now - float(time_s[frame - 1]) if frame else 0.0
        late = [each for each in alive if now - each.time_s > max(options.short_gap_s, 1.5 * step_s)]
        ended += late
        alive = [each for each in alive if each not in late]
        known = [each.velocity_mps for each in alive if len(each.members) > 2]
        drift = None if options.ego_is_known or len(known) < 2 else np.median(known, axis=0)
        matched = _match(alive, here, detections.rows, now)
        for place, k in enumerate(here.tolist()):
            if place in matched:
                alive[matched[place]].take(k, detections.rows[k], now)
            else:
                alive.append(Moving(k, detections.rows[k], now, style, noise, drift))
    return [each.members for each in (*ended, *alive)]


def _match(alive: Sequence[Moving], here: Int64s, rows: Float64s, now: float) -> dict[int, int]:
    """By the place of a cuboid in `here`, the number of the track in `alive` that it belongs to."""
    if not alive or not len(here):
        return {}
    found = rows[here]
    predicted = np.array([each.predicted(now) for each in alive])
    surprise = np.stack([each.surprise(found, now) for each in alive])
    surprise -= 4.0 * overlap_matrix_bev(predicted, found)
    surprise = np.where(np.isfinite(surprise), surprise - 1e3, _UNMATCHED)  # a match is always better than none
    one, other = linear_sum_assignment(surprise)
    return {int(b): int(a) for a, b in zip(one, other, strict=True) if surprise[a, b] < _UNMATCHED / 2}
