"""The readers of the summary file, of per-track files and of the artists' tags."""

import os
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pytest

from representation_music.data_preprocessing import track_files
from representation_music.data_preprocessing.artist_terms import read_artist_terms
from representation_music.data_preprocessing.summary_file import read_summary_file
from representation_music.data_preprocessing.track_files import read_track_files
from representation_music.utils.errors import InputError

SAMPLE = Path(__file__).parents[2] / "../shared/msd"
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


def test_the_summary_file_gives_every_label_with_nan_where_missing(tmp_path):
    songs = read_summary_file(write_tables(tmp_path / "msd_summary_file.h5", SONGS))
    assert songs.track_ids.tolist() == [song[0][0] for song in SONGS]
    assert songs.artist_ids.tolist() == [song[1][0] for song in SONGS]
    assert (songs.track_ids.dtype, songs.artist_ids.dtype) == ("S18", "S18")
    np.testing.assert_equal(songs.labels, {k: np.array(v, float) for k, v in EXPECTED.items()})


@needs_sample
def test_the_real_summary_file_is_read_whole():
    songs = read_summary_file(SAMPLE / "msd_summary_file.h5")
    assert len(songs.track_ids) == 1882 and len(set(songs.artist_ids)) == 1005
    assert np.isnan(songs.labels["year"]).sum() == 580
    assert (songs.labels["key"] == 0).sum() == 188  # C is a key, not a gap
    with h5py.File(SAMPLE / "msd_summary_file.h5") as file:
        np.testing.assert_equal(songs.labels["loudness"], file["analysis/songs"]["loudness"])


@pytest.mark.parametrize(
    ("table", "column", "value", "found"),
    [
        (0, 0, b"", "the track id b''"),
        (0, 0, b"TRAAAAA128F00000011", "the track id b'TRAAAAA128F00000011'"),
        (0, 0, SONGS[0][0][0], "the track id TRAAAAA128F0000001 of"),
        (1, 0, b"nobody", "the artist id b'nobody'"),
        (0, 4, 12, "key 12"),
        (0, 4, -1, "key -1"),
        (0, 5, 2, "mode 2"),
        (0, 2, float("inf"), "loudness inf"),
        (0, 1, -float("inf"), "duration -inf"),
    ],
)
def test_a_bad_row_of_the_summary_file_is_named_or_skipped(tmp_path, table, column, value, found):
    rows = [list(part) for part in SONGS[2]]
    rows[table][column] = value
    path = write_tables(tmp_path / "summary.h5", [*SONGS[:2], tuple(map(tuple, rows))])
    with pytest.raises(InputError) as caught:
        read_summary_file(path)
    assert caught.value.place == f"{path}: row 2"
    assert caught.value.found.startswith(found) and caught.value.expected
    songs = read_summary_file(path, skip_bad_rows=True)
    assert songs.track_ids.tolist() == [song[0][0] for song in SONGS[:2]]
    assert len(songs.labels["year"]) == 2 and len(songs.bad_rows) == 1


@pytest.mark.parametrize("table", ["analysis/songs", "metadata/songs", "musicbrainz/songs"])
def test_a_missing_table_or_column_of_the_summary_file_is_an_error(tmp_path, table):
    path = write_tables(tmp_path / "summary.h5", SONGS)
    with h5py.File(path, "a") as file:
        rows = file[table][:]
        del file[table]
    with pytest.raises(InputError, match=f"expected a table /{table}"):
        read_summary_file(path)
    kept = [name for name in rows.dtype.names if name not in ("track_id", "artist_id", "year")]
    with h5py.File(path, "a") as file:
        file[table] = rows[kept]
    with pytest.raises(InputError, match=f"/{table}: found no column"):
        read_summary_file(path)


def test_tables_of_different_length_are_an_error(tmp_path):
    path = write_tables(tmp_path / "summary.h5", SONGS)
    with h5py.File(path, "a") as file:
        rows = file["musicbrainz/songs"][:2]
        del file["musicbrainz/songs"]
        file["musicbrainz/songs"] = rows
    with pytest.raises(InputError, match="2 rows in /musicbrainz/songs"):
        read_summary_file(path)


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.9])
def test_a_truncated_summary_file_is_an_error(tmp_path, share):
    path = write_tables(tmp_path / "summary.h5", SONGS)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="cut or damaged HDF5"):
        read_summary_file(path)


def test_a_summary_file_that_is_not_there_or_empty_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_summary_file(tmp_path / "nothing.h5")
    with pytest.raises(InputError, match="no song"):
        read_summary_file(write_tables(tmp_path / "empty.h5", []))


def test_track_files_give_what_the_summary_file_gives_and_the_tags(tmp_path):
    for song in SONGS:
        write_track(tmp_path / "data", song)
    songs, tags = read_track_files(tmp_path / "data", workers=1)
    assert songs.track_ids.tolist() == [song[0][0] for song in SONGS]
    np.testing.assert_equal(songs.labels, {k: np.array(v, float) for k, v in EXPECTED.items()})
    assert tags_by_artist(tags) == {artist: ["pop", "pop rock"] for artist in ARTISTS}
    _, tags = read_track_files(tmp_path / "data", workers=1, tags="artist_mbtag")
    assert tags_by_artist(tags) == {artist: ["uk"] for artist in ARTISTS}


