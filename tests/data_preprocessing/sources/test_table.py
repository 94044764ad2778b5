"""A CSV or TSV of texts or counts: what is taken for what, and every flaw with its line."""

import numpy as np
import pytest

from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows
from representation_music.data_preprocessing.sources.format import ReadOptions
from representation_music.data_preprocessing.sources.lyrics import words_of
from representation_music.data_preprocessing.sources.table import Table
from representation_music.utils.errors import InputError

TEXTS = """id,lyrics,artist_id,mood,energy
s2,"Love, ""loving"" love
and more; don't go",A,sad,0.5
s1,running runs,,glad,
"""


def read(path, bad_rows=STOP, **options):
    return Table().read(path, bad_rows, ReadOptions(**options))


def write(tmp_path, text, name="mine.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def bags(songs):
    return [{songs.words[n]: row[n] for n in np.flatnonzero(row)} for row in songs.counts.toarray()]


def test_texts_are_counted_as_the_stems_of_musixmatch(tmp_path):
    songs = read(write(tmp_path, TEXTS))
    assert songs.ids.tolist() == [b"s1", b"s2"] and songs.groups.tolist() == [b"", b"A"]
    assert bags(songs) == [{"run": 2}, {"love": 3, "and": 1, "more": 1, "do": 1, "not": 1, "go": 1}]
    assert dict(words_of("running runs")) == {"run": 2}
    assert list(songs.columns) == ["mood", "energy"]
    np.testing.assert_equal(songs.labels("energy"), [np.nan, 0.5])
    (told,) = songs.provenance["guessed"]
    assert told == (
        "Texts of the column 'lyrics', as stems as musiXmatch counted them; ids of 'id'; groups of "
        "'artist_id'"
    )


def test_words_may_be_those_of_scikit_learn_and_labels_may_be_chosen(tmp_path):
    songs = read(write(tmp_path, TEXTS), tokens="words", label_columns=("mood",))
    assert bags(songs)[0] == {"running": 1, "runs": 1} and list(songs.columns) == ["mood"]
    assert "left out: energy" in songs.provenance["guessed"][0]


def test_the_words_of_most_texts_are_kept(tmp_path):
    text = "text,mood\na b c,sad\nb c c c,glad\nc d d d d,sad\n"
    songs = read(write(tmp_path, text), most_words=2, tokens="stems")
    assert songs.words == ["c", "b"] and songs.ids.tolist() == [b"1", b"2", b"3"]
    assert bags(songs) == [{"c": 1, "b": 1}, {"c": 3, "b": 1}, {"c": 1}]


def test_columns_of_counts_are_all_that_are_not_named_as_labels(tmp_path):
    path = write(tmp_path, "page\tfunny\tcat\tdog\nx\t1\t0\t2.5\ny\t0\t1\t0\n", "mine.tsv")
    songs = read(path, id_column="page", label_columns=("funny",))
    assert songs.words == ["cat", "dog"] and songs.counts.toarray().tolist() == [[0, 2.5], [1, 0]]
    assert songs.labels("funny").tolist() == [1, 0]
    with pytest.raises(InputError, match=r"mine\.tsv:1: found no column of texts among page, fun"):
        read(path)


@pytest.mark.parametrize("cell", ["1e300", "4e38", "-1"])
def test_a_count_that_cannot_be_kept_is_named_by_its_line(tmp_path, cell):
    path = write(tmp_path, f"funny,cat\n1,2\n0,{cell}\n")
    match = rf"mine\.csv:3: found '{cell}' in the column 'cat'.*0 or more and at most 3\.4e\+38"
    with pytest.raises(InputError, match=match):
        read(path, label_columns=("funny",))


def test_columns_called_after_a_word_are_counts_beside_counts_if_they_hold_numbers(tmp_path):
    path = write(tmp_path, "page,funny,text,group,cat\nx,1,0,3,1\ny,0,1,0,0\n")
    named = {"id_column": "page", "label_columns": ("funny",)}
    songs = read(path, **named)
    assert songs.words == ["text", "group", "cat"] and set(songs.groups.tolist()) == {b""}
    assert "Counts of 3 columns, text, group among them" in songs.provenance["guessed"][0]
    assert read(path, **named, group_column="group").groups.tolist() == [b"3", b"0"]
    texts = write(tmp_path, "id,text,group,mood\nx,a b,3,sad\ny,c,0,glad\n")
    assert read(texts, label_columns=("mood",)).groups.tolist() == [b"3", b"0"]


def test_rows_keep_their_numbers_after_bad_ones_and_missing_groups_are_none(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(
        b'text,mood,group\n\nlove,sad,NA\n"a"b,sad,A\n"caf\xe9\nx",sad,A\nrain,glad,?\nsun,sad,A\n'
    )
    bad_rows = BadRows(skip=True)
    songs = read(path, bad_rows)
    assert songs.ids.tolist() == [b"2", b"5", b"6"] and songs.groups.tolist() == [b"", b"", b"A"]
    assert [text.split(": ")[0][-2:] for text in bad_rows.messages] == [":2", ":4", ":5"]


def test_an_open_quote_that_swallows_the_file_is_named(tmp_path):
    path = write(tmp_path, 'id,text,mood\nx,"a,sad\ny,b,glad\n')
    with pytest.raises(InputError, match=r"no example.*mine\.csv:2: found a malformed row"):
        read(path, BadRows(skip=True))


def test_a_column_of_texts_is_no_label(tmp_path):
    with pytest.raises(InputError, match="--label-columns: found 'lyrics', the column of texts"):
        read(write(tmp_path, TEXTS), label_columns=("lyrics", "mood"))


@pytest.mark.parametrize("cell", ["-1", "x", "", "nan", "inf", "1_0"])
def test_a_count_that_is_none_is_a_bad_row(tmp_path, cell):
    path = write(tmp_path, f"id,funny,cat\nx,1,1\ny,0,{cell}\nz,0,2\n")
    with pytest.raises(InputError, match=rf"mine\.csv:3: found '{cell}' in the column 'cat'"):
        read(path, label_columns=("funny",))
    bad_rows = BadRows(skip=True)
    songs = read(path, bad_rows, label_columns=("funny",))
    assert songs.ids.tolist() == [b"x", b"z"] and songs.labels("funny").tolist() == [1, 0]
    assert len(bad_rows.messages) == 1


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("id,text,mood\nx,12,sad\ny,7.5,glad\n", "column 'text': found numbers, such as '12'"),
        ("id,text,mood\nx,,sad\ny,,glad\n", "column 'text': found no text in any row"),
        ("id,text,mood\nx,!!,sad\ny,?,glad\n", "column 'text': found no word in any row"),
        ("id,text,text\nx,a,sad\n", ":1: found the columns 2 and 3 of the name 'text'"),
        ("id,text,\nx,a,sad\n", ":1: found no name of column 3"),
        ("id,text,mood\nx,a b,sad\nx,c,glad\n", ":3: found the example id x of line 2 again"),
        ("id,text,mood\nx,a b,sad\n,c,glad\n", ":3: found an empty id"),
        ("id,text,mood\nx,a,sad\ny,b,gl\0ad\n", ":3: found the byte 0x00 at column 7"),
        (
            f"id,text,group,mood\nx,a,G,sad\ny,b,{'g' * 300},glad\n",
            ":3: found the id or group 'ggg.*of 300 bytes, expected at most 255",
        ),
        (
            "id,text,mood,mood:sad\nx,a,sad,1\ny,b,glad,0\nz,c,odd,0\n",
            r"mine\.csv: column 'mood:sad': found what the class 'sad' of the column 'mood' is",
        ),
        ("id,text,mood\nx,a,sad,1\n", ":2: found 4 cells, expected 3"),
        ('id,text,mood\nx,"a\nb",sad\ny,c\n', ":4: found 2 cells, expected 3"),
        ('id,text,mood\nx,a,sad\ny,"b\nc,glad\n', ":3: found a malformed row"),
        ('id,text,mood\nx,"a"b,sad\n', ":2: found a malformed row"),
        ("id,text,mood\nx,a,sad\n\ny,b,glad\n", ":3: found an empty row"),
        ("", "no header"),
        ("id;text;mood\nx;a;sad\n", ":1: .* Separate the cells by commas or tabs"),
        ("id,text,mood\n", "no example"),
        ("id,text,speed\nx,a,1.5\ny,b,2.5\nz,c,fast\n", ":4: found 'fast' in column speed"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(tmp_path, text, match):
    with pytest.raises(InputError, match=match):
        read(write(tmp_path, text))


@pytest.mark.parametrize("flag", ["text_column", "id_column"])
def test_a_column_that_is_not_there_is_refused_by_its_flag(tmp_path, flag):
    flag_name = "--" + flag.replace("_", "-")
    with pytest.raises(InputError, match=f"{flag_name}: found no column 'words', expected one of"):
        read(write(tmp_path, TEXTS), **{flag: "words"})


def test_a_last_line_without_its_end_is_said_aloud(tmp_path, capsys):
    read(write(tmp_path, "id,text,mood\nx,a,sad\ny,b,gla"))
    assert "mine.csv:3: the last line has no line end" in capsys.readouterr().out
    read(write(tmp_path, "id,text,mood\nx,a,sad\ny,b,gla\n"))
    assert "line end" not in capsys.readouterr().out


def test_bytes_that_are_no_utf_8_are_named_by_their_line(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(b"id,text,mood\nx,caf\xe9,sad\n")
    with pytest.raises(InputError, match=r"mine\.csv:2: found the byte 0xe9 at column 6"):
        read(path)


def test_a_column_that_is_no_label_is_answered_with_label_columns(tmp_path):
    rows = "".join(f"s{n},love song {n},Title {n:b} of many\n" for n in range(40))
    with pytest.raises(InputError, match="name the columns that are labels by --label-columns"):
        read(write(tmp_path, "id,text,title\n" + rows))


def test_pandas_index_is_left_out_and_said_so(tmp_path):
    songs = read(write(tmp_path, ",text,mood\n7,love love,glad\n8,tears,sad\n"))
    assert songs.ids.tolist() == [b"1", b"2"] and list(songs.columns) == ["mood"]
    assert "left out: (first column)" in songs.provenance["guessed"][0]
