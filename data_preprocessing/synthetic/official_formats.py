"""Writers of the official MSD, musiXmatch and tagtraum layouts, read back by this folder's readers.

Synthetic songs go through them, so that the whole pipeline runs as on the real files.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from representation_music.utils.files import atomic_path, write_text

#: Rows written at a time; the summary file's rows are 5.5 kB each before compression.
ROWS = 8192

#: Columns of the summary file's tables, in its order and types.
SUMMARY_TABLES = {
    "metadata/songs": """
        analyzer_version:S32 artist_7digitalid:i4 artist_familiarity:f8 artist_hotttnesss:f8
        artist_id:S32 artist_latitude:f8 artist_location:S1024 artist_longitude:f8 artist_mbid:S40
        artist_name:S1024 artist_playmeid:i4 genre:S1024 idx_artist_terms:i4
        idx_similar_artists:i4 release:S1024 release_7digitalid:i4 song_hotttnesss:f8 song_id:S32
        title:S1024 track_7digitalid:i4""",
    "analysis/songs": """
        analysis_sample_rate:i4 audio_md5:S32 danceability:f8 duration:f8 end_of_fade_in:f8
        energy:f8 idx_bars_confidence:i4 idx_bars_start:i4 idx_beats_confidence:i4
        idx_beats_start:i4 idx_sections_confidence:i4 idx_sections_start:i4
        idx_segments_confidence:i4 idx_segments_loudness_max:i4 idx_segments_loudness_max_time:i4
        idx_segments_loudness_start:i4 idx_segments_pitches:i4 idx_segments_start:i4
        idx_segments_timbre:i4 idx_tatums_confidence:i4 idx_tatums_start:i4 key:i4
        key_confidence:f8 loudness:f8 mode:i4 mode_confidence:f8 start_of_fade_out:f8 tempo:f8
        time_signature:i4 time_signature_confidence:f8 track_id:S32""",
    "musicbrainz/songs": "idx_artist_mbtags:i4 year:i4",
}


def summary_types(table: str) -> list[tuple[str, str]]:
    """Name and little-endian type of each column of one of `SUMMARY_TABLES`."""
    columns = (column.split(":") for column in SUMMARY_TABLES[table].split())
    return [(name, kind if kind.startswith("S") else f"<{kind}") for name, kind in columns]


def write_musixmatch_text(
    path: Path,
    heading: str,
    words: Sequence[str],
    songs: Iterable[tuple[bytes, int, np.ndarray, np.ndarray]],
) -> None:
    """Writes bags of words as `track_id,mxm_id,index:count,...` lines, index from 1.

    Args:
        path: `mxm_dataset_train.txt` or `mxm_dataset_test.txt`.
        heading: `TRAINING SET` or `TESTING SET`.
        words: The vocabulary, commonest first.
        songs: (track id, musiXmatch id, word indices from 0, counts) of each song.
    """
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(f"# {heading}\n# synthetic songs in the layout of the musiXmatch dataset\n")
        file.write(f"%{','.join(words)}\n")
        names: dict[int, str] = {}
        for track, number, indices, counts in songs:
            cells = []
            for code in (indices.astype(np.int64) << 32 | counts).tolist():
                cell = names.get(code)
                if cell is None:
                    cell = names[code] = f"{(code >> 32) + 1}:{code & 0xFFFFFFFF}"
                cells.append(cell)
            file.write(f"{track.decode()},{number},{','.join(cells)}\n")


def write_summary_file(path: Path, columns: dict[str, np.ndarray], progress=None) -> None:
    """Writes `msd_summary_file.h5`: its three compound tables, chunked and compressed.

    Args:
        path: The file.
        columns: Column to its values, [rows]; columns not given are 0 or empty, as is every
            index into the arrays that a summary file lacks.
        progress: Called with the number of rows written at a time.
    """
    import h5py

    rows = len(next(iter(columns.values())))
    # In memory until it is whole (100 MB for a million rows): HDF5 cannot close a file on a full
    # disk without a fault.
    with h5py.File("summary", "w", driver="core", backing_store=False) as file:
        for place in SUMMARY_TABLES:
            types = summary_types(place)
            table = file.create_dataset(
                place, (rows,), np.dtype(types), chunks=(min(rows, 1024),), compression="gzip",
                compression_opts=1, shuffle=True, track_times=False,
            )  # fmt: skip
            given = [name for name, _ in types if name in columns]
            for start in range(0, rows, ROWS):
                block = np.zeros(min(ROWS, rows - start), table.dtype)
                for name in given:
                    block[name] = columns[name][start : start + len(block)]
                table[start : start + len(block)] = block
                if progress and place == "metadata/songs":
                    progress(len(block))
        file.flush()
        image = file.id.get_file_image()
    with atomic_path(path) as temporary:
        temporary.write_bytes(image)


def write_artist_terms(
    path: Path, artist_ids: np.ndarray, tags: dict[str, np.ndarray], mbtags: dict[str, np.ndarray]
) -> None:
    """Writes `artist_term.db`: the tags by artist, in the official SQLite schema.

    Echo Nest terms and MusicBrainz tags are [artists] booleans by name, ids [artists] bytes.
    """
    import sqlite3

    names = [artist.decode() for artist in artist_ids]
    with atomic_path(path) as temporary:
        try:
            with closing(sqlite3.connect(temporary)) as database:
                # Nothing to roll back to: a file that fails is removed.
                database.execute("PRAGMA journal_mode=OFF")
                _fill_artist_terms(database, names, tags, mbtags)
        except sqlite3.Error as error:
            raise OSError(str(error)) from error


def _fill_artist_terms(
    database, names: list[str], tags: dict[str, np.ndarray], mbtags: dict[str, np.ndarray]
) -> None:
    database.execute("CREATE TABLE artists (artist_id text PRIMARY KEY)")
    database.executemany("INSERT INTO artists VALUES (?)", [(name,) for name in sorted(names)])
    for kind, carried in (("term", tags), ("mbtag", mbtags)):
        database.execute(f"CREATE TABLE {kind}s ({kind} text PRIMARY KEY)")
        database.executemany(f"INSERT INTO {kind}s VALUES (?)", [(tag,) for tag in sorted(carried)])
        database.execute(
            f"CREATE TABLE artist_{kind} (artist_id text, {kind} text, "
            "FOREIGN KEY(artist_id) REFERENCES artists(artist_id), "
            f"FOREIGN KEY({kind}) REFERENCES {kind}s({kind}))"
        )
        rows = [
            (names[artist], tag) for tag, has in carried.items() for artist in np.flatnonzero(has)
        ]
        database.executemany(f"INSERT INTO artist_{kind} VALUES (?, ?)", sorted(rows))
        database.execute(
            f"CREATE INDEX idx_artist_id_{kind} ON artist_{kind} ('artist_id','{kind}')"
        )
    database.commit()


def write_tracks_per_year(path: Path, track_ids: np.ndarray, years: np.ndarray) -> None:
    """Writes `tracks_per_year.txt`, `<SEP>`-separated; songs whose year is NaN are left out."""
    order = [i for i in np.lexsort((track_ids, years)) if np.isfinite(years[i])]
    write_text(
        path, "".join(f"{years[i]:.0f}<SEP>{track_ids[i].decode()}<SEP><SEP>\n" for i in order)
    )


def write_tagtraum(path: Path, track_ids: np.ndarray, genres: Sequence[str]) -> None:
    """Writes tagtraum's `.cls` layout; songs whose genre is empty are left out."""
    lines = ["# Synthetic genres in tagtraum's layout\n# Fields: trackId, majority-genre\n"]
    order = np.argsort(track_ids)
    lines += [f"{track_ids[i].decode()}\t{genres[i]}\n" for i in order if genres[i]]
    write_text(path, "".join(lines))
