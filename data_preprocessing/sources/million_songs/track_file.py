"""Reads one per-track HDF5 file of the Million Song Dataset, or a shard of them in a process."""

import io
from typing import TypedDict

from representation_music.data_preprocessing.sources.files.hdf5 import (
    open_hdf5,
    read_columns,
    table_with_columns,
)
from representation_music.data_preprocessing.sources.million_songs.artist_terms import TagTable
from representation_music.data_preprocessing.sources.million_songs.song_table import (
    COLUMNS_BY_TABLE,
)
from representation_music.utils.errors import InputError

_TAG_ARRAYS = {"artist_term": "metadata/artist_terms", "artist_mbtag": "musicbrainz/artist_mbtags"}


class ShardContent(TypedDict):
    """What a shard's files hold, of types that JSON can carry: null is a number that is unknown.

    `columns` has lists of equal length: place, track_id, artist_id and every raw label; `tags` the
    tags of each artist; `errors` the arguments of an InputError for each file left out, for an
    exception with several arguments does not travel between processes.
    """

    columns: dict[str, list[str] | list[float | None]]
    tags: dict[str, list[str]]
    errors: list[tuple[str, str, str, str]]


def read_shard(places: list[str], contents: list[bytes] | None, tags: TagTable) -> ShardContent:
    """Reads files by name, or from their contents if given."""
    columns: dict[str, list] = {"place": []}
    columns |= {column: [] for names in COLUMNS_BY_TABLE.values() for column in names}
    artist_tags: dict[str, list[str]] = {}
    errors = []
    for number, place in enumerate(places):
        try:
            song, names = _read_track(place, contents[number] if contents else None, tags)
        except InputError as error:
            errors.append((error.place, error.found, error.expected, error.advice))
            continue
        for column, value in {"place": place, **song}.items():
            columns[column].append(value)
        if names:
            known = artist_tags.setdefault(song["artist_id"], [])
            known += [name for name in names if name not in known]
    return {"columns": columns, "tags": artist_tags, "errors": errors}


def _read_track(
    place: str, content: bytes | None, tags: TagTable
) -> tuple[dict[str, float | str], list[str]]:
    """The raw labels and ids of one file's song, and its artist's tags."""
    song: dict[str, float | str] = {}
    with open_hdf5(place, None if content is None else io.BytesIO(content)) as file:
        for table, columns in COLUMNS_BY_TABLE.items():
            dataset = table_with_columns(file, place, table, columns)
            if len(dataset) != 1:
                raise InputError(f"{place}: /{table}", f"{len(dataset)} rows", "one row")
            for column, values in read_columns(dataset, columns).items():
                value = values[0].item()
                song[column] = value.decode("latin-1") if isinstance(value, bytes) else value
        array = file.get(_TAG_ARRAYS[tags])
        if array is None:
            raise InputError(place, "no tags", f"an array /{_TAG_ARRAYS[tags]}")
        try:
            names = [name.decode("utf-8") for name in array[:]]
        except UnicodeDecodeError as error:
            raise InputError(
                f"{place}: /{_TAG_ARRAYS[tags]}", f"the tag {error.object!r}", "UTF-8 text"
            ) from None
    return song, [name for name in names if name]
