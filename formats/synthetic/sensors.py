"""The ego car's sensors: a spinning lidar and three cameras."""

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from worldline.geometry import Camera, Pose
from worldline.geometry.arrays import Float32s, Float64s

from ..scene import EncodedImage, Sweep
from .rays import Instant

MAX_RANGE_M = 100.0
_OPTICAL = Pose.from_matrix(np.array([[0.0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0]]))
"""body_from_optical: x right, y down, z forward as x forward, y left, z up."""


@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """What a turn's rays met.

    Attributes:
        range_m: (N,) float32; infinite where nothing was met.
        shine: (N,) float32 What comes back, 0 to 1.
    """

    range_m: Float32s
    shine: Float32s


@dataclass(frozen=True, slots=True)
class SpinningLidar:
    """A lidar with beams from 2 degrees above to 24.8 degrees below the horizon.

    Attributes:
        beams: How many.
        columns: Firings of a turn.
        noise_m: Standard deviation of a range.
        dropout: Share of returns lost at zero range; more with distance and low reflectance.
    """

    beams: int = 64
    columns: int = 1800
    noise_m: float = 0.015
    dropout: float = 0.02

    ego_from_sensor = Pose(translation_m=(0.0, 0.0, 1.8))

    def directions(self) -> Float32s:
        """(columns * beams, 3) float32, unit, column by column, the first one looking back."""
        elevation = np.radians(np.linspace(2.0, -24.8, self.beams))
        azimuth = math.pi - np.arange(self.columns) * (2 * math.pi / self.columns)
        a, e = np.meshgrid(azimuth, elevation, indexing="ij")
        rays = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], axis=-1)
        return rays.reshape(-1, 3).astype(np.float32)

    def offsets_s(self, period_s: float) -> Float64s:
        """(columns * beams,) When each ray is fired in a turn of that length, from its middle."""
        return np.repeat((np.arange(self.columns) / self.columns - 0.5) * period_s, self.beams)

    def sweep(self, instant: Instant, world_from_ego: Pose, rng: np.random.Generator) -> Sweep:
        """One turn, as if the world stood still for it: every point is measured at once."""
        own = self.directions()
        world_from_sensor = world_from_ego @ self.ego_from_sensor
        rays = (own @ world_from_sensor.rotation.T).astype(np.float32)
        origins = np.broadcast_to(np.array(world_from_sensor.translation_m, dtype=np.float32), rays.shape)
        hits = instant.cast(origins, rays)
        shine = instant.reflectance(hits) * np.abs((hits.normal * rays).sum(axis=1)) ** 0.5
        return self.measure(own, Returns(hits.range_m, shine), np.zeros(len(own)), rng)

    def measure(self, own: Float32s, returns: Returns, offset_s: Float64s, rng: np.random.Generator) -> Sweep:
        """What the lidar makes of what its rays met: some is lost, all is a little off."""
        lost = self.dropout + 0.5 * np.clip(returns.range_m / MAX_RANGE_M, 0, 1) ** 2 * (1 - returns.shine)
        kept = (returns.range_m > 1.5) & (returns.range_m < MAX_RANGE_M) & (rng.random(len(own)) >= lost)
        range_m = returns.range_m[kept] + rng.normal(0, self.noise_m, int(kept.sum())).astype(np.float32)
        intensity = np.clip(returns.shine[kept] + rng.normal(0, 0.02, len(range_m)), 0, 1)
        return Sweep(
            (own[kept] * range_m[:, None]).astype(np.float32),
            {
                "intensity": intensity.astype(np.float32),
                "ring": (np.flatnonzero(kept) % self.beams).astype(np.uint8),
                "time_offset_ns": np.round(offset_s[kept] * 1e9).astype(np.int32),
            },
        )


@dataclass(frozen=True, slots=True)
class StreetCamera:
    """A pinhole camera.

    Attributes:
        name: Of the sensor.
        width_px: Of its images.
        height_px: Of its images.
        view_rad: Horizontal angle of view.
        yaw_rad: Where it looks, from straight ahead to the left.
    """

    name: str
    width_px: int
    height_px: int
    view_rad: float
    yaw_rad: float

    @property
    def camera(self) -> Camera:
        """Its lens."""
        focal = self.width_px / 2 / math.tan(self.view_rad / 2)
        center = ((self.width_px - 1) / 2, (self.height_px - 1) / 2)
        return Camera(self.width_px, self.height_px, focal, focal, *center)

    @property
    def ego_from_sensor(self) -> Pose:
        """Where it is mounted: at the windscreen."""
        return Pose(translation_m=(0.6, 0.0, 1.55)) @ Pose.from_yaw(self.yaw_rad, (0.25, 0.0, 0.0)) @ _OPTICAL

    def image(self, instant: Instant, world_from_ego: Pose) -> EncodedImage:
        """What it sees, as JPEG."""
        x, y = np.meshgrid(np.arange(self.width_px), np.arange(self.height_px))
        own = self.camera.unproject(np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64))
        world_from_sensor = world_from_ego @ self.ego_from_sensor
        rays = (own @ world_from_sensor.rotation.T).astype(np.float32)
        origins = np.broadcast_to(np.array(world_from_sensor.translation_m, dtype=np.float32), rays.shape)
        pixels = instant.shade(origins, rays, instant.cast(origins, rays))
        file = io.BytesIO()
        Image.fromarray(pixels.reshape(self.height_px, self.width_px, 3)).save(file, "JPEG", quality=88)
        return EncodedImage(file.getvalue(), "image/jpeg")


CAMERAS: tuple[StreetCamera, ...] = (
    StreetCamera("front", 960, 400, math.radians(84), 0.0),
    StreetCamera("left", 640, 400, math.radians(76), math.radians(70)),
    StreetCamera("right", 640, 400, math.radians(76), math.radians(-70)),
)
