"""The street: a curved, gently hilly road with kerbs, houses, trees and lamps.

A place on the street is (along_m, across_m): along the road's centre line, and to its left.
"""

import math
from dataclasses import dataclass

import numpy as np
import trimesh

from worldline.geometry import Pose
from worldline.geometry.arrays import Float64s

from .mesh import Mesh, Pattern, Rgb, join, paint
from .shapes import lamp_post, road_sign, tree

LANE_M = 3.6
CYCLE_M = 4.0
PARKING_M = 5.6
KERB_M = 6.7
WALK_M = 10.2
VERGE_M = 40.0
KERB_HEIGHT_M = 0.13
CROSSING_SPACING_M = 70.0

_ASPHALT: Rgb = (74, 76, 80)
_PAVING: Rgb = (142, 138, 130)
_GRASS: Rgb = (92, 112, 66)
_WALLS: tuple[Rgb, ...] = (
    (186, 160, 132), (168, 108, 84), (196, 188, 172), (150, 140, 130), (204, 178, 130), (132, 128, 126),
    (178, 132, 108),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Street:
    """A road of a given length.

    Attributes:
        start_m: Where along the road the built world begins.
        end_m: Where it ends.
        crossing_m: One of the zebra crossings, which stand 70 m apart.
        bend_m: How far the road swings to each side.
        hill_m: How far it rises and falls.
    """

    start_m: float
    end_m: float
    crossing_m: float = 0.0
    bend_m: float = 9.0
    hill_m: float = 1.4

    def place(self, along_m: float, across_m: float, height_m: float = 0.0, turn_rad: float = 0.0) -> Pose:
        """A pose on the street: upright, turned along the road (plus `turn_rad`)."""
        x, y, z, heading = self._center(along_m)
        step = KERB_HEIGHT_M if abs(across_m) > KERB_M else 0.0
        return Pose.from_yaw(
            heading + turn_rad,
            (x - math.sin(heading) * across_m, y + math.cos(heading) * across_m, z + step + height_m),
        )

    def _center(self, along_m: float) -> tuple[float, float, float, float]:
        bend, hill = 2 * math.pi / 260.0, 2 * math.pi / 190.0
        y = self.bend_m * math.sin(bend * along_m)
        slope = self.bend_m * bend * math.cos(bend * along_m)
        return along_m, y, self.hill_m * math.sin(hill * along_m), math.atan(slope)


def build_street(street: Street, rng: np.random.Generator) -> Mesh:
    """Everything that stands still and is nobody's label."""
    return join([_ground(street), *_houses(street, rng), *_furniture(street, rng)])


def _ground(street: Street) -> Mesh:
    across = np.array([-VERGE_M, -WALK_M, -KERB_M - 0.01, -KERB_M, 0, KERB_M, KERB_M + 0.01, WALK_M, VERGE_M])
    along = np.arange(street.start_m, street.end_m + 1.0, 2.0)
    vertices = np.array([street.place(s, d).translation_m for s in along for d in across])
    surface = np.array([(s - street.crossing_m, d) for s in along for d in across])
    row = len(across)
    faces, color, reflectance, pattern = [], [], [], []
    strips = (
        (_GRASS, 0.45, Pattern.LEAVES), (_PAVING, 0.3, Pattern.PLAIN), (_PAVING, 0.3, Pattern.PLAIN),
        (_ASPHALT, 0.12, Pattern.ROAD), (_ASPHALT, 0.12, Pattern.ROAD),
        (_PAVING, 0.3, Pattern.PLAIN), (_PAVING, 0.3, Pattern.PLAIN), (_GRASS, 0.45, Pattern.LEAVES),
    )  # fmt: skip
    for i in range(len(along) - 1):
        for j, (tone, shine, drawn) in enumerate(strips):
            a, b = i * row + j, (i + 1) * row + j
            faces += [(a, b, a + 1), (a + 1, b, b + 1)]
            color += [tone, tone]
            reflectance += [shine, shine]
            pattern += [int(drawn)] * 2
    return Mesh(
        vertices.astype(np.float32),
        np.array(faces, dtype=np.uint32),
        surface.astype(np.float32),
        np.array(color, dtype=np.uint8),
        np.array(reflectance, dtype=np.float32),
        np.array(pattern, dtype=np.uint8),
    )


def _houses(street: Street, rng: np.random.Generator) -> list[Mesh]:
    houses = []
    for side in (-1, 1):
        along = street.start_m
        while along < street.end_m:
            front, depth, height = rng.uniform(10, 20), rng.uniform(8, 12), rng.uniform(6, 15)
            if rng.random() < 0.85:
                wall = _WALLS[int(rng.integers(len(_WALLS)))]
                set_back = WALK_M + rng.uniform(0.2, 3.0)
                place = street.place(along + front / 2, side * (set_back + depth / 2), height / 2 - 0.5)
                block = trimesh.creation.box(extents=(front, depth, height + 1))
                roof = trimesh.creation.box(extents=(front + 0.6, depth + 0.6, 0.4))
                roof.apply_translation((0, 0, height / 2 + 0.6))
                houses += [
                    paint(block, wall, 0.4, Pattern.FACADE).moved(place),
                    paint(roof, (104, 70, 60), 0.3).moved(place),
                ]
            along += front + rng.uniform(0.5, 6)
    return houses


def _furniture(street: Street, rng: np.random.Generator) -> list[Mesh]:
    things = []
    for side in (-1, 1):
        for along in np.arange(street.start_m + 6, street.end_m, 13.0):
            if rng.random() < 0.6:
                place = street.place(along + rng.uniform(-2, 2), side * (KERB_M + 1.0))
                things.append(tree(float(rng.uniform(5, 9)), rng).moved(place))
        for along in np.arange(street.start_m + 12, street.end_m, 28.0):
            turn = math.pi if side > 0 else 0.0
            things.append(lamp_post(6.5).moved(street.place(along, side * (KERB_M + 0.5), 0, turn)))
        for along in crossings(street):
            turn = 0.0 if side < 0 else math.pi
            sign = road_sign(2.6, (40, 90, 190) if side < 0 else (190, 40, 40))
            things.append(sign.moved(street.place(along + side * 4.0, side * (KERB_M + 0.6), 0, turn)))
    return things


def crossings(street: Street) -> Float64s:
    """(C,) Where along the road the zebra crossings are, metres."""
    first = (
        street.crossing_m + math.ceil((street.start_m - street.crossing_m) / CROSSING_SPACING_M) * CROSSING_SPACING_M
    )
    return np.arange(first, street.end_m, CROSSING_SPACING_M)
