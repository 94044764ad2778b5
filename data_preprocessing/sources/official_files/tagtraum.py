"""Reads the tagtraum genre files, `msd_tagtraum_cd1.cls` and its like: one genre per track."""

from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows, read_by_id
from representation_music.data_preprocessing.sources.files.text import read_lines
from representation_music.data_preprocessing.sources.identifiers import check_track_id
from representation_music.utils.errors import InputError


def read_tagtraum(path: Path | str, bad_rows: BadRows = STOP) -> tuple[np.ndarray, list[str]]:
    """Track ids 'S18' [tracks] and the majority genre of each, of a `.cls` file or a zip of it.

    A line holds track id, genre and, at some, a minority genre, separated by tabs.

    Raises:
        InputError: if the file is damaged, naming the first bad line, or has no good row.
    """
    track_ids, genres, _ = read_by_id(path, read_lines(path, bad_rows), _parse, "track", bad_rows)
    return track_ids, genres


def _parse(text: str, place: str) -> tuple[bytes, str]:
    fields = text.split("\t")
    if not 2 <= len(fields) <= 3 or not all(field.strip() for field in fields[1:]):
        raise InputError(place, f"{text[:60]!r}", "track id, tab, genre")
    return check_track_id(fields[0], place), fields[1]
