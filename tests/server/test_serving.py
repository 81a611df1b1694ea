"""Whatever is asked for, in whatever order: the answer is the stored bytes, and the store stays as it was."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planes import as_planes
from tests.scenes import street_scene
from tests.server.raw_http import Answer, Wire
from tests.server.servers import import_scene, running_server
from worldline.formats.store import LocalPlace, open_scene
from worldline.server.conditions import accepts_encoding

FRAMES = 6


@dataclass(frozen=True)
class Thing:
    """Something to ask for: its address, and what is stored of it."""

    path: str
    stored: bytes
    encoding: str | None

    @property
    def plain(self) -> bytes:
        """What a client gets that takes no encoding."""
        return self.stored if self.encoding is None else decode(self.stored)


@dataclass(frozen=True)
class Served:
    """A server, what it has, and its store."""

    address: str
    store: Path
    things: list[Thing]


def decode(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def digests(folder: Path) -> dict[str, str]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {str(each): hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


def served_in(data: Path, address: str, *, planes: bool = False) -> Served:
    imported = import_scene(data)
    store = data / "scenes" / imported.generation
    if planes:
        as_planes(store)
    scene = open_scene(store)
    root = f"/api/scenes/street/data/{imported.generation}"
    things = []
    for frame in range(FRAMES):
        block, image = scene.display_block("lidar", frame), scene.image_bytes("front", frame)
        things.append(Thing(f"{root}/points/lidar/{frame}", block.read(), block.encoding))
        things.append(Thing(f"{root}/images/front/{frame}", image.read(), image.encoding))
    files = ("zarr.json", "manifest.json", "lidars/lidar/source/xyz/c/0/0/0", "cameras/front/bytes/c/0")
    things += [Thing(f"/zarr/street/{file}", (store / file).read_bytes(), None) for file in files]
    return Served(address, store, things)


@pytest.fixture(scope="module", params=[(256 << 20, False), (0, False), (256 << 20, True), (0, True)], ids=str)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("serving")
    hot_bytes, planes = request.param
    found = served_in(data, "", planes=planes)
    assert {each.encoding for each in found.things} == ({None, "zstd"} if planes else {None})
    with running_server(data, hot_bytes=hot_bytes) as address:
        yield Served(address, found.store, found.things)


numbers = st.one_of(st.integers(0, 300), st.integers(0, 2**40), st.none())


def spell(first: int | None, last: int | None) -> str:
    return f"bytes={'' if first is None else first}-{'' if last is None else last}"


odd_ranges = ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=0-1,5-9", "lines=1-2", "bytes", "bytes=x-"]
ranges = st.one_of(st.none(), st.builds(spell, numbers, numbers), st.sampled_from(odd_ranges))
odd_weights = ["gzip, zstd;q=0.5, br", "zstd;q=0.0, *", "br;q=1.0,zstd;q=0.1", "identity, zstd;q=0.2", "zstd;q=what"]
encodings = st.sampled_from([None, "", "zstd", "identity", "zstd;q=0", "*", "*;q=0", *odd_weights])


@given(
    requests=st.lists(
        st.tuples(
            st.integers(0, 2 * FRAMES + 3),
            ranges,
            encodings,
            st.sampled_from([None, "own", "weak", "list", "other", "*"]),
            st.sampled_from([None, None, "own", "other"]),
            st.sampled_from(["GET", "GET", "HEAD"]),
        ),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=40)
def test_any_sequence_of_requests_gives_the_stored_bytes_and_leaves_the_store_alone(
    served: Served, requests: list[tuple[int, str | None, str | None, str | None, str | None, str]]
) -> None:
    before = digests(served.store)
    wire = Wire(served.address)
    try:
        for number, asked_range, encoding, known, if_range, method in requests:
            thing = served.things[number]
            headers = {} if encoding is None else {"Accept-Encoding": encoding}
            tag = wire.ask(thing.path, headers, "HEAD").headers["etag"]
            tags = {"own": tag, "weak": f"W/{tag}", "list": f'"x", {tag}', "other": '"other"', "*": "*"}
            if known is not None:
                headers["If-None-Match"] = tags[known]
            if asked_range is not None:
                headers["Range"] = asked_range
            if if_range is not None:
                headers["If-Range"] = tags[if_range]
            check_answer(thing, headers, method, wire.ask(thing.path, headers, method))
        assert wire.is_quiet()
    finally:
        wire.close()
    assert digests(served.store) == before


def slow_range(header: str, size: int) -> range | None:
    """The numbers of the bytes that a header asks for; None where it is to be ignored."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", header)
    if found is None or not any(found.groups()):
        return None
    first, last = (int(each) if each else None for each in found.groups())
    if first is None:
        return range(max(size - (last or 0), 0), size)
    if last is not None and last < first:
        return None
    return range(first, size if last is None else min(last + 1, size))


