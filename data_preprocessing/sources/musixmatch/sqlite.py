"""Reads the musiXmatch database, `mxm_dataset.db`: one row for every word of every song."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.bags_of_words import BagsOfWords, offsets
from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows
from representation_music.data_preprocessing.sources.files.sqlite import open_database
from representation_music.data_preprocessing.sources.identifiers import (
    ID_TYPE,
    are_track_ids,
    check_track_id,
)
from representation_music.data_preprocessing.sources.musixmatch.block import parse_pairs
from representation_music.data_preprocessing.sources.musixmatch.row import LARGEST_COUNT
from representation_music.utils.console import progress
from representation_music.utils.errors import InputError

_TABLES = {"words": ("word",), "lyrics": ("track_id", "word", "count", "is_test")}

# A row for each word would cost a Python object a cell; SQLite joins many rows into three
# strings instead, which numpy then takes apart. An unknown word or an empty cell gives a
# character that does not belong there.
_JOINED_ROWS = """
    SELECT count(*), max(row),
           group_concat(coalesce(track_id, '?'), ''),
           group_concat(coalesce(word_row, 0) || ':' || coalesce(count, '?'), ','),
           group_concat(coalesce(is_test, '?'), '')
    FROM (SELECT lyrics.rowid AS row, track_id, words.rowid AS word_row, count, is_test
          FROM lyrics LEFT JOIN words ON words.word = lyrics.word
          WHERE lyrics.rowid > ? ORDER BY lyrics.rowid LIMIT ?)"""

_SINGLE_ROWS = """
    SELECT lyrics.rowid, track_id, lyrics.word, words.rowid, count, is_test
    FROM lyrics LEFT JOIN words ON words.word = lyrics.word
    WHERE lyrics.rowid > ? AND lyrics.rowid <= ? ORDER BY lyrics.rowid"""

ROWS_AT_ONCE = 200_000


@dataclass
class _Entries:
    """Words of songs: words from 0, counts and is_test [entries]; ids and lengths [runs].

    A run is a song's entries that stand together, which is nearly always all it has.
    """

    track_ids: np.ndarray
    lengths: np.ndarray
    indices: np.ndarray
    counts: np.ndarray
    is_test: np.ndarray

    @classmethod
    def from_rows(cls, track_ids, indices, counts, is_test) -> "_Entries":
        """Finds the runs among the rows' track ids, 'S18' [entries]."""
        starts = np.flatnonzero(track_ids[1:] != track_ids[:-1]) + 1
        starts = np.concatenate([np.zeros(min(1, len(track_ids)), np.int64), starts])
        lengths = np.diff(starts, append=len(track_ids))
        return cls(track_ids[starts], lengths, indices, counts, is_test)


def read_musixmatch_sqlite(path: Path | str, bad_rows: BadRows = STOP) -> BagsOfWords:
    """Reads a musiXmatch database, whose rows may stand in any order; orders songs by track id.

    Songs with a bad row are left out.

    Raises:
        InputError: if the file is damaged, lacks a table or column, or has a bad row.
    """
    path = Path(path)
    bad_songs: set[bytes] = set()
    with open_database(path, _TABLES) as database:
        words = _read_words(database, path)
        entries = list(_read_entries(database, path, len(words), bad_rows, bad_songs))
    if not sum(len(part.indices) for part in entries):
        raise InputError(f"{path}: table lyrics", "no song", "at least one row")
    return _group_by_song(words, entries, path, bad_rows, bad_songs)


def _read_words(database: sqlite3.Connection, path: Path) -> list[str]:
    rows = database.execute("SELECT rowid, word FROM words ORDER BY rowid").fetchall()
    words = [word for _, word in rows]
    place = f"{path}: table words"
    if not words:
        raise InputError(place, "no word", "the list of words, commonest first")
    if [row for row, _ in rows] != list(range(1, len(rows) + 1)):
        raise InputError(place, "row numbers with gaps", "row numbers from 1 without gaps")
    if not all(isinstance(word, str) and word for word in words) or len(set(words)) < len(words):
        raise InputError(place, "an empty or repeated word", "a list of different words")
    return words


def _read_entries(
    database: sqlite3.Connection,
    path: Path,
    num_words: int,
    bad_rows: BadRows,
    bad_songs: set[bytes],
) -> Iterator[_Entries]:
    """Yields all rows of the table of lyrics, many at once."""
    # The largest row number, not count(*), which would read the whole table.
    last_row = database.execute("SELECT max(rowid) FROM lyrics").fetchone()[0]
    row = 0
    with progress(f"Reading {path.name}", last_row) as done:
        while True:
            num_rows, last, *texts = database.execute(_JOINED_ROWS, [row, ROWS_AT_ONCE]).fetchone()
            if not num_rows:
                return
            entries = _split_texts(num_rows, *texts)
            if entries is None:
                entries = _read_by_row(database, path, (row, last), bad_rows, bad_songs)
            yield entries
            done(last - row)
            row = last


