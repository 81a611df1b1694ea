"""Scenes in a bucket: everything works as from a folder, and what fails says why and is never an absence."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import httpx
import pytest

from tests.scenes import street_scene
from tests.seaweed import BUCKET, KEY, SECRET, Seaweed
from tests.server.servers import FORMAT, import_scene, running_server
from worldline.formats.errors import FormatError, RefusedPlaceError, UnreachablePlaceError
from worldline.formats.registry import ReadScene
from worldline.formats.store import stage_scene
from worldline.formats.store.bucket import Bucket
from worldline.server import importing
from worldline.server.database import opened_database
from worldline.server.errors import SettingsError
from worldline.server.growing import grow_scene
from worldline.server.homes import bring_home, check_home
from worldline.server.importing import import_scenes
from worldline.server.presigning import MEDIA_TYPE
from worldline.server.settings import Settings
from worldline.server.sweeping import sweep

SENSORS = ("points/lidar/0", "points/lidar/5", "images/front/3")


@pytest.fixture
def bucket(seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A prefix of its own, named by the environment."""
    return named_bucket(seaweed, monkeypatch, token_hex(4))


def named_bucket(seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch, prefix: str, **changes: str) -> Bucket:
    variables = {
        "SCENES": f"s3://{BUCKET}/{prefix}",
        "S3_ENDPOINT": seaweed.endpoint,
        "S3_ACCESS_KEY_ID": KEY,
        "S3_SECRET_ACCESS_KEY": SECRET,
        "S3_TIMEOUT_S": "2",
        **changes,
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"WORLDLINE_{name}", value)
    return seaweed.bucket(prefix)


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


def generations(bucket: Bucket) -> list[str]:
    """Scenes of which something is there; some servers go on listing a folder that is empty."""
    return [each for each in bucket.folders("scenes") if bucket.sizes(f"scenes/{each}")]


def answers(address: str, paths: list[str]) -> list[bytes]:
    with httpx.Client(base_url=address, timeout=20) as client:
        found = [client.get(path) for path in paths]
    assert [each.status_code for each in found] == [200] * len(paths), found
    return [each.content for each in found]


