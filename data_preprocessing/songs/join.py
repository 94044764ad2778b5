"""Joins what the readers give by track id, never by position, into one `SongDataset`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

from representation_music.data_preprocessing.songs.dataset import LabelColumn, SongDataset
from representation_music.data_preprocessing.songs.groups import groups_by_name
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import NUMERIC_LABELS

if TYPE_CHECKING:
    from representation_music.data_preprocessing.songs.bags_of_words import BagsOfWords
    from representation_music.data_preprocessing.sources.million_songs.artist_terms import (
        ArtistTags,
    )
    from representation_music.data_preprocessing.sources.million_songs.song_table import SongTable


@dataclass(frozen=True)
class Lyrics:
    """All bags of words by ascending track id.

    `counts` is [songs, words] float32 CSR; `is_test` [songs] marks musiXmatch's test songs.
    """

    track_ids: np.ndarray
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
    track_ids = np.concatenate([bags.track_ids for _, bags in sources])
    order = np.argsort(track_ids, kind="stable")
    track_ids = track_ids[order].astype("S18")
    _refuse_repeats(" and ".join(name for name, _ in sources), track_ids)
    counts = vstack([_to_csr(bags) for _, bags in sources], format="csr")[order]
    counts.sort_indices()
    is_test = np.concatenate([bags.is_test for _, bags in sources])[order]
    return Lyrics(track_ids, list(first.words), counts, is_test)


def join_songs(
    lyrics: Lyrics,
    tables: "Sequence[tuple[str, SongTable]]" = (),
    artist_tags: "tuple[str, ArtistTags] | None" = None,
    genres: tuple[str, tuple[np.ndarray, list[str]]] | None = None,
    label_tables: Sequence[tuple[str, tuple[np.ndarray, dict]]] = (),
) -> SongDataset:
    """Gives labels to the songs of `lyrics`, NaN where a source has none. Keeps every song.

    Each source is a pair (file name, content).

    Args:
        lyrics: Bags of words.
        tables: Numeric labels and artist ids; a value missing in one is taken from the next.
        artist_tags: Tags by artist. An artist that it does not list has missing tags.
        genres: (track ids, genre of each).
        label_tables: (track ids, values by column name) of the user's own labels.

    Raises:
        InputError: if a source names an id twice or has none in common with the songs, or if a
            user's column has the name of another label.
    """
    track_ids = lyrics.track_ids
    artist_ids, name_keys = np.zeros((2, len(track_ids)), "S18")
    numeric = {name: np.full(len(track_ids), np.nan) for name in NUMERIC_LABELS}
    for place, table in tables:
        rows = find_rows(place, table.track_ids, track_ids)
        artist_ids = np.where(artist_ids == b"", _take(table.artist_ids, rows, b""), artist_ids)
        if table.name_keys is not None:
            name_keys = np.where(name_keys == b"", _take(table.name_keys, rows, b""), name_keys)
        for name, values in table.labels.items():
            found = _take(values, rows, np.nan)
            numeric[name] = np.where(np.isnan(numeric[name]), found, numeric[name])
    genre_of_song = np.zeros(len(track_ids), "U1")
    if genres:
        place, (ids, names) = genres
        genre_of_song = _take(np.array(names), find_rows(place, ids, track_ids), "")
    genre, genre_names = _encode_classes(genre_of_song)
    tag_known, tags, tag_names = _tags_of_songs(artist_tags, artist_ids)
    return SongDataset(
        track_ids=track_ids,
        artist_ids=groups_by_name(artist_ids, name_keys),
        words=lyrics.words,
        counts=lyrics.counts,
        numeric=numeric,
        genre=genre.astype(np.int16),
        genre_names=genre_names,
        tag_known=tag_known,
        **_rank_tags(tags, tag_names),
        columns=_join_columns(label_tables, track_ids),
    )


def keep_songs(dataset: SongDataset, keep: np.ndarray) -> SongDataset:
    """The songs where `keep` [songs] is true, with only the tags and genres that they carry."""
    num_tags = len(dataset.tag_names)
    ones = np.ones(len(dataset.tag_indices), np.int8)
    tags = csr_array(
        (ones, dataset.tag_indices, dataset.tag_indptr), shape=(dataset.num_songs, num_tags)
    )
    genre, genre_names = _encode_classes(np.array([*dataset.genre_names, ""])[dataset.genre[keep]])
    return replace(
        dataset,
        track_ids=dataset.track_ids[keep],
        artist_ids=dataset.artist_ids[keep],
        counts=dataset.counts[keep],
        numeric={name: values[keep] for name, values in dataset.numeric.items()},
        genre=genre.astype(np.int16),
        genre_names=genre_names,
        tag_known=dataset.tag_known[keep],
        **_rank_tags(tags[keep], dataset.tag_names),
        columns={
            name: replace(column, values=column.values[keep])
            for name, column in dataset.columns.items()
        },
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
        raise InputError(
            place,
            "no id in common with the bags of words",
            "a file about the same songs",
            "Put the right file there, or take this one out of the folder.",
        )
    return rows


def _to_csr(bags: "BagsOfWords") -> csr_array:
    counts = bags.counts.astype(np.float32)
    shape = (len(bags.track_ids), len(bags.words))
    return csr_array((counts, bags.indices, bags.indptr), shape=shape)


def _refuse_repeats(place: str, ascending: np.ndarray) -> None:
    repeats = np.flatnonzero(ascending[1:] == ascending[:-1])
    if len(repeats):
        found = f"{ascending[repeats[0]].decode()} more than once ({len(repeats)} such rows)"
        raise InputError(place, found, "every id once", "Leave one row for each.")


def _take(values: np.ndarray, rows: np.ndarray, missing) -> np.ndarray:
    """`values[rows]`, and `missing` where a row is -1."""
    return np.where(rows < 0, np.asarray(missing, values.dtype), values[rows])


def _encode_classes(names: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Names [songs], empty where missing: their positions (-1 where missing), sorted classes."""
    classes, codes = np.unique(np.append(names, ""), return_inverse=True)
    return codes[:-1] - 1, classes[1:].tolist()