def test_an_artist_without_tags_is_not_among_the_tagged(tmp_path):
    write_track(tmp_path, SONGS[0])
    write_track(tmp_path, SONGS[1], terms=())
    _, tags = read_track_files(tmp_path, workers=1)
    assert tags.artist_ids.tolist() == [ARTISTS[0]]


@needs_sample
def test_real_track_files_agree_with_the_real_summary_file():
    songs, _ = read_track_files(SAMPLE / "data", workers=1)
    summary = read_summary_file(SAMPLE / "msd_summary_file.h5")
    assert len(songs.track_ids) == 100
    _, here, there = np.intersect1d(songs.track_ids, summary.track_ids, return_indices=True)
    assert len(here) == 100
    for name, values in songs.labels.items():
        np.testing.assert_equal(values[here], summary.labels[name][there])


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_and_archives_give_the_same_as_one_process_and_a_tree(
    tmp_path, monkeypatch, workers
):
    monkeypatch.setattr(track_files, "FILES_PER_SHARD", 4)
    tree = write_tree(tmp_path / "data", 10)
    with tarfile.open(tmp_path / "subset.tar.gz", "w:gz") as archive:
        archive.add(tree, "MillionSongSubset/data")
        archive.add(__file__, "MillionSongSubset/README")
    for path in [tree, tmp_path / "subset.tar.gz"] if workers == 1 else [tree]:
        songs, tags = read_track_files(path, workers=workers)
        order = np.argsort(songs.track_ids)
        assert songs.track_ids[order].tolist() == [track_id(n)[:18] for n in range(10)]
        assert songs.labels["duration"][order].tolist() == list(range(1, 11))
        assert tags_by_artist(tags) == {a: ["all", f"tag {n}"] for n, a in enumerate(ARTISTS)}


@pytest.mark.parametrize("archived", [False, True])
def test_an_interrupted_read_goes_on_without_reading_finished_shards_again(
    tmp_path, monkeypatch, archived
):
    monkeypatch.setattr(track_files, "FILES_PER_SHARD", 3)
    path = tree = write_tree(tmp_path / "data", 10)
    if archived:
        path = tmp_path / "subset.tar"
        with tarfile.open(path, "w") as archive:
            archive.add(tree, "data")
    read_shard, read = track_files.read_shard, []

    def read_until_power_fails(places, contents, tags):
        if len(read) == 2:
            raise KeyboardInterrupt
        read.append(places)
        return read_shard(places, contents, tags)

    monkeypatch.setattr(track_files, "read_shard", read_until_power_fails)
    with pytest.raises(KeyboardInterrupt):
        read_track_files(path, workers=1, resume_dir=tmp_path / "resume")
    assert len(list((tmp_path / "resume").iterdir())) == 2

    read_again = []
    monkeypatch.setattr(
        track_files, "read_shard", lambda *a: read_again.append(a[0]) or read_shard(*a)
    )
    songs, tags = read_track_files(path, workers=1, resume_dir=tmp_path / "resume")
    assert sum(map(len, read)) == 6 and sum(map(len, read_again)) == 4
    assert sorted(songs.labels["duration"]) == list(range(1, 11))
    assert tags_by_artist(tags) == {a: ["all", f"tag {n}"] for n, a in enumerate(ARTISTS)}


def test_a_changed_file_or_a_spoilt_shard_is_read_again(tmp_path):
    tree = write_tree(tmp_path / "data", 4)
    options = {"workers": 1, "resume_dir": tmp_path / "resume"}
    read_track_files(tree, **options)
    (shard,) = (tmp_path / "resume").iterdir()
    shard.write_bytes(shard.read_bytes()[:100])
    assert read_track_files(tree, **options)[0].labels["duration"].tolist() == [1, 2, 3, 4]
    changed = next(tree.rglob("*.h5"))
    with h5py.File(changed, "a") as file:
        row = file["analysis/songs"][:]
        row["duration"] = 77
        file["analysis/songs"][:] = row
    os.utime(changed, ns=(1, 1))
    assert 77 in read_track_files(tree, **options)[0].labels["duration"]


def damage_by_cutting(path):
    path.write_bytes(path.read_bytes()[:1000])


def damage_by_dropping_the_tags(path):
    with h5py.File(path, "a") as file:
        del file["metadata/artist_terms"]


def damage_by_dropping_a_table(path):
    with h5py.File(path, "a") as file:
        del file["musicbrainz/songs"]


def damage_by_a_second_row(path):
    with h5py.File(path, "a") as file:
        rows = file["analysis/songs"][:]
        del file["analysis/songs"]
        file["analysis/songs"] = np.concatenate([rows, rows])


def damage_by_tags_in_latin_1(path):
    with h5py.File(path, "a") as file:
        file["metadata/artist_terms"][0] = b"caf\xe9"


