import hashlib
import sqlite3
from contextlib import closing, contextmanager

import pytest
from official_files import (
    ARTISTS,
    SAMPLE,
    needs_sample,
    tags_by_artist,
)

from representation_music.data_preprocessing.sources.files import sqlite
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.million_songs.artist_terms import (
    read_artist_terms,
)
from representation_music.data_preprocessing.sources.official_files.find import source_record
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


@contextmanager
def written_to(path, rows):
    """Has a writer keep a write-ahead log, with rows committed to it and not yet to the file."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA wal_autocheckpoint=0")
        database.executemany("INSERT INTO artist_term VALUES (?, ?)", rows)
        database.commit()
        yield


def test_rows_committed_to_the_log_beside_the_file_are_read_and_in_its_provenance(tmp_path):
    path = write_terms(tmp_path / "artist_term.db", TERM_ROWS)
    with written_to(path, [(ARTISTS[0].decode(), "new")]):
        content = path.read_bytes()
        (tmp_path / "link.db").symlink_to(path)
        for place in (path, tmp_path / "link.db"):
            assert tags_by_artist(read_artist_terms(place))[ARTISTS[0]] == ["new", "pop"]
        log = tmp_path / "artist_term.db-wal"
        digest = hashlib.sha256(log.read_bytes()).hexdigest()
        assert source_record("tags", path)["sha256_of_log"] == digest
        assert path.read_bytes() == content
    assert "sha256_of_log" not in source_record("tags", path)


def test_a_database_at_rest_is_read_without_leaving_anything_beside_it(tmp_path):
    path = write_terms(tmp_path / "artist_term.db", TERM_ROWS)
    with written_to(path, []):
        pass
    for _ in range(2):
        assert len(read_artist_terms(path).indices) == 3
        assert [file.name for file in tmp_path.iterdir()] == ["artist_term.db"]


def test_a_log_that_cannot_be_read_is_named(tmp_path):
    path = write_terms(tmp_path / "artist_term.db", TERM_ROWS)
    with written_to(path, [(ARTISTS[0].decode(), "new")]):
        copy = tmp_path / "copy" / "artist_term.db"
        copy.parent.mkdir()
        copy.write_bytes(path.read_bytes())
        (copy.parent / "artist_term.db-wal").mkdir()
        with pytest.raises(InputError, match=r"artist_term\.db-wal beside it, which cannot"):
            read_artist_terms(copy)


def test_a_disk_without_locks_is_read_all_the_same(tmp_path, monkeypatch):
    path = write_terms(tmp_path / "artist_term.db", TERM_ROWS)
    connect = sqlite3.connect

    class WithoutLocks(sqlite3.Connection):
        def execute(self, *_):
            raise sqlite3.OperationalError("disk I/O error")

    def connect_without_locks(address, **options):
        factory = sqlite3.Connection if "immutable" in address else WithoutLocks
        return connect(address, factory=factory, **options)

    monkeypatch.setattr(sqlite.sqlite3, "connect", connect_without_locks)
    assert len(read_artist_terms(path).indices) == 3
