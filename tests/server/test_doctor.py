"""The doctor finds each kind of damage, says where it is, mends what can be mended, and touches nothing unasked."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

import pytest

from tests.scenes import street_scene
from tests.seaweed import Seaweed
from tests.server.servers import import_scene
from tests.server.test_s3 import generations, named_bucket
from worldline.formats.store import LocalPlace, stage_scene
from worldline.formats.store.faults import find_faults
from worldline.server.ailment import Ailment
from worldline.server.catalogue import find_scene
from worldline.server.cli import main
from worldline.server.database import opened_database, reading
from worldline.server.doctor import examine
from worldline.server.errors import DataFolderError, UnknownSceneError
from worldline.server.history import state_rows

DISPLAY = "lidars/lidar/display/points/c/0/0/0"
SOURCE = "lidars/lidar/source/xyz/c/0/0/0"
IMAGES = "cameras/front/bytes/c/0"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one scene, never changed."""
    data = tmp_path_factory.mktemp("sound")
    import_scene(data)
    return data


@pytest.fixture
def data(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "data"))


def scene_of(data: Path) -> Path:
    (folder,) = (each for each in (data / "scenes").iterdir() if not each.name.startswith("."))
    return folder


def kinds(found: list[Ailment]) -> list[str]:
    return [each.kind for each in found]


def digests(data: Path) -> dict[str, str]:
    files = (each for each in data.rglob("*") if each.is_file() and not each.name.endswith(("-wal", "-shm", ".lock")))
    return {str(each.relative_to(data)): hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def flip(where: int) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[where] ^= 0x10
        path.write_bytes(content)

    return damage


def test_of_a_sound_folder_nothing_is_said_and_nothing_is_changed(data: Path) -> None:
    before = digests(data)
    assert examine(data, None, repair=False) == []
    assert examine(data, "street", repair=True) == []
    assert digests(data) == before


@pytest.mark.parametrize(
    ("file", "damage", "kind", "can_mend"),
    [
        (DISPLAY, Path.unlink, "file_missing", True),
        (DISPLAY, cut, "file_truncated", True),
        (DISPLAY, flip(9), "file_altered", True),
        (SOURCE, flip(-3), "file_altered", True),
        (SOURCE, cut, "file_truncated", True),
        (SOURCE, flip(40), "file_altered", False),
        (SOURCE, Path.unlink, "file_missing", False),
        (IMAGES, cut, "file_truncated", True),
        (IMAGES, flip(500), "file_altered", False),
        ("zarr.json", flip(5), "file_altered", False),
        ("manifest.json", Path.unlink, "manifest_missing", True),
        ("manifest.json", cut, "manifest_damaged", True),
        ("manifest.json", flip(-70), "manifest_damaged", True),
    ],
)
def test_a_damaged_file_is_named_and_mended_only_to_what_it_was(
    data: Path, file: str, damage: Callable[[Path], None], kind: str, can_mend: bool
) -> None:
    path = scene_of(data) / file
    whole = path.read_bytes()
    damage(path)
    damaged = digests(data)
    (found,) = examine(data, "street", repair=False)
    assert (found.kind, found.where, found.scene, found.mended) == (kind, str(path), "street", False)
    assert found.fix
    assert digests(data) == damaged
    (mended,) = examine(data, "street", repair=True)
    assert mended.mended is can_mend
    if can_mend:
        assert path.read_bytes() == whole
        assert examine(data, None, repair=False) == []
    else:
        assert digests(data) == damaged


def test_a_manifest_is_not_made_of_other_files(data: Path) -> None:
    scene = scene_of(data)
    (scene / "manifest.json").unlink()
    flip(40)(scene / SOURCE)
    (found,) = examine(data, None, repair=True)
    assert (found.kind, found.mended) == ("manifest_missing", False)
    assert not (scene / "manifest.json").exists()


def test_a_newer_layout_is_told_and_not_mended(data: Path) -> None:
    manifest = scene_of(data) / "manifest.json"
    document = json.loads(manifest.read_bytes())
    manifest.write_text(json.dumps({**document, "version": 99}))
    found = examine(data, None, repair=False)
    assert kinds(found) == ["manifest_damaged"]
    assert "newer program" in found[0].fix


def test_a_file_too_many_is_removed(data: Path) -> None:
    extra = scene_of(data) / "lidars/extra.bin"
    extra.write_bytes(b"x")
    assert kinds(examine(data, None, repair=False)) == ["file_unknown"]
    assert extra.exists()
    assert examine(data, None, repair=True)[0].mended
    assert not extra.exists()


def test_what_no_scene_stands_on_is_removed_and_a_scene_without_its_folder_is_told(data: Path) -> None:
    stage_scene(data, street_scene(seed=9))
    (data / "staging" / "dead").mkdir()
    (data / "exports" / "old.zip").write_bytes(b"x")
    assert sorted(kinds(examine(data, None, repair=False))) == [
        "export_orphaned",
        "folder_orphaned",
        "staging_abandoned",
    ]
    assert len(list((data / "scenes").iterdir())) == 2
    assert all(each.mended for each in examine(data, None, repair=True))
    assert examine(data, None, repair=False) == []
    shutil.rmtree(scene_of(data))
    (found,) = examine(data, None, repair=True)
    assert (found.kind, found.scene, found.mended) == ("scene_missing", "street", False)
    assert "import it again" in found.fix


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE entries SET value = '{}' WHERE path LIKE 'tracks/%/spans'",
        "DELETE FROM entries WHERE path LIKE 'tracks/1.cuboid/keyframes/%'",
        "UPDATE entries SET revision = revision + 5",
        "UPDATE scenes SET object_count = 99",
        "UPDATE scenes SET revision = 7",
    ],
)
def test_labels_that_differ_from_the_journal_are_folded_again(data: Path, damage: str) -> None:
    before = labels(data)
    with sqlite3.connect(data / "worldline.db") as database:
        database.execute(damage)
    found = examine(data, None, repair=False)
    assert set(kinds(found)) <= {"labels_differ", "counts_differ"}
    assert found
    assert examine(data, None, repair=False) == found
    assert all(each.mended for each in examine(data, None, repair=True))
    assert examine(data, None, repair=False) == []
    assert labels(data) == before


