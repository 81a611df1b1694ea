"""Where an import reads from: files of this machine as they are, archives and buckets through a working copy.

A working copy is kept while its import is not done, so that the next attempt goes on with it, and removed after
a week that nobody came back.
"""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from worldline.formats.errors import FormatError, UnknownFormatError
from worldline.formats.registry import find_format, recognise_format

from .database import locked
from .fetching import fetch_prefix
from .unpacking import is_archive, unpack_archive

FOLDER = "sources"
KEEP_S = 7 * 24 * 3600.0
_DONE = "done"
_DEEPEST = 4

Told: TypeAlias = Callable[[str, int, int], None]


@contextmanager
def opened_source(data: Path, source: str, format_name: str | None, told: Told) -> Iterator[Path]:
    """The file or folder to read.

    Args:
        data: The data folder, for working copies.
        source: A file, a folder, an archive or ``s3://bucket/prefix``.
        format_name: The format, where it is known; else the place is looked for that one recognises.
        told: Told how far unpacking or fetching is.

    Raises:
        FormatError: It is not there, or cannot be unpacked or fetched.
    """
    path = Path(source)
    if source.startswith("s3://"):
        make: Callable[[Path], None] = lambda out: fetch_prefix(data, source, out, _telling(told, "fetching"))  # noqa: E731
        identity = source
    elif not path.exists():
        raise FormatError("there is no such file or folder", path=source, fix="check the path")
    elif is_archive(path):
        facts = path.stat()
        identity = f"{path.name} {facts.st_size} {facts.st_mtime_ns}"
        make = lambda out: unpack_archive(path, out, _telling(told, "unpacking"))  # noqa: E731
    else:
        yield path
        return
    copy = data / FOLDER / hashlib.sha256(identity.encode()).hexdigest()[:32]
    copy.parent.mkdir(exist_ok=True)
    with locked(copy.with_suffix(".lock")):
        if not (copy / _DONE).exists():
            if not source.startswith("s3://"):  # what was fetched is not fetched again
                shutil.rmtree(copy, ignore_errors=True)
            (copy / "files").mkdir(parents=True, exist_ok=True)
            try:
                make(copy / "files")
            except BaseException:
                if not source.startswith("s3://") or not any((copy / "files").iterdir()):
                    _remove(copy)
                raise
            (copy / _DONE).touch()
        yield _recognised(copy / "files", format_name)
        _remove(copy)


def remove_old_copies(data: Path) -> None:
    """Remove the working copies that nobody came back to."""
    for copy in (data / FOLDER).glob("*"):
        newest = max((each.stat().st_mtime for each in (copy, *copy.glob("*"))), default=0.0)
        if copy.is_dir() and newest < time.time() - KEEP_S:
            with locked(copy.with_suffix(".lock")):
                _remove(copy)


def _remove(copy: Path) -> None:
    """Remove a working copy; its lock, which the caller holds, comes last."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.with_suffix(".lock").unlink(missing_ok=True)


def _recognised(folder: Path, format_name: str | None) -> Path:
    """The folder, or the only one in it (and so on), that is recognised: archives often hold one folder."""
    place = folder
    for _ in range(_DEEPEST):
        if _is_recognised(place, format_name):
            return place
        inner = [each for each in place.iterdir() if not each.name.startswith((".", "__MACOSX"))]
        if len(inner) != 1:
            break
        (place,) = inner
        if not place.is_dir():
            return place
    return folder


def _is_recognised(place: Path, format_name: str | None) -> bool:
    try:
        return find_format(format_name).reader.recognise(place) if format_name else bool(recognise_format(place))
    except UnknownFormatError:
        return False


def _telling(told: Told, what: str) -> Callable[[int, int], None]:
    return lambda done, total: told(what, done, total)
