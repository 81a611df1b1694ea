"""Who is on the street, and where at each time: the ego car, parked and moving vehicles, people.

Speeds are smooth sums of a cruise and one stop, so that places are known in closed form at any
time: frames can be simulated in any order.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from worldline.geometry import Cuboid, Pose
from worldline.geometry.pose import Vector

from .mesh import Mesh, Rgb
from .shapes import car, cyclist, pedestrian, truck
from .street import CYCLE_M, KERB_HEIGHT_M, KERB_M, LANE_M, PARKING_M, Street, crossings

EGO_LANE_M = -LANE_M / 2
_PAINTS: tuple[Rgb, ...] = (
    (176, 32, 36), (38, 66, 120), (206, 208, 210), (44, 46, 50), (120, 124, 130), (232, 232, 228), (66, 92, 74),
    (196, 158, 60),
)  # fmt: skip
_CLOTHES: tuple[Rgb, ...] = ((180, 60, 50), (60, 90, 150), (70, 120, 80), (200, 170, 70), (120, 80, 130), (60, 60, 66))


@dataclass(frozen=True, slots=True)
class Actor:
    """Something that has a label.

    Attributes:
        number: Its number in the scene.
        class_name: Of the label schema.
        size_m: Length, width, height.
        place: Its cuboid's pose at a time in seconds.
        mesh: Its shape at a time in seconds, in its cuboid's frame.
        moves: Whether it ever does.
    """

    number: int
    class_name: str
    size_m: Vector
    place: Callable[[float], Pose]
    mesh: Callable[[float], Mesh]
    moves: bool

    def cuboid(self, time_s: float) -> Cuboid:
        """The truth."""
        return Cuboid(self.place(time_s), self.size_m)


@dataclass(frozen=True, slots=True)
class Drive:
    """How far a vehicle has come by a time: cruising, with one smooth stop.

    Attributes:
        cruise_mps: Speed away from the stop.
        stop_s: Middle of the stop.
        halt_s: How long it stands.
        brake_s: How long it brakes, and then pulls away.
    """

    cruise_mps: float
    stop_s: float = -1e9
    halt_s: float = 0.0
    brake_s: float = 4.0

    def distance_m(self, time_s: float) -> float:
        """The integral of the speed from time 0."""
        return self._lost(0.0) - self._lost(time_s) + self.cruise_mps * time_s

    def _lost(self, time_s: float) -> float:
        """What the stop has cost by a time: the integral of a trapezoid with cosine flanks."""
        begin = self.stop_s - self.halt_s / 2 - self.brake_s
        lost = 0.0
        braking = min(max(time_s - begin, 0.0), self.brake_s)
        lost += braking / 2 - self.brake_s / (2 * math.pi) * math.sin(math.pi * braking / self.brake_s)
        lost += min(max(time_s - begin - self.brake_s, 0.0), self.halt_s)
        leaving = min(max(time_s - begin - self.brake_s - self.halt_s, 0.0), self.brake_s)
        lost += leaving / 2 + self.brake_s / (2 * math.pi) * math.sin(math.pi * leaving / self.brake_s)
        return lost * self.cruise_mps


@dataclass(frozen=True, slots=True)
class Traffic:
    """The ego car's drive and all actors."""

    street: Street
    ego: Drive
    actors: tuple[Actor, ...]

    def world_from_ego(self, time_s: float) -> Pose:
        """The ego car on its lane: its origin on the ground below the sensors."""
        return self.street.place(self.ego.distance_m(time_s), EGO_LANE_M)


HALT_S = 4.0
CROSSING_AHEAD_M = 10.5
"""How far ahead of the ego car's stop the zebra crossing is."""


def make_traffic(duration_s: float, rng: np.random.Generator, pace: float = 1.0) -> Traffic:
    """A street long enough for the drive, and everyone on it; vehicles are `pace` times as fast as in a town."""
    ego = Drive(cruise_mps=float(rng.uniform(7.5, 9.0)) * pace, stop_s=duration_s * 0.55, halt_s=HALT_S)
    crossing_m = ego.distance_m(ego.stop_s) + CROSSING_AHEAD_M
    street = Street(-60.0, ego.distance_m(duration_s) + 120.0, crossing_m)
    numbers = itertools.count(1)
    actors = [
        *_parked(street, numbers, rng),
        *_vehicles(street, ego, numbers, rng, pace),
        *_cyclists(street, ego, numbers, rng),
        *_walkers(street, numbers, rng),
        *_crossers(street, ego, numbers, rng),
    ]
    return Traffic(street, ego, tuple(actors))


