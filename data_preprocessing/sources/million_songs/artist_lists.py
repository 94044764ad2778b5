"""Reads `artists_train.txt` and `artists_test.txt`: one artist id per line."""

from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows, read_by_id
from representation_music.data_preprocessing.sources.files.text import read_lines
from representation_music.data_preprocessing.sources.identifiers import check_artist_id


def read_artist_list(path: Path | str, bad_rows: BadRows = STOP) -> np.ndarray:
    """Artist ids 'S18' [artists] in the order of the `.txt` file, which a zip may hold.

    Raises:
        InputError: if the file is damaged, naming the first bad line, or has no good row.
    """
    lines = read_lines(path, bad_rows)
    return read_by_id(path, lines, _parse, "artist", bad_rows)[0]


def _parse(text: str, place: str) -> tuple[bytes, None]:
    return check_artist_id(text, place), None
