"""Real sensor data that lies beside the project, not in it."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SHARED_DATA = Path(os.environ.get("WORLDLINE_SHARED_DATA", _BESIDE))


def shared_data(*parts: str) -> Path:
    """A path in the shared data; the test is skipped where it is absent."""
    path = SHARED_DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs real sensor data at {path} (set WORLDLINE_SHARED_DATA)")
    return path
