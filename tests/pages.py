"""Reads pages of frames as `docs/api.md` describes them, written from that text alone."""

import json
from typing import Any

import numpy as np

TYPES = {"int32": "<i4", "uint32": "<u4", "uint8": "<u1", "float64": "<f8"}


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the columns of a page."""
    size = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + size])
    columns = {}
    offset = 4 + size
    assert offset % 8 == 0
    for column in header.pop("columns"):
        dtype = np.dtype(TYPES[column["type"]])
        count = int(np.prod(column["shape"], dtype=int))
        columns[column["name"]] = np.frombuffer(data, dtype, count, offset).reshape(column["shape"])
        offset += -(-count * dtype.itemsize // 8) * 8
    assert offset == len(data)
    return header, columns
