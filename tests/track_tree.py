"""A tree of per-track files in place of a summary file, for tests of reading trees."""

import sqlite3
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np

TABLES = ("analysis/songs", "metadata/songs", "musicbrainz/songs")


def split_summary(raw: Path) -> Path:
    """Replaces a folder's summary file and `artist_term.db` by one file a track; returns the tree.

    As officially, a track's file holds its row of each table and its artist's tags.
    """
    with h5py.File(raw / "msd_summary_file.h5") as summary:
        tables = {name: summary[name][:] for name in TABLES}
    tags = {}
    with closing(sqlite3.connect(raw / "artist_term.db")) as database:
        for table, column in (("artist_term", "term"), ("artist_mbtag", "mbtag")):
            for artist, tag in database.execute(f"SELECT artist_id, {column} FROM {table}"):
                tags.setdefault((table, artist), []).append(tag.encode())
    for row, track in enumerate(tables["analysis/songs"]["track_id"]):
        name, artist = track.decode(), tables["metadata/songs"]["artist_id"][row].decode()
        path = raw / "data" / name[2] / name[3] / name[4] / f"{name}.h5"
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(path, "w") as file:
            for table, rows in tables.items():
                file[table] = rows[row : row + 1]
            for table, array in (
                ("artist_term", "metadata/artist_terms"),
                ("artist_mbtag", "musicbrainz/artist_mbtags"),
            ):
                file[array] = np.array(tags.get((table, artist), []), "S256")
    for name in ("msd_summary_file.h5", "artist_term.db"):
        (raw / name).unlink()
    return raw / "data"
