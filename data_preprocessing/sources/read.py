"""Reads every official file that was found, and notes what each held, for people and provenance."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from representation_music.data_preprocessing.sources.find import Sources, source_record
from representation_music.data_preprocessing.sources.label_table import read_label_table
from representation_music.data_preprocessing.sources.million_songs.artist_split import (
    read_artist_list,
)
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
from representation_music.data_preprocessing.sources.million_songs.tracks_per_year import (
    read_tracks_per_year,
)
from representation_music.data_preprocessing.sources.musixmatch.sqlite import read_musixmatch_sqlite
from representation_music.data_preprocessing.sources.musixmatch.text import read_musixmatch_text
from representation_music.data_preprocessing.sources.tagtraum import read_tagtraum


@dataclass
class SourceContents:
    """What the readers gave, as (file name, content), ready for `join_songs`.

    Attributes:
        lyrics: `BagsOfWords` of each lyrics file.
        tables: `SongTable`s, the most trusted first.
        artist_tags: `ArtistTags`.
        genres: (track ids, genre of each).
        label_tables: (track ids, values by column name) of the user's own tables.
        artist_lists: Artist ids of the official train and test list.
        records: Provenance of every file read: `source_record` and the number of rows.
        skipped_rows: One message for every bad row left out.
    """

    lyrics: list[tuple[str, Any]] = field(default_factory=list)
    tables: list[tuple[str, Any]] = field(default_factory=list)
    artist_tags: tuple[str, Any] | None = None
    genres: tuple[str, Any] | None = None
    label_tables: list[tuple[str, Any]] = field(default_factory=list)
    artist_lists: list[Any] = field(default_factory=list)
    records: list[dict] = field(default_factory=list)
    skipped_rows: list[str] = field(default_factory=list)

    def note(self, role: str, path: Path, rows: int, bad_rows: Sequence[str]) -> None:
        """Adds a file to the provenance, and the rows left out of it, by its name alone."""
        self.records.append(source_record(role, path) | {"rows": rows})
        self.skipped_rows += [text.replace(str(path), path.name) for text in bad_rows]


def read_sources(
    sources: Sources,
    *,
    tags: TagTable = "artist_term",
    label_tables: Sequence[Path] = (),
    track_files: bool = False,
    resume_dir: Path | None = None,
    artist_lists: bool = False,
    skip_bad_rows: bool = False,
) -> SourceContents:
    """Reads the files of `sources`.

    The tree of per-track files is long to read, so it is read only if there is no summary file,
    if there is no `artist_term.db`, or if `track_files` asks for it in place of the summary.

    Args:
        sources: Paths of the official files.
        tags: Table of `artist_term.db`: The Echo Nest's terms or MusicBrainz' tags.
        label_tables: The user's own CSV or TSV files.
        track_files: Take numeric labels from the per-track files.
        resume_dir: Folder from which an interrupted read of per-track files goes on.
        artist_lists: Read the two official lists of artists.
        skip_bad_rows: Leave out rows that cannot be read and note them.

    Raises:
        InputError: from the readers, for the first thing that cannot be read.
    """
    contents = SourceContents()
    skip = {"skip_bad_rows": skip_bad_rows}
    for path in sources.lyrics:
        read = read_musixmatch_sqlite if path.suffix == ".db" else read_musixmatch_text
        bags = read(path, **skip)
        contents.lyrics.append((path.name, bags))
        contents.note("lyrics", path, len(bags.track_ids), bags.bad_rows)
    if track_files and sources.track_files:
        sources = replace(sources, summary=None)
    _read_tables(contents, sources, tags, resume_dir, skip)
    bad_rows: list[str] = []
    if sources.genres:
        genres = read_tagtraum(sources.genres, bad_rows=bad_rows, **skip)
        contents.genres = (sources.genres.name, genres)
        contents.note("genres", sources.genres, len(genres[0]), bad_rows)
    for path in sources.artist_lists if artist_lists else ():
        bad_rows = []
        artists = read_artist_list(path, bad_rows=bad_rows, **skip)
        contents.artist_lists.append(artists)
        contents.note("artist lists", path, len(artists), bad_rows)
    for path in label_tables:
        bad_rows = []
        table = read_label_table(path, bad_rows=bad_rows, **skip)
        contents.label_tables.append((path.name, table))
        contents.note("own labels", path, len(table[0]), bad_rows)
    return contents


def needs_track_files(sources: Sources) -> bool:
    """Whether the per-track files hold anything that no smaller file does."""
    return bool(sources.track_files) and not (sources.summary and sources.artist_terms)


def _read_tables(
    contents: SourceContents, sources: Sources, tags: TagTable, resume_dir: Path | None, skip: dict
) -> None:
    """Numeric labels, artist ids and tags: of the summary and database, or per-track files."""
    if sources.summary:
        table = read_summary_file(sources.summary, **skip)
        contents.tables.append((sources.summary.name, table))
        contents.note("summary", sources.summary, len(table.track_ids), table.bad_rows)
    if needs_track_files(sources):
        table, artist_tags = read_track_files(
            sources.track_files, tags=tags, resume_dir=resume_dir, **skip
        )
        if not sources.summary:
            contents.tables.append((sources.track_files.name, table))
        if not sources.artist_terms:
            contents.artist_tags = (sources.track_files.name, artist_tags)
        contents.note("track files", sources.track_files, len(table.track_ids), table.bad_rows)
    if sources.artist_terms and contents.tables:  # without artist ids there is nothing to join
        artist_tags = read_artist_terms(sources.artist_terms, tags, **skip)
        contents.artist_tags = (sources.artist_terms.name, artist_tags)
        contents.note(
            "tags", sources.artist_terms, len(artist_tags.artist_ids), artist_tags.bad_rows
        )
    if sources.years:
        table = read_tracks_per_year(sources.years, **skip)
        contents.tables.append((sources.years.name, table))
        contents.note("years", sources.years, len(table.track_ids), table.bad_rows)
