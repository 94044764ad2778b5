"""SQLite sources, opened for reading only and checked for the tables and columns they must have."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from representation_music.data_preprocessing.sources.text_source import FETCH_AGAIN
from representation_music.utils.errors import InputError


@contextmanager
def open_database(
    path: Path | str, tables: Mapping[str, Sequence[str]]
) -> Iterator[sqlite3.Connection]:
    """Opens a database that must have the given columns in each table.

    Raises:
        InputError: if there is no such file, it is no SQLite database, it is cut or damaged
            (also found while it is read), or a table or column is missing.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(path, "no such file", "a SQLite database")
    try:
        # Immutable: no lock files, so that a read-only folder will do.
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            for table, columns in tables.items():
                _check_columns(connection, path, table, columns)
            yield connection
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise InputError(
            path, f"a cut or damaged database ({error})", "a whole SQLite database", FETCH_AGAIN
        ) from error


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
