"""Reads the tagtraum genre files, `msd_tagtraum_cd1.cls` and its kin: one genre a track."""

from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.bad_rows import BadRows
from representation_music.data_preprocessing.sources.identifiers import ID_TYPE, check_track_id
from representation_music.data_preprocessing.sources.text_source import read_lines
from representation_music.utils.errors import InputError


def read_tagtraum(
    path: Path | str, *, skip_bad_rows: bool = False, bad_rows: list[str] | None = None
) -> tuple[np.ndarray, list[str]]:
    """Reads lines of track id, genre and, at some, a minority genre, separated by tabs.

    Args:
        path: The `.cls` file, or a zip that holds it.
        skip_bad_rows: Leave out rows that cannot be read.
        bad_rows: Receives one message for every row left out.

    Returns:
        Track ids 'S18' [tracks] and the majority genre of each.

    Raises:
        InputError: if the file is damaged, naming the first bad line, or has no good row.
    """
    bad = BadRows(skip_bad_rows, bad_rows)
    lines: dict[bytes, int] = {}
    genres: list[str] = []
    for number, text in read_lines(path, bad):
        place = f"{path}:{number}"
        fields = text.split("\t")
        try:
            if not 2 <= len(fields) <= 3 or not all(field.strip() for field in fields[1:]):
                raise InputError(place, f"{text[:60]!r}", "track id, tab, genre")
            track_id = check_track_id(fields[0], place)
            if track_id in lines:
                found = f"the track id {fields[0]} of line {lines[track_id]} again"
                raise InputError(place, found, "each track once")
        except InputError as error:
            bad.add(error)
            continue
        lines[track_id] = number
        genres.append(fields[1])
    if not genres:
        raise InputError(path, "no track", "one track a line")
    return np.array(list(lines), ID_TYPE), genres
