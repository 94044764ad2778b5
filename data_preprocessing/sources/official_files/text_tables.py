"""The official text files of one entry per line: lists of artists, names, years, genres.

All are `.txt` or `.cls` files, which a zip may hold. Their readers raise an `InputError` if the
file is damaged, naming the first bad line, or has no good row.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows, read_by_id
from representation_music.data_preprocessing.sources.files.text import read_lines
from representation_music.data_preprocessing.sources.identifiers import (
    ID_LENGTH,
    ID_TYPE,
    check_artist_id,
    check_track_id,
)
from representation_music.data_preprocessing.sources.million_songs.song_table import (
    SongTable,
    with_missing_as_nan,
)
from representation_music.utils.errors import InputError

#: What a key that stands for a name starts with, and no artist id does.
PREFIX = b"name:"

_GUESTS = re.compile(r"\s\W*(feat|featuring|ft)\b.*", re.IGNORECASE | re.DOTALL)


def name_key(name: str) -> bytes:
    """18 bytes that stand for an artist's name; none for an empty one.

    Case, punctuation and guests (`featuring ...`) make no difference.
    """
    text = unicodedata.normalize("NFKC", _GUESTS.sub("", name)).casefold()
    letters = "".join(filter(str.isalnum, text)) or "".join(name.split())
    if not letters:
        return b""
    digest = base64.b32encode(hashlib.blake2b(letters.encode(), digest_size=10).digest())
    return PREFIX + digest[: ID_LENGTH - len(PREFIX)]


def read_artist_list(path: Path | str, bad_rows: BadRows = STOP) -> np.ndarray:
    """Artist ids 'S18' [artists] of `artists_train.txt` or `artists_test.txt`, in its order."""

    def parse(text: str, place: str) -> tuple[bytes, None]:
        return check_artist_id(text, place), None

    return read_by_id(path, read_lines(path, bad_rows), parse, "artist", bad_rows)[0]


def read_unique_tracks(path: Path | str, bad_rows: BadRows = STOP) -> SongTable:
    """Artists' names, as keys, of `unique_tracks.txt`; no artist ids, no labels.

    A line is `track_id<SEP>song_id<SEP>artist<SEP>title`; artist and title may be empty.
    """

    def parse(text: str, place: str) -> tuple[bytes, str]:
        track_id, _, artist, _ = _four_fields(text, "track_id<SEP>song_id", place)
        return check_track_id(track_id, place), artist

    track_ids, names = _by_track(path, parse, bad_rows)
    return _table_of_names(track_ids, names, {})


def read_tracks_per_year(path: Path | str, bad_rows: BadRows = STOP) -> SongTable:
    """Years, and artists' names as keys, of `tracks_per_year.txt`; no artist ids.

    A line is `year<SEP>track_id<SEP>artist<SEP>title`; artist and title may be empty.
    """

    def parse(text: str, place: str) -> tuple[bytes, tuple[int, str]]:
        year, track_id, artist, _ = _four_fields(text, "year<SEP>track_id", place)
        if not (len(year) <= 4 and year.isascii() and year.isdigit()):
            raise InputError(place, f"the year {year[:40]!r}", "a year such as 1998")
        return check_track_id(track_id, place), (int(year), artist)

    track_ids, rows = _by_track(path, parse, bad_rows)
    years, names = zip(*rows, strict=True)
    return _table_of_names(track_ids, names, {"year": with_missing_as_nan("year", years)})


def read_tagtraum(path: Path | str, bad_rows: BadRows = STOP) -> tuple[np.ndarray, list[str]]:
    """Track ids 'S18' [tracks] and the majority genre of each, of `msd_tagtraum_cd1.cls`, say.

    A line holds track id, genre and, at some, a minority genre, separated by tabs.
    """

    def parse(text: str, place: str) -> tuple[bytes, str]:
        fields = text.split("\t")
        if not 2 <= len(fields) <= 3 or not all(field.strip() for field in fields[1:]):
            raise InputError(place, f"{text[:60]!r}", "track id, tab, genre")
        return check_track_id(fields[0], place), fields[1]

    return _by_track(path, parse, bad_rows)


def _by_track(path: Path | str, parse: Callable, bad_rows: BadRows) -> tuple[np.ndarray, list]:
    """Track ids [rows], and what `parse` gives of each."""
    track_ids, values, _ = read_by_id(path, read_lines(path, bad_rows), parse, "track", bad_rows)
    return track_ids, values


def _four_fields(text: str, first: str, place: str) -> list[str]:
    fields = text.split("<SEP>")
    if len(fields) != 4:
        raise InputError(place, f"{text[:60]!r}", f"{first}<SEP>artist<SEP>title")
    return fields


def _table_of_names(track_ids: np.ndarray, names, labels: dict[str, np.ndarray]) -> SongTable:
    no_artists = np.zeros(len(track_ids), ID_TYPE)
    return SongTable(track_ids, no_artists, labels, np.array(list(map(name_key, names)), ID_TYPE))
