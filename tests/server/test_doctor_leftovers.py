"""The doctor on what is not a complete scene: imports that were cut short, merged clouds, what was sent, exports."""

import json
import math
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.scenes import street_scene
from tests.server.servers import import_scene
from tests.server.test_doctor import cut, digests, flip, kinds
from worldline.formats.registry import find_format
from worldline.formats.store import stage_scene
from worldline.server.ailment import Ailment
from worldline.server.catalogue import find_scene, list_scenes
from worldline.server.change import Change, Op
from worldline.server.commit import commit_change
from worldline.server.database import opened_database, writing
from worldline.server.doctor import examine
from worldline.server.importing import Imported, import_source
from worldline.server.sweeping import owning, sweep
from worldline.server.tables import jobs
from worldline.server.uploads import KEEP_S, Uploads

FRAMES = 20
CHUNK = "lidars/velodyne/source/xyz/c/0/0/0"


def bring(data: Path, source: Path, until: float = math.inf) -> Imported:
    """Import, and end it at a frame."""

    def tell(_: str, done: int, __: int) -> None:
        if done >= until:
            raise KeyboardInterrupt

    with opened_database(data) as engine:
        (imported,) = import_source(engine, data, source, "drive", "kitti-tracking", "ann", tell)
    return imported


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "drive"
    find_format("kitti-tracking").writer.write(street_scene(frame_count=FRAMES), folder)
    return folder


