"""Scenes of clouds for the tests of the store: as many sensors, fields and points as asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tests.scenes import InMemoryData
from worldline.formats.scene import Clock, Lidar, Scene, Sweep
from worldline.geometry import Pose


def clock_of(frame_count: int, step_ns: int = 100_000_000, start_ns: int = 0) -> Clock:
    """A steady clock."""
    return Clock(
        start_ns + step_ns * np.arange(frame_count, dtype=np.int64), tuple(f"{n:06d}" for n in range(frame_count))
    )


def cloud(count: int, seed: int = 0, spread_m: float = 40.0) -> NDArray[np.float32]:
    """(count, 3) float32, points around the sensor."""
    return np.random.default_rng(seed).normal(0, spread_m, (count, 3)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class CloudScene:
    """A scene of one lidar, from sweeps."""

    sweeps: Sequence[Sweep]
    name: str = "clouds"
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def scene(self) -> Scene:
        """The scene."""
        count = len(self.sweeps)
        fields = tuple(self.sweeps[0].fields) if count else ()
        lidar = Lidar("top", Pose(), clock_of(count), (Pose(),) * count, fields)
        data = InMemoryData(sweeps={("top", frame): sweep for frame, sweep in enumerate(self.sweeps)})
        return Scene(self.name, (lidar,), "top", data, meta=dict(self.meta))


def assert_same_sweep(found: Sweep, expected: Sweep) -> None:
    """Every value, of every field, of the same type; NaN equals NaN."""
    assert found.xyz_m.dtype == np.float32
    assert found.xyz_m.tobytes() == expected.xyz_m.tobytes()
    assert set(found.fields) == set(expected.fields)
    for name, values in expected.fields.items():
        assert found.fields[name].dtype == values.dtype.newbyteorder("=")
        assert found.fields[name].shape == values.shape
        assert found.fields[name].tobytes() == np.asarray(values, values.dtype.newbyteorder("=")).tobytes()
