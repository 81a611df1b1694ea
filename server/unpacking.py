"""Unpacking an archive that nobody vouches for: every entry is a file inside the folder, and there are not too many.

Entries are written one after another, in pieces, so that memory does not grow with the archive.
"""

import lzma
import os
import shutil
import stat
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, TypeAlias

from worldline.formats.errors import BrokenFileError, FormatError, OutsideRootError

Unpacked: TypeAlias = Callable[[int, int], None]
"""Called with bytes of the archive done and in all."""

_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_PIECE = 1 << 20
_SPARE_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may become.

    Attributes:
        entries: Files and folders.
        bytes: Of all files together.
        ratio: Bytes of the files to bytes of the archive, once more than `free_bytes` were written.
        free_bytes: As much is always allowed.
    """

    entries: int = 2_000_000
    bytes: int = 1 << 42
    ratio: int = 200
    free_bytes: int = 1 << 26


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    is_folder: bool
    changed_s: float
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """Whether a file is called as archives are."""
    return path.name.lower().endswith(_SUFFIXES) and path.is_file()


def unpack_archive(archive: Path, out: Path, told: Unpacked = lambda *_: None, limits: Limits = LIMITS) -> None:
    """Unpack a zip or tar file into a new folder.

    Args:
        archive: The file.
        out: A folder that is empty or not there; what was written stays there if it fails.
        told: Told how far it is.
        limits: How much it may become.

    Raises:
        OutsideRootError: An entry would leave the folder.
        BrokenFileError: The archive is damaged, two entries have one name, or it becomes too large.
        FormatError: The disk is full or cannot be written.
    """
    size = archive.stat().st_size
    most = min(limits.bytes, max(limits.free_bytes, size * limits.ratio))
    seen: set[str] = set()
    written = 0
    with _broken_archive(archive), archive.open("rb") as file, closing(_entries(archive, file)) as entries:
        for count, entry in enumerate(entries):
            if count >= limits.entries:
                raise BrokenFileError(f"more than {limits.entries} entries", path=archive, fix="unpack it yourself")
            target = out / _inside(archive, entry.name)
            if entry.is_folder:
                _written(target, partial(target.mkdir, parents=True, exist_ok=True))
                continue
            key = str(target).casefold()
            if key in seen:
                raise BrokenFileError("two entries have one name", path=archive, place=entry.name, fix="pack it again")
            seen.add(key)
            with entry.open() as packed:
                written = _copy(archive, entry, packed, target, written, most)
            told(min(file.tell(), size), size)
    told(size, size)


def _copy(archive: Path, entry: _Entry, packed: IO[bytes], target: Path, written: int, most: int) -> int:
    _written(target, lambda: target.parent.mkdir(parents=True, exist_ok=True))
    with _unwritable(target), target.open("xb") as out:
        while piece := packed.read(_PIECE):
            written += len(piece)
            if written > most:
                raise BrokenFileError(
                    f"becomes more than {most} bytes, {most // max(archive.stat().st_size, 1)} times its size",
                    path=archive,
                    place=entry.name,
                    fix="unpack it yourself and import the folder, if that is right",
                )
            if shutil.disk_usage(target.parent).free < _SPARE_BYTES:
                raise FormatError("the disk is nearly full", path=target.parent, fix="make room, then try again")
            out.write(piece)
    os.utime(target, (entry.changed_s, entry.changed_s))
    return written


def _entries(archive: Path, file: IO[bytes]) -> Generator[_Entry, None, None]:
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(file) as packed:
            for info in packed.infolist():
                kind = stat.S_IFMT(info.external_attr >> 16)
                if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise _special(archive, info.filename)
                if info.flag_bits & 1:
                    raise BrokenFileError("an entry is encrypted", path=archive, place=info.filename, fix="decrypt it")
                changed = time.mktime((*info.date_time, 0, 0, -1))
                yield _Entry(info.filename, info.is_dir(), changed, partial(packed.open, info))
    else:
        with tarfile.open(fileobj=file, mode="r|*", bufsize=_PIECE) as stream:
            for member in stream:
                if not (member.isreg() or member.isdir()):
                    raise _special(archive, member.name)
                yield _Entry(member.name, member.isdir(), float(member.mtime), partial(_reading, stream, member))


def _reading(stream: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    found = stream.extractfile(member)
    if found is None:
        raise tarfile.ReadError(f"{member.name} cannot be read")
    return found


def _inside(archive: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    odd = "\\" in name or "\0" in name or (len(name) > 1 and name[1] == ":")
    if odd or path.is_absolute() or ".." in path.parts or any(len(part.encode()) > 255 for part in path.parts):
        raise OutsideRootError(f"the entry {name!r} would leave its folder", path=archive, fix="do not trust this file")
    return path


def _special(archive: Path, name: str) -> BrokenFileError:
    return BrokenFileError(
        "an entry is a link or a device, not a file", path=archive, place=name, fix="pack the files themselves"
    )


def _written(target: Path, work: Callable[[], object]) -> None:
    with _unwritable(target):
        work()


@contextmanager
def _unwritable(target: Path) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise BrokenFileError("two entries have one name", path=target, fix="pack it again") from error
    except OSError as error:
        if isinstance(error, zipfile.BadZipFile | tarfile.TarError | EOFError | lzma.LZMAError):
            raise
        raise FormatError(f"cannot be written: {error.strerror or error}", path=target, fix="make room") from error


@contextmanager
def _broken_archive(archive: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise BrokenFileError(f"not a whole archive: {error}", path=archive, fix="pack or fetch it again") from error
    except (NotImplementedError, RuntimeError) as error:
        raise BrokenFileError(f"cannot be unpacked: {error}", path=archive, fix="use deflate or store") from error
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", path=archive) from error
