"""What is wrong with a stored scene: every file against the manifest, and the manifest against the scene's name."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from worldline.formats.errors import FormatError, MissingFileError, StoreError

from .layout import MANIFEST, PROGRESS
from .place import AGAIN, BucketPlace, LocalPlace, Place
from .publish import Settled, read_manifest
from .remains import read_remains
from .stored import open_staged

Kind = Literal[
    "manifest_missing",
    "manifest_damaged",
    "file_missing",
    "file_truncated",
    "file_altered",
    "file_unknown",
    "log_damaged",
]

_PIECE_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a file of a scene.

    Attributes:
        kind: What.
        file: Which, below the scene.
        message: In words.
        fix: What to do when it cannot be mended.
    """

    kind: Kind
    file: str
    message: str
    fix: str = AGAIN


def find_faults(place: Place, progress: Callable[[int, int], None] = lambda *_: None) -> Iterator[Fault]:
    """Read every byte of a scene and say what is not as it was written.

    Args:
        place: Where it is.
        progress: Told how many files of how many are read.

    Yields:
        Faults, the manifest's first; without a manifest that can be trusted nothing else is looked at.

    Raises:
        StoreError: The place does not answer or refuses.
    """
    try:
        files = read_manifest(place)
        own = hashlib.sha256(place.read(MANIFEST)).hexdigest()[:32]
    except MissingFileError:
        yield Fault("manifest_missing", MANIFEST, "the manifest is gone")
        return
    except StoreError as error:
        _raise_if_unreadable(error)
        yield Fault("manifest_damaged", MANIFEST, str(error), error.fix)
        return
    if own != place.generation:
        yield Fault("manifest_damaged", MANIFEST, f"its digest is {own}, the scene's name is {place.generation}")
        return
    for done, (name, listed) in enumerate(files.items()):
        fault = check_file(place, name, listed)
        if fault is not None:
            yield fault
        progress(done + 1, len(files))
    for name in sorted(list_files(place) - files.keys() - {MANIFEST}):
        yield Fault("file_unknown", name, "the manifest does not list it", "remove it")


def find_remains_faults(folder: Path, ready_frame_count: int) -> Iterator[Fault]:
    """Read what a writer left that died or was cut short, and say what is not as its log has it.

    That it is unfinished is no fault, nor is what the log does not speak of (yet).

    Args:
        folder: The staged scene, which nobody writes.
        ready_frame_count: Frames that it is known to have.
    """
    try:
        remains = read_remains(folder)
    except FormatError as error:
        if ready_frame_count or isinstance(error, StoreError):  # else it was cut short before its first frames
            yield Fault("log_damaged", PROGRESS, str(error))
        return
    place = LocalPlace(folder)
    for name, listed in remains.files.items():
        fault = check_file(place, name, listed)
        if fault is not None:
            yield fault
    if not remains.has_header(folder):
        yield Fault("file_altered", "zarr.json", "its header, or a timetable, is not what was written")
        return
    found = open_staged(folder).ready_frame_count
    if found < ready_frame_count:
        yield Fault("log_damaged", PROGRESS, f"it speaks of {found} frames, {ready_frame_count} were written")


def check_file(place: Place, name: str, listed: Settled) -> Fault | None:
    """What is wrong with a file; None where nothing is.

    Raises:
        StoreError: The place does not answer or refuses.
    """
    try:
        size = place.size(name)
        if size != listed.size:
            return Fault("file_truncated", name, f"expected {listed.size} bytes, found {size}")
        digest = hashlib.sha256()
        for start in range(0, size, _PIECE_BYTES):
            digest.update(place.read(name, start, min(_PIECE_BYTES, size - start)))
    except MissingFileError:
        return Fault("file_missing", name, "it is gone")
    except StoreError as error:
        _raise_if_unreadable(error)
        return Fault("file_altered", name, str(error), error.fix or AGAIN)
    if digest.hexdigest() != listed.sha256:
        return Fault("file_altered", name, "its bytes are not what was written")
    return None


def list_files(place: Place) -> set[str]:
    """All files of a scene, by their path in it.

    Raises:
        StoreError: The place does not answer or refuses.
    """
    if isinstance(place, LocalPlace):
        root: Path = place.path
        return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    if isinstance(place, BucketPlace):
        return set(place.bucket.sizes(place.folder))
    raise TypeError(f"a place whose files cannot be listed: {place.name}")


def _raise_if_unreadable(error: StoreError) -> None:
    """What the place itself says is no fault of a file."""
    if type(error) is not StoreError:
        raise error
