"""Shapes of the street's actors and furniture, each in its own frame.

An actor's frame is its cuboid's: the origin at the centre, +x ahead, and the shape fills the
cuboid to every face, so that the cuboid is the exact truth.
"""

import math

import numpy as np
import trimesh
from trimesh.creation import box as make_box
from trimesh.creation import cylinder as make_cylinder
from trimesh.creation import icosphere

from worldline.geometry.pose import Vector

from .mesh import Mesh, Pattern, Rgb, join, paint

GLASS: Rgb = (38, 48, 60)
TYRE: Rgb = (32, 32, 34)
SKIN: Rgb = (214, 170, 140)
BARK: Rgb = (96, 74, 56)


def car(size_m: Vector, color: Rgb) -> Mesh:
    """A saloon: body, cabin, wheels and lights."""
    length, width, height = (side / 2 for side in size_m)
    floor, belt = -height + 0.22, -height + 0.58 * 2 * height
    body = _hull(
        [
            (length, floor + 0.12),
            (length, belt - 0.22),
            (length * 0.5, belt),
            (-length * 0.9, belt),
            (-length, belt - 0.1),
            (-length, floor + 0.1),
            (-length * 0.9, floor),
            (length * 0.92, floor),
        ],
        width - 0.03,
    )
    top = height - 0.03
    cabin = _hull(
        [(length * 0.42, belt - 0.01), (length * 0.1, top), (-length * 0.5, top), (-length * 0.85, belt - 0.01)],
        width * 0.86,
    )
    roof = _hull(
        [(length * 0.1, top), (length * 0.07, height), (-length * 0.47, height), (-length * 0.5, top)],
        width * 0.87,
    )
    lights = [
        paint(_box((0.05, 0.32, 0.13), (length - 0.02, side * width * 0.68, belt - 0.32)), (245, 243, 220), 0.9)
        for side in (-1, 1)
    ] + [
        paint(_box((0.05, 0.3, 0.14), (-length + 0.02, side * width * 0.68, belt - 0.25)), (190, 30, 30), 0.9)
        for side in (-1, 1)
    ]
    wheels = _wheels(size_m, 0.33, 0.62)
    return join([paint(body, color, 0.35), paint(cabin, GLASS, 0.08), paint(roof, color, 0.35), *lights, *wheels])


def truck(size_m: Vector, color: Rgb) -> Mesh:
    """A lorry: cab, cargo box, wheels."""
    length, width, height = (side / 2 for side in size_m)
    floor = -height + 0.5
    cab_length = min(2.2, length * 0.6)
    front, back, shoulder = length, length - cab_length, height * 0.72
    cab = _hull(
        [(front, floor), (front, height * 0.15), (front - 0.35, shoulder), (back, shoulder), (back, floor)],
        width * 0.94,
    )
    pane = length - 0.5
    glass = _hull(
        [(front, height * 0.2), (front - 0.3, height * 0.64), (pane, height * 0.64), (pane, height * 0.2)],
        width * 0.96,
    )
    cargo_length, deck = 2 * length - cab_length - 0.25, floor + 0.2
    cargo = _box((cargo_length, 2 * width, height - deck), (-length + cargo_length / 2, 0, (height + deck) / 2))
    chassis = _box((2 * length - 0.3, width * 1.2, 0.25), (0, 0, floor + 0.05))
    return join(
        [
            paint(cab, color, 0.4),
            paint(glass, GLASS, 0.08),
            paint(cargo, (226, 226, 220), 0.6),
            paint(chassis, TYRE, 0.1),
            *_wheels(size_m, 0.5, 0.7),
        ]
    )


def pedestrian(size_m: Vector, color: Rgb, stride: float) -> Mesh:
    """A person; `stride` swings legs and arms between -1 and 1."""
    length, width, height = (side / 2 for side in size_m)
    swing = 0.38 * stride
    hip, shoulder = -height + 0.48 * 2 * height, -height + 0.82 * 2 * height
    parts = [
        paint(_ball(0.115, (0, 0, height - 0.115)), SKIN, 0.4),
        paint(_hull([(0.13, hip), (0.13, shoulder), (-0.13, shoulder), (-0.13, hip)], width * 0.66), color, 0.45),
    ]
    for side in (-1, 1):
        foot = (math.sin(swing * side) * (hip + height) * 0.9, side * 0.1, -height)
        parts.append(paint(_limb((0, side * 0.09, hip), foot, 0.075), (52, 58, 74), 0.3))
        hand = (-math.sin(swing * side) * 0.5, side * (width - 0.06), hip - 0.02)
        parts.append(paint(_limb((0, side * (width - 0.08), shoulder - 0.04), hand, 0.055), color, 0.45))
    return _clipped(join(parts), (length, width, height))