def _split_texts(num_rows: int, track_ids: str, pairs: str, is_test: str) -> _Entries | None:
    """Takes joined rows apart; None if any of them is bad or has a count over 9999."""
    ids, tests = track_ids.encode(), is_test.encode()
    if len(ids) != num_rows * 18 or not are_track_ids(ids):
        return None
    if len(tests) != num_rows or tests.strip(b"01"):
        return None
    parsed = parse_pairs(np.frombuffer(pairs.encode() + b"\n", np.uint8))
    if parsed is None or len(parsed[0]) != num_rows:
        return None
    indices, counts, _ = parsed
    test_flags = np.frombuffer(tests, np.uint8) == ord("1")
    return _Entries.from_rows(np.frombuffer(ids, ID_TYPE), indices - 1, counts, test_flags)


def _read_by_row(
    database: sqlite3.Connection,
    path: Path,
    row_range: tuple[int, int],
    bad_rows: BadRows,
    bad_songs: set[bytes],
) -> _Entries:
    """Reads the good rows of a range, (before the first, last); the others are bad rows."""
    good = []
    for row, track_id, *cells in database.execute(_SINGLE_ROWS, row_range):
        place = f"{path}: table lyrics, row {row}"
        key = b""
        try:
            key = check_track_id(str(track_id), place)
            good.append((key, *_check_cells(*cells, place)))
        except InputError as error:
            bad_rows.add(error)
            bad_songs.add(key)
    ids, indices, counts, tests = zip(*good, strict=True) if good else ((), (), (), ())
    return _Entries.from_rows(
        np.array(ids, ID_TYPE),
        np.array(indices, np.int32),
        np.array(counts, np.int32),
        np.array(tests, bool),
    )


def _check_cells(word, word_row, count, is_test, place) -> tuple[int, int, bool]:
    """The row's word from 0, count and whether it is of a test song."""
    if word_row is None:
        raise InputError(place, f"the word {word!r}", "one of the table words")
    if not isinstance(count, int) or not 1 <= count <= LARGEST_COUNT:
        raise InputError(place, f"the count {count!r}", f"one from 1 to {LARGEST_COUNT}")
    if is_test not in (0, 1):
        raise InputError(place, f"is_test {is_test!r}", "0 or 1")
    return word_row - 1, count, bool(is_test)


def _group_by_song(
    words: list[str], parts: list[_Entries], path: Path, bad_rows: BadRows, bad_songs: set[bytes]
) -> BagsOfWords:
    """Gathers each song's entries, which may be scattered, in ascending word order."""
    track_ids, run_songs = np.unique(
        np.concatenate([part.track_ids for part in parts]), return_inverse=True
    )
    songs = np.repeat(run_songs, np.concatenate([part.lengths for part in parts]))
    indices = np.concatenate([part.indices for part in parts])
    counts = np.concatenate([part.counts for part in parts])
    is_test = np.concatenate([part.is_test for part in parts])

    keys = songs * len(words) + indices
    if not (keys[1:] > keys[:-1]).all():
        order = np.argsort(keys, kind="stable")
        keys, songs, indices = keys[order], songs[order], indices[order]
        counts, is_test = counts[order], is_test[order]
    problems = [
        (songs[entry], f"the word {words[indices[entry]]!r} twice", "each word of a song once")
        for entry in np.flatnonzero(keys[1:] == keys[:-1])
    ]
    lengths = np.bincount(songs, minlength=len(track_ids))
    indptr = offsets(lengths)
    test_rows = np.add.reduceat(is_test.astype(np.int64), indptr[:-1])
    problems += [
        (song, "is_test 0 in some rows and 1 in others", "one value per song")
        for song in np.flatnonzero((test_rows != 0) & (test_rows != lengths))
    ]
    for song, found, expected in problems:
        track_id = track_ids[song]
        bad_songs.add(track_id)
        place = f"{path}: table lyrics, track {track_id.decode()}"
        bad_rows.add(InputError(place, found, expected))
    bags = BagsOfWords(words, track_ids, indptr, indices, counts, test_rows == lengths)
    if not bad_songs:
        return bags
    return bags.keep(~np.isin(track_ids, np.array(sorted(bad_songs), ID_TYPE)))
