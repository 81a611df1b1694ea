"""Fetching what lies below a prefix of a bucket: whole files; those that are there are not fetched again."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from worldline.formats.errors import FormatError, MissingFileError, OutsideRootError
from worldline.formats.store.bucket import Bucket

from .errors import SettingsError
from .settings import Settings


def fetch_prefix(data: Path, url: str, out: Path, told: Callable[[int, int], None]) -> None:
    """Copy every object below ``s3://bucket/prefix`` into a folder, with its time.

    Args:
        data: The data folder, whose settings name the server and the credentials.
        url: Of the prefix.
        out: A folder; what an earlier attempt left in it is kept.
        told: Told how many files are there.

    Raises:
        MissingFileError: There is nothing.
        OutsideRootError: A key would leave the folder.
        FormatError: The bucket does not answer or refuses, or the disk is full.
        SettingsError: It is no such URL.
    """
    name, _, prefix = url.removeprefix("s3://").partition("/")
    prefix = prefix.strip("/")
    if not name:
        raise SettingsError(f"a prefix of a bucket is s3://bucket/prefix, not {url!r}")
    settings = Settings(data=data)
    secret = settings.s3_secret_access_key
    bucket = Bucket(
        name,
        "",
        settings.s3_endpoint,
        settings.s3_region,
        settings.s3_access_key_id,
        secret.get_secret_value() if secret is not None else None,
        settings.s3_timeout_s,
    )
    objects = {key.removeprefix(prefix).lstrip("/"): (key, *facts) for key, facts in bucket.listed(prefix).items()}
    if not objects:
        raise MissingFileError("there is nothing below this prefix", path=url, fix="check the bucket and the prefix")
    for done, (path, (key, size, changed_s)) in enumerate(sorted(objects.items())):
        target = out / (path or key.rpartition("/")[2])
        if ".." in Path(path).parts or not target.resolve().is_relative_to(out.resolve()):
            raise OutsideRootError(f"the key {key!r} would leave its folder", path=url)
        if not path.endswith("/") and not _is_there(target, size, changed_s):
            _fetch(bucket.pieces(key), target, changed_s)
        told(done + 1, len(objects))


def _is_there(target: Path, size: int, changed_s: float) -> bool:
    return target.is_file() and target.stat().st_size == size and abs(target.stat().st_mtime - changed_s) < 1e-3


def _fetch(pieces: Iterator[bytes], target: Path, changed_s: float) -> None:
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        os.utime(part, (changed_s, changed_s))
        part.replace(target)
    except OSError as error:
        raise FormatError(f"cannot be written: {error.strerror or error}", path=target, fix="make room") from error
