"""Reads every official file that was found, and notes what each held, for people and provenance."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.identifiers import ID_TYPE
from representation_music.data_preprocessing.sources.million_songs.artist_terms import (
    TagTable,
    read_artist_terms,
)
from representation_music.data_preprocessing.sources.million_songs.summary_file import (
    read_summary_file,
)
from representation_music.data_preprocessing.sources.million_songs.track_files import (
    read_track_files,
)
from representation_music.data_preprocessing.sources.musixmatch.sqlite import read_musixmatch_sqlite
from representation_music.data_preprocessing.sources.musixmatch.text import read_musixmatch_text
from representation_music.data_preprocessing.sources.official_files.find import (
    Sources,
    source_record,
)
from representation_music.data_preprocessing.sources.official_files.text_tables import (
    read_artist_list,
    read_tagtraum,
    read_tracks_per_year,
    read_unique_tracks,
)


@dataclass
class SourceContents:
    """What the readers gave, as (file name, content), ready for `join_songs`.

    Attributes:
        lyrics: `BagsOfWords` of each lyrics file.
        tables: `SongTable`s, the most trusted first.
        artist_tags: `ArtistTags`.
        genres: (track ids, genre of each).
        artist_lists: Artist ids of the official train and test list.
        records: Provenance of every file read: `source_record` and the number of rows.
        bad_rows: Receives the rows that cannot be read.
    """

    bad_rows: BadRows
    lyrics: list[tuple[str, Any]] = field(default_factory=list)
    tables: list[tuple[str, Any]] = field(default_factory=list)
    artist_tags: tuple[str, Any] | None = None
    genres: tuple[str, Any] | None = None
    artist_lists: list[Any] = field(default_factory=list)
    records: list[dict] = field(default_factory=list)

    def read(self, role: str, path: Path, reader: Callable, rows: Callable, **options) -> Any:
        """Reads a file and notes it in the provenance.

        Args:
            role: One of `ROLES`.
            path: The file.
            reader: Called with the path, `bad_rows` and `options`.
            rows: Gives the ids of what was read.
            **options: Of the reader.
        """
        content = reader(path, bad_rows=self.bad_rows, **options)
        self.records.append(source_record(role, path) | {"rows": len(rows(content))})
        return content


def read_sources(
    sources: Sources,
    bad_rows: BadRows,
    *,
    tags: TagTable = "artist_term",
    track_files: bool = False,
    resume_dir: Path | None = None,
    artist_lists: bool = False,
) -> SourceContents:
    """Reads the files of `sources`, of the two lists of artists only if they are asked for.

    The tree of per-track files is long to read, so it is read only if there is no summary file, if
    there is no `artist_term.db`, or if `track_files` asks for its numeric labels in place of the
    summary's. In `resume_dir` is what an interrupted read of it has left.

    Raises:
        InputError: from the readers, for the first thing that cannot be read.
    """
    contents = SourceContents(bad_rows)
    for path in sources.lyrics:
        reader = read_musixmatch_sqlite if path.suffix == ".db" else read_musixmatch_text
        bags = contents.read("lyrics", path, reader, attrgetter("track_ids"))
        contents.lyrics.append((path.name, bags))
    if track_files and sources.track_files:
        sources = replace(sources, summary=None)
    _read_tables(contents, sources, tags, resume_dir)
    if sources.genres:
        genres = contents.read("genres", sources.genres, read_tagtraum, itemgetter(0))
        contents.genres = (sources.genres.name, genres)
    for path in sources.artist_lists if artist_lists else ():
        artists = contents.read("artist lists", path, read_artist_list, list)
        contents.artist_lists.append(artists)
    return contents


def needs_track_files(sources: Sources) -> bool:
    """Whether the per-track files hold anything that no smaller file does."""
    return bool(sources.track_files) and not (sources.summary and sources.tags)


def _read_tables(
    contents: SourceContents, sources: Sources, tags: TagTable, resume_dir: Path | None
) -> None:
    """Numeric labels, artist ids and tags: of the summary and database, or per-track files."""
    track_ids = attrgetter("track_ids")
    if sources.summary:
        table = contents.read("summary", sources.summary, read_summary_file, track_ids)
        contents.tables.append((sources.summary.name, table))
    if needs_track_files(sources):
        table, artist_tags = contents.read(
            "track files",
            sources.track_files,
            read_track_files,
            lambda content: content[0].track_ids,
            tags=tags,
            resume_dir=resume_dir,
        )
        if not sources.summary:
            contents.tables.append((sources.track_files.name, table))
        if not sources.tags:
            contents.artist_tags = (sources.track_files.name, artist_tags)
    if sources.tags and contents.tables:  # without artist ids there is nothing to join
        artist_tags = contents.read(
            "tags", sources.tags, read_artist_terms, attrgetter("artist_ids"), table=tags
        )
        contents.artist_tags = (sources.tags.name, artist_tags)
    if sources.years:
        table = contents.read("years", sources.years, read_tracks_per_year, track_ids)
        contents.tables.append((sources.years.name, table))
    # A million rows, for songs that no other table tells the artist of.
    if sources.artist_names and _some_artist_is_unknown(contents):
        path = sources.artist_names
        table = contents.read("artist names", path, read_unique_tracks, track_ids)
        contents.tables.append((path.name, table))


def _some_artist_is_unknown(contents: SourceContents) -> bool:
    known = [table.track_ids[table.artist_ids != b""] for _, table in contents.tables]
    known = np.concatenate([np.zeros(0, ID_TYPE), *known])
    return any(not np.isin(bags.track_ids, known).all() for _, bags in contents.lyrics)
