"""Who is writing a staged scene: a lock that lasts as long as its process, so that leftovers are known."""

import fcntl
import os
import shutil
from collections.abc import Collection
from pathlib import Path

from .publish import remove_folder

SCENES = "scenes"
STAGING = "staging"


class Claim:
    """Says that this process writes a staged folder."""

    def __init__(self, folder: Path) -> None:
        """Claim a folder that does not exist yet."""
        self._path = _lock_path(folder)
        self._descriptor = -1
        while self._descriptor < 0:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_still_there(descriptor, self._path):
                self._descriptor = descriptor
            else:  # `remove_abandoned` took the file away between the two calls
                os.close(descriptor)

    def release(self) -> None:
        """Give it up; the second time nothing happens."""
        if self._descriptor >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1


def remove_abandoned(root: Path, kept: Collection[Path] = ()) -> int:
    """Remove staged scenes whose writer is gone (it crashed), and what was half removed.

    Args:
        root: The data folder.
        kept: Staged scenes that somebody may go on with.

    Returns:
        How many there were.
    """
    count = 0
    for folder in (root / STAGING, root / SCENES):
        for grave in folder.glob(".removed-*"):
            shutil.rmtree(grave, ignore_errors=True)
    locks = {path.with_suffix("") for path in (root / STAGING).glob("*.lock")}
    for path in (locks - set(kept)) | {
        path for path in (root / STAGING).glob("*") if path.is_dir() and path not in kept
    }:
        lock = os.open(_lock_path(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            count += path.is_dir()
            remove_folder(path)
            _lock_path(path).unlink(missing_ok=True)
        finally:
            os.close(lock)
    return count


def _lock_path(folder: Path) -> Path:
    return folder.with_name(folder.name + ".lock")


def _is_still_there(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