def test_a_scene_in_a_bucket_is_served_as_from_a_folder(
    seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    generation = import_scene(tmp_path / "local").generation
    paths = [f"/api/scenes/street/data/{generation}/{each}" for each in SENSORS]
    paths += ["/zarr/street/zarr.json", "/zarr/street/manifest.json", "/zarr/street/cameras/front/bytes/c/0"]
    paths += ["/api/scenes/street"]
    with running_server(tmp_path / "local") as address:
        expected = answers(address, paths)
    bucket = named_bucket(seaweed, monkeypatch, token_hex(4))
    team = tmp_path / "team"
    assert import_scene(team).generation == generation
    assert is_empty(team / "scenes")
    assert is_empty(team / "staging")
    with running_server(team) as address, httpx.Client(base_url=address, timeout=20) as client:
        assert answers(address, paths) == expected
        part = client.get(paths[0], headers={"Range": "bytes=5-24"})
        assert (part.status_code, part.content) == (206, expected[0][5:25])
        tail = client.get(paths[5], headers={"Range": "bytes=-30"})
        assert (tail.status_code, tail.content) == (206, expected[5][-30:])
        click = {"frame": 0, "class_name": "car", "point_m": [14.0, 3.0, 0.75]}
        fitted = client.post("/api/scenes/street/assist/fit", json=click)
        assert fitted.status_code == 200, fitted.text
        assert client.delete("/api/scenes/street").status_code == 204
        assert generations(bucket) == []


def test_a_scene_that_grew_moves_to_the_bucket(bucket: Bucket, tmp_path: Path) -> None:
    with opened_database(tmp_path) as engine:
        published = grow_scene(engine, tmp_path, street_scene(), "test", "ann")
    assert generations(bucket) == [published.generation]
    assert is_empty(tmp_path / "scenes")
    with running_server(tmp_path) as address:
        assert answers(address, [f"/api/scenes/street/data/{published.generation}/{each}" for each in SENSORS])


def test_killed_before_the_commit_nothing_is_visible_and_the_sweep_removes_it(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = stage_scene(tmp_path, street_scene())
    bring_home(tmp_path, published)
    assert generations(bucket) == [published.generation]
    with opened_database(tmp_path) as engine:
        sweep(engine, tmp_path)
        assert generations(bucket) == []
        assert is_empty(tmp_path / "scenes")

        def fail(*_: object, **__: object) -> int:
            raise RuntimeError("no more")

        monkeypatch.setattr(importing, "insert_scene", fail)
        with pytest.raises(RuntimeError, match="no more"):
            import_scene(tmp_path)
        assert generations(bucket) == []


def test_an_upload_that_fails_leaves_no_scene(
    seaweed: Seaweed, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_home(Settings(data=tmp_path))
    real = Bucket.write

    def stumble(self: Bucket, key: str, source: Path | bytes) -> None:
        if "display" in key:
            raise UnreachablePlaceError("cut")
        real(self, key, source)

    monkeypatch.setattr(Bucket, "write", stumble)
    with pytest.raises(UnreachablePlaceError, match="cut"):
        import_scene(tmp_path)
    assert generations(bucket) == []
    assert is_empty(tmp_path / "scenes")
    with running_server(tmp_path) as address:
        assert httpx.get(f"{address}/api/scenes").json() == []
    assert seaweed.endpoint


def test_a_prefix_belongs_to_one_data_folder(bucket: Bucket, tmp_path: Path) -> None:
    import_scene(tmp_path / "one")
    (tmp_path / "two").mkdir()
    with pytest.raises(SettingsError, match="prefix of its own"):
        check_home(Settings(data=tmp_path / "two"))
    with pytest.raises(SettingsError, match="prefix of its own"):
        import_scene(tmp_path / "two", street_scene(seed=8))
    assert len(generations(bucket)) == 1


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"S3_SECRET_ACCESS_KEY": "wrong"}, RefusedPlaceError, "WORLDLINE_S3_SECRET_ACCESS_KEY"),
        ({"SCENES": "s3://absent/x"}, RefusedPlaceError, "no bucket absent"),
        ({"S3_ENDPOINT": "http://127.0.0.1:1"}, UnreachablePlaceError, "WORLDLINE_S3_ENDPOINT"),
        ({"SCENES": "/some/folder"}, SettingsError, "s3://bucket"),
    ],
)
def test_a_server_that_cannot_use_its_bucket_does_not_start(
    seaweed: Seaweed,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    change: dict[str, str],
    error: type[Exception],
    says: str,
) -> None:
    named_bucket(seaweed, monkeypatch, "x", **change)
    with pytest.raises(error, match=says):
        check_home(Settings(data=tmp_path))


