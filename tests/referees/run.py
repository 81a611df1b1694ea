"""Run a referee in its own environment."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).resolve().parent
REFEREES = Path(os.environ.get("WORLDLINE_REFEREES", _HERE.parent.parent / ".referees"))
TIMEOUT_S = 300


def run_referee(name: str, *arguments: str | Path, script: str | None = None) -> Any:
    """What a referee found, as JSON; the test fails with its words if it refuses, and is skipped where it is absent.

    Args:
        name: The referee's environment.
        arguments: Of its script.
        script: Another than the one of its name.
    """
    python = REFEREES / name / "bin" / "python"
    if not python.exists():
        pytest.skip(f"the referee {name} is not installed at {python}: run `make referees`")
    command = [str(python), str(_HERE / f"{script or name}_referee.py"), *map(str, arguments)]
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, env=quiet, check=False)
    if done.returncode:
        pytest.fail(f"{name} refuses it: {done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])
