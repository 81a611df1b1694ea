"""Making a staged folder durable and visible: fsync, manifest, one rename.

A generation's name is the digest of its manifest, which lists every file with its size and
SHA-256. What is not renamed into ``scenes/`` does not exist for a reader.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from worldline.formats.errors import MissingFileError, StoreError

from .layout import LAYOUT_VERSION, MANIFEST, PROGRESS, canonical_json, check_version
from .place import Place, as_place

_READ_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class Settled:
    """A file that is on the disk for good.

    Attributes:
        size: Bytes.
        sha256: Hex digest.
    """

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Published:
    """A scene that is visible.

    Attributes:
        path: Its folder, ``scenes/<generation>``.
        generation: 32 hex digits of its content.
        size_bytes: Of all files together.
        clipped_intensity_count: Intensities that only the display copy could not hold.
    """

    path: Path
    generation: str
    size_bytes: int
    clipped_intensity_count: int = 0


def settle_file(path: Path) -> Settled:
    """Bring a file to the disk and take its digest from there."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        os.fsync(file.fileno())
        while data := file.read(_READ_SIZE):
            digest.update(data)
            size += len(data)
    return Settled(size, digest.hexdigest())


def settle_folder(path: Path) -> None:
    """Bring a folder's names to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish_folder(folder: Path, scenes: Path, settled: dict[str, Settled]) -> tuple[Path, str, int]:
    """Make a staged folder a generation.

    Args:
        folder: The staged scene; gone afterwards.
        scenes: Where generations are.
        settled: Files that are already on the disk, by their path in the folder.

    Returns:
        The generation's folder, its name and its size in bytes. A generation of the same content
        that exists already stays as it is.

    Raises:
        StoreError: A file that was on the disk is gone or of another size.
    """
    files: dict[str, Settled] = {}
    for path in sorted(_files(folder)):
        name = path.relative_to(folder).as_posix()
        known = settled.get(name)
        files[name] = known or settle_file(path)
        if known and path.stat().st_size != known.size:
            raise StoreError(f"expected {known.size} bytes, found {path.stat().st_size}", path=path)
    lost = sorted(settled.keys() - files.keys())
    if lost:
        raise StoreError(f"{len(lost)} staged files are gone, the first is {lost[0]}", path=folder)
    manifest = canonical_json(
        {
            "version": LAYOUT_VERSION,
            "files": {name: {"size": each.size, "sha256": each.sha256} for name, each in files.items()},
        }
    )
    generation = hashlib.sha256(manifest).hexdigest()[:32]
    (folder / MANIFEST).write_bytes(manifest)
    settle_file(folder / MANIFEST)
    for inner in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        settle_folder(inner)
    settle_folder(folder)
    scenes.mkdir(parents=True, exist_ok=True)
    settle_folder(scenes.parent)
    target = scenes / generation
    (folder / PROGRESS).unlink(missing_ok=True)  # not before: who is killed until here can go on
    if target.exists() or not _rename(folder, target):
        remove_folder(folder)
        settle_folder(scenes)
    else:
        try:
            settle_folder(folder.parent)
            settle_folder(scenes)
        except OSError:
            remove_folder(target)  # nobody was told of it
            raise
    return target, generation, sum(each.size for each in files.values()) + len(manifest)


def read_manifest(scene: Place | Path) -> dict[str, Settled]:
    """The files of a generation, by their path in it; the manifest itself is not among them.

    Raises:
        MissingFileError: There is no such generation.
        StoreError: The manifest is damaged, or of a layout that is not known here.
    """
    place = as_place(scene)
    path = f"{place.name}/{MANIFEST}"
    try:
        document: Any = json.loads(place.read(MANIFEST))
        check_version(document["version"], path)
        return {name: Settled(int(each["size"]), str(each["sha256"])) for name, each in document["files"].items()}
    except MissingFileError as error:
        raise MissingFileError("there is no stored scene here", path=place.name) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"not a manifest: {error!r}", path=path, fix="import the scene again") from error


def check_sizes(folder: Path, files: dict[str, Settled]) -> None:
    """Check that every file of a generation is there whole; quick, reads none of them.

    Raises:
        StoreError: One is missing or of another size.
    """
    for name, each in files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError as error:
            raise StoreError("a stored file is gone", path=folder / name, fix="import the scene again") from error
        if size != each.size:
            raise StoreError(
                f"expected {each.size} bytes, found {size}", path=folder / name, fix="import the scene again"
            )


def verify_scene(folder: Path) -> int:
    """Read every byte of a generation and compare it with the manifest.

    Returns:
        How many files there are.

    Raises:
        StoreError: A file is missing or not what it was.
    """
    files = read_manifest(folder)
    check_sizes(folder, files)
    for name, each in files.items():
        if settle_file(folder / name).sha256 != each.sha256:
            raise StoreError("its bytes are not what was written", path=folder / name, fix="import the scene again")
    return len(files)


def remove_folder(folder: Path) -> None:
    """Remove a staged or published scene: it vanishes at once, its bytes a little later."""
    grave = folder.with_name(f".removed-{token_hex(8)}")
    try:
        folder.rename(grave)
    except FileNotFoundError:
        return
    shutil.rmtree(grave, ignore_errors=True)


def _rename(folder: Path, target: Path) -> bool:
    """Whether the folder got its name; False where another writer was quicker with the same content."""
    try:
        folder.rename(target)
    except OSError:
        if target.exists():
            return False
        raise
    return True


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and path != folder / PROGRESS)