def labels(data: Path) -> list[tuple[str, str, int, str]]:
    with opened_database(data) as engine, reading(engine) as connection:
        return list(state_rows(connection, find_scene(engine, "street").id))


def test_a_damaged_database_is_told_and_the_scenes_are_looked_at_all_the_same(data: Path) -> None:
    path = data / "worldline.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096:12288] = token_hex(4096).encode()
    path.write_bytes(content)
    (scene_of(data) / DISPLAY).unlink()
    found = examine(data, None, repair=True)
    assert "database_damaged" in kinds(found)
    assert "file_missing" in kinds(found)
    assert {each.kind: each.mended for each in found} == {"database_damaged": False, "file_missing": True}
    assert list(find_faults(LocalPlace(scene_of(data)))) == []


def test_where_there_is_nothing_it_says_so(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="no data folder"):
        examine(tmp_path / "nowhere", None, repair=False)
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(UnknownSceneError):
        examine(data, "nothing", repair=False)


def test_a_scene_in_a_bucket_is_examined_and_mended_there(
    seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bucket = named_bucket(seaweed, monkeypatch, token_hex(4))
    generation = import_scene(tmp_path).generation
    assert examine(tmp_path, None, repair=False) == []
    bucket.remove_file(f"scenes/{generation}/{DISPLAY}")
    bucket.write("scenes/orphan/zarr.json", b"{}")
    found = examine(tmp_path, None, repair=False)
    assert kinds(found) == ["file_missing", "objects_orphaned"]
    assert found[0].where == f"{bucket.url}/scenes/{generation}/{DISPLAY}"
    assert all(each.mended for each in examine(tmp_path, None, repair=True))
    assert generations(bucket) == [generation]
    assert examine(tmp_path, None, repair=False) == []
    monkeypatch.setenv("WORLDLINE_S3_ENDPOINT", "http://127.0.0.1:1")
    assert set(kinds(examine(tmp_path, None, repair=True))) == {"place_unreadable"}


def test_the_command_says_each_thing_on_a_line_and_ends_with_3(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["worldline", "doctor", *arguments, "--data", str(data)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    assert run() == (0, "nothing is wrong\n")
    assert run("street", "--json") == (0, "[]\n")
    (scene_of(data) / DISPLAY).unlink()
    flip(40)(scene_of(data) / IMAGES)
    code, text = run("street")
    assert code == 3
    assert len(text.splitlines()) == 2
    assert "import the scene again" in text
    code, text = run("--repair", "--json")
    assert code == 3
    assert [(each["kind"], each["mended"]) for each in json.loads(text)] == [
        ("file_altered", False),
        ("file_missing", True),
    ]
    assert run("--repair")[0] == 3
