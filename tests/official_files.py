"""Small official files for the tests of their readers, and where the real sample stands."""

from pathlib import Path

import h5py
import numpy as np
import pytest

SAMPLE = Path(__file__).parents[2] / "shared/msd"
needs_sample = pytest.mark.skipif(not SAMPLE.is_dir(), reason="no real sample beside the project")
ARTISTS = [b"AR00A1N1187FB484EB", b"AR00J9R1187B98D920"]

TYPES = {
    "analysis": [("track_id", "S32"), ("duration", "f8"), ("loudness", "f8"), ("tempo", "f8"),
                 ("key", "i4"), ("mode", "i4"), ("time_signature", "i4"), ("energy", "f8")],
    "metadata": [("artist_id", "S32"), ("artist_familiarity", "f8"), ("artist_hotttnesss", "f8"),
                 ("song_hotttnesss", "f8"), ("title", "S1024")],
    "musicbrainz": [("year", "i4"), ("idx_artist_mbtags", "i4")],
}  # fmt: skip

NAN = float("nan")
#: analysis, metadata and musicbrainz rows of three songs; what is missing is written as officially.
SONGS = [
    ((b"TRAAAAA128F0000001", 200.5, -8.5, 120.0, 0, 0, 4, 0.0),
     (ARTISTS[0], 0.6, 0.5, NAN, b"One"), (0, 0)),
    ((b"TRAAAAB128F0000002", 100.0, 0.0, 0.0, 11, 1, 0, 0.0),
     (ARTISTS[1], 0.0, 0.0, 0.0, b"Two"), (1998, 0)),
    ((b"TRAAAAC128F0000003", 300.0, -3.0, 90.0, 5, 1, 3, 0.0),
     (ARTISTS[0], 0.6, -1.0, 0.25, b"Three"), (2005, 0)),
]  # fmt: skip

EXPECTED = {
    "duration": [200.5, 100, 300],
    "loudness": [-8.5, 0, -3],
    "tempo": [120, NAN, 90],
    "key": [0, 11, 5],
    "mode": [0, 1, 1],
    "time_signature": [4, NAN, 3],
    "artist_familiarity": [0.6, NAN, 0.6],
    "artist_hotttnesss": [0.5, NAN, NAN],
    "song_hotttnesss": [NAN, NAN, 0.25],
    "year": [NAN, 1998, 2005],
}


def write_tables(path, songs):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for number, (group, types) in enumerate(TYPES.items()):
            rows = np.array([song[number] for song in songs], types)
            # As officially: compressed and in chunks, so that a changed byte is noticed.
            options = {"maxshape": (None,), "chunks": (2,), "compression": 1}
            file.create_dataset(f"{group}/songs", data=rows, **options)
    return path


def write_track(root, song, terms=(b"pop", b"pop rock"), mbtags=(b"uk",)):
    name = song[0][0].decode()
    path = write_tables(root / name[2] / name[3] / name[4] / f"{name}.h5", [song])
    with h5py.File(path, "a") as file:
        file["metadata/artist_terms"] = np.array(terms, "S256")
        file["musicbrainz/artist_mbtags"] = np.array(mbtags, "S256")
    return path


def track_id(number):
    return f"TRAAA{chr(65 + number // 26)}{chr(65 + number % 26)}128F{number:07X}".encode()


def write_tree(root, num_songs):
    """A tree in which song n lasts n + 1 seconds and artist a has the tags `all` and `tag a`."""
    for number in range(num_songs):
        (_, *analysis), (_, *metadata), year = SONGS[2]
        analysis[0] = number + 1.0
        artist = number % 2
        song = ((track_id(number)[:18], *analysis), (ARTISTS[artist], *metadata), year)
        write_track(root, song, terms=(b"all", b"tag %d" % artist))
    return root


def tags_by_artist(tags):
    return {
        artist: [tags.names[index] for index in tags.indices[a:b]]
        for artist, a, b in zip(
            tags.artist_ids.tolist(), tags.indptr, tags.indptr[1:], strict=False
        )
    }
