"""Importing what lies below a prefix of a bucket: as from a folder; what fails says why and leaves nothing."""

import socket
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

import pytest

from tests.seaweed import BUCKET, KEY, SECRET, Seaweed
from tests.server.kills import make_source
from worldline.formats.errors import FormatError, MissingFileError, RefusedPlaceError, UnreachablePlaceError
from worldline.server import fetching
from worldline.server.catalogue import list_scenes
from worldline.server.database import opened_database
from worldline.server.importing import Imported, import_source

FRAMES = 5


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small recording as KITTI tracking data."""
    return make_source(tmp_path_factory.mktemp("recording") / "drive", FRAMES)


@pytest.fixture
def url(seaweed: Seaweed, recording: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of the recording in a bucket, whose server and credentials the environment names."""
    prefix = f"recordings/{token_hex(4)}"
    bucket = seaweed.bucket(prefix)
    for file in (each for each in recording.rglob("*") if each.is_file()):
        bucket.write(file.relative_to(recording).as_posix(), file)
    set_bucket(monkeypatch, S3_ENDPOINT=seaweed.endpoint, S3_ACCESS_KEY_ID=KEY, S3_SECRET_ACCESS_KEY=SECRET)
    return f"s3://{BUCKET}/{prefix}"


def set_bucket(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in {"S3_TIMEOUT_S": "2", **variables}.items():
        monkeypatch.setenv(f"WORLDLINE_{name}", value)


def bring(data: Path, source: Path | str, format_name: str | None = None) -> Imported:
    with opened_database(data) as engine:
        (imported,) = import_source(engine, data, source, "drive", format_name, "ann", lambda *_: None)
    return imported


def leftovers(data: Path) -> list[str]:
    """What an import that came to nothing left."""
    with opened_database(data) as engine:
        names = [row.name for row in list_scenes(engine)]
    folders = [data / name for name in ("sources", "scenes", "staging")]
    return names + [each.name for folder in folders if folder.is_dir() for each in folder.iterdir()]


def test_a_prefix_becomes_the_scene_that_the_folder_becomes(url: str, recording: Path, tmp_path: Path) -> None:
    from_folder = bring(tmp_path / "folder", recording)
    from_bucket = bring(tmp_path / "bucket", url)
    assert (from_bucket.format, from_bucket.outcome) == ("kitti-tracking", "imported")
    assert from_bucket.generation == from_folder.generation
    assert from_bucket.keyframe_count == from_folder.keyframe_count > 0
    assert not list((tmp_path / "bucket" / "sources").iterdir())
    assert bring(tmp_path / "bucket", url + "/").outcome == "recognised"


def test_a_fetch_that_broke_off_goes_on_without_what_it_has(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []
    fetch = fetching._fetch

    def breaking(*arguments: object) -> None:
        fetched.append(str(arguments[1]))
        if len(fetched) == 3:
            raise KeyboardInterrupt
        fetch(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(fetching, "_fetch", breaking)
    with pytest.raises(KeyboardInterrupt):
        bring(tmp_path, url)
    assert bring(tmp_path, url).outcome == "imported"
    assert len(set(fetched)) == len(fetched) - 1  # only the one that broke off came twice


def no_secret(_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_bucket(monkeypatch, S3_SECRET_ACCESS_KEY=KEY)


def no_server(_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        set_bucket(monkeypatch, S3_ENDPOINT=f"http://127.0.0.1:{free.getsockname()[1]}")


def nothing(_: str, __: pytest.MonkeyPatch) -> None:
    """The server is as it should be."""


@pytest.mark.parametrize(
    ("spoil", "suffix", "error", "said"),
    [
        (no_secret, "", RefusedPlaceError, "WORLDLINE_S3_SECRET_ACCESS_KEY"),
        (no_server, "", UnreachablePlaceError, "127.0.0.1"),
        (nothing, "-other", MissingFileError, "nothing below this prefix"),
    ],
)
def test_what_cannot_be_fetched_says_why_and_leaves_nothing(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[str, pytest.MonkeyPatch], None],
    suffix: str,
    error: type[FormatError],
    said: str,
) -> None:
    spoil(url, monkeypatch)
    with pytest.raises(error) as caught:
        bring(tmp_path, url + suffix)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)
    assert leftovers(tmp_path) == []
