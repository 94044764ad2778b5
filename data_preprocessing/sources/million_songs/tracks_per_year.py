"""Reads `tracks_per_year.txt`: the year of every song whose year is known."""

from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.bad_rows import BadRows
from representation_music.data_preprocessing.sources.identifiers import ID_TYPE, check_track_id
from representation_music.data_preprocessing.sources.million_songs.song_table import (
    SongTable,
    with_missing_as_nan,
)
from representation_music.data_preprocessing.sources.text_source import read_lines
from representation_music.utils.errors import InputError


def read_tracks_per_year(path: Path | str, *, skip_bad_rows: bool = False) -> SongTable:
    """Reads lines `year<SEP>track_id<SEP>artist<SEP>title`; artist and title may be empty.

    Args:
        path: The `.txt` file, or a zip that holds it.
        skip_bad_rows: Leave out rows that cannot be read, and list them in `bad_rows`.

    Returns:
        The years; artist ids are unknown.

    Raises:
        InputError: if the file is damaged, naming the first bad line, or has no good row.
    """
    bad_rows = BadRows(skip_bad_rows)
    lines: dict[bytes, int] = {}
    years: list[int] = []
    for number, text in read_lines(path, bad_rows):
        place = f"{path}:{number}"
        fields = text.split("<SEP>")
        try:
            if len(fields) != 4:
                raise InputError(place, f"{text[:60]!r}", "year<SEP>track_id<SEP>artist<SEP>title")
            if not (len(fields[0]) <= 4 and fields[0].isascii() and fields[0].isdigit()):
                raise InputError(place, f"the year {fields[0][:40]!r}", "a year such as 1998")
            track_id = check_track_id(fields[1], place)
            if track_id in lines:
                found = f"the track id {fields[1]} of line {lines[track_id]} again"
                raise InputError(place, found, "each track once")
        except InputError as error:
            bad_rows.add(error)
            continue
        lines[track_id] = number
        years.append(int(fields[0]))
    if not years:
        raise InputError(path, "no song", "one song a line")
    return SongTable(
        track_ids=np.array(list(lines), ID_TYPE),
        artist_ids=np.zeros(len(lines), ID_TYPE),
        labels={"year": with_missing_as_nan("year", np.array(years))},
        bad_rows=bad_rows.messages,
    )
