"""Joins what the readers give by track id, never by position, into one `SongDataset`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.groups import groups_by_name
from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags, classes_of
from representation_music.utils.errors import InputError

if TYPE_CHECKING:
    from representation_music.data_preprocessing.songs.bags_of_words import BagsOfWords
    from representation_music.data_preprocessing.sources.million_songs.artist_terms import (
        ArtistTags,
    )
    from representation_music.data_preprocessing.sources.million_songs.song_table import SongTable


@dataclass(frozen=True)
class Lyrics:
    """All bags of words by ascending id.

    `counts` is [songs, words] float32 CSR; `is_test` [songs] marks musiXmatch's test songs.
    """

    ids: np.ndarray
    words: list[str]
    counts: csr_array
    is_test: np.ndarray


def join_lyrics(sources: Sequence[tuple[str, "BagsOfWords"]]) -> Lyrics:
    """Puts the bags of words of several (file name, content) together, by ascending track id.

    Raises:
        InputError: if the files differ in their words or hold the same track.
    """
    first_name, first = sources[0]
    for name, bags in sources:
        if bags.words != first.words:
            raise InputError(name, "another list of words", f"the one of {first_name}")
    ids = np.concatenate([bags.track_ids for _, bags in sources])
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    _refuse_repeats(" and ".join(name for name, _ in sources), ids)
    counts = vstack([bags.to_csr() for _, bags in sources], format="csr")[order]
    counts.sort_indices()
    is_test = np.concatenate([bags.is_test for _, bags in sources])[order]
    return Lyrics(ids, list(first.words), counts, is_test)


def join_songs(
    lyrics: Lyrics,
    tables: "Sequence[tuple[str, SongTable]]" = (),
    artist_tags: "tuple[str, ArtistTags] | None" = None,
    genres: tuple[str, tuple[np.ndarray, list[str]]] | None = None,
    label_groups: Sequence[tuple[str, np.ndarray, np.ndarray]] = (),
) -> SongDataset:
    """Gives labels to the songs of `lyrics`, NaN where a source has none. Keeps every song.

    Each source is a pair (file name, content).

    Args:
        lyrics: Bags of words.
        tables: Numeric labels and artist ids; a value missing in one is taken from the next.
        artist_tags: Tags by artist. An artist that it does not list has missing tags.
        genres: (track ids, genre of each).
        label_groups: (file name, ids, artist of each) of the user's own tables, for songs whose
            artist no other source has.

    Raises:
        InputError: if a source names an id twice or has none in common with the songs.
    """
    ids, columns = lyrics.ids, {}
    artist_ids, name_keys = np.zeros((2, len(ids)), "S18")
    for place, table in tables:
        rows = find_rows(place, table.track_ids, ids)
        artist_ids = np.where(artist_ids == b"", _take(table.artist_ids, rows, b""), artist_ids)
        if table.name_keys is not None:
            name_keys = np.where(name_keys == b"", _take(table.name_keys, rows, b""), name_keys)
        for name, column in table.columns().items():
            columns[name] = _fill_missing(columns.get(name), column.take(rows))
    for place, of_table, groups in label_groups:
        rows = find_rows(place, of_table, ids)
        artist_ids = np.where(artist_ids == b"", _take(groups, rows, b""), artist_ids)
    if genres:
        place, (of_genre, names) = genres
        columns["genre"] = classes_of(
            _take(np.array(names), find_rows(place, of_genre, ids), "").tolist()
        )
    return SongDataset(
        ids=ids,
        groups=groups_by_name(artist_ids, name_keys),
        words=lyrics.words,
        counts=lyrics.counts,
        columns=columns,
        tags=_tags_of_songs(artist_tags, artist_ids),
    )


def keep_songs(dataset: SongDataset, keep: np.ndarray) -> SongDataset:
    """The songs where `keep` [songs] is true, with only the tags and classes that they carry."""
    positions = np.flatnonzero(keep)
    return replace(
        dataset,
        ids=dataset.ids[keep],
        groups=dataset.groups[keep],
        counts=dataset.counts[keep],
        columns={name: column.take(positions) for name, column in dataset.columns.items()},
        tags=dataset.tags.keep(keep),
        splits={name: codes[keep] for name, codes in dataset.splits.items()},
    )


def find_rows(place: str, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """[wanted] int64 row of each id in `known` (any order), -1 where it is not there.

    Raises:
        InputError: if `known` holds an id twice, or none of those wanted.
    """
    order = np.argsort(known, kind="stable")
    ascending = known[order]
    _refuse_repeats(place, ascending)
    rows = np.full(len(wanted), -1, np.int64)
    if len(known):
        nearest = np.searchsorted(ascending, wanted).clip(max=len(known) - 1)
        found = (ascending[nearest] == wanted) & (wanted != b"")
        rows[found] = order[nearest[found]]
    if (rows < 0).all():
        of_file, of_bags = ([each for each in np.unique(ids) if each] for ids in (known, wanted))
        raise InputError(
            place,
            f"no id in common with the bags of words ({_some_of(of_file)} against "
            f"{_some_of(of_bags)})",
            "ids of the same examples, written alike",
            "Write them alike, or leave this file out.",
        )
    return rows


def _some_of(ids: list[bytes]) -> str:
    """How many ids there are, with an example."""
    return f"{len(ids):,}" + (f" such as {ids[0].decode('utf-8', 'replace')!r}" if ids else "")


def _refuse_repeats(place: str, ascending: np.ndarray) -> None:
    repeats = np.flatnonzero(ascending[1:] == ascending[:-1])
    if len(repeats):
        found = f"{ascending[repeats[0]].decode()} more than once ({len(repeats)} such rows)"
        raise InputError(place, found, "every id once", "Leave one row for each.")


def _take(values: np.ndarray, rows: np.ndarray, missing) -> np.ndarray:
    """`values[rows]`, and `missing` where a row is -1."""
    return np.where(rows < 0, np.asarray(missing, values.dtype), values[rows])


def _fill_missing(first: LabelColumn | None, second: LabelColumn) -> LabelColumn:
    """The first column, with the values of the second where it has none."""
    if first is None:
        return second
    return replace(first, values=np.where(first.known, first.values, second.values))


def _tags_of_songs(artist_tags: "tuple[str, ArtistTags] | None", artist_ids: np.ndarray) -> Tags:
    """The tags of each song's artist; missing where the table does not list it."""
    if artist_tags is None:
        return Tags.none(len(artist_ids))
    place, tags = artist_tags
    rows = find_rows(place, tags.artist_ids, artist_ids)
    # A last, empty row stands for every artist without tags.
    indptr = np.append(tags.indptr, tags.indptr[-1])
    ones = np.ones(len(tags.indices), np.int8)
    by_artist = csr_array((ones, tags.indices, indptr), shape=(len(indptr) - 1, len(tags.names)))
    return Tags.ranked(tags.names, rows >= 0, by_artist[rows])
