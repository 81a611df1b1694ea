"""Uploads: sent piece by piece, gone on with wherever they broke off, and imported as what they are."""

import base64
import io
import os
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from worldline.formats.errors import BrokenFileError, FormatError, OutsideRootError
from worldline.server.errors import UploadBusyError, UploadOffsetError
from worldline.server.unpacking import Limits, unpack_archive
from worldline.server.uploads import KEEP_S, Uploads

from .kills import make_source
from .servers import running_server

SET = "0123456789abcdef" * 2
TUS = {"Tus-Resumable": "1.0.0"}
BODY = {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small recording as KITTI tracking data."""
    return make_source(tmp_path_factory.mktemp("recording") / "drive", 4)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[httpx.Client]:
    """A server with an empty data folder."""
    with running_server(tmp_path) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def begin(client: httpx.Client, path: str, size: int, data: bytes = b"") -> httpx.Response:
    facts = {"path": path, "changed_ms": "1000"}
    said = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in facts.items())
    headers = {**TUS, **BODY, "Upload-Length": str(size), "Upload-Metadata": said}
    return client.post(f"/api/uploads/{SET}", headers=headers, content=data)


def go_on(client: httpx.Client, location: str, offset: int, data: bytes) -> httpx.Response:
    return client.patch(location, headers={**TUS, **BODY, "Upload-Offset": str(offset)}, content=data)


def wait_for_import(client: httpx.Client, job: str) -> str:
    until = time.monotonic() + 60
    while (found := client.get(f"/api/jobs/{job}").json())["state"] in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.05)
    return str(found["error"] or found["state"])


def test_a_file_is_sent_in_pieces_and_gone_on_with_where_it_broke_off(served: httpx.Client, tmp_path: Path) -> None:
    answer = begin(served, "a/b.bin", 10, b"0123")
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "4")
    location = answer.headers["location"]
    assert go_on(served, location, 3, b"x").json()["code"] == "upload_offset"
    assert go_on(served, location, 4, b"45").headers["upload-offset"] == "6"
    assert begin(served, "a/b.bin", 10).headers["location"] == location  # as after a reload
    told = served.head(location, headers=TUS)
    assert (told.headers["upload-offset"], told.headers["upload-length"]) == ("6", "10")
    assert go_on(served, location, 6, b"678999").json()["code"] == "too_large"
    rest = int(served.head(location, headers=TUS).headers["upload-offset"])
    assert rest == 6
    assert go_on(served, location, rest, b"6789").status_code == 204
    (entry,) = served.get(f"/api/uploads/{SET}").json()
    assert (entry["path"], entry["offset"], entry["size"]) == ("a/b.bin", 10, 10)
    assert (tmp_path / "uploads" / SET / "source" / "a" / "b.bin").read_bytes() == b"0123456789"


def test_what_is_not_tus_is_refused(served: httpx.Client) -> None:
    assert served.post(f"/api/uploads/{SET}", headers={"Upload-Length": "1", "Upload-Metadata": ""}).status_code == 412
    assert served.get("/api/uploads/nothing").json()["code"] == "unknown_upload"
    assert begin(served, "../x", 1).json()["code"] == "outside_root"
    assert begin(served, "x", -1).json()["code"] == "upload"
    assert go_on(served, f"/api/uploads/{SET}/files/{SET}", 0, b"").json()["code"] == "unknown_upload"
    assert served.options(f"/api/uploads/{SET}").headers["tus-version"] == "1.0.0"


def test_a_removed_file_is_gone(served: httpx.Client) -> None:
    location = begin(served, "a", 2, b"1").headers["location"]
    assert served.delete(location, headers=TUS).status_code == 204
    assert served.head(location, headers=TUS).status_code == 404
    assert served.get(f"/api/uploads/{SET}").json() == []


def test_an_uploaded_folder_becomes_a_scene_and_its_files_go(
    served: httpx.Client, recording: Path, tmp_path: Path
) -> None:
    for file in (path for path in recording.rglob("*") if path.is_file()):
        data = file.read_bytes()
        path = file.relative_to(recording.parent).as_posix()
        assert begin(served, path, len(data), data).status_code == 201
    job = served.post(f"/api/uploads/{SET}/import", json={"name": "drive", "format": "kitti-tracking"}).json()
    assert wait_for_import(served, job["id"]) == "done"
    (scene,) = served.get("/api/scenes").json()
    assert (scene["name"], scene["state"], scene["ready_frame_count"]) == ("drive", "ready", scene["frame_count"])
    assert served.get(f"/api/uploads/{SET}").json() == []
    assert not (tmp_path / "uploads" / SET).exists()


def test_an_uploaded_zip_is_unpacked_and_a_bad_one_says_why(served: httpx.Client, recording: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in (path for path in recording.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(recording.parent))
    data = packed.getvalue()
    begin(served, "drive.zip", len(data), data)
    job = served.post(f"/api/uploads/{SET}/import", json={"name": "drive"}).json()
    assert wait_for_import(served, job["id"]) == "done"
    begin(served, "bad.zip", 9, b"not a zip")
    job = served.post(f"/api/uploads/{SET}/import", json={"name": "bad"}).json()
    assert "not a whole archive" in wait_for_import(served, job["id"])
    failed, done = served.get("/api/imports").json()
    assert (failed["scene"], failed["state"], done["state"]) == ("bad", "failed", "done")
    assert failed["error"].startswith("bad.zip: not a whole archive")
    for each in (failed, done):
        assert served.delete(f"/api/jobs/{each['id']}").status_code == 200
    assert served.get("/api/imports").json() == []
    assert [each["name"] for each in served.get("/api/scenes").json()] == ["drive"]


def test_an_upload_that_is_not_whole_is_not_imported(served: httpx.Client) -> None:
    begin(served, "a.bin", 10, b"1")
    answer = served.post(f"/api/uploads/{SET}/import", json={"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_offset")


def test_a_file_has_one_sender_at_a_time(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    upload = uploads.create(SET, "a", 4, 0)
    with uploads.open_at(SET, upload.id, 0) as receiving:
        receiving.write(b"12")
        with pytest.raises(UploadBusyError):
            uploads.open_at(SET, upload.id, 0)
    with pytest.raises(UploadOffsetError):
        uploads.open_at(SET, upload.id, 0)
    assert Uploads(tmp_path).find(SET, upload.id).offset == 2  # another server, after a kill


def test_another_file_in_the_place_of_one_begins_again(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    first = uploads.create(SET, "a", 4, 0)
    with uploads.open_at(SET, first.id, 0) as receiving:
        receiving.write(b"12")
    assert uploads.create(SET, "a", 4, 0).offset == 2
    assert uploads.create(SET, "a", 4, 7).offset == 0
    assert uploads.create(SET, "empty", 0, 0).is_whole


def test_uploads_that_nobody_comes_back_to_go(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    uploads.create(SET, "a", 4, 0)
    assert Uploads(tmp_path).list_set(SET)
    long_ago = time.time() - KEEP_S - 60
    for path in (tmp_path / "uploads").rglob("*"):
        os.utime(path, (long_ago, long_ago))
    assert not Uploads(tmp_path).list_set(SET)


def zip_of(path: Path, *entries: tuple[str, bytes], mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


def tar_of(path: Path, *members: tarfile.TarInfo, data: bytes = b"") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            member.size = len(data) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "C:x", "a\\b"])
def test_an_entry_never_leaves_its_folder(tmp_path: Path, name: str) -> None:
    archives = (zip_of(tmp_path / "a.zip", (name, b"x")), tar_of(tmp_path / "a.tar.gz", tarfile.TarInfo(name)))
    for archive in archives:
        with pytest.raises(OutsideRootError):
            unpack_archive(archive, tmp_path / "out" / archive.name)
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    for archive in (tar_of(tmp_path / "a.tar.gz", link), zip_of(tmp_path / "a.zip", ("l", b"/etc"), mode=0o120777)):
        with pytest.raises(BrokenFileError, match="link or a device"):
            unpack_archive(archive, tmp_path / "out")


def test_a_bomb_is_stopped_and_doubles_are_refused(tmp_path: Path) -> None:
    bomb = zip_of(tmp_path / "bomb.zip", ("zeros", bytes(1 << 20)))
    with pytest.raises(BrokenFileError, match="times its size"):
        unpack_archive(bomb, tmp_path / "out", limits=Limits(ratio=10, free_bytes=1000))
    with pytest.raises(BrokenFileError, match="more than 1 entries"):
        unpack_archive(zip_of(tmp_path / "m.zip", ("a", b""), ("b", b"")), tmp_path / "many", limits=Limits(entries=1))
    with pytest.raises(BrokenFileError, match="one name"):
        unpack_archive(zip_of(tmp_path / "d.zip", ("a", b"1"), ("A", b"2")), tmp_path / "double")
    with pytest.raises(FormatError):
        unpack_archive(zip_of(tmp_path / "n.zip", ("a", b"1"), ("a/b", b"2")), tmp_path / "nested")


def test_a_truncated_archive_is_named(tmp_path: Path) -> None:
    whole = tar_of(tmp_path / "a.tar.gz", tarfile.TarInfo("a"), data=os.urandom(100_000)).read_bytes()
    (tmp_path / "b.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BrokenFileError, match="not a whole archive"):
        unpack_archive(tmp_path / "b.tar.gz", tmp_path / "out")
