"""Blocks as they will be stored: coded by any thread, before they are written in order."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worldline.geometry.arrays import Float32s

from .display import FINEST_M, Grid, encode_block, fit_grid
from .index import BlockIndex
from .layout import source_coding
from .shard_writer import encode_source


@dataclass(frozen=True, slots=True)
class CodedBlock:
    """A block as it will be stored.

    Attributes:
        frame: Whose.
        count: Its points.
        grid: Of its display copy.
        chunks: The coded chunk of each array, by name.
        clipped_count: Intensities that the display copy could not hold.
        ends_frame: No block of the frame follows.
    """

    frame: int
    count: int
    grid: Grid
    chunks: dict[str, bytes]
    clipped_count: int
    ends_frame: bool


def code_block(
    index: BlockIndex,
    full_intensity: float | None,
    frame: int,
    xyz_m: Float32s,
    fields: Mapping[str, NDArray[np.generic]],
    ends_frame: bool,
    finest_m: float = FINEST_M,
) -> CodedBlock:
    """Code a block.

    Args:
        index: What holds for all blocks; it is only read.
        full_intensity: What the sensor calls full intensity.
        frame: Whose block.
        xyz_m: (N, 3) sensor, metres, at most as many as a block holds.
        fields: (N,) or (N, K) by name.
        ends_frame: No block of the frame follows.
        finest_m: The least step of the display copy.

    Raises:
        SceneError: A coordinate does not fit.
    """
    grid = fit_grid(xyz_m, finest_m)
    intensity = fields["intensity"] if index.has_intensity else None
    shown, clipped = encode_block(xyz_m, intensity, grid, full_intensity or 1.0)
    chunks = {"display": shown}
    for name, values in (("xyz", xyz_m), *((f"fields/{name}", values) for name, values in fields.items())):
        padded = np.zeros((index.points_per_block, *values.shape[1:]), dtype=values.dtype)
        padded[: len(values)] = values
        chunks[name] = encode_source(padded, source_coding(padded.dtype, name == "xyz"))
    return CodedBlock(frame, len(xyz_m), grid, chunks, clipped, ends_frame)