def test_a_scene_of_a_bucket_that_is_no_longer_named_says_so(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_scene(tmp_path)
    monkeypatch.delenv("WORLDLINE_SCENES")
    with running_server(tmp_path) as address:
        answer = httpx.get(f"{address}/api/scenes/street")
        assert (answer.status_code, answer.json()["code"]) == (500, "settings")
        assert bucket.url in answer.json()["message"]


def test_what_the_bucket_lost_is_an_error_and_never_an_absence(bucket: Bucket, tmp_path: Path) -> None:
    generation = import_scene(tmp_path).generation
    names = bucket.sizes(f"scenes/{generation}")
    display = next(name for name in names if "/display/" in name and "/c/" in name)
    for name in names:
        if name == display or "/source/xyz/c/" in name:
            bucket.remove(f"scenes/{generation}/{name.rpartition('/')[0]}")
    with running_server(tmp_path, hot_bytes=0) as address, httpx.Client(base_url=address, timeout=20) as client:
        for path in (f"/api/scenes/street/data/{generation}/points/lidar/0", f"/zarr/street/{display}"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (500, "store"), path
            assert "gone" in answer.json()["message"]
        assert client.get("/zarr/street/lidars/lidar/source/xyz/c/77/0/0").status_code == 404
        click = {"frame": 0, "class_name": "car", "point_m": [14.0, 3.0, 0.75]}
        assert client.post("/api/scenes/street/assist/fit", json=click).status_code == 500


@pytest.mark.parametrize("way", ["cut", "silent"])
def test_a_bucket_that_stops_answering_is_a_503_in_time(
    seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    with Link(seaweed.endpoint).running() as link:
        named_bucket(seaweed, monkeypatch, token_hex(4), S3_ENDPOINT=link.address, S3_TIMEOUT_S="0.6")
        generation = import_scene(tmp_path).generation
        block = f"/api/scenes/street/data/{generation}/points/lidar"
        with running_server(tmp_path, hot_bytes=0) as address, httpx.Client(base_url=address, timeout=20) as client:
            assert client.get(f"{block}/0").status_code == 200
            link.state = way
            for path in (f"{block}/0", f"{block}/5", "/zarr/street/lidars/lidar/source/xyz/c/0/0/0"):
                begun = time.monotonic()
                answer = client.get(path)
                assert (answer.status_code, answer.json()["code"]) == (503, "place_unreachable"), path
                assert time.monotonic() - begun < 6
            link.state = "open"
            assert client.get(f"{block}/5").status_code == 200


def test_a_client_that_takes_tickets_reads_the_bucket_itself(
    seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named_bucket(seaweed, monkeypatch, token_hex(4), S3_DELIVERY="presigned")
    generation = import_scene(tmp_path).generation
    with running_server(tmp_path) as address, httpx.Client(base_url=address, timeout=20) as client:
        for each in SENSORS:
            path = f"/api/scenes/street/data/{generation}/{each}"
            plain = client.get(path)
            assert plain.headers["vary"] == "Accept"
            answer = client.get(path, headers={"Accept": f"{MEDIA_TYPE}, */*"})
            assert answer.headers["content-type"] == MEDIA_TYPE
            assert answer.headers["vary"] == "Accept"
            ticket = answer.json()
            assert ticket["media_type"] == plain.headers["content-type"]
            data = b""
            for part in ticket["parts"]:
                asked = {"Range": f"bytes={part['offset']}-{part['offset'] + part['size'] - 1}", "Origin": address}
                got = httpx.get(part["url"], headers=asked)
                assert got.status_code == 206
                assert got.headers["access-control-allow-origin"] in ("*", address)
                data += got.content
            assert data == plain.content
            assert client.get(path, headers={"Accept": MEDIA_TYPE}).json() == ticket
        page = client.get("/").headers.get("content-security-policy")
        if page is not None:  # the viewer is built
            assert seaweed.endpoint in page


class Link:
    """Carries connections to a server until it is told to cut or to hold them."""

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._target = (parts.hostname or "", parts.port or 0)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.state = "open"
        self._over = False

    @contextmanager
    def running(self) -> Iterator["Link"]:
        """Carry inside the block."""
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._over = True
            self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._over:
                near, _ = self._listening.accept()
                if self.state == "cut":
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with source, sink, suppress(OSError):
            source.settimeout(0.05)
            while not self._over and self.state != "cut":
                try:
                    data = source.recv(1 << 16)
                except TimeoutError:
                    continue
                while self.state == "silent" and not self._over:
                    time.sleep(0.02)
                if not data or self.state == "cut":
                    return
                sink.sendall(data)


def test_the_import_of_several_scenes_is_all_or_nothing(bucket: Bucket, tmp_path: Path) -> None:
    def sequences() -> Iterator[ReadScene]:
        yield ReadScene(street_scene())
        raise FormatError("the second is broken")

    with opened_database(tmp_path) as engine, pytest.raises(FormatError, match="second is broken"):
        import_scenes(engine, tmp_path, sequences(), FORMAT, "ann", lambda *_: None)
    assert generations(bucket) == []