def _car_size(rng: np.random.Generator) -> Vector:
    return (float(rng.uniform(3.8, 4.8)), float(rng.uniform(1.68, 1.88)), float(rng.uniform(1.42, 1.62)))


def _paint(rng: np.random.Generator, tones: tuple[Rgb, ...]) -> Rgb:
    return tones[int(rng.integers(len(tones)))]


def _still(mesh: Mesh) -> Callable[[float], Mesh]:
    return lambda _time_s: mesh


def _parked(street: Street, numbers: Iterator[int], rng: np.random.Generator) -> list[Actor]:
    actors = []
    zebras = crossings(street)
    for side in (-1, 1):
        along = street.start_m + 10.0
        while along < street.end_m - 10:
            along += float(rng.uniform(6.3, 15.0))
            if np.abs(zebras - along).min() < 7:
                continue
            size = _car_size(rng)
            turn = float(rng.normal(0, 0.025)) + (math.pi if side > 0 else 0.0)
            pose = street.place(along, side * PARKING_M + float(rng.normal(0, 0.08)), size[2] / 2, turn)
            mesh = car(size, _paint(rng, _PAINTS))
            actors.append(Actor(next(numbers), "car", size, _fixed(pose), _still(mesh), moves=False))
    return actors


def _fixed(pose: Pose) -> Callable[[float], Pose]:
    return lambda _time_s: pose


def _vehicles(street: Street, ego: Drive, numbers: Iterator[int], rng: np.random.Generator, pace: float) -> list[Actor]:
    # Ahead of and behind the ego car, on its lane: the same drive, a little earlier or later.
    actors = [
        _vehicle(
            street,
            numbers,
            rng,
            Drive(ego.cruise_mps, ego.stop_s - lead_s, ego.halt_s, ego.brake_s),
            start_m,
            EGO_LANE_M,
            0.0,
        )
        for start_m, lead_s in ((30.0, 0.9), (50.0, 1.8), (78.0, 2.6), (-18.0, -0.9))
    ]
    drive = Drive(float(rng.uniform(8.0, 11.0)) * pace, ego.stop_s, ego.halt_s, ego.brake_s)
    starts = _starts(street, drive, 19.0, 45.0, rng)
    return actors + [_vehicle(street, numbers, rng, drive, start, LANE_M / 2, math.pi) for start in starts]


def _starts(street: Street, drive: Drive, least_m: float, most_m: float, rng: np.random.Generator) -> list[float]:
    """Where those who come towards the ego car start, so that they halt clear of the crossing."""
    stops = [street.crossing_m + 8.0]
    while stops[-1] < street.end_m:
        stops.append(stops[-1] + float(rng.uniform(least_m, most_m)))
    passed = street.crossing_m - 12.0
    while passed > street.start_m:
        stops.append(passed)
        passed -= float(rng.uniform(least_m, most_m))
    return [stop + drive.distance_m(drive.stop_s) for stop in stops]


def _vehicle(
    street: Street,
    numbers: Iterator[int],
    rng: np.random.Generator,
    drive: Drive,
    start_m: float,
    across_m: float,
    turn_rad: float,
) -> Actor:
    is_truck = rng.random() < 0.2
    size = (float(rng.uniform(6.5, 8.5)), 2.45, float(rng.uniform(2.9, 3.4))) if is_truck else _car_size(rng)
    mesh = truck(size, _paint(rng, _PAINTS)) if is_truck else car(size, _paint(rng, _PAINTS))
    ahead = -1.0 if turn_rad else 1.0
    drift, phase = float(rng.uniform(0, 0.12)), float(rng.uniform(0, math.tau))

    def place(time_s: float) -> Pose:
        along = start_m + ahead * drive.distance_m(time_s)
        sway = drift * math.sin(along / 9 + phase)
        return street.place(
            along, across_m + sway, size[2] / 2, turn_rad + ahead * drift / 9 * math.cos(along / 9 + phase)
        )

    return Actor(next(numbers), "truck" if is_truck else "car", size, place, _still(mesh), moves=True)


