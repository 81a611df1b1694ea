"""Uploads: files that a browser sends piece by piece, collected in sets; a set becomes a source to import.

A set is named by its sender, so that the same folder chosen again after a reload, or on another day, goes on
where it was. What is there of a file is its length on the disk: a server that was killed knows what it has.
A set that nobody touched for a week is removed.
"""

import hashlib
import json
import os
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from worldline.formats.errors import OutsideRootError

from .errors import (
    TooLargeError,
    UnknownUploadError,
    UploadBusyError,
    UploadError,
    UploadOffsetError,
    UploadSpaceError,
)

FOLDER = "uploads"
KEEP_S = 7 * 24 * 3600.0
_SET = re.compile(r"[0-9a-f]{32}")
_SPARE_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is being sent.

    Attributes:
        set_id: The set.
        id: Unique in the set.
        path: Where it will stand below the source's folder.
        size: Bytes in all.
        offset: Bytes that are on the disk.
        changed_ms: When the sender's file was written, milliseconds since 1970.
    """

    set_id: str
    id: str
    path: str
    size: int
    offset: int
    changed_ms: int

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there."""
        return self.offset == self.size


class Uploads:
    """The sets of a data folder. Safe to share between threads: a file has one sender at a time."""

    def __init__(self, data: Path) -> None:
        """Use ``uploads`` in a data folder, and remove what nobody came back to."""
        self._root = data / FOLDER
        self._busy: set[tuple[str, str]] = set()
        self.remove_expired()

    def create(self, set_id: str, path: str, size: int, changed_ms: int) -> Upload:
        """Begin a file, or find one that was begun.

        Raises:
            UploadError: The set, the size or the path is none, or another file has its place.
            OutsideRootError: The path would leave the folder.
        """
        if size < 0:
            raise UploadError(f"an upload has 0 bytes or more, not {size}")
        if shutil.disk_usage(self._root.parent).free < size + _SPARE_BYTES:
            raise UploadSpaceError(f"{path} has {size} bytes, and the disk has no room for them", path=path)
        clean = _inside(path)
        upload_id = hashlib.sha256(clean.encode()).hexdigest()[:32]
        folder = self._set(set_id)
        with suppress(UnknownUploadError):
            found = self.find(set_id, upload_id)
            if (found.size, found.changed_ms) == (size, changed_ms):
                return found
            self.remove(set_id, upload_id)
        (folder / "parts").mkdir(parents=True, exist_ok=True)
        note = folder / "parts" / f"{upload_id}.json"
        note.with_suffix(".new").write_text(json.dumps({"path": clean, "size": size, "changed_ms": changed_ms}))
        self._part(set_id, upload_id).touch()
        note.with_suffix(".new").replace(note)
        upload = self.find(set_id, upload_id)
        if upload.is_whole:
            self._finish(upload)
        return upload

    def find(self, set_id: str, upload_id: str) -> Upload:
        """A file that is being sent or was sent.

        Raises:
            UnknownUploadError: There is none.
        """
        note = self._set(set_id) / "parts" / f"{_checked(upload_id)}.json"
        try:
            facts: dict[str, Any] = json.loads(note.read_text())
        except (OSError, ValueError) as error:
            raise UnknownUploadError("there is no such upload (any more)") from error
        part, whole = self._part(set_id, upload_id), self.source(set_id) / facts["path"]
        with suppress(FileNotFoundError):
            return Upload(set_id, upload_id, facts["path"], facts["size"], part.stat().st_size, facts["changed_ms"])
        if whole.is_file() and whole.stat().st_size == facts["size"]:
            return Upload(set_id, upload_id, facts["path"], facts["size"], facts["size"], facts["changed_ms"])
        raise UnknownUploadError("there is no such upload (any more)")

    def list_set(self, set_id: str) -> list[Upload]:
        """What of a set was begun, in order of path; empty where nothing was."""
        found = []
        for note in (self._set(set_id) / "parts").glob("*.json"):
            with suppress(UnknownUploadError):
                found.append(self.find(set_id, note.stem))
        return sorted(found, key=lambda each: each.path)

    def open_at(self, set_id: str, upload_id: str, offset: int) -> "Receiving":
        """A file to write on with; use as a context manager.

        Raises:
            UnknownUploadError: There is none.
            UploadOffsetError: It is at another byte.
            UploadBusyError: Somebody else is sending it.
        """
        upload = self.find(set_id, upload_id)
        key = (set_id, upload_id)
        if key in self._busy:
            raise UploadBusyError(f"{upload.path} is being sent by someone else")
        if upload.offset != offset:
            raise UploadOffsetError(f"{upload.path} is at byte {upload.offset}, not {offset}", offset=upload.offset)
        self._busy.add(key)
        return Receiving(self, upload)

    def remove(self, set_id: str, upload_id: str) -> None:
        """Remove a file.

        Raises:
            UnknownUploadError: There is none.
        """
        upload = self.find(set_id, upload_id)
        (self._set(set_id) / "parts" / f"{upload_id}.json").unlink(missing_ok=True)
        self._part(set_id, upload_id).unlink(missing_ok=True)
        (self.source(set_id) / upload.path).unlink(missing_ok=True)

    def remove_set(self, set_id: str) -> None:
        """Remove a set with all its files."""
        shutil.rmtree(self._set(set_id), ignore_errors=True)

    def source(self, set_id: str) -> Path:
        """The folder in which a set's whole files stand."""
        return self._set(set_id) / "source"

    def complete_source(self, set_id: str) -> Path:
        """What to import: the set's folder, or its one file.

        Raises:
            UploadOffsetError: Nothing was sent, or something is not whole.
        """
        uploads = self.list_set(set_id)
        missing = [each.path for each in uploads if not each.is_whole]
        if not uploads or missing:
            what = f"{len(missing)} files are not whole yet, the first is {missing[0]}" if missing else "nothing"
            raise UploadOffsetError(f"of this upload there is: {what}")
        source = self.source(set_id)
        found = list(source.iterdir())
        return found[0] if len(found) == 1 else source

    def remove_expired(self) -> None:
        """Remove the sets that nobody touched for a week."""
        if not self._root.is_dir():
            return
        for folder in self._root.iterdir():
            newest = max(
                (each.stat().st_mtime for each in (folder, *folder.glob("parts"), *folder.glob("parts/*.part"))),
                default=0.0,
            )
            if newest < time.time() - KEEP_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _finish(self, upload: Upload) -> None:
        target = self.source(upload.set_id) / upload.path
        part = self._part(upload.set_id, upload.id)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.utime(part, (upload.changed_ms / 1000, upload.changed_ms / 1000))
            part.replace(target)
        except OSError as error:
            raise UploadError(f"{upload.path} has no place: {error.strerror or error}", path=upload.path) from error

    def _set(self, set_id: str) -> Path:
        return self._root / _checked(set_id)

    def _part(self, set_id: str, upload_id: str) -> Path:
        return self._set(set_id) / "parts" / f"{upload_id}.part"


