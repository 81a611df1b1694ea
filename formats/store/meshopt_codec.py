"""The Zarr codec ``worldline.meshopt``: a chunk of points as a meshopt vertex stream.

Makes a chunk of int16 whose last axis is x, y, z, intensity into bytes: the number of points as a
little-endian uint32, then their stream. Places after the last point are zeros and are not stored.
docs/codecs.md describes it for other programs.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from zarr.abc.codec import ArrayBytesCodec
from zarr.core.array_spec import ArraySpec
from zarr.core.buffer import Buffer, NDBuffer
from zarr.core.common import JSON
from zarr.core.dtype import ZDType
from zarr.registry import register_codec

from worldline.formats.errors import StoreError

from .meshopt import Points, decode_points, encode_into, longest_stream

if TYPE_CHECKING:
    from zarr.core.chunk_grids import ChunkGrid

CODEC_ID = "worldline.meshopt"
HEADER_BYTES = 4


def encode_chunk(points: Points) -> NDArray[np.uint8]:
    """The bytes of a chunk.

    Args:
        points: (N, 4) int16, C order.

    Returns:
        (M,) uint8: N, then the stream.
    """
    chunk = np.empty(HEADER_BYTES + longest_stream(len(points)), dtype=np.uint8)
    chunk[:HEADER_BYTES] = np.frombuffer(len(points).to_bytes(HEADER_BYTES, "little"), dtype=np.uint8)
    size = encode_into(points, chunk[HEADER_BYTES:])
    return chunk[: HEADER_BYTES + size]


def decode_chunk(chunk: NDArray[np.uint8], room: int) -> Points:
    """Undo `encode_chunk`.

    Args:
        chunk: (M,) uint8.
        room: How many points the chunk has place for.

    Returns:
        (room, 4) int16, zeros after the last point.

    Raises:
        StoreError: The bytes are damaged, or hold more points than there is room for.
    """
    count = int.from_bytes(chunk[:HEADER_BYTES].tobytes(), "little")
    if chunk.size < HEADER_BYTES or count > room:
        raise StoreError(
            f"a {CODEC_ID} chunk of {chunk.size} bytes says it has {count} points, there is room for {room}"
        )
    points = np.zeros((room, 4), dtype=np.int16)
    decode_points(np.ascontiguousarray(chunk[HEADER_BYTES:]), points[:count])
    return points


@dataclass(frozen=True)
class MeshoptCodec(ArrayBytesCodec):
    """The codec as zarr-python finds it."""

    is_fixed_size = False

    @classmethod
    def from_dict(cls, data: dict[str, JSON]) -> Self:
        """From an array's metadata.

        Raises:
            StoreError: It is configured: there is nothing to configure.
        """
        if data.get("name") != CODEC_ID or data.get("configuration"):
            raise StoreError(f"not a codec {CODEC_ID} without configuration: {data}")
        return cls()

    def to_dict(self) -> dict[str, JSON]:
        """For an array's metadata."""
        return {"name": CODEC_ID}

    def validate(self, *, shape: tuple[int, ...], dtype: ZDType[Any, Any], chunk_grid: "ChunkGrid") -> None:  # noqa: ARG002
        """Refuse arrays of anything but points.

        Raises:
            StoreError: Not int16, or the last axis is not x, y, z, intensity.
        """
        if dtype.to_native_dtype() != np.dtype(np.int16) or not shape or shape[-1] != 4:
            raise StoreError(f"{CODEC_ID} codes int16 (..., 4), not {dtype.to_native_dtype()} {shape}")

    async def _encode_single(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer | None:
        points = np.ascontiguousarray(chunk_array.as_numpy_array(), dtype=np.int16).reshape(-1, 4)
        used = np.flatnonzero(points.any(axis=1))
        count = int(used[-1]) + 1 if used.size else 0
        return chunk_spec.prototype.buffer.from_bytes(encode_chunk(points[:count]).tobytes())

    async def _decode_single(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        points = decode_chunk(chunk_data.as_numpy_array().view(np.uint8), int(np.prod(chunk_spec.shape)) // 4)
        return chunk_spec.prototype.nd_buffer.from_numpy_array(points.reshape(chunk_spec.shape))

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        """Depends on the points."""
        raise NotImplementedError


register_codec(CODEC_ID, MeshoptCodec)
