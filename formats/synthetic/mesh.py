"""Coloured triangle meshes: what the simulated world is made of.

Each face has a colour, a lidar reflectance and a pattern; the pattern (lane markings, windows)
is drawn by the place of a hit on its surface, so that few triangles make a rich picture.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import trimesh
from numpy.typing import NDArray

from worldline.geometry import Pose
from worldline.geometry.arrays import Float32s

Rgb = tuple[int, int, int]


class Pattern(IntEnum):
    """What is drawn on a surface."""

    PLAIN = 0
    ROAD = 1
    FACADE = 2
    LEAVES = 3


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles with their looks.

    Attributes:
        vertices: (V, 3) float32, metres.
        triangles: (T, 3) uint32 vertex numbers.
        surface: (V, 2) float32 Place on the surface, metres: along and across a road, along and up a wall.
        color: (T, 3) uint8.
        reflectance: (T,) float32, 0 to 1.
        pattern: (T,) uint8 `Pattern`.
    """

    vertices: Float32s
    triangles: NDArray[np.uint32]
    surface: Float32s
    color: NDArray[np.uint8]
    reflectance: Float32s
    pattern: NDArray[np.uint8]

    def moved(self, a_from_b: Pose) -> "Mesh":
        """The mesh in another frame of reference."""
        vertices = a_from_b.apply(self.vertices).astype(np.float32)
        return Mesh(vertices, self.triangles, self.surface, self.color, self.reflectance, self.pattern)


def paint(shape: trimesh.Trimesh, color: Rgb, reflectance: float, pattern: Pattern = Pattern.PLAIN) -> Mesh:
    """A trimesh shape in one colour; its surface place is (x + y, z)."""
    vertices = np.asarray(shape.vertices, dtype=np.float32)
    count = len(shape.faces)
    return Mesh(
        vertices,
        np.asarray(shape.faces, dtype=np.uint32),
        np.stack([vertices[:, 0] + vertices[:, 1], vertices[:, 2]], axis=1),
        np.tile(np.array(color, dtype=np.uint8), (count, 1)),
        np.full(count, reflectance, dtype=np.float32),
        np.full(count, int(pattern), dtype=np.uint8),
    )


def join(meshes: list[Mesh]) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.triangles + np.uint32(start) for mesh, start in zip(meshes, starts[:-1], strict=True)]),
        np.concatenate([mesh.surface for mesh in meshes]),
        np.concatenate([mesh.color for mesh in meshes]),
        np.concatenate([mesh.reflectance for mesh in meshes]),
        np.concatenate([mesh.pattern for mesh in meshes]),
    )
