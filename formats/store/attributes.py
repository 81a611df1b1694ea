"""The attributes of a stored group, read without Zarr."""

import json
from typing import Any

from worldline.formats.errors import FormatError, StoreError

from .place import Place


def read_attributes(place: Place, node: str) -> dict[str, Any]:
    """The attributes of a group.

    Raises:
        MissingFileError: There is no such group.
        StoreError: Its metadata is damaged.
    """
    file = f"{node}/zarr.json" if node else "zarr.json"
    try:
        metadata = json.loads(place.read(file))
        return dict(metadata.get("attributes", {}))
    except (ValueError, TypeError, AttributeError) as error:
        if isinstance(error, FormatError):
            raise
        raise StoreError(f"not the metadata of a group: {error!r}", path=f"{place.name}/{file}") from error
