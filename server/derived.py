"""What is worked out of scenes and kept on the disk: below ``derived/<generation>`` of the data folder."""

import json
import shutil
from pathlib import Path

from worldline.formats.store import SCENES, remove_abandoned

DERIVED = "derived"
_MOST_CLOUDS = 8
"""Merged clouds of a scene that are kept: those made last."""


def sweep_derived(data: Path, generations: set[str]) -> None:
    """Remove what belongs to scenes that are gone, and what killed servers left half made."""
    if not (data / DERIVED).is_dir():
        return
    for folder in (data / DERIVED).iterdir():
        if folder.name in generations:
            remove_abandoned(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def drop_oldest(folder: Path) -> None:
    """Remove the merged clouds of a scene that were made before the last few."""
    notes = sorted(folder.glob("*.json"), key=lambda note: note.stat().st_mtime_ns)
    kept = {_generation_of(note) for note in notes[-_MOST_CLOUDS:]}
    for note in notes[:-_MOST_CLOUDS]:
        generation = _generation_of(note)
        note.unlink(missing_ok=True)
        if generation and generation not in kept:
            shutil.rmtree(folder / SCENES / generation, ignore_errors=True)


def _generation_of(note: Path) -> str:
    try:
        return str(json.loads(note.read_text())["generation"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
