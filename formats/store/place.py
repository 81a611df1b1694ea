"""Where the files of a published scene are: a local folder, or a folder of an S3 bucket.

A file is named by its path below the scene, ``lidars/lidar/display/points/c/0/0/0``. What is not
there is a `MissingFileError`; a place that does not answer, or refuses, is never taken for an absent file.
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zarr.abc.store import Store
from zarr.storage import LocalStore

from worldline.formats.errors import MissingFileError, StoreError

if TYPE_CHECKING:
    from .bucket import Bucket

AGAIN = "import the scene again"
"""What to do about a file that is damaged or gone."""


class Place(Protocol):
    """Where a published scene's files are. Safe to share between threads."""

    @property
    def name(self) -> str:
        """The folder or the URL, for messages."""

    @property
    def generation(self) -> str:
        """The name of the scene's folder."""

    def read(self, file: str, offset: int = 0, size: int | None = None) -> bytes:
        """A part of a file; without a size, all from the offset on.

        Raises:
            MissingFileError: There is no such file.
            StoreError: It ends too early, or the place cannot be read.
        """

    def size(self, file: str) -> int:
        """Bytes of a file.

        Raises:
            MissingFileError: There is no such file.
            StoreError: The place cannot be read.
        """

    def tail(self, file: str, size: int) -> tuple[bytes, int]:
        """The last bytes of a file (all of a shorter one), and the size of the whole file.

        Raises:
            MissingFileError: There is no such file.
            StoreError: The place cannot be read.
        """

    def zarr_store(self) -> Store:
        """The scene's group, read only, for zarr-python."""


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A scene in a folder of this machine.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def name(self) -> str:
        """The folder, for messages."""
        return str(self.path)

    @property
    def generation(self) -> str:
        """The folder's name."""
        return self.path.name

    def read(self, file: str, offset: int = 0, size: int | None = None) -> bytes:
        """See `Place.read`."""
        descriptor = self.open(file)
        try:
            size = max(os.fstat(descriptor).st_size - offset, 0) if size is None else size
            data = os.pread(descriptor, size, offset)
        except OSError as error:
            raise StoreError(f"cannot be read: {error.strerror or error}", path=self.path / file) from error
        finally:
            os.close(descriptor)
        check_length(data, size, self.path / file, offset)
        return data

    def size(self, file: str) -> int:
        """See `Place.size`."""
        descriptor = self.open(file)
        try:
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def tail(self, file: str, size: int) -> tuple[bytes, int]:
        """See `Place.tail`."""
        descriptor = self.open(file)
        try:
            length = os.fstat(descriptor).st_size
            return os.pread(descriptor, size, max(length - size, 0)), length
        finally:
            os.close(descriptor)

    def zarr_store(self) -> Store:
        """See `Place.zarr_store`."""
        return LocalStore(self.path, read_only=True)

    def open(self, file: str) -> int:
        """A descriptor to read a file with; the caller closes it.

        Raises:
            MissingFileError: There is no such file.
            StoreError: It cannot be opened.
        """
        try:
            return os.open(f"{self.path}/{file}", os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingFileError("there is no such file", path=self.path / file) from error
        except OSError as error:
            raise StoreError(f"cannot be read: {error.strerror or error}", path=self.path / file) from error


@dataclass(frozen=True)
class BucketPlace:
    """A scene in a folder of an S3 bucket.

    Attributes:
        bucket: The bucket, with what it takes to read it.
        folder: The scene's folder below the bucket's prefix: ``scenes/<generation>``.
    """

    bucket: "Bucket"
    folder: str

    @property
    def name(self) -> str:
        """The URL, for messages."""
        return f"{self.bucket.url}/{self.folder}"

    @property
    def generation(self) -> str:
        """The folder's name."""
        return self.folder.rpartition("/")[2]

    def read(self, file: str, offset: int = 0, size: int | None = None) -> bytes:
        """See `Place.read`."""
        return self.bucket.read(self._key(file), offset, size)

    async def read_soon(self, file: str, offset: int, size: int) -> bytes:
        """As `read`, without holding up the event loop."""
        return await self.bucket.read_soon(self._key(file), offset, size)

    def size(self, file: str) -> int:
        """See `Place.size`."""
        return self.bucket.size(self._key(file))

    def tail(self, file: str, size: int) -> tuple[bytes, int]:
        """See `Place.tail`."""
        return self.bucket.tail(self._key(file), size)

    def presigned(self, file: str, valid_for: timedelta) -> str:
        """A URL under which anyone may read a file for some time, in ranges as they like."""
        return self.bucket.presigned(self._key(file), valid_for)

    def zarr_store(self) -> Store:
        """See `Place.zarr_store`."""
        return self._store

    @cached_property
    def _store(self) -> Store:
        return self.bucket.zarr_store(self.folder)

    def _key(self, file: str) -> str:
        return f"{self.folder}/{file}"


def check_length(data: bytes | memoryview, size: int, path: Path | str, offset: int) -> None:
    """Raise unless all bytes that were asked for came.

    Raises:
        StoreError: The file ends too early.
    """
    if len(data) < size:
        raise StoreError(f"expected {size} bytes, found {len(data)}", path=path, place=f"byte {offset}", fix=AGAIN)


def as_place(place: Place | Path) -> Place:
    """A place, or the place of a folder."""
    return LocalPlace(place) if isinstance(place, Path) else place