def _tags_of_songs(
    artist_tags: "tuple[str, ArtistTags] | None", artist_ids: np.ndarray
) -> tuple[np.ndarray, csr_array, list[str]]:
    """Whether each song's tags are known [songs], its tags [songs, tags], and the tags' names."""
    if artist_tags is None:
        return np.zeros(len(artist_ids), bool), csr_array((len(artist_ids), 0), dtype=np.int8), []
    place, tags = artist_tags
    rows = find_rows(place, tags.artist_ids, artist_ids)
    # A last, empty row stands for every artist without tags.
    indptr = np.append(tags.indptr, tags.indptr[-1])
    ones = np.ones(len(tags.indices), np.int8)
    by_artist = csr_array((ones, tags.indices, indptr), shape=(len(indptr) - 1, len(tags.names)))
    return rows >= 0, by_artist[rows], tags.names


def _rank_tags(tags: csr_array, names: list[str]) -> dict:
    """The tag fields of a dataset: tags that occur, commonest first, then by name."""
    songs_with_tag = np.bincount(tags.indices, minlength=len(names))
    order = sorted(np.flatnonzero(songs_with_tag), key=lambda t: (-songs_with_tag[t], names[t]))
    rank = np.zeros(len(names), np.int32)
    rank[order] = np.arange(len(order))
    ranked = csr_array((tags.data, rank[tags.indices], tags.indptr), shape=tags.shape)
    ranked.sort_indices()
    return {
        "tag_indptr": ranked.indptr.astype(np.int64),
        "tag_indices": ranked.indices.astype(np.int32),
        "tag_names": [names[tag] for tag in order],
        "tag_counts": songs_with_tag[order].astype(np.int64),
    }


def _join_columns(
    label_tables: Sequence[tuple[str, tuple[np.ndarray, dict]]], track_ids: np.ndarray
) -> dict[str, LabelColumn]:
    columns: dict[str, LabelColumn] = {}
    for place, (ids, content) in label_tables:
        rows = find_rows(place, ids, track_ids)
        for name, values in content.items():
            if name in NUMERIC_LABELS or name in columns or name.split(":")[0] == "genre":
                raise InputError(f"{place}: column {name!r}", "a name in use", "a new name")
            columns[name] = _label_column(np.asarray(values), rows)
    return columns


def _label_column(values: np.ndarray, rows: np.ndarray) -> LabelColumn:
    """A text column is multi-class, one of only 0 and 1 binary, any other a regression."""
    if values.dtype.kind == "U":
        codes, classes = _encode_classes(_take(values, rows, ""))
        return LabelColumn("multiclass", np.where(codes < 0, np.nan, codes), classes)
    known = values[~np.isnan(values)]
    kind = "binary" if np.isin(known, (0, 1)).all() else "regression"
    return LabelColumn(kind, _take(values.astype(np.float64), rows, np.nan))
