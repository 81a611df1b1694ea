"""Ray casting into the world of one instant, with the looks of what was hit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worldline.geometry.arrays import Float32s

from .mesh import Mesh, Pattern

_SUN = np.array([0.42, 0.35, 0.84], dtype=np.float32) / np.float32(np.linalg.norm([0.42, 0.35, 0.84]))
_HAZE = np.array([198, 211, 224], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Hits:
    """What rays met.

    Attributes:
        range_m: (N,) float32; infinite where nothing was met.
        triangle: (N,) int64 Which triangle; 0 where nothing was met.
        normal: (N, 3) float32 Unit.
        surface: (N, 2) float32 Place on the surface, metres.
    """

    range_m: Float32s
    triangle: NDArray[np.int64]
    normal: Float32s
    surface: Float32s


class Instant:
    """The world at one time, ready for rays."""

    def __init__(self, mesh: Mesh) -> None:
        import open3d as o3d  # here, not above: the import takes two seconds

        self._o3d = o3d
        self._mesh = mesh
        self._scene = o3d.t.geometry.RaycastingScene(nthreads=1)
        self._scene.add_triangles(o3d.core.Tensor.from_numpy(mesh.vertices), o3d.core.Tensor.from_numpy(mesh.triangles))

    def cast(self, origins: Float32s, directions: Float32s) -> Hits:
        """Cast (N, 3) rays with unit directions, world, metres."""
        rays = self._o3d.core.Tensor.from_numpy(np.concatenate([origins, directions], axis=1).astype(np.float32))
        answer = self._scene.cast_rays(rays)
        range_m = answer["t_hit"].numpy()
        met = np.isfinite(range_m)
        triangle = np.where(met, answer["primitive_ids"].numpy(), 0).astype(np.int64)
        uv = answer["primitive_uvs"].numpy()
        corners = self._mesh.surface[self._mesh.triangles[triangle]]
        u, v = uv[:, :1], uv[:, 1:]
        surface = corners[:, 0] * (1 - u - v) + corners[:, 1] * u + corners[:, 2] * v
        normal = answer["primitive_normals"].numpy()
        facing = (normal * directions).sum(axis=1, keepdims=True) > 0
        return Hits(range_m, triangle, np.where(facing, -normal, normal), surface.astype(np.float32))

    def reflectance(self, hits: Hits) -> Float32s:
        """(N,) float32, what a lidar pulse gets back at normal incidence, 0 to 1."""
        shine = self._mesh.reflectance[hits.triangle]
        drawn = self._mesh.pattern[hits.triangle]
        marked: Float32s = np.where((drawn == Pattern.ROAD) & _is_marking(hits.surface), np.float32(0.85), shine)
        return marked

    def shade(self, origins: Float32s, directions: Float32s, hits: Hits) -> NDArray[np.uint8]:
        """(N, 3) uint8, the colour a camera sees: sun, shadow, sky, and haze with distance."""
        met = np.isfinite(hits.range_m)
        range_m = np.where(met, hits.range_m, 0)[:, None]
        base = self._mesh.color[hits.triangle].astype(np.float32)
        base = _draw(base, self._mesh.pattern[hits.triangle], hits.surface)
        place = origins + directions * range_m + hits.normal * 0.01
        sunlit = np.zeros(len(base), dtype=bool)
        sunlit[met] = ~self._is_shadowed(place[met])
        slope = np.clip(hits.normal @ _SUN, 0, 1)
        sky = 0.5 + 0.5 * hits.normal[:, 2]
        light = 0.44 + 0.22 * sky + 0.66 * slope * sunlit
        lit = np.clip(base * light[:, None], 0, 255)
        haze = 1 - np.exp(-range_m / 220.0)
        seen = lit * (1 - haze) + _HAZE * haze
        up = np.clip(directions[:, 2:] * 1.6, 0, 1)
        heaven = _HAZE * (1 - up) + np.array([104, 148, 204], dtype=np.float32) * up
        pixels: NDArray[np.uint8] = np.where(met[:, None], seen, heaven).astype(np.uint8)
        return pixels

    def _is_shadowed(self, places: Float32s) -> NDArray[np.bool_]:
        rays = np.concatenate([places, np.broadcast_to(_SUN, places.shape)], axis=1).astype(np.float32)
        dark: NDArray[np.bool_] = self._scene.test_occlusions(self._o3d.core.Tensor.from_numpy(rays)).numpy()
        return dark


def _is_marking(surface: Float32s) -> NDArray[np.bool_]:
    """Lane dashes in the middle, lines along the parking lanes, zebra stripes."""
    along, across = surface[:, 0], surface[:, 1]  # along is counted from a crossing
    dash = (np.abs(across) < 0.07) & (np.mod(along, 9.0) < 3.5)
    edge = (np.abs(np.abs(across) - 3.45) < 0.05) & (np.mod(along, 1.5) < 0.75)
    to_zebra = np.abs(np.mod(along + 35.0, 70.0) - 35.0)
    zebra = (to_zebra < 1.7) & (np.mod(across, 1.0) < 0.5) & (np.abs(across) < 6.4)
    drawn: NDArray[np.bool_] = dash | edge | zebra
    return drawn


def _draw(base: Float32s, pattern: NDArray[np.uint8], surface: Float32s) -> Float32s:
    colors = base.copy()
    marking = (pattern == Pattern.ROAD) & _is_marking(surface)
    colors[marking] = (225, 225, 218)
    facade = pattern == Pattern.FACADE
    window = facade & (np.mod(surface[:, 0], 2.6) < 1.2) & (np.abs(np.mod(surface[:, 1], 2.9) - 1.5) < 0.72)
    colors[window] = (62, 78, 96)
    rough = (pattern == Pattern.LEAVES) | (pattern == Pattern.ROAD)
    grain = np.sin(surface[:, 0] * 13.7 + np.sin(surface[:, 1] * 17.3) * 3.1) * np.sin(surface[:, 1] * 11.9)
    strength = np.where(pattern == Pattern.LEAVES, 0.16, 0.035)
    colors = np.where(rough[:, None] & ~marking[:, None], colors * (1 + strength * grain)[:, None], colors)
    return colors.astype(np.float32)
