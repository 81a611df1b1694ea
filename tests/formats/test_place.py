"""A place reads what was put there, says what is absent, and never takes silence for absence."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import httpx
import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st

from tests.scenes import street_scene
from tests.seaweed import KEY, Seaweed
from worldline.formats.errors import MissingFileError, RefusedPlaceError, StoreError, UnreachablePlaceError
from worldline.formats.store import stage_scene
from worldline.formats.store.bucket import Bucket
from worldline.formats.store.place import BucketPlace, LocalPlace, Place

CONTENT = bytes(range(256)) * 40
FILE = "lidars/front%2Fleft/c/0/0"


@pytest.fixture(scope="module", params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    if request.param == "folder":
        folder = tmp_path_factory.mktemp("place")
        (folder / FILE).parent.mkdir(parents=True)
        (folder / FILE).write_bytes(CONTENT)
        return LocalPlace(folder)
    seaweed: Seaweed = request.getfixturevalue("seaweed")
    bucket = seaweed.bucket(token_hex(4))
    bucket.write(f"scenes/abc/{FILE}", CONTENT)
    return bucket.place("scenes/abc")


@given(offset=st.integers(0, len(CONTENT)), size=st.one_of(st.none(), st.integers(0, len(CONTENT))))
def test_a_part_is_that_part(place: Place, offset: int, size: int | None) -> None:
    end = len(CONTENT) if size is None else offset + size
    if offset == len(CONTENT) and size is None:
        return  # an S3 server has no range of nothing
    if end > len(CONTENT):
        with pytest.raises(StoreError, match=r"expected|ends too early"):
            place.read(FILE, offset, size)
    else:
        assert place.read(FILE, offset, size) == CONTENT[offset:end]


@given(size=st.integers(1, 2 * len(CONTENT)))
def test_the_tail_comes_with_the_size(place: Place, size: int) -> None:
    assert place.tail(FILE, size) == (CONTENT[-size:], len(CONTENT))
    assert place.size(FILE) == len(CONTENT)


@pytest.mark.parametrize("ask", [lambda it: it.read("no"), lambda it: it.size("no"), lambda it: it.tail("no", 4)])
def test_what_is_absent_is_missing(place: Place, ask: Callable[[Place], object]) -> None:
    with pytest.raises(MissingFileError, match="no such"):
        ask(place)


def test_a_scene_in_a_bucket_reads_as_in_its_folder(seaweed: Seaweed, tmp_path: Path) -> None:
    bucket = seaweed.bucket(token_hex(4))
    folder = stage_scene(tmp_path, street_scene(frame_count=5)).path
    files = [each for each in folder.rglob("*") if each.is_file()]
    for each in files:
        bucket.write(f"scenes/{folder.name}/{each.relative_to(folder).as_posix()}", each)
    place = bucket.place(f"scenes/{folder.name}")
    assert place.generation == folder.name
    assert bucket.sizes(place.folder) == {each.relative_to(folder).as_posix(): each.stat().st_size for each in files}
    assert bucket.folders("scenes") == [folder.name]
    here = zarr.open_group(LocalPlace(folder).zarr_store(), mode="r")
    there = zarr.open_group(place.zarr_store(), mode="r")
    assert dict(here.attrs) == dict(there.attrs)
    for node in ("lidars/lidar/source/xyz", "poses/lidar"):
        np.testing.assert_array_equal(here[node][...], there[node][...])
    bucket.remove(place.folder, first="manifest.json")
    assert bucket.sizes(place.folder) == {}


def test_a_presigned_address_gives_ranges_to_anyone_for_a_while(seaweed: Seaweed) -> None:
    bucket = seaweed.bucket(token_hex(4))
    bucket.write(f"scenes/a/{FILE}", CONTENT)
    address = BucketPlace(bucket, "scenes/a").presigned(FILE, timedelta(minutes=5))
    answer = httpx.get(address, headers={"Range": "bytes=7-99", "Origin": "http://127.0.0.1:8470"})
    assert (answer.status_code, answer.content) == (206, CONTENT[7:100])
    assert answer.headers["access-control-allow-origin"] in ("*", "http://127.0.0.1:8470")
    assert httpx.get(address.partition("?")[0]).status_code == 403


@pytest.mark.parametrize("change", [{"secret_access_key": "wrong"}, {"access_key_id": "who"}])
def test_wrong_credentials_are_refused_and_not_absence(seaweed: Seaweed, change: dict[str, str]) -> None:
    bucket = seaweed.bucket("x", **change)
    refused: list[Callable[[], object]] = [bucket.check, *reads(bucket.place("scenes/a"))]
    for ask in refused:
        with pytest.raises(RefusedPlaceError, match="WORLDLINE_S3_ACCESS_KEY_ID"):
            ask()
    assert "wrong" not in repr(bucket)


def test_a_bucket_that_is_not_there_is_said_so(seaweed: Seaweed) -> None:
    bucket = replace(seaweed.bucket("x"), bucket="absent")
    for ask in (bucket.check, lambda: bucket.place("a").read("b")):
        with pytest.raises(RefusedPlaceError, match="no bucket absent"):
            ask()


def test_a_server_that_is_down_or_silent_is_unreachable_and_not_absence() -> None:
    with silent_server() as silent:
        for endpoint in ("http://127.0.0.1:1", silent):
            bucket = Bucket("b", endpoint=endpoint, access_key_id="a", secret_access_key=KEY, timeout_s=0.3)
            for ask in (bucket.check, *reads(bucket.place("scenes/a"))):
                with pytest.raises(UnreachablePlaceError, match="does not answer"):
                    ask()


def reads(place: Place) -> list[Callable[[], object]]:
    return [
        lambda: place.read("zarr.json"),
        lambda: place.read("zarr.json", 4, 4),
        lambda: place.size("zarr.json"),
        lambda: place.tail("zarr.json", 4),
        lambda: zarr.open_group(place.zarr_store(), mode="r"),
    ]


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
