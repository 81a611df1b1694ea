"""Where the bytes of scenes live: in the data folder, or in the bucket that WORLDLINE_SCENES names.

A scene is staged and published in the data folder either way. Where there is a bucket it is then copied there,
the manifest last, and read back and compared, before the catalogue knows it: killed in between, it leaves
objects that no scene stands on, which the next sweep removes. One data folder owns a prefix of a bucket.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from secrets import token_hex

import structlog

from worldline.formats.errors import MissingFileError, StoreError
from worldline.formats.store import SCENES, BucketPlace, LocalPlace, Place, Published
from worldline.formats.store.bucket import Bucket
from worldline.formats.store.layout import MANIFEST
from worldline.formats.store.publish import read_manifest

from .errors import SettingsError
from .settings import Settings

OWNER = "worldline.json"
_ID = "catalogue.id"
_UPLOADS = 4
_LOG = structlog.get_logger()


def bucket_of(settings: Settings) -> Bucket | None:
    """The bucket that the settings name; None where scenes stay in the data folder.

    Raises:
        SettingsError: What they name is no bucket.
    """
    if not settings.scenes:
        return None
    scheme, _, rest = settings.scenes.partition("://")
    name, _, prefix = rest.partition("/")
    if scheme != "s3" or not name:
        raise SettingsError(f"WORLDLINE_SCENES is s3://bucket or s3://bucket/prefix, not {settings.scenes!r}")
    secret = settings.s3_secret_access_key
    return _shared(
        name,
        prefix.strip("/"),
        settings.s3_endpoint,
        settings.s3_region,
        settings.s3_access_key_id,
        secret.get_secret_value() if secret is not None else None,
        settings.s3_timeout_s,
    )


def place_of(data: Path, folder: str) -> Place:
    """Where a scene of the catalogue is.

    Args:
        data: The data folder.
        folder: The scene's, below the data folder, or a URL.

    Raises:
        SettingsError: It is in a bucket that the settings do not name.
    """
    if not folder.startswith("s3://"):
        return LocalPlace(data / folder)
    bucket = bucket_of(Settings(data=data))
    if bucket is None or not folder.startswith(f"{bucket.url}/"):
        raise SettingsError(
            f"the scene is in {folder}, but WORLDLINE_SCENES names {bucket.url if bucket else 'no bucket'}: set it "
            "as it was when the scene was imported"
        )
    return bucket.place(folder.removeprefix(f"{bucket.url}/"))


def bring_home(data: Path, published: Published, progress: Callable[[int, int], None] = lambda *_: None) -> str:
    """Take a published scene to where scenes live.

    Where there is a bucket, its folder here is left to the sweep that follows the catalogue's commit.

    Args:
        data: The data folder.
        published: The scene in it.
        progress: Told how many files are copied.

    Returns:
        Its folder for the catalogue.

    Raises:
        StoreError: The bucket cannot be written, or does not give back what was written.
    """
    local = published.path.relative_to(data).as_posix()
    bucket = bucket_of(Settings(data=data))
    if bucket is None:
        return local
    claim_bucket(data, bucket)
    copy_scene(published.path, bucket.place(local), progress)
    return f"{bucket.url}/{local}"


def copy_scene(folder: Path, place: BucketPlace, progress: Callable[[int, int], None] = lambda *_: None) -> None:
    """Copy a published scene into a bucket, the manifest last, and compare what is there.

    Raises:
        StoreError: The bucket cannot be written, or does not give back what was written.
    """
    files = read_manifest(folder)
    there = place.bucket.sizes(place.folder)

    def copy(name: str) -> None:
        if there.get(name) != files[name].size:
            place.bucket.write(f"{place.folder}/{name}", folder / name)
        if hashlib.sha256(place.read(name)).hexdigest() != files[name].sha256:
            place.bucket.write(f"{place.folder}/{name}", folder / name)  # an older attempt's
            if hashlib.sha256(place.read(name)).hexdigest() != files[name].sha256:
                raise StoreError("the bucket gives back other bytes than were written", path=f"{place.name}/{name}")

    with ThreadPoolExecutor(_UPLOADS, "upload") as threads:
        for done, _ in enumerate(threads.map(copy, files)):
            progress(done + 1, len(files))
    place.bucket.write(f"{place.folder}/{MANIFEST}", folder / MANIFEST)


def check_home(settings: Settings) -> None:
    """Raise unless the place where scenes live can be used.

    Raises:
        SettingsError: The settings name no bucket, or one of another data folder.
        StoreError: The bucket does not answer or refuses.
    """
    bucket = bucket_of(settings)
    if bucket is not None:
        bucket.check()
        claim_bucket(settings.data, bucket)


def claim_bucket(data: Path, bucket: Bucket) -> None:
    """Make a prefix of a bucket this data folder's: what another's catalogue knows must not be swept.

    Raises:
        SettingsError: It is another's.
    """
    own = _own_id(data)
    try:
        found = json.loads(bucket.read(OWNER)).get("catalogue")
    except MissingFileError:
        bucket.write(OWNER, json.dumps({"catalogue": own}).encode())
        found = own
    except (ValueError, AttributeError) as error:
        if isinstance(error, StoreError):
            raise
        found = None
    if found != own:
        raise SettingsError(
            f"{bucket.url} holds the scenes of another data folder than {data}: "
            "give WORLDLINE_SCENES a prefix of its own"
        )


def sweep_bucket(data: Path, kept: Iterable[str]) -> list[str]:
    """Remove what no scene of the catalogue stands on from the bucket, if it can be reached.

    Args:
        data: The data folder; the caller holds its lock.
        kept: Folders of the catalogue.

    Returns:
        URLs of what was removed.
    """
    removed: list[str] = []
    try:
        bucket = bucket_of(Settings(data=data))
        if bucket is None:
            return removed
        claim_bucket(data, bucket)
        for folder in orphans_of(bucket, kept):
            bucket.remove(folder, first=MANIFEST)
            removed.append(f"{bucket.url}/{folder}")
    except (StoreError, MissingFileError, SettingsError) as error:
        _LOG.warning("the bucket was not swept", reason=str(error))
    return removed


def orphans_of(bucket: Bucket, kept: Iterable[str]) -> list[str]:
    """Folders of scenes in the bucket that the catalogue does not know, but for empty ones, which some servers list."""
    known = set(kept)
    folders = [f"{SCENES}/{name}" for name in bucket.folders(SCENES)]
    return [each for each in folders if f"{bucket.url}/{each}" not in known and bucket.sizes(each)]


def _own_id(data: Path) -> str:
    path = data / _ID
    with suppress(FileExistsError), path.open("x") as file:
        file.write(token_hex(16))
    return path.read_text()


@lru_cache(maxsize=8)
def _shared(*facts: str | float | None) -> Bucket:
    return Bucket(*facts)  # type: ignore[arg-type]
