import h5py
import numpy as np
import pytest
from official_files import (
    EXPECTED,
    SAMPLE,
    SONGS,
    needs_sample,
    write_tables,
)

from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.million_songs.summary_file import (
    read_summary_file,
)
from representation_music.utils.errors import InputError


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
    bad_rows = BadRows(skip=True)
    songs = read_summary_file(path, bad_rows)
    assert songs.track_ids.tolist() == [song[0][0] for song in SONGS[:2]]
    assert len(songs.labels["year"]) == 2 and len(bad_rows.messages) == 1


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


def test_a_summary_file_that_is_not_there_or_empty_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_summary_file(tmp_path / "nothing.h5")
    with pytest.raises(InputError, match="no song"):
        read_summary_file(write_tables(tmp_path / "empty.h5", []))
