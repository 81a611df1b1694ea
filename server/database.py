"""The database of a data folder: SQLite, durable, shared by processes.

``synchronous=FULL`` in WAL mode: what a commit acknowledged survives a crash of the process and
of the machine. Writers take the lock when they begin, so that none fails halfway.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from .errors import DatabaseBusyError, DataFolderError
from .tables import HEAD

FILE_NAME = "worldline.db"
BUSY_TIMEOUT_S = 30.0


def open_database(data: Path) -> Engine:
    """The database of a data folder, created and brought to the newest form where needed.

    Raises:
        DataFolderError: The folder cannot be written, or its database is of a newer Worldline.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        for folder in ("scenes", "staging", "exports"):
            (data / folder).mkdir(exist_ok=True)
    except OSError as error:
        raise DataFolderError(
            f"the data folder {data} cannot be made: {error.strerror}; choose another with --data"
        ) from error
    engine = connect_database(data / FILE_NAME)
    try:
        with locked(data / "migrate.lock"):
            _migrate(engine)
    except (OSError, DatabaseError) as error:
        engine.dispose()
        reason = getattr(error, "orig", None) or error
        raise DataFolderError(f"the database {data / FILE_NAME} cannot be opened: {reason}") from error
    return engine


@contextmanager
def opened_database(data: Path) -> Iterator[Engine]:
    """The database of a data folder, closed at the end of the block; see `open_database`."""
    engine = open_database(data)
    try:
        yield engine
    finally:
        engine.dispose()


def connect_database(path: Path) -> Engine:
    """An engine on a database file, with the pragmas that durability needs."""
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        pool_size=8,
        max_overflow=32,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write; durable once the block ended without an error.

    Raises:
        DatabaseBusyError: Another process kept the database for too long.
        DataFolderError: The database cannot be written, as on a full disk.
    """
    with engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        try:
            transaction = connection.begin()
        except OperationalError as error:
            raise DatabaseBusyError(f"the database is busy: {error.orig}; try again") from error
        try:
            with transaction:
                yield connection
        except OperationalError as error:
            raise DataFolderError(f"the database cannot be written: {error.orig}") from error


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock file; the system frees it when the process ends, however it ends."""
    while True:
        with path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
            if not _is_still(path, file.fileno()):
                continue  # who held it before us removed it: the lock of a file that nobody finds is none
            yield
            return


@contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Hold a lock file if nobody does; says whether."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def is_lock_free(path: Path) -> bool:
    """Whether nobody holds a lock file that exists."""
    try:
        with path.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError(f"not a SQLite connection: {connection!r}")
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA cache_size=-32768")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    with reading(engine) as connection:
        version = None
        if inspect(connection).has_table("alembic_version"):
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise DataFolderError(
            f"the database is of form {version}, this Worldline knows up to {HEAD}: install the newer Worldline again"
        )
    from alembic import command  # imported only when there is something to migrate: it takes its time
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
