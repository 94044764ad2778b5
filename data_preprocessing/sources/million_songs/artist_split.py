"""Reads `artists_train.txt` and `artists_test.txt`: one artist id a line."""

from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.bad_rows import BadRows
from representation_music.data_preprocessing.sources.identifiers import ID_TYPE, check_artist_id
from representation_music.data_preprocessing.sources.text_source import read_lines
from representation_music.utils.errors import InputError


def read_artist_list(
    path: Path | str, *, skip_bad_rows: bool = False, bad_rows: list[str] | None = None
) -> np.ndarray:
    """Reads a list of artists.

    Args:
        path: The `.txt` file, or a zip that holds it.
        skip_bad_rows: Leave out rows that cannot be read.
        bad_rows: Receives one message for every row left out.

    Returns:
        Artist ids 'S18' [artists] in the order of the file.

    Raises:
        InputError: if the file is damaged, naming the first bad line, or has no good row.
    """
    bad = BadRows(skip_bad_rows, bad_rows)
    lines: dict[bytes, int] = {}
    for number, text in read_lines(path, bad):
        place = f"{path}:{number}"
        try:
            artist_id = check_artist_id(text, place)
            if artist_id in lines:
                found = f"the artist id {text} of line {lines[artist_id]} again"
                raise InputError(place, found, "each artist once")
        except InputError as error:
            bad.add(error)
            continue
        lines[artist_id] = number
    if not lines:
        raise InputError(path, "no artist", "one artist id a line")
    return np.array(list(lines), ID_TYPE)