def _cyclists(street: Street, ego: Drive, numbers: Iterator[int], rng: np.random.Generator) -> list[Actor]:
    actors = []
    for side in (-1, 1):
        drive = Drive(float(rng.uniform(3.8, 5.0)), ego.stop_s, ego.halt_s, 3.0)
        for start in _starts(street, drive, 18.0, 40.0, rng):
            size = (1.78, 0.6, float(rng.uniform(1.66, 1.8)))
            # Mirrored at the crossing for those who ride the ego car's way.
            mirrored = start if side > 0 else 2 * street.crossing_m - start
            actors.append(_cyclist(street, next(numbers), drive, mirrored, side, size, _paint(rng, _CLOTHES)))
    return actors


def _cyclist(street: Street, number: int, drive: Drive, start_m: float, side: int, size_m: Vector, color: Rgb) -> Actor:
    turn = math.pi if side > 0 else 0.0

    def place(time_s: float) -> Pose:
        return street.place(start_m - side * drive.distance_m(time_s), side * CYCLE_M, size_m[2] / 2, turn)

    def mesh(time_s: float) -> Mesh:
        return cyclist(size_m, color, drive.distance_m(time_s) / 2.5)

    return Actor(number, "cyclist", size_m, place, mesh, moves=True)


def _walkers(street: Street, numbers: Iterator[int], rng: np.random.Generator) -> list[Actor]:
    actors = []
    # Each way of each pavement has its own line and its own pace, so that nobody walks into another.
    for side, ahead in ((-1, 1), (-1, -1), (1, 1), (1, -1)):
        across = side * (KERB_M + (1.9 if ahead > 0 else 2.8))
        speed = float(rng.uniform(1.0, 1.5))
        start = street.start_m + float(rng.uniform(0, 30))
        while start < street.end_m:
            size = (0.8, 0.66, float(rng.uniform(1.58, 1.88)))
            color = _paint(rng, _CLOTHES)
            actors.append(_walker(street, next(numbers), start, across, ahead * speed, size, color))
            start += float(rng.uniform(3, 45))
    return actors


def _walker(
    street: Street, number: int, start_m: float, across_m: float, speed_mps: float, size_m: Vector, color: Rgb
) -> Actor:
    turn = 0.0 if speed_mps > 0 else math.pi

    def place(time_s: float) -> Pose:
        return street.place(start_m + speed_mps * time_s, across_m, size_m[2] / 2, turn)

    return Actor(number, "pedestrian", size_m, place, _gait(size_m, color, abs(speed_mps)), moves=True)


def _crossers(street: Street, ego: Drive, numbers: Iterator[int], rng: np.random.Generator) -> list[Actor]:
    """Two people who cross the road while everyone halts for them."""
    actors = []
    for k in range(2):
        size = (0.8, 0.66, float(rng.uniform(1.6, 1.85)))
        begin_s, along_m = ego.stop_s - 4.0 + 0.8 * k, street.crossing_m - 0.7 + 1.4 * k

        def place(time_s: float, begin_s: float = begin_s, along_m: float = along_m, size: Vector = size) -> Pose:
            return _crossing(street, along_m, size, time_s - begin_s)

        actors.append(
            Actor(next(numbers), "pedestrian", size, place, _gait(size, _paint(rng, _CLOTHES), 1.6), moves=True)
        )
    return actors


def _crossing(street: Street, along_m: float, size_m: Vector, since_s: float) -> Pose:
    reach = KERB_M + 1.0
    across = -reach + min(max(since_s, 0.0) * 1.6, 2 * reach)
    pose = street.place(along_m, across, size_m[2] / 2, math.pi / 2)
    # A ramp over the kerb's edge, where a person steps down and up.
    edge = min(max((KERB_M + 0.35 - abs(across)) / 0.35, 0.0), 1.0) if abs(across) > KERB_M else 0.0
    x, y, z = pose.translation_m
    return Pose(pose.rotation_wxyz, (x, y, z - KERB_HEIGHT_M * edge))


def _gait(size_m: Vector, color: Rgb, speed_mps: float) -> Callable[[float], Mesh]:
    return lambda time_s: pedestrian(size_m, color, math.sin(time_s * speed_mps * math.pi / 0.75))
