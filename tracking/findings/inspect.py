"""All rules over all tracks of a scene."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worldline.geometry.arrays import Int64s
from worldline.geometry.pose import Vector
from worldline.tracking.track import Track

from .alone import check_gaps, check_motion, check_size
from .finding import Finding
from .limits import DEFAULT_LIMITS, Limits
from .sampled import sample_track
from .together import Counts, Heights, check_pairs, check_surroundings


@dataclass(frozen=True, slots=True)
class Subject:
    """A cuboid track of the world and what its class usually is.

    Attributes:
        track: The track.
        class_name: Its object's class.
        mean_m: Usual length, width, height; None where nothing is usual.
        spread_m: Of these.
    """

    track: Track
    class_name: str
    mean_m: Vector | None = None
    spread_m: Vector | None = None


def inspect_scene(
    subjects: Sequence[Subject],
    clock_ns: Int64s,
    *,
    limits: Mapping[str, Limits] = DEFAULT_LIMITS,
    counts: Counts | None = None,
    heights: Heights | None = None,
) -> list[Finding]:
    """What the rules find.

    Args:
        subjects: Cuboid tracks in the world.
        clock_ns: (F,) the scene's reference clock.
        limits: By class; others have `Limits()`.
        counts: Points in cuboids of a frame; without it nothing is said to be empty.
        heights: The ground of a frame; without it nothing floats or is sunk.

    Returns:
        Findings in order of their first frame.

    Raises:
        KeyframeError: A track is of boxes, or a keyframe lies outside the clock.
    """

    def limits_of(class_name: str) -> Limits:
        return limits.get(class_name, Limits())

    samples = [sample_track(each.track, each.class_name, clock_ns) for each in subjects]
    found: list[Finding] = []
    for subject, sampled in zip(subjects, samples, strict=True):
        allowed = limits_of(subject.class_name)
        found += check_motion(sampled, allowed)
        found += check_gaps(sampled, clock_ns, allowed)
        if subject.mean_m is not None and subject.spread_m is not None:
            found += check_size(sampled, subject.mean_m, subject.spread_m, allowed)
    found += check_pairs(samples, limits_of)
    if counts is not None or heights is not None:
        found += check_surroundings(samples, limits_of, counts, heights)
    return sorted(found, key=lambda each: (each.start, each.track_id, each.rule))
