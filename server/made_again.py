"""What the data folder holds that can be had again: merged clouds, and the files of uploads that nobody came back to.

Whatever is wrong with it, it may be removed: a merged cloud is made when it is next asked for.
"""

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from worldline.formats.errors import MissingFileError, StoreError
from worldline.formats.store import SCENES, STAGING, LocalPlace, remove_abandoned
from worldline.formats.store.faults import find_faults

from .ailment import Ailment
from .database import is_lock_free
from .derived import DERIVED
from .sources import FOLDER as SOURCES
from .sources import remove_old_copies
from .uploads import FOLDER as UPLOADS
from .uploads import KEEP_S, Uploads

_REMOVE = "worldline doctor --repair removes it"
_AGAIN = f"{_REMOVE}, and it is made again when it is next asked for"
_NOTE_S = 60.0
"""So long after its cloud at the latest a note is written that speaks of it."""


def examine_clouds(data: Path, generation: str, scene: str, *, repair: bool) -> Iterator[Ailment]:
    """Read the merged clouds of a scene, and look for what no note speaks of."""
    root = data / DERIVED / generation
    spoken = set()
    for note in sorted(root.glob("*.json")):
        cloud = root / SCENES / _generation_of(note)
        spoken.add(cloud)
        wrong = _what_is_wrong(note, cloud)
        if wrong is not None:
            if repair:
                note.unlink(missing_ok=True)
                shutil.rmtree(cloud if cloud.name != SCENES else note, ignore_errors=True)
            yield Ailment("derived_damaged", str(note), f"a merged cloud: {wrong}", _AGAIN, scene, repair)
    found = [each for each in sorted((root / SCENES).glob("*")) if each not in spoken and _is_old(each, _NOTE_S)]
    found += [each for each in sorted(root.glob("*.part")) if _is_old(each, _NOTE_S)]
    for each in found:
        if repair:
            _remove(each)
        yield Ailment("derived_orphaned", str(each), "nothing speaks of it", _REMOVE, scene, repair)
    for each in sorted((root / STAGING).glob("*")):
        if each.is_dir() and is_lock_free(each.with_name(f"{each.name}.lock")):
            if repair:
                remove_abandoned(root)
            message = "it was being made, and whoever made it is gone"
            yield Ailment("staging_abandoned", str(each), message, _REMOVE, scene, repair and not each.exists())


def examine_unowned(data: Path, generations: Iterable[str], *, repair: bool) -> Iterator[Ailment]:
    """Look for merged clouds of scenes that are gone, and for what nobody came back to for a week."""
    known = set(generations)
    for each in sorted((data / DERIVED).glob("*")):
        if each.name not in known:
            if repair:
                _remove(each)
            yield Ailment("derived_orphaned", str(each), "its scene is gone", _REMOVE, None, repair)
    expired = [
        each
        for folder in (UPLOADS, SOURCES)
        for each in sorted((data / folder).glob("*"))
        if each.is_dir() and all(_is_old(part, KEEP_S) for part in (each, *each.glob("*"), *each.glob("parts/*.part")))
    ]
    if expired and repair:
        Uploads(data).remove_expired()
        remove_old_copies(data)
    for each in expired:
        message = "files that were sent or unpacked for an import, and nobody came back to for a week"
        yield Ailment("upload_expired", str(each), message, _REMOVE, None, not each.exists())


def _what_is_wrong(note: Path, cloud: Path) -> str | None:
    if cloud.name == SCENES:
        return "its note is damaged"
    try:
        fault = next(find_faults(LocalPlace(cloud)), None)
    except (StoreError, MissingFileError) as error:
        return str(error)
    return None if fault is None or not note.exists() else f"{fault.file}: {fault.message}"


def _generation_of(note: Path) -> str:
    """What a note speaks of; nothing where it is damaged."""
    try:
        return Path(str(json.loads(note.read_text())["generation"])).name
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _is_old(path: Path, seconds: float) -> bool:
    try:
        return path.stat().st_mtime < time.time() - seconds
    except FileNotFoundError:
        return False


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
