"""Facts of a nuScenes source that a scene keeps in its `meta`, so that an export gives them back."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ..scene import MetaValue

FORMAT = "nuscenes"
SOURCE = "source_format"
VERSION = "nuscenes_version"
DEFAULT_VERSION = "v1.0-worldline"
_KEPT = "nuscenes"


class KeptChannel(BaseModel):
    """Tokens and keyframes of one sensor."""

    model_config = ConfigDict(extra="forbid")

    channel: str
    sensor: str
    calibrated_sensor: str
    frames: list[str]
    key_frames: list[int]


class Kept(BaseModel):
    """Names and tokens of a source scene, and which frames were its samples.

    Attributes:
        scene: Token.
        name: The scene's name in its source.
        description: Its description.
        log: The log's record, with its token.
        samples: Tokens in order.
        sample_frames: The frame of each sample on the scene's clock.
        channels: By the sensor's name.
        categories: Token of each category by name.
        attributes: Token of each attribute by name.
        annotations: Instance to sample's index to token.
    """

    model_config = ConfigDict(extra="forbid")

    scene: str
    name: str
    description: str
    log: dict[str, str]
    samples: list[str]
    sample_frames: list[int]
    channels: dict[str, KeptChannel]
    categories: dict[str, str]
    attributes: dict[str, str]
    annotations: dict[str, dict[int, str]]


def keep_facts(version: str, kept: Kept) -> dict[str, MetaValue]:
    """Facts as values of a scene's `meta`."""
    return {SOURCE: FORMAT, VERSION: version, _KEPT: kept.model_dump_json()}


def find_kept(meta: Mapping[str, MetaValue]) -> Kept | None:
    """What was kept of a nuScenes source; None where the scene came from elsewhere."""
    text = meta.get(_KEPT)
    if meta.get(SOURCE) != FORMAT or not isinstance(text, str):
        return None
    try:
        return Kept.model_validate_json(text)
    except ValidationError:
        return None


def make_token(*parts: str | int) -> str:
    """The token of a thing without one: 32 hexadecimal digits, always the same for the same names."""
    text = json.dumps(parts, ensure_ascii=False)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def log_text(values: Mapping[str, Any]) -> dict[str, str]:
    """A log's record as strings."""
    return {key: value for key, value in values.items() if isinstance(value, str)}
