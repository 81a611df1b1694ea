"""Point files of every kind: by their ending, and sorted as a person would."""

import re
from collections.abc import Callable
from pathlib import Path

from worldline.formats.errors import BrokenFileError, MissingFileError

from .cloud import Cloud
from .las import read_las
from .pcd import read_pcd
from .ply import read_ply
from .raw import read_bin, read_npy

READERS: dict[str, Callable[[Path], Cloud]] = {
    ".pcd": read_pcd,
    ".ply": read_ply,
    ".las": read_las,
    ".laz": read_las,
    ".bin": read_bin,
    ".npy": read_npy,
}


def is_cloud(path: Path) -> bool:
    """Whether a file's name ends like a point file's."""
    return path.suffix.lower() in READERS


def read_cloud(path: Path) -> Cloud:
    """The cloud of a file.

    Raises:
        MissingFileError: There is no such file.
        BrokenFileError: It is empty, of no known kind, or not what it says.
    """
    if not path.is_file():
        raise MissingFileError("the point file is missing", path=path)
    if path.stat().st_size == 0:
        raise BrokenFileError("the file is empty", path=path, fix="copy it again from its source")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BrokenFileError(f"expected one of {', '.join(READERS)}", path=path, fix="convert it to one of these")
    try:
        return reader(path)
    except OSError as error:
        raise BrokenFileError(f"cannot be read: {error.strerror or error}", path=path) from error


def natural_key(path: Path) -> list[tuple[int, str]]:
    """Sorts ``frame2`` before ``frame10``."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts]
