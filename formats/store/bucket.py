"""An S3 bucket, through obstore: reading, writing, listing, and errors that say what is wrong.

A key that is not there is a `MissingFileError`; a server that does not answer in time is an
`UnreachablePlaceError`, one that refuses the credentials a `RefusedPlaceError`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store
from zarr.abc.store import ByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import ObjectStore

from worldline.formats.errors import FormatError, MissingFileError, RefusedPlaceError, StoreError, UnreachablePlaceError

from .place import AGAIN, BucketPlace, check_length

if TYPE_CHECKING:
    from obstore.store import BackoffConfig

_MOST_RETRIES = 2
_BACKOFF: "BackoffConfig" = {
    "init_backoff": timedelta(milliseconds=100),
    "max_backoff": timedelta(seconds=1),
    "base": 2,
}
_REFUSED = re.compile(r"status code: 40[13]\b")
_PART_BYTES = 16 << 20


@dataclass(frozen=True)
class Bucket:
    """A bucket, or what of it lies below a prefix.

    Attributes:
        bucket: Its name.
        prefix: What every key begins with, without slashes at the ends; may be empty.
        endpoint: URL of the S3 server; None takes Amazon's of the region.
        region: The region that requests are signed for.
        access_key_id: Whose requests these are; None takes the machine's own (environment, instance role).
        secret_access_key: Their secret; not shown where the bucket is printed.
        timeout_s: Seconds until a request is given up.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    timeout_s: float = 15.0

    @property
    def url(self) -> str:
        """The bucket and the prefix, for messages."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def place(self, folder: str) -> BucketPlace:
        """A scene in a folder below the prefix."""
        return BucketPlace(self, folder)

    def check(self) -> None:
        """Raise unless the bucket can be listed with these credentials.

        Raises:
            UnreachablePlaceError: The server does not answer.
            RefusedPlaceError: It refuses the credentials, or has no such bucket.
        """
        with self._errors(""):
            obstore.list_with_delimiter(self._store)

    def read(self, key: str, offset: int = 0, size: int | None = None) -> bytes:
        """A part of an object; without a size, all from the offset on."""
        if size == 0:
            return b""
        with self._errors(key):
            if size is not None:
                data = obstore.get_range(self._store, key, start=offset, length=size).to_bytes()
            elif offset:
                data = obstore.get(self._store, key, options={"range": {"offset": offset}}).bytes().to_bytes()
            else:
                data = obstore.get(self._store, key).bytes().to_bytes()
        check_length(data, size or 0, self._name(key), offset)
        return data

    async def read_soon(self, key: str, offset: int, size: int) -> bytes:
        """As `read`, without holding up the event loop."""
        if size == 0:
            return b""
        with self._errors(key):
            data = (await obstore.get_range_async(self._store, key, start=offset, length=size)).to_bytes()
        check_length(data, size, self._name(key), offset)
        return data

    def size(self, key: str) -> int:
        """Bytes of an object."""
        with self._errors(key):
            return int(obstore.head(self._store, key)["size"])

    def tail(self, key: str, size: int) -> tuple[bytes, int]:
        """The last bytes of an object, and its size."""
        with self._errors(key):
            found = obstore.get(self._store, key, options={"range": {"suffix": size}})
            return found.bytes().to_bytes(), int(found.meta["size"])

    def write(self, key: str, source: Path | bytes) -> None:
        """Put a file or bytes there, whole or not at all."""
        with self._errors(key):
            obstore.put(self._store, key, source, chunk_size=_PART_BYTES, max_concurrency=4)

    def sizes(self, folder: str) -> dict[str, int]:
        """Sizes of the objects in a folder, by their path below it."""
        with self._errors(folder):
            found = (each for batch in obstore.list(self._store, prefix=folder) for each in batch)
            return {each["path"].removeprefix(f"{folder}/"): int(each["size"]) for each in found}

    def listed(self, prefix: str) -> dict[str, tuple[int, float]]:
        """Size of each object below a prefix, and when it was written (seconds since 1970), by its key."""
        with self._errors(prefix):
            found = (each for batch in obstore.list(self._store, prefix=prefix or None) for each in batch)
            return {each["path"]: (int(each["size"]), each["last_modified"].timestamp()) for each in found}

    def pieces(self, key: str, least: int = 1 << 22) -> Iterator[bytes]:
        """An object, piece by piece."""
        with self._errors(key):
            for piece in obstore.get(self._store, key).stream(min_chunk_size=least):
                yield bytes(piece)

    def folders(self, folder: str) -> list[str]:
        """Names of the folders in a folder."""
        with self._errors(folder):
            found = obstore.list_with_delimiter(self._store, prefix=folder)
        return sorted(each.rstrip("/").rpartition("/")[2] for each in found["common_prefixes"])

    def remove(self, folder: str, first: str = "") -> None:
        """Remove a folder; a file of it may go first, so that what is half removed is known by its absence."""
        names = list(self.sizes(folder))
        with self._errors(folder):
            if first in names:
                obstore.delete(self._store, f"{folder}/{first}")
                names.remove(first)
            if names:
                obstore.delete(self._store, [f"{folder}/{name}" for name in names])

    def remove_file(self, key: str) -> None:
        """Remove an object."""
        with self._errors(key):
            obstore.delete(self._store, key)

    def presigned(self, key: str, valid_for: timedelta) -> str:
        """A URL under which anyone may read an object for some time."""
        with self._errors(key):
            return obstore.sign(self._store, "GET", key, valid_for)

    def zarr_store(self, folder: str) -> Store:
        """A folder as a read-only store of zarr-python."""
        return _BucketStore(self._open(f"{self.prefix}/{folder}".strip("/")), read_only=True, bucket=self)

    @cached_property
    def _store(self) -> S3Store:
        return self._open(self.prefix)

    def _open(self, prefix: str) -> S3Store:
        config: dict[str, Any] = {"region": self.region, "virtual_hosted_style_request": False}
        for name in ("endpoint", "access_key_id", "secret_access_key"):
            if (value := getattr(self, name)) is not None:
                config[name] = value
        timeout = timedelta(seconds=self.timeout_s)
        return S3Store(
            self.bucket,
            prefix=prefix or None,
            **config,
            client_options={
                "allow_http": True,
                "timeout": timeout,
                "connect_timeout": min(timeout, timedelta(seconds=5)),
            },
            retry_config={"max_retries": _MOST_RETRIES, "retry_timeout": timeout, "backoff": _BACKOFF},
        )

    def _name(self, key: str) -> str:
        return f"{self.url}/{key}".rstrip("/")

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise self._explain(error, self._name(key)) from error

    def _explain(self, error: Exception, name: str) -> FormatError:
        text = str(error)
        if "<Code>NoSuchBucket</Code>" in text:
            return RefusedPlaceError(
                f"there is no bucket {self.bucket}", path=name, fix="make it, or check WORLDLINE_SCENES"
            )
        if isinstance(error, FileNotFoundError | NotFoundError):
            return MissingFileError("there is no such object", path=name)
        if isinstance(error, PermissionDeniedError | UnauthenticatedError) or _REFUSED.search(text):
            return RefusedPlaceError(
                f"the S3 server refuses ({_reason(text)})",
                path=name,
                fix="check WORLDLINE_S3_ACCESS_KEY_ID, WORLDLINE_S3_SECRET_ACCESS_KEY and what they may do",
            )
        if "<Code>InvalidRange</Code>" in text:
            return StoreError("it ends too early", path=name, fix=AGAIN)
        return UnreachablePlaceError(
            f"the S3 server does not answer ({_reason(text)})",
            path=name,
            fix="check WORLDLINE_S3_ENDPOINT and the network, then try again",
        )


class _BucketStore(ObjectStore[S3Store]):
    """A store of zarr-python whose failures are this program's errors, and never fill values."""

    def __init__(self, store: S3Store, *, read_only: bool, bucket: Bucket) -> None:
        super().__init__(store, read_only=read_only)
        self._bucket = bucket

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        with self._bucket._errors(key):
            return await super().get(key, prototype, byte_range)

    async def exists(self, key: str) -> bool:
        with self._bucket._errors(key):
            return await super().exists(key)


def _reason(text: str) -> str:
    code = re.search(r"<Code>(\w+)</Code>", text)
    return code[1] if code else text.strip().partition("\n")[0]
