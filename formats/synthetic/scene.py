"""The simulated street as a neutral scene whose frames are made when they are read."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from worldline.geometry import Pose
from worldline.tracking import Keyframe, Span, Track

from ..errors import SceneError
from ..labels import Labels, SceneObject
from ..no_video import NoVideo
from ..scene import CameraSensor, Clock, EncodedImage, Lidar, MetaValue, Scene, Sweep
from ..sweep_times import OWN_TIME, points_at_key
from .mesh import join
from .rays import Instant
from .rolling import Mover, roll
from .sensors import CAMERAS, SpinningLidar
from .street import build_street
from .traffic import Actor, Traffic, make_traffic

LABEL_RANGE_M = 60.0
_SEEN_M = 120.0


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """What to simulate.

    Attributes:
        seed: The same seed gives the same street, drive and noise.
        duration_s: How long the drive is.
        rate_hz: Frames a second.
        beams: Of the lidar.
        columns: Firings of the lidar in a turn.
        cameras: Whether to render images: most of the work.
        rolling: Whether the points of a sweep are measured one after another while everyone moves, and stand in
            the lidar's frame of their own time; else the world stands still for each sweep.
        pace: How fast vehicles are, as a multiple of a town's 8 to 11 m/s.
        labels: ``truth``: everything is labelled; ``some``: every second object is, the rest is
            left to the annotator; ``none``.
    """

    seed: int = 1
    duration_s: float = 20.0
    rate_hz: float = 10.0
    beams: int = 64
    columns: int = 1800
    cameras: bool = True
    labels: Literal["truth", "some", "none"] = "truth"
    rolling: bool = False
    pace: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        bounds = {
            "duration_s": (0.1, 3600),
            "rate_hz": (0.5, 50),
            "beams": (1, 256),
            "columns": (36, 8192),
            "pace": (0.1, 4),
        }
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise SceneError(f"{name} must be between {low} and {high}, not {getattr(self, name)}")

    @property
    def frame_count(self) -> int:
        """How many frames."""
        return max(1, round(self.duration_s * self.rate_hz))


def simulate_scene(name: str, options: SimulationOptions) -> Scene:
    """A street scene; nothing is rendered before a frame is read.

    Raises:
        SceneError: An option is out of its bounds.
    """
    data = SyntheticData(options)
    step_ns = round(1e9 / options.rate_hz)
    times = np.arange(options.frame_count, dtype=np.int64) * step_ns
    clock = Clock(times, tuple(f"{frame:06d}" for frame in range(options.frame_count)))
    ego = [data.traffic.world_from_ego(time / 1e9) for time in times.tolist()]
    lidar = Lidar(
        "lidar",
        SpinningLidar.ego_from_sensor,
        clock,
        tuple(pose @ SpinningLidar.ego_from_sensor for pose in ego),
        ("intensity", "ring", "time_offset_ns"),
    )
    cameras = [
        CameraSensor(
            each.name,
            each.ego_from_sensor,
            clock,
            tuple(pose @ each.ego_from_sensor for pose in ego),
            each.width_px,
            each.height_px,
            each.camera,
        )
        for each in (CAMERAS if options.cameras else ())
    ]
    labels = _label(data.traffic.actors, times.tolist(), ego, options.labels)
    meta: dict[str, MetaValue] = {"source": "synthetic", "seed": options.seed}
    if options.rolling:
        meta[points_at_key(lidar.name)] = OWN_TIME
    return Scene(name, (lidar, *cameras), "lidar", data, labels, meta=meta)


class SyntheticData(NoVideo):
    """Renders frames when asked for; the world of the last frame asked for is kept."""

    def __init__(self, options: SimulationOptions) -> None:
        self._options = options
        rng = np.random.default_rng(options.seed)
        self.traffic: Traffic = make_traffic(options.duration_s, rng, options.pace)
        self._street = build_street(self.traffic.street, rng)
        self._lidar = SpinningLidar(options.beams, options.columns)
        self._cameras = {each.name: each for each in CAMERAS}
        self._last: tuple[int, Instant] | None = None
        self._empty: Instant | None = None

    def sweep(self, sensor: str, frame: int) -> Sweep:  # noqa: ARG002
        """The lidar's turn at a frame."""
        rng = np.random.default_rng((self._options.seed, frame))
        if not self._options.rolling:
            return self._lidar.sweep(self._instant(frame), self._ego(frame), rng)
        time_s = self._time_s(frame)
        movers = [
            Mover(Instant(actor.mesh(time_s)), actor.place, math.dist(actor.size_m, (0, 0, 0)) / 2)
            for actor in self.traffic.actors
            if math.dist(actor.place(time_s).translation_m, self._ego(frame).translation_m) < _SEEN_M
        ]
        if self._empty is None:
            self._empty = Instant(self._street)
        period_s = 1 / self._options.rate_hz
        return roll(self._lidar, self._empty, movers, self.traffic.world_from_ego, time_s, period_s, rng)

    def image(self, sensor: str, frame: int) -> EncodedImage:
        """A camera's image at a frame."""
        return self._cameras[sensor].image(self._instant(frame), self._ego(frame))

    def _time_s(self, frame: int) -> float:
        return frame * round(1e9 / self._options.rate_hz) / 1e9

    def _ego(self, frame: int) -> Pose:
        return self.traffic.world_from_ego(self._time_s(frame))

    def _instant(self, frame: int) -> Instant:
        if self._last is None or self._last[0] != frame:
            time_s = self._time_s(frame)
            actors = [actor.mesh(time_s).moved(actor.place(time_s)) for actor in self.traffic.actors]
            self._last = (frame, Instant(join([self._street, *actors])))
        return self._last[1]


def _label(actors: tuple[Actor, ...], times_ns: list[int], ego: list[Pose], which: str) -> Labels:
    objects, tracks = [], []
    for actor in actors:
        if which == "none" or (which == "some" and actor.number % 2):
            continue
        places = [actor.place(time / 1e9) for time in times_ns]
        spans = _spans_in_range(places, ego)
        if not spans:
            continue
        name = str(actor.number)
        present = [frame for span in spans for frame in range(span.start, span.end)]
        key_frames = present if actor.moves else present[:1]
        keyframes = tuple(Keyframe(frame, places[frame], "imported") for frame in key_frames)
        objects.append(SceneObject(name, actor.class_name, actor.number))
        tracks.append(Track(f"{name}.cuboid", name, size_m=actor.size_m, keyframes=keyframes, spans=spans))
    return Labels(tuple(objects), tuple(tracks))


def _spans_in_range(places: list[Pose], ego: list[Pose]) -> tuple[Span, ...]:
    near = [
        np.hypot(*np.subtract(place.translation_m[:2], own.translation_m[:2])) < LABEL_RANGE_M
        for place, own in zip(places, ego, strict=True)
    ]
    spans, start = [], None
    for frame, is_near in enumerate([*near, False]):
        if is_near and start is None:
            start = frame
        elif not is_near and start is not None:
            spans.append(Span(start, frame))
            start = None
    return tuple(spans)
