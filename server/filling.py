"""Filling a folder that someone asked for: whole or not at all, whatever ends the process.

What is written stands in a hidden folder until it is complete: beside the one that was asked for,
or inside it where it is there already (it may be a mounted one, or where a shell stands). A writer
holds a lock on its hidden folder, so that the next one knows what a killed one left behind.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from worldline.formats.errors import FormatError

_SUFFIX = ".partial"
_CHOOSE = "choose another --out"


@contextmanager
def filling(out: Path) -> Iterator[Path]:
    """A hidden empty folder whose content stands in `out` once the block ends without an error.

    Args:
        out: Absolute; a folder that does not exist or is empty.

    Raises:
        FormatError: It is something else, or cannot be written.
    """
    if out.is_symlink() and not out.exists():
        raise FormatError("it is a link to nowhere", path=out, fix=_CHOOSE)
    if out.exists() and not out.is_dir():
        raise FormatError("it is a file, not a folder", path=out, fix=_CHOOSE)
    try:
        place = out if out.is_dir() else out.parent
        place.mkdir(parents=True, exist_ok=True)
        remove_abandoned_exports(place, out.name)
        if place == out and any(out.iterdir()):
            raise FormatError("the folder is not empty", path=out, fix=f"{_CHOOSE}; nothing is written over")
        partial = place / f".{out.name[:80]}.{token_hex(4)}{_SUFFIX}"
        partial.mkdir()
    except OSError as error:
        raise _unwritable(out, error) from error
    lock = os.open(partial, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield partial
        _put(partial, out)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        os.close(lock)


def remove_abandoned_exports(place: Path, name: str) -> None:
    """Remove what killed exports into a folder of this name left behind; what is being written stays."""
    for partial in place.iterdir():
        if not (partial.name.startswith(f".{name[:80]}.") and partial.name.endswith(_SUFFIX) and partial.is_dir()):
            continue
        lock = os.open(partial, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(partial, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)


def _put(partial: Path, out: Path) -> None:
    if partial.parent == out:
        for each in sorted(partial.iterdir()):
            each.rename(out / each.name)
    elif out.exists():  # someone made it meanwhile: an empty one gives way
        out.rmdir()
        partial.rename(out)
    else:
        partial.rename(out)


def _unwritable(out: Path, error: OSError) -> FormatError:
    return FormatError(f"cannot be written: {error.strerror or error}", path=out, fix=f"make room, or {_CHOOSE}")
