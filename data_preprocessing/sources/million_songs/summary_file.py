"""Reads `msd_summary_file.h5`: one row per song in three tables, everything but the tags."""

from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows
from representation_music.data_preprocessing.sources.files.hdf5 import (
    open_hdf5,
    read_columns,
    table_with_columns,
)
from representation_music.data_preprocessing.sources.million_songs.song_table import (
    COLUMNS_BY_TABLE,
    SongTable,
    checked_song_table,
)
from representation_music.utils.console import progress
from representation_music.utils.errors import InputError

# A row of the metadata takes five kilobytes, nearly all of it padded names that nobody asked for.
ROWS_AT_ONCE = 16_384


def read_summary_file(path: Path | str, bad_rows: BadRows = STOP) -> SongTable:
    """Reads the summary file of the Million Song Dataset.

    Raises:
        InputError: if the file is damaged, lacks a table or column, or has a bad row.
    """
    path = Path(path)
    parts: dict[str, list[np.ndarray]] = {
        column: [] for columns in COLUMNS_BY_TABLE.values() for column in columns
    }
    with open_hdf5(path) as file:
        tables = {
            name: table_with_columns(file, path, name, columns)
            for name, columns in COLUMNS_BY_TABLE.items()
        }
        lengths = {name: len(table) for name, table in tables.items()}
        num_songs = lengths["analysis/songs"]
        if set(lengths.values()) != {num_songs}:
            found = ", ".join(f"{length} rows in /{name}" for name, length in lengths.items())
            raise InputError(path, found, "tables of equal length, one row per song")
        with progress(f"Reading {path.name}", num_songs) as done:
            for start in range(0, num_songs, ROWS_AT_ONCE):
                rows = slice(start, min(start + ROWS_AT_ONCE, num_songs))
                for name, table in tables.items():
                    for column, values in read_columns(table, COLUMNS_BY_TABLE[name], rows).items():
                        parts[column].append(values)
                done(rows.stop - start)
    if not num_songs:
        raise InputError(path, "no song", "one row per song")
    columns = {column: np.concatenate(values) for column, values in parts.items()}
    return checked_song_table(
        columns.pop("track_id"),
        columns.pop("artist_id"),
        columns,
        lambda row: f"{path}: row {row}",
        bad_rows,
    )