def cyclist(size_m: Vector, color: Rgb, stride: float) -> Mesh:
    """A person on a bicycle; `stride` turns the pedals."""
    length, width, height = (side / 2 for side in size_m)
    radius = 0.33
    parts = []
    for ahead in (-1, 1):
        wheel = _disc(radius, 0.05, (0, 1, 0), (ahead * (length - radius), 0, -height + radius))
        parts.append(paint(wheel, TYRE, 0.15))
    saddle, bar = (-0.22, 0, -height + 0.95), (0.45, 0, -height + 1.02)
    pedal = -height + 0.33
    axle = length - radius
    frame = (
        ((-axle, 0, -height + radius), saddle),
        ((axle, 0, -height + radius), bar),
        (saddle, bar),
        (saddle, (0, 0, pedal)),
    )
    for start, end in frame:
        parts.append(paint(_limb(start, end, 0.03), (170, 60, 40), 0.5))
    neck = (0.12, 0, height - 0.3)
    parts += [
        paint(_limb(saddle, neck, 0.16), color, 0.45),
        paint(_ball(0.12, (0.2, 0, height - 0.12)), SKIN, 0.4),
    ]
    for side in (-1, 1):
        foot = (0.16 * math.cos(math.pi * stride) * side, side * 0.1, pedal - 0.12 * math.sin(math.pi * stride) * side)
        parts.append(paint(_limb((saddle[0], side * 0.08, saddle[2]), foot, 0.075), (52, 58, 74), 0.3))
        shoulder = (0.1, side * 0.16, neck[2] - 0.05)
        parts.append(paint(_limb(shoulder, (bar[0], side * (width - 0.05), bar[2]), 0.05), color, 0.45))
    return _clipped(join(parts), (length, width, height))


def tree(height_m: float, rng: np.random.Generator) -> Mesh:
    """A trunk and a crown, standing at the origin."""
    crown_radius = height_m * float(rng.uniform(0.24, 0.32))
    trunk = make_cylinder(radius=0.14 + 0.01 * height_m, height=height_m * 0.6, sections=8)
    trunk.apply_translation((0, 0, height_m * 0.3))
    parts = [paint(trunk, BARK, 0.3)]
    for _ in range(4):
        crown = icosphere(subdivisions=2, radius=crown_radius * float(rng.uniform(0.6, 0.9)))
        crown.vertices += rng.normal(0, crown_radius * 0.07, crown.vertices.shape)
        around = rng.normal(0, crown_radius * 0.4, 3)
        crown.apply_translation((around[0], around[1], height_m - crown_radius + around[2] * 0.6))
        green = (int(rng.integers(58, 88)), int(rng.integers(100, 132)), int(rng.integers(48, 66)))
        parts.append(paint(crown, green, 0.5, Pattern.LEAVES))
    return join(parts)


def lamp_post(height_m: float) -> Mesh:
    """A street lamp whose arm reaches along +y, standing at the origin."""
    metal: Rgb = (120, 126, 130)
    top = (0.0, 0.0, height_m)
    head = _box((0.25, 0.6, 0.12), (0, 1.6, height_m))
    return join(
        [
            paint(_limb((0, 0, 0), top, 0.08), metal, 0.6),
            paint(_limb(top, (0, 1.5, height_m), 0.05), metal, 0.6),
            paint(head, (230, 230, 210), 0.6),
        ]
    )


def road_sign(height_m: float, color: Rgb) -> Mesh:
    """A round sign that faces -x, standing at the origin."""
    plate = _disc(0.32, 0.03, (1, 0, 0), (-0.04, 0, height_m - 0.32))
    return join([paint(_limb((0, 0, 0), (0, 0, height_m), 0.03), (150, 150, 150), 0.6), paint(plate, color, 1.0)])


def _hull(profile_xz: list[tuple[float, float]], half_width: float) -> trimesh.Trimesh:
    points = [(x, side * half_width, z) for x, z in profile_xz for side in (-1, 1)]
    hull: trimesh.Trimesh = trimesh.convex.convex_hull(np.array(points))
    return hull


def _box(extents: Vector, center: Vector) -> trimesh.Trimesh:
    shape: trimesh.Trimesh = make_box(extents=extents)
    shape.apply_translation(center)
    return shape


def _ball(radius_m: float, center: Vector) -> trimesh.Trimesh:
    shape: trimesh.Trimesh = icosphere(subdivisions=1, radius=radius_m)
    shape.apply_translation(center)
    return shape


def _limb(start: Vector, end: Vector, radius_m: float) -> trimesh.Trimesh:
    limb: trimesh.Trimesh = make_cylinder(radius=radius_m, segment=np.array([start, end]), sections=8)
    return limb


def _disc(radius_m: float, depth_m: float, axis: Vector, center: Vector) -> trimesh.Trimesh:
    half = np.asarray(axis) * depth_m / 2
    disc: trimesh.Trimesh = make_cylinder(radius=radius_m, segment=np.array([-half, half]), sections=16)
    disc.apply_translation(center)
    return disc


def _wheels(size_m: Vector, radius_m: float, reach: float) -> list[Mesh]:
    length, width, height = (side / 2 for side in size_m)
    wheels = []
    for ahead in (-1, 1):
        for side in (-1, 1):
            wheel = _disc(radius_m, 0.2, (0, 1, 0), (ahead * length * reach, side * (width - 0.1), -height + radius_m))
            wheels.append(paint(wheel, TYRE, 0.1))
    return wheels


def _clipped(mesh: Mesh, half: Vector) -> Mesh:
    """Pulled in to the cuboid where a limb swings out of it."""
    limit = np.array(half, dtype=np.float32)
    vertices = np.clip(mesh.vertices, -limit, limit)
    return Mesh(vertices, mesh.triangles, mesh.surface, mesh.color, mesh.reflectance, mesh.pattern)
