"""The database: durable, migrated under a lock, described once."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import worldline.server.database as database
from worldline.server.database import open_database, opened_database, reading, writing
from worldline.server.errors import DatabaseBusyError, DataFolderError
from worldline.server.tables import HEAD, metadata


def test_a_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    with opened_database(tmp_path) as engine, reading(engine) as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")
        }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2}
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_the_migrations_end_where_the_tables_are(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    with opened_database(tmp_path) as engine, reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_many_who_open_a_new_folder_at_once_migrate_it_once(tmp_path: Path) -> None:
    faults: list[Exception] = []

    def work() -> None:
        try:
            open_database(tmp_path).dispose()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_database_of_a_newer_worldline_is_left_alone(tmp_path: Path) -> None:
    with opened_database(tmp_path) as engine, writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataFolderError, match="newer Worldline"):
        open_database(tmp_path)


def test_a_database_that_another_holds_is_busy_not_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)
    with opened_database(tmp_path) as one, opened_database(tmp_path) as other, writing(one):
        with pytest.raises(DatabaseBusyError, match="try again"), writing(other):
            pass
        with reading(other) as connection:  # readers never wait
            assert connection.execute(text("SELECT count(*) FROM scenes")).scalar() == 0