def check_answer(thing: Thing, headers: dict[str, str], method: str, answer: Answer) -> None:
    """Compare with what the standard says, worked out the slow way."""
    passes = thing.encoding is None or accepts_encoding(headers.get("Accept-Encoding"), thing.encoding)
    whole = thing.stored if passes else thing.plain
    assert answer.headers["accept-ranges"] == "bytes"
    if thing.encoding is not None:
        assert answer.headers["vary"] == "Accept-Encoding"
    if headers.get("If-None-Match", '"other"') != '"other"':
        assert (answer.status, answer.body) == (304, b"")
        return
    wanted = slow_range(headers["Range"], len(whole)) if "Range" in headers else None
    if headers.get("If-Range", answer.headers["etag"]) != answer.headers["etag"]:
        wanted = None
    if wanted is not None and not wanted:
        assert answer.status == 416
        assert answer.headers["content-range"] == f"bytes */{len(whole)}"
        assert "content-encoding" not in answer.headers
        return
    assert answer.headers.get("content-encoding") == (thing.encoding if passes else None)
    start, end = (0, len(whole)) if wanted is None else (wanted.start, wanted.stop)
    assert answer.status == (200 if wanted is None else 206)
    assert answer.headers["content-length"] == str(end - start)
    if wanted is not None:
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(whole)}"
    assert answer.body == (b"" if method == "HEAD" else whole[start:end])


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        (None, False), ("", False), ("zstd", True), ("gzip", False), ("zstd;q=0", False), ("zstd; q=0.000", False),
        ("ZSTD", True), ("*", True), ("*;q=0", False), ("zstd;q=0, *", False), ("gzip;q=1, zstd;q=0.1", True),
        ("identity;q=0.5, zstd;q=0.4", False), ("identity;q=0, zstd;q=0.1", True), ("zstdx", False),
    ],
)  # fmt: skip
def test_an_encoding_is_negotiated_by_its_weight(header: str | None, takes: bool) -> None:
    assert accepts_encoding(header, "zstd") is takes


def test_who_does_not_take_zstd_gets_the_same_bytes_decoded(tmp_path: Path) -> None:
    thing = next(each for each in served_in(tmp_path, "", planes=True).things if each.encoding == "zstd")
    with running_server(tmp_path) as address:
        wire = Wire(address)
        encoded = wire.ask(thing.path, {"Accept-Encoding": "zstd"})
        assert (encoded.headers["content-encoding"], encoded.body) == ("zstd", thing.stored)
        for header in ("identity", "gzip, zstd;q=0", "br", ""):
            plain = wire.ask(thing.path, {"Accept-Encoding": header})
            assert "content-encoding" not in plain.headers
            assert plain.body == decode(encoded.body)
            assert plain.headers["etag"] != encoded.headers["etag"]
            assert plain.headers["vary"] == encoded.headers["vary"] == "Accept-Encoding"
        wire.close()


def test_every_address_that_can_be_read_answers_head(served: Served) -> None:
    with httpx.Client(base_url=served.address) as client:
        root = served.things[0].path.partition("/points")[0]
        for path in (
            "/api/scenes",
            "/api/scenes/street",
            "/api/session",
            "/zarr/zarr.json",
            *(each.path for each in served.things),
        ):
            got, head = (
                client.get(path, headers={"Accept-Encoding": "identity"}),
                client.head(path, headers={"Accept-Encoding": "identity"}),
            )
            assert (head.status_code, head.content) == (got.status_code, b""), path
            assert head.headers["content-length"] == got.headers["content-length"], path
        assert client.head(f"{root}/points/lidar/999").status_code == 404
        assert client.post(f"{root}/points/lidar/0").status_code == 405


def test_what_is_damaged_while_it_is_served_is_an_error_and_never_other_bytes(tmp_path: Path) -> None:
    found = served_in(tmp_path, "")
    with running_server(tmp_path, hot_bytes=0) as address, httpx.Client(base_url=address) as client:
        points = [each for each in found.things if "/points/" in each.path]
        assert client.get(points[0].path).status_code == 200
        shard = next((found.store / "lidars/lidar/display").rglob("c/0/*"))
        shard = shard if shard.is_file() else next(each for each in shard.rglob("*") if each.is_file())
        whole = shard.read_bytes()
        shard.write_bytes(whole[: len(whole) // 8])
        answer = client.get(points[5].path)
        assert (answer.status_code, answer.json()["code"]) == (500, "store")
        shard.unlink()
        answer = client.get(points[0].path)
        assert (answer.status_code, answer.json()["code"]) == (500, "store")
        assert "gone" in answer.json()["message"]
        shutil.rmtree(found.store)
        assert client.get(found.things[-1].path).status_code == 500


def test_a_sensor_with_a_slash_in_its_name_has_an_address(tmp_path: Path) -> None:
    scene = street_scene()
    lidar = replace(scene.lidars[0], name="top/lidar")

    class Data:
        def sweep(self, _: str, frame: int) -> object:
            return scene.data.sweep("lidar", frame)

    labels = replace(scene.labels, objects=(), tracks=(), ignore_regions=())
    named = replace(scene, sensors=(lidar,), reference="top/lidar", data=Data(), labels=labels)  # type: ignore[arg-type]
    imported = import_scene(tmp_path, named)
    stored = open_scene(LocalPlace(tmp_path / "scenes" / imported.generation)).display_block("top/lidar", 0)
    with running_server(tmp_path) as address:
        wire = Wire(address)
        root = f"/api/scenes/street/data/{imported.generation}/points"
        answer = wire.ask(f"{root}/top%2Flidar/0", {"Accept-Encoding": "zstd"})
        assert (answer.status, answer.body) == (200, stored.read())
        for spelled in ("top%252Flidar", "top%2Flidar"):
            answer = wire.ask(f"/zarr/street/lidars/{spelled}/zarr.json")
            assert answer.status == 200
        wire.close()
