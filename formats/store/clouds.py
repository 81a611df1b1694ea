"""Writing a lidar's sweeps as blocks, shard by shard."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zarr
from numpy.typing import NDArray

from worldline.formats.errors import SceneError
from worldline.formats.scene import Lidar, Sweep
from worldline.geometry.arrays import Float32s

from .display import display_array, fit_grid, intensity_scale, quantise, quantise_intensity, usual_maximum
from .index import BlockIndex
from .layout import MAX_BLOCK_POINTS, MIN_BLOCK_POINTS, ZarrArray, check_field, node_name, source_array


@dataclass(frozen=True, slots=True)
class _Block:
    frame: int
    xyz_m: Float32s
    fields: dict[str, NDArray[np.generic]]
    ends_frame: bool


class CloudWriter:
    """Writes the sweeps of one lidar, in the order of its frames.

    The size of a block is decided by the first shard's sweeps; a later sweep that is larger
    becomes several blocks.

    Attributes:
        index: What is written so far.
        clipped_intensity_count: Intensities that the display copy could not hold.
    """

    def __init__(
        self, group: zarr.Group, sensor: Lidar, blocks_per_shard: int, full_intensity: float | None = None
    ) -> None:
        """Write under ``lidars/<sensor>`` of a scene's group.

        Args:
            group: The scene's.
            sensor: Whose sweeps.
            blocks_per_shard: Blocks that are written together.
            full_intensity: What the sensor calls full intensity; None to tell it from the first sweeps.
        """
        self._group = group
        self._sensor = sensor
        self._path = f"lidars/{node_name(sensor.name)}"
        self._per_shard = blocks_per_shard
        self._waiting: list[Sweep] = []
        self._pending: list[_Block] = []
        self._arrays: dict[str, ZarrArray] = {}
        self._dtypes: dict[str, tuple[np.dtype[np.generic], tuple[int, ...]]] | None = None
        self._full_intensity = full_intensity
        self._next_frame = 0
        self.index = BlockIndex()
        self.clipped_intensity_count = 0

    @property
    def frame_count(self) -> int:
        """Frames taken, whether written or not."""
        return self._next_frame + len(self._waiting)

    def append(self, sweep: Sweep) -> list[Path]:
        """Take the next frame.

        Returns:
            Files that are now complete.

        Raises:
            SceneError: There are more frames than the clock has, or the fields differ from the frames before.
        """
        if self.frame_count >= len(self._sensor.clock):
            raise SceneError(f"lidar {self._sensor.name} has more sweeps than its clock's {len(self._sensor.clock)}")
        self._check_fields(sweep)
        if not self._arrays:
            self._waiting.append(sweep)
            if len(self._waiting) < min(self._per_shard, len(self._sensor.clock)):
                return []
            self._begin()
        else:
            self._split(sweep)
        return self._flush(self._per_shard)

    def finish(self) -> list[Path]:
        """Write what is left and give the arrays their final length."""
        if not self._arrays:
            self._begin()
        files = self._flush(1)
        for array in self._arrays.values():
            array.resize((len(self.index.frame), *array.shape[1:]))
        self._group.require_group(self._path).update_attributes(self.index.facts())
        self.index.write(self._group, f"{self._path}/blocks")
        return files

    def _check_fields(self, sweep: Sweep) -> None:
        kinds = {}
        for name, values in sweep.fields.items():
            checked = check_field(name, values)
            kinds[name] = (checked.dtype, checked.shape[1:])
        if self._dtypes is None:
            declared = set(self._sensor.fields)
            if set(kinds) != declared:
                raise SceneError(
                    f"lidar {self._sensor.name} declares the fields {sorted(declared)}, its sweep has {sorted(kinds)}"
                )
            self._dtypes = kinds
        elif kinds != self._dtypes:
            raise SceneError(
                f"lidar {self._sensor.name}, frame {self.frame_count}: fields {_spelt(kinds)} "
                f"differ from those before: {_spelt(self._dtypes)}"
            )

    def _begin(self) -> None:
        kinds = self._dtypes or {}
        largest = max((len(sweep) for sweep in self._waiting), default=0)
        points = min(MAX_BLOCK_POINTS, max(MIN_BLOCK_POINTS, 1 << max(largest - 1, 0).bit_length()))
        blocks, shard = max(len(self._sensor.clock), 1), self._per_shard
        source = f"{self._path}/source"
        self._arrays["xyz"] = source_array(
            self._group, f"{source}/xyz", blocks, shard, (points, 3), np.dtype(np.float32)
        )
        for name, (dtype, tail) in kinds.items():
            self._arrays[f"fields/{name}"] = source_array(
                self._group, f"{source}/fields/{node_name(name)}", blocks, shard, (points, *tail), dtype
            )
        self._arrays["display"] = display_array(self._group, f"{self._path}/display/points", blocks, shard, points)
        index = self.index
        index.points_per_block = points
        index.fields = {name: node_name(name) for name in kinds}
        index.has_intensity = "intensity" in kinds and kinds["intensity"][1] == ()
        if index.has_intensity:
            if self._full_intensity is None:
                samples = [sweep.fields["intensity"] for sweep in self._waiting]
                self._full_intensity = max(map(usual_maximum, samples), default=1.0)
            index.intensity_scale = intensity_scale(self._full_intensity)
        for sweep in self._waiting:
            self._split(sweep)
        self._waiting = []

    def _split(self, sweep: Sweep) -> None:
        points = self.index.points_per_block
        fields = {name: check_field(name, values) for name, values in sweep.fields.items()}
        for start in range(0, max(len(sweep), 1), points):
            part = slice(start, start + points)
            parts = {name: values[part] for name, values in fields.items()}
            self._pending.append(
                _Block(self._next_frame, sweep.xyz_m[part], parts, ends_frame=start + points >= len(sweep))
            )
        self._next_frame += 1

    def _flush(self, least: int) -> list[Path]:
        files: list[Path] = []
        while len(self._pending) >= least and self._pending:
            files += self._write(self._pending[: self._per_shard])
            del self._pending[: self._per_shard]
        return files

    def _write(self, blocks: list[_Block]) -> list[Path]:
        first = len(self.index.frame)
        last = first + len(blocks)
        buffers = {}
        for name, array in self._arrays.items():
            if array.shape[0] < last:
                array.resize((max(last, 2 * array.shape[0]), *array.shape[1:]))
            buffers[name] = np.zeros((len(blocks), *array.shape[1:]), dtype=array.dtype)
        for row, block in enumerate(blocks):
            count = len(block.xyz_m)
            grid = fit_grid(block.xyz_m)
            quantise(block.xyz_m, grid, buffers["display"][row])
            if self.index.has_intensity and self._full_intensity is not None:
                self.clipped_intensity_count += quantise_intensity(
                    block.fields["intensity"], self._full_intensity, buffers["display"][row]
                )
            buffers["xyz"][row, :count] = block.xyz_m
            for name, values in block.fields.items():
                buffers[f"fields/{name}"][row, :count] = values
            self.index.frame.append(block.frame)
            self.index.count.append(count)
            self.index.grid.append(grid)
            self.index.frame_count += block.ends_frame
        files = []
        for name, array in self._arrays.items():
            array[first:last] = buffers[name]
            tail = ["0"] * (array.ndim - 1)
            files.append(Path(array.path, "c", str(first // self._per_shard), *tail))
        return files


def _spelt(kinds: dict[str, tuple[np.dtype[np.generic], tuple[int, ...]]]) -> str:
    return ", ".join(f"{name} {dtype}{list(tail) or ''}" for name, (dtype, tail) in sorted(kinds.items())) or "none"
