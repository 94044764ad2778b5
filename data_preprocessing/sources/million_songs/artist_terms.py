"""Reads `artist_term.db`: which tags each artist carries, as a sparse table of artists by tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from representation_music.data_preprocessing.songs.bags_of_words import offsets
from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows
from representation_music.data_preprocessing.sources.files.sqlite import open_database
from representation_music.data_preprocessing.sources.identifiers import ID_TYPE, check_artist_id
from representation_music.utils.console import progress
from representation_music.utils.errors import InputError

TagTable = Literal["artist_term", "artist_mbtag"]

ROWS_AT_ONCE = 50_000

_TAG_COLUMN = {"artist_term": "term", "artist_mbtag": "mbtag"}


@dataclass
class ArtistTags:
    """Tags of artists in compressed sparse row form; artist `i` owns `indptr[i]:indptr[i + 1]`.

    Attributes:
        artist_ids: Artists with at least one tag, sorted: bytes [artists].
        names: Tags, sorted.
        indptr: Start of each artist's tags, int64 [artists + 1].
        indices: Positions in `names`, ascending within an artist, int32.
    """

    artist_ids: np.ndarray
    names: list[str]
    indptr: np.ndarray
    indices: np.ndarray

    @classmethod
    def from_pairs(cls, artist_ids: Sequence[bytes], tags: Sequence[str]) -> "ArtistTags":
        """Gathers (artist, tag) pairs in any order; a pair given twice counts once."""
        distinct_artists, artists = np.unique(np.array(artist_ids, ID_TYPE), return_inverse=True)
        names = sorted(set(tags))
        position = {name: number for number, name in enumerate(names)}
        indices = np.fromiter((position[tag] for tag in tags), np.int64, len(tags))
        keys = np.unique(artists * max(1, len(names)) + indices)
        artists, indices = np.divmod(keys, max(1, len(names)))
        lengths = np.bincount(artists, minlength=len(distinct_artists))
        return cls(distinct_artists, names, offsets(lengths), indices.astype(np.int32))


def read_artist_terms(
    path: Path | str, table: TagTable = "artist_term", bad_rows: BadRows = STOP
) -> ArtistTags:
    """Reads the tags of all artists: The Echo Nest's terms, or MusicBrainz tags (`artist_mbtag`).

    Raises:
        InputError: if the file is damaged, lacks the table or a column, or has a bad row.
    """
    column = _TAG_COLUMN[table]
    artist_ids, tags = [], []
    checked: dict[str, bytes] = {}
    with open_database(path, {table: ("artist_id", column)}) as database:
        last_row = database.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]
        cursor = database.execute(f"SELECT rowid, artist_id, {column} FROM {table} ORDER BY rowid")
        with progress(f"Reading {table}", last_row) as done:
            for rows in iter(lambda: cursor.fetchmany(ROWS_AT_ONCE), []):
                for row, artist_id, tag in rows:
                    try:
                        if artist_id not in checked:
                            place = _place(path, table, row)
                            checked[artist_id] = check_artist_id(str(artist_id), place)
                        if not isinstance(tag, str) or not tag.strip():
                            place = _place(path, table, row)
                            raise InputError(place, f"the tag {tag!r}", "a text")
                    except InputError as error:
                        bad_rows.add(error)
                        continue
                    artist_ids.append(checked[artist_id])
                    tags.append(tag)
                done(len(rows))
    if not tags:
        raise InputError(f"{path}: table {table}", "no row", "at least one tag of an artist")
    return ArtistTags.from_pairs(artist_ids, tags)


def _place(path: Path | str, table: TagTable, row: int) -> str:
    return f"{path}: table {table}, row {row}"
