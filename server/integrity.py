"""Whether the database itself is whole: asked of SQLite, without changing it."""

import sqlite3
from contextlib import closing
from pathlib import Path

_RESTORE = (
    "stop the server and restore the data folder's worldline.db from a backup, or save what can be read with "
    "sqlite3 worldline.db .recover"
)
_MOST = 20

Fault = tuple[str, str, str, str]
"""Kind, where, message, fix."""


def database_faults(path: Path) -> list[Fault]:
    """What SQLite finds wrong with a database: damaged pages, indexes that disagree, rows that hang on nothing."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
            broken = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_MOST})")]
            if broken == ["ok"]:
                rows = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST)
                return [
                    (
                        "database_dangling",
                        f"{path}: {table}",
                        f"row {row} hangs on a {parent} that is not there",
                        _RESTORE,
                    )
                    for table, row, parent, _ in rows
                ]
    except sqlite3.DatabaseError as error:
        broken = [str(error)]
    return [("database_damaged", str(path), each, _RESTORE) for each in broken]
