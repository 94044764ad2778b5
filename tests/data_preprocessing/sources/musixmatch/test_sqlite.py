"""The musiXmatch database reader: rows in any order, and every bad row noticed."""

import random
import sqlite3
from contextlib import closing

import pytest

from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.musixmatch import (
    sqlite as musixmatch_sqlite,
)
from representation_music.data_preprocessing.sources.musixmatch.sqlite import read_musixmatch_sqlite
from representation_music.utils.errors import InputError

WORDS = [f"w{number}" for number in range(50)]
FIRST, SECOND, THIRD = (f"TRAAAA{letter}128F0000001" for letter in "ABC")
ROWS = [
    (SECOND, 2, "w3", 12, 1),
    (SECOND, 2, "w7", 1, 1),
    (FIRST, 1, "w0", 70000, 0),
    (FIRST, 1, "w49", 3, 0),
    (THIRD, 3, "w1", 2, 0),
]


def write(tmp_path, rows, words=WORDS, typed=True):
    path = tmp_path / "mxm_dataset.db"
    types = (" TEXT", " INT") if typed else ("", "")
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE words (word TEXT PRIMARY KEY)")
        database.execute(
            "CREATE TABLE lyrics (track_id, mxm_tid{1}, word{0}, count{1}, is_test{1}, "
            "FOREIGN KEY(word) REFERENCES words(word))".format(*types)
        )
        database.executemany("INSERT INTO words VALUES (?)", [(word,) for word in words])
        database.executemany("INSERT INTO lyrics VALUES (?, ?, ?, ?, ?)", rows)
        database.commit()
    return path


def test_reads_words_and_counts_ordered_by_track(tmp_path):
    bags = read_musixmatch_sqlite(write(tmp_path, ROWS))
    assert bags.words == WORDS
    assert bags.track_ids.tolist() == [FIRST.encode(), SECOND.encode(), THIRD.encode()]
    assert bags.indptr.tolist() == [0, 2, 4, 5]
    assert bags.indices.tolist() == [0, 49, 3, 7, 1]
    assert bags.counts.tolist() == [70000, 3, 12, 1, 2]
    assert bags.is_test.tolist() == [False, True, False]
    assert (bags.indices.dtype, bags.counts.dtype, bags.indptr.dtype) == ("i4", "i4", "i8")


@pytest.mark.parametrize("rows_at_once", [1, 3, 1000])
def test_gives_the_same_for_rows_in_any_order_and_blocks_of_any_size(
    tmp_path, monkeypatch, rows_at_once
):
    monkeypatch.setattr(musixmatch_sqlite, "ROWS_AT_ONCE", rows_at_once)
    generator = random.Random(1)
    songs = {
        f"TRAAAAA128F{number:07X}": {
            word: generator.randint(1, 20)
            for word in generator.sample(range(50), generator.randint(1, 30))
        }
        for number in range(20)
    }
    rows = [(song, 0, f"w{w}", n, 0) for song, bag in songs.items() for w, n in bag.items()]
    generator.shuffle(rows)
    bags = read_musixmatch_sqlite(write(tmp_path, rows))
    assert [track_id.decode() for track_id in bags.track_ids] == sorted(songs)
    for number, track_id in enumerate(sorted(songs)):
        entries = slice(bags.indptr[number], bags.indptr[number + 1])
        expected = sorted(songs[track_id].items())
        assert list(zip(bags.indices[entries], bags.counts[entries], strict=True)) == expected


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ((SECOND, 2, "unheard", 1, 1), "the word 'unheard'"),
        ((SECOND, 2, None, 1, 1), "the word None"),
        ((SECOND, 2, "w9", 0, 1), "the count 0"),
        ((SECOND, 2, "w9", -1, 1), "the count -1"),
        ((SECOND, 2, "w9", 2.5, 1), "the count 2.5"),
        ((SECOND, 2, "w9", "many", 1), "the count 'many'"),
        ((SECOND, 2, "w9", "1:2", 1), "the count '1:2'"),
        ((SECOND, 2, "w9", "1,4:2", 1), "the count '1,4:2'"),
        ((SECOND, 2, "w9", None, 1), "the count None"),
        ((SECOND, 2, "w9", 2**31, 1), "the count 2147483648"),
        ((SECOND, 2, "w9", 1, 2), "is_test 2"),
        ((SECOND, 2, "w9", 1, None), "is_test None"),
    ],
)
def test_names_a_bad_row_or_leaves_its_song_out(tmp_path, row, found):
    path = write(tmp_path, [*ROWS, row], typed=False)
    with pytest.raises(InputError) as caught:
        read_musixmatch_sqlite(path)
    assert caught.value.place == f"{path}: table lyrics, row 6"
    assert caught.value.found == found and caught.value.expected
    bad_rows = BadRows(skip=True)
    bags = read_musixmatch_sqlite(path, bad_rows)
    assert bags.track_ids.tolist() == [FIRST.encode(), THIRD.encode()]
    assert bags.indices.tolist() == [0, 49, 1]
    assert len(bad_rows.messages) == 1 and found in bad_rows.messages[0]


@pytest.mark.parametrize("track_id", [None, "", FIRST[:-1], FIRST + "0", FIRST.lower(), 5])
def test_names_a_row_without_a_track_id_or_leaves_it_out(tmp_path, track_id):
    path = write(tmp_path, [*ROWS, (track_id, 2, "w9", 1, 1)])
    with pytest.raises(InputError, match="row 6: found the track id"):
        read_musixmatch_sqlite(path)
    assert read_musixmatch_sqlite(path, BadRows(skip=True)).indices.tolist() == [0, 49, 3, 7, 1]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ((SECOND, 2, "w3", 5, 1), "the word 'w3' twice"),
        ((SECOND, 2, "w9", 5, 0), "is_test 0 in some rows and 1 in others"),
    ],
)
def test_names_a_song_that_contradicts_itself_or_leaves_it_out(tmp_path, row, found):
    path = write(tmp_path, [*ROWS, row])
    with pytest.raises(InputError, match=f"track {SECOND}: found {found}"):
        read_musixmatch_sqlite(path)
    bad_rows = BadRows(skip=True)
    bags = read_musixmatch_sqlite(path, bad_rows)
    assert bags.track_ids.tolist() == [FIRST.encode(), THIRD.encode()]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("DROP TABLE words", "expected a table words"),
        ("DROP TABLE lyrics", "expected a table lyrics"),
        ("ALTER TABLE lyrics RENAME COLUMN count TO number", "expected the columns track_id, word"),
        ("DELETE FROM lyrics", "no song"),
        ("DELETE FROM words", "no word"),
        ("DELETE FROM words WHERE word = 'w20'", "row numbers with gaps"),
        ("UPDATE words SET word = '' WHERE word = 'w20'", "an empty or repeated word"),
    ],
)
def test_a_missing_table_or_column_or_word_is_an_error(tmp_path, change, found):
    path = write(tmp_path, ROWS)
    with closing(sqlite3.connect(path)) as database:
        database.execute(change)
        database.commit()
    with pytest.raises(InputError, match=found):
        read_musixmatch_sqlite(path)


def test_a_file_of_another_kind_or_none_is_an_error(tmp_path):
    (tmp_path / "page.db").write_text("<html>not found</html>" * 100)
    with pytest.raises(InputError, match="cut or damaged database"):
        read_musixmatch_sqlite(tmp_path / "page.db")
    with pytest.raises(InputError, match="no such file"):
        read_musixmatch_sqlite(tmp_path / "nothing.db")