@pytest.fixture(scope="module")
def cut_short(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an import that was cut short, and a label that somebody made since; never changed."""
    data = tmp_path_factory.mktemp("short")
    with pytest.raises(KeyboardInterrupt):
        bring(data, source, 17)
    op = Op("objects/mine", '{"class_name":"car","number":999}', 0)
    with opened_database(data) as engine, writing(engine) as connection:
        commit_change(connection, find_scene(engine, "drive").id, Change("mine", "x", "manual", "bob", (op,)))
    return data


@pytest.fixture
def data(cut_short: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(cut_short, tmp_path / "data"))


def staged(data: Path) -> Path:
    with opened_database(data) as engine:
        row = find_scene(engine, "drive")
    assert (row.state, row.ready_frame_count) == ("interrupted", 8)
    return data / row.folder


def execute(data: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(data / "worldline.db") as database:
        database.execute(statement, values)


def ended(data: Path, source: Path) -> str:
    """Import again to the end: the label is kept, and nothing is wrong."""
    imported = bring(data, source)
    with opened_database(data) as engine:
        sweep(engine, data)  # as a server does when it starts
        row = find_scene(engine, "drive")
    assert (row.state, row.object_count) == ("ready", imported.object_count + 1)
    assert examine(data, None, repair=False) == []
    return imported.outcome


def test_that_an_import_was_cut_short_is_no_fault(data: Path, source: Path) -> None:
    folder = staged(data)
    with (folder / "progress.jsonl").open("ab") as log:
        log.write(b'{"lidar": "velodyne", "fi')  # it was killed while it wrote
    (folder / "lidars/velodyne/source/xyz/c/1/0").mkdir(parents=True)
    (folder / "lidars/velodyne/source/xyz/c/1/0/0").write_bytes(b"begun")
    before = digests(data)
    assert examine(data, None, repair=False) == []
    assert examine(data, "drive", repair=True) == []
    assert examine(data, None, repair=True) == []
    assert digests(data) == before
    assert ended(data, source) == "continued"


def drop_line(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))


def break_line(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"{", b"[", 1))


@pytest.mark.parametrize(
    ("file", "damage", "kind"),
    [
        (CHUNK, Path.unlink, "file_missing"),
        (CHUNK, cut, "file_truncated"),
        (CHUNK, flip(40), "file_altered"),
        ("poses/velodyne/c/0/0", flip(20), "file_altered"),
        ("zarr.json", flip(5), "file_altered"),
        ("progress.jsonl", drop_line, "log_damaged"),
        ("progress.jsonl", break_line, "log_damaged"),
        ("progress.jsonl", Path.unlink, "log_damaged"),
        ("", shutil.rmtree, "scene_missing"),
    ],
)
def test_damage_to_an_import_that_was_cut_short_is_told_and_the_next_import_reads_all_again(
    data: Path, source: Path, file: str, damage: Callable[[Path], None], kind: str
) -> None:
    damage(staged(data) / file)
    damaged = digests(data)
    for repair in (False, True):
        (found,) = examine(data, "drive", repair=repair)
        assert (found.kind, found.scene, found.mended) == (kind, "drive", False)
        assert "import the same source again" in found.fix
        assert "worldline remove drive" in found.fix
    assert digests(data) == damaged
    assert ended(data, source) == ("continued" if damage is drop_line else "imported")


def test_a_scene_that_nobody_writes_any_more_is_told_and_is_interrupted_or_goes(data: Path) -> None:
    execute(data, "UPDATE scenes SET state = 'growing'")
    with opened_database(data) as engine:
        generation = find_scene(engine, "drive").generation
    with owning(data, generation):
        assert examine(data, None, repair=True) == []
    (found,) = examine(data, None, repair=False)
    assert (found.kind, found.scene, found.mended) == ("scene_abandoned", "drive", False)
    assert [(each.kind, each.mended) for each in examine(data, None, repair=True)] == [("scene_abandoned", True)]
    staged(data)
    assert examine(data, None, repair=False) == []
    execute(data, "DELETE FROM imports")
    execute(data, "UPDATE scenes SET state = 'growing'")
    assert all(each.mended for each in examine(data, None, repair=True))
    with opened_database(data) as engine:
        assert list_scenes(engine) == []
    assert examine(data, None, repair=False) == []
    assert not any((data / "staging").iterdir())


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a scene and two merged clouds; never changed."""
    data = tmp_path_factory.mktemp("merged")
    root = data / "derived" / import_scene(data).generation
    for seed in (1, 2):
        cloud = stage_scene(root, street_scene(seed=seed, frame_count=4))
        (root / f"{seed}.json").write_text(json.dumps({"generation": cloud.generation}))
    return data


def of_note(root: Path, seed: int) -> Path:
    return root / "scenes" / str(json.loads((root / f"{seed}.json").read_text())["generation"])


def test_what_can_be_made_again_is_removed_when_it_is_damaged_or_nothing_speaks_of_it(
    merged: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(merged, tmp_path / "data"))
    assert examine(data, None, repair=True) == []
    (root,) = (data / "derived").iterdir()
    bad, good = of_note(root, 1), of_note(root, 2)
    flip(40)(bad / "lidars/lidar/source/xyz/c/0/0/0")
    orphan = Path(shutil.copytree(good, root / "scenes" / ("0" * 32)))
    assert kinds(examine(data, "street", repair=False)) == ["derived_damaged"]  # a note may yet speak of the other
    os.utime(orphan, (1, 1))
    (root / "3.json").write_text("{")
    (root / "staging" / "dead").mkdir()
    (data / "derived" / "gone").mkdir()
    expected = ["derived_damaged", "derived_damaged", "derived_orphaned", "staging_abandoned", "derived_orphaned"]
    before = digests(data)
    assert kinds(examine(data, None, repair=False)) == expected
    assert digests(data) == before
    found = examine(data, None, repair=True)
    assert kinds(found) == expected
    assert all(each.mended for each in found)
    assert {each.name for each in root.iterdir()} == {"2.json", "scenes", "staging"}
    assert [each.name for each in (root / "scenes").iterdir()] == [good.name]
    assert examine(data, None, repair=False) == []


def test_what_was_sent_is_removed_after_a_week_and_not_before(merged: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(merged, tmp_path / "data"))
    uploads = Uploads(data)
    old, new = "0" * 32, "1" * 32
    for each in (old, new):
        uploads.create(each, "a/b.bin", 10, 0)
    for each in [*(data / "uploads" / old).rglob("*"), data / "uploads" / old]:
        os.utime(each, (0, time.time() - KEEP_S - 60))
    (found,) = examine(data, None, repair=False)
    assert (found.kind, found.where) == ("upload_expired", str(data / "uploads" / old))
    assert examine(data, None, repair=True)[0].mended
    assert [each.name for each in (data / "uploads").iterdir()] == [new]
    assert examine(data, None, repair=False) == []


def test_rows_that_hang_on_nothing_and_exports_without_their_file_are_told(merged: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(merged, tmp_path / "data"))
    with opened_database(data) as engine, writing(engine) as connection:
        job = {"id": "x", "kind": "export", "scene": "street", "format": "kitti", "revision": 1, "state": "done"}
        connection.execute(insert(jobs), {**job, "created_ns": 1})
    found = examine(data, None, repair=True)
    assert [(each.kind, each.where, each.mended) for each in found] == [("export_missing", "exports/x.zip", False)]
    execute(data, "UPDATE jobs SET state = 'failed'")
    execute(data, "INSERT INTO imports (scene_id, source_key, source, labels, revision) VALUES (77, 'k', 's', 'l', 1)")
    dangling: list[Ailment] = examine(data, None, repair=True)
    assert kinds(dangling) == ["database_dangling"]
    assert "imports" in dangling[0].where
    assert not dangling[0].mended
