import sqlite3
from contextlib import closing

import pytest
from official_files import (
    ARTISTS,
    SAMPLE,
    needs_sample,
    tags_by_artist,
)

from representation_music.data_preprocessing.sources.bad_rows import BadRows
from representation_music.data_preprocessing.sources.million_songs.artist_terms import (
    read_artist_terms,
)
from representation_music.utils.errors import InputError


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
    bad_rows = BadRows(skip=True)
    tags = read_artist_terms(path, bad_rows=bad_rows)
    assert len(tags.indices) == 3 and len(bad_rows.messages) == 1


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
