"""Reads `tracks_per_year.txt`: the year of every song whose year is known."""

from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows, read_by_id
from representation_music.data_preprocessing.sources.files.text import read_lines
from representation_music.data_preprocessing.sources.identifiers import ID_TYPE, check_track_id
from representation_music.data_preprocessing.sources.million_songs.artist_names import name_key
from representation_music.data_preprocessing.sources.million_songs.song_table import (
    SongTable,
    with_missing_as_nan,
)
from representation_music.utils.errors import InputError


def read_tracks_per_year(path: Path | str, bad_rows: BadRows = STOP) -> SongTable:
    """Years, and artists' names as keys, of a `.txt` file or a zip of it; no artist ids.

    A line is `year<SEP>track_id<SEP>artist<SEP>title`; artist and title may be empty.

    Raises:
        InputError: if the file is damaged, naming the first bad line, or has no good row.
    """
    lines = read_lines(path, bad_rows)
    track_ids, rows, _ = read_by_id(path, lines, _parse, "track", bad_rows)
    years, names = zip(*rows, strict=True)
    return SongTable(
        track_ids=track_ids,
        artist_ids=np.zeros(len(track_ids), ID_TYPE),
        labels={"year": with_missing_as_nan("year", np.array(years))},
        name_keys=np.array([name_key(name) for name in names], ID_TYPE),
    )


def _parse(text: str, place: str) -> tuple[bytes, tuple[int, str]]:
    fields = text.split("<SEP>")
    if len(fields) != 4:
        raise InputError(place, f"{text[:60]!r}", "year<SEP>track_id<SEP>artist<SEP>title")
    if not (len(fields[0]) <= 4 and fields[0].isascii() and fields[0].isdigit()):
        raise InputError(place, f"the year {fields[0][:40]!r}", "a year such as 1998")
    return check_track_id(fields[1], place), (int(fields[0]), fields[2])
