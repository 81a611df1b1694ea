"""How far a growing scene is, for another process to read: one JSON line a step, appended.

A line is written after the files it speaks of are on the disk. A last line without its end is
a write in progress, and is not looked at.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from worldline.formats.errors import StoreError

from .layout import PROGRESS, canonical_json


class ProgressLog:
    """Appends lines."""

    def __init__(self, folder: Path) -> None:
        """Begin the log of a staged scene, or go on with it."""
        self._path = folder / PROGRESS
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def append(self, step: dict[str, Any]) -> None:
        """Write one step, for good."""
        os.write(self._descriptor, canonical_json(step) + b"\n")
        os.fdatasync(self._descriptor)

    def close(self, remove: bool = False) -> None:
        """Stop, and take the log away where the scene is complete."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if remove:
            self._path.unlink(missing_ok=True)


class ProgressReader:
    """Reads lines that are new."""

    def __init__(self, folder: Path) -> None:
        """Read the log of a staged scene."""
        self._path = folder / PROGRESS
        self._offset = 0

    def steps(self) -> Iterator[dict[str, Any]]:
        """The steps since the last call; none once the log is gone, as when the scene was published.

        Raises:
            StoreError: A line is not a step.
        """
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            try:
                step = json.loads(line)
            except ValueError as error:
                raise StoreError("a line is not JSON", path=self._path) from error
            yield step
