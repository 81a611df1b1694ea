"""Folders that a writer fills: whole or not at all, and nothing outside them.

A writer fills a hidden folder: beside the one that was asked for, or inside it where it is there already
(it may be a mounted one). What is in it takes its place when all is written, so that a failed export
leaves nothing behind.
"""

import shutil
import tempfile
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from .errors import FormatError, OutsideRootError

_LONGEST_PART = 255


class OutFolder:
    """A folder that appears under its name when its ``with`` block ends without an error.

    Attributes:
        target: The folder that was asked for.

    Raises:
        FormatError: The target is a file, or a folder with something in it.
    """

    def __init__(self, target: Path) -> None:
        """Check the target; nothing is made yet."""
        self.target = target.absolute()
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise FormatError("is not a folder", path=target, fix="name a new or empty folder")
        if target.exists() and any(target.iterdir()):
            raise FormatError("is not empty", path=target, fix="name a new or empty folder, nothing is overwritten")
        self._staging: Path | None = None

    def __enter__(self) -> Self:
        """Make the hidden folder."""
        place = self.target if self.target.exists() else self.target.parent
        place.mkdir(parents=True, exist_ok=True)
        self._staging = Path(tempfile.mkdtemp(prefix=f".{self.target.name}.", dir=place))
        self._staging.chmod(0o755)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put what was written in its place, or remove it."""
        staging, self._staging = self._staging, None
        if staging is None:
            return
        try:
            if kind is None and staging.parent == self.target:
                for each in sorted(staging.iterdir()):
                    each.replace(self.target / each.name)
            elif kind is None:
                staging.replace(self.target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def path(self, name: str) -> Path:
        """The file of a name, its folder made.

        Args:
            name: Relative, with ``/`` between folders.

        Raises:
            OutsideRootError: The name is absolute, climbs with ``..``, or is no plain name.
        """
        if self._staging is None:
            raise FormatError("is written only inside its with block", path=self.target)
        parts = PurePosixPath(name).parts
        if (
            not parts
            or name.startswith("/")
            or "\\" in name
            or "\0" in name
            or any(part in ("..", ".") for part in parts)
        ):
            raise OutsideRootError(f"file name {name!r} would leave the folder", path=self.target)
        path = self._staging.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_bytes(self, name: str, data: bytes) -> None:
        """Write a file.

        Raises:
            OutsideRootError: As `path`.
        """
        self.path(name).write_bytes(data)

    def write_text(self, name: str, text: str) -> None:
        """Write a UTF-8 file with plain newlines.

        Raises:
            OutsideRootError: As `path`.
        """
        self.path(name).write_text(text, encoding="utf-8", newline="\n")


def check_part(name: str, what: str) -> str:
    """A name that may stand in a path as one part.

    Raises:
        OutsideRootError: It is empty, has a slash, or is ``.`` or ``..``.
    """
    if not name or name in (".", "..") or any(letter in name for letter in "/\\\0"):
        raise OutsideRootError(f"{what} {name!r} cannot be a part of a file's name", fix="rename it")
    return name


def resolve_inside(root: Path, name: str, *, path: Path, place: str) -> Path:
    """A file that a source names relative to its root.

    Args:
        root: The source's root.
        name: What the source says.
        path: The file that says it.
        place: Where it says it.

    Raises:
        OutsideRootError: The name leads out of the root.
    """
    relative = PurePosixPath(name)
    if any(len(part.encode()) > _LONGEST_PART for part in relative.parts):
        raise OutsideRootError(f"names a file too long for any disk: {name[:60]}...", path=path, place=place)
    if relative.is_absolute() or ".." in relative.parts or "\\" in name or "\0" in name or not relative.parts:
        raise OutsideRootError(f"names the file {name!r}, which is outside of {root}", path=path, place=place)
    return root.joinpath(*relative.parts)