class Receiving:
    """A file that takes bytes; those that came are kept, however it ends."""

    def __init__(self, uploads: Uploads, upload: Upload) -> None:
        """Use `Uploads.open_at`."""
        self._uploads = uploads
        self._upload = upload
        self._file: IO[bytes] | None = None
        self.offset = upload.offset

    def __enter__(self) -> "Receiving":
        """Open the file."""
        if not self._upload.is_whole:
            self._file = self._uploads._part(self._upload.set_id, self._upload.id).open("ab")
        return self

    def write(self, piece: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLargeError: They are more than the file has.
            UploadSpaceError: They cannot be written.
        """
        if self.offset + len(piece) > self._upload.size:
            raise TooLargeError(f"{self._upload.path} has {self._upload.size} bytes, more were sent")
        try:
            if piece and self._file is not None:
                self._file.write(piece)
        except OSError as error:
            raise UploadSpaceError(f"{self._upload.path} cannot be written: {error.strerror or error}") from error
        self.offset += len(piece)

    def __exit__(self, *_: object) -> None:
        """Bring what came to the disk; a file that is whole takes its place."""
        try:
            if self._file is not None:
                with self._file as file:
                    file.flush()
                    os.fsync(file.fileno())
                if self._uploads._part(self._upload.set_id, self._upload.id).stat().st_size == self._upload.size:
                    self._uploads._finish(self._upload)
        except OSError as error:
            raise UploadSpaceError(f"{self._upload.path} cannot be written: {error.strerror or error}") from error
        finally:
            self._uploads._busy.discard((self._upload.set_id, self._upload.id))


def _checked(text: str) -> str:
    if not _SET.fullmatch(text):
        raise UnknownUploadError("an upload is named by 32 hexadecimal digits")
    return text


def _inside(path: str) -> str:
    clean = PurePosixPath(path)
    odd = "\\" in path or any(ord(letter) < 32 for letter in path) or not clean.parts or len(path) > 1000
    if odd or clean.is_absolute() or ".." in clean.parts or any(len(part.encode()) > 255 for part in clean.parts):
        raise OutsideRootError(f"{path!r} is no path below a folder", fix="choose the folder again")
    return clean.as_posix()
