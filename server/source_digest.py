"""What a source is, told without reading it: its files, their sizes and when they were written.

Two sources of one digest hold the same bytes as far as a file system can tell; a file that was touched,
added or taken away makes another.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from worldline.formats.errors import FormatError
from worldline.formats.store.layout import LAYOUT_VERSION

_CODING = 1
"""Goes up when the same source would be stored as other bytes: what an older program began is not continued."""


def digest_source(source: Path) -> str:
    """The digest of a file, or of a folder with all that is below it; links are followed.

    Raises:
        FormatError: Something in it cannot be looked at.
    """
    digest = hashlib.sha256(f"{LAYOUT_VERSION} {_CODING}\n".encode())
    try:
        for name, size, changed_ns in sorted(_files(source)):
            digest.update(f"{name}\0{size}\0{changed_ns}\n".encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", path=error.filename or source) from error
    return digest.hexdigest()


def sequence_key(digest: str, reading: str, sequence: str) -> str:
    """What one sequence of a source, read as a format, is known by."""
    return hashlib.sha256(f"{digest}\0{reading}\0{sequence}".encode()).hexdigest()


def check_unchanged(source: Path, digest: str) -> None:
    """Raise if a source is not what it was.

    Raises:
        FormatError: It has changed.
    """
    if digest_source(source) != digest:
        raise FormatError(
            "the source changed while it was read: nothing of it was published",
            path=source,
            fix="import it again once nothing writes to it any more",
        )


def _files(source: Path) -> Iterator[tuple[str, int, int]]:
    if not source.is_dir():
        facts = source.stat()
        yield source.name, facts.st_size, facts.st_mtime_ns
        return
    waiting = [("", str(source), frozenset({os.path.realpath(source)}))]
    while waiting:
        prefix, folder, parents = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                name = prefix + entry.name
                if entry.is_dir():
                    real = os.path.realpath(entry.path)
                    if real not in parents:  # a link to a folder above itself
                        waiting.append((f"{name}/", entry.path, parents | {real}))
                elif entry.is_file():
                    facts = entry.stat()
                    yield name, facts.st_size, facts.st_mtime_ns
