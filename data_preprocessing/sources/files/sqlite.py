"""SQLite sources, opened for reading only and checked for the tables and columns they must have."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from representation_music.data_preprocessing.sources.files.zipped import FETCH_AGAIN
from representation_music.utils.errors import InputError
from representation_music.utils.reading import Unreadable, open_file, refusal, require_file

#: What SQLite says on a disk that knows no locks, as of some clusters.
CANNOT_LOCK = "disk I/O error"
#: Seconds to wait for another process to let go of a database.
LOCK_WAIT = 5.0
#: What stands beside a database whose writer has not put everything into it yet.
LOG, JOURNAL = "-wal", "-journal"


@contextmanager
def open_database(
    path: Path | str, tables: Mapping[str, Sequence[str]]
) -> Iterator[sqlite3.Connection]:
    """Opens a database that must have the given columns in each table.

    What was committed to a write-ahead log beside it is read as well. Nothing is written, so a
    read-only folder will do where there is no such log.

    Raises:
        InputError: if there is no such file, it is locked or cannot be read, it is no SQLite
            database, it is cut or damaged (also found while it is read), or a table or column is
            missing.
    """
    path = Path(path)
    require_file(path, "a SQLite database")
    try:
        with closing(_connect(path)) as connection:
            for table, columns in tables.items():
                _check_columns(connection, path, table, columns)
            yield connection
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise _refusal(path, error) or InputError(
            path, f"a cut or damaged database ({error})", "a whole SQLite database", FETCH_AGAIN
        ) from error


def beside(path: Path, ending: str) -> Path:
    """The log or journal that belongs to a database; also where that is a link."""
    path = Path(os.path.realpath(path))
    return path.with_name(path.name + ending)


def _connect(path: Path) -> sqlite3.Connection:
    address = f"{Path(os.path.realpath(path)).as_uri()}?mode=ro"
    # Immutable: without locks, and without the index that a log needs and that would stay behind.
    immutable = f"{address}&immutable=1"
    at_rest = not any(beside(path, ending).exists() for ending in (LOG, JOURNAL))
    if at_rest and _keeps_a_log(path):
        return sqlite3.connect(immutable, uri=True)
    connection = sqlite3.connect(address, timeout=LOCK_WAIT, uri=True)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if not (at_rest and CANNOT_LOCK in str(error)):
            raise
        connection = sqlite3.connect(immutable, uri=True)
    return connection


def _keeps_a_log(path: Path) -> bool:
    """Whether the header says that writers use a write-ahead log."""
    with open_file(path) as file:
        return file.read(20)[18:20] == b"\2\2"


def _refusal(path: Path, error: Exception) -> InputError | None:
    unreadable = refusal(path, error)
    for ending in (LOG, JOURNAL):
        if unreadable and beside(path, ending).exists() and "locked" not in unreadable.found:
            found = f"{beside(path, ending).name} beside it, which cannot be read ({error})"
            advice = f"Open both with `sqlite3 {path.name}` to join them."
            return Unreadable(path, found, "", advice)
    return unreadable


def _check_columns(
    connection: sqlite3.Connection, path: Path, table: str, columns: Sequence[str]
) -> None:
    present = [
        row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?)", [table])
    ]
    if not present:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = ", ".join(sorted(row[0] for row in tables)) or "no table"
        raise InputError(path, names, f"a table {table}")
    missing = [column for column in columns if column not in present]
    if missing:
        raise InputError(
            f"{path}: table {table}",
            f"the columns {', '.join(present)}",
            f"the columns {', '.join(columns)}",
        )