@pytest.mark.parametrize(
    ("damage", "found", "workers"),
    [
        (damage_by_cutting, "a cut or damaged HDF5 file", 2),
        (damage_by_cutting, "a cut or damaged HDF5 file", 1),
        (damage_by_dropping_the_tags, "no tags", 1),
        (damage_by_dropping_a_table, "the groups", 1),
        (damage_by_a_second_row, "2 rows", 1),
        (damage_by_tags_in_latin_1, "the tag b'caf", 1),
    ],
)
def test_a_damaged_track_file_is_named_or_skipped(tmp_path, damage, found, workers):
    tree = write_tree(tmp_path / "data", 3)
    path = sorted(tree.rglob("*.h5"))[1]
    damage(path)
    with pytest.raises(InputError) as caught:
        read_track_files(tree, workers=workers)
    assert caught.value.place.startswith(str(path)) and caught.value.found.startswith(found)
    songs, _ = read_track_files(tree, workers=1, skip_bad_rows=True)
    assert songs.labels["duration"].tolist() == [1, 3]
    assert len(songs.bad_rows) == 1 and str(path) in songs.bad_rows[0]


def test_a_track_in_two_files_is_an_error(tmp_path):
    path = write_track(tmp_path / "data", SONGS[0])
    (tmp_path / "data" / "TRcopy.h5").write_bytes(path.read_bytes())
    with pytest.raises(InputError, match=r"the track id TRAAAAA128F0000001 of .* again"):
        read_track_files(tmp_path / "data", workers=1)


@pytest.mark.parametrize("ending", [".tar", ".tar.gz"])
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_a_truncated_archive_is_an_error(tmp_path, ending, share):
    path = tmp_path / f"subset{ending}"
    with tarfile.open(path, "w:gz" if ending == ".tar.gz" else "w") as archive:
        archive.add(write_tree(tmp_path / "data", 6), "data")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="cut or damaged archive"):
        read_track_files(path, workers=1)


def test_a_folder_without_track_files_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no readable file"):
        read_track_files(tmp_path, workers=1)
    with pytest.raises(InputError, match="no such file or folder"):
        read_track_files(tmp_path / "nothing", workers=1)


def write_terms(path, rows):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE artist_term (artist_id text, term text)")
        database.execute("CREATE TABLE artist_mbtag (artist_id text, mbtag text)")
        database.executemany("INSERT INTO artist_term VALUES (?, ?)", rows)
        database.execute("INSERT INTO artist_mbtag VALUES (?, 'uk')", [ARTISTS[1].decode()])
        database.commit()
    return path


TERM_ROWS = [
    (ARTISTS[1].decode(), "rock"),
    (ARTISTS[0].decode(), "pop"),
    (ARTISTS[1].decode(), "ballad"),
    (ARTISTS[1].decode(), "rock"),
]


def test_terms_are_gathered_by_artist_and_mbtags_on_demand(tmp_path):
    path = write_terms(tmp_path / "artist_term.db", TERM_ROWS)
    tags = read_artist_terms(path)
    assert tags.artist_ids.tolist() == ARTISTS and tags.names == ["ballad", "pop", "rock"]
    assert tags_by_artist(tags) == {ARTISTS[0]: ["pop"], ARTISTS[1]: ["ballad", "rock"]}
    assert tags_by_artist(read_artist_terms(path, "artist_mbtag")) == {ARTISTS[1]: ["uk"]}


@needs_sample
def test_the_real_terms_are_read_whole():
    tags = read_artist_terms(SAMPLE / "artist_term.db")
    assert (len(tags.artist_ids), len(tags.names), len(tags.indices)) == (1005, 1950, 29185)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (("nobody", "pop"), "the artist id 'nobody'"),
        ((None, "pop"), "the artist id 'None'"),
        ((ARTISTS[0].decode(), None), "the tag None"),
        ((ARTISTS[0].decode(), " "), "the tag ' '"),
    ],
)
def test_a_bad_row_of_terms_is_named_or_skipped(tmp_path, row, found):
    path = write_terms(tmp_path / "artist_term.db", [*TERM_ROWS, row])
    with pytest.raises(InputError) as caught:
        read_artist_terms(path)
    assert caught.value.place == f"{path}: table artist_term, row 5"
    assert caught.value.found == found
    tags = read_artist_terms(path, skip_bad_rows=True)
    assert len(tags.indices) == 3 and len(tags.bad_rows) == 1


def test_a_database_without_terms_is_an_error(tmp_path):
    path = write_terms(tmp_path / "artist_term.db", [])
    with pytest.raises(InputError, match="no row"):
        read_artist_terms(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE artist_term RENAME COLUMN term TO tag")
        database.execute("DROP TABLE artist_mbtag")
    with pytest.raises(InputError, match="expected the columns artist_id, term"):
        read_artist_terms(path)
    with pytest.raises(InputError, match="expected a table artist_mbtag"):
        read_artist_terms(path, "artist_mbtag")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputError, match="cut or damaged database"):
        read_artist_terms(path)
