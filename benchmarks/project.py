"""Where the project and the real data lie; importing this lets a program in here find `tests`."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("WORLDLINE_SHARED_DATA", ROOT.parent / "shared" / "data"))

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


def machine() -> str:
    """What the figures are of: cores, and how busy they are with other things."""
    return f"{os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.1f}"
