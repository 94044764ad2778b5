"""A user's own labels as people have them: what each column is taken for, and what is refused."""

import numpy as np
import pytest

from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.label_table import read_label_table
from representation_music.utils.errors import InputError

FIRST, SECOND, THIRD = TRACKS = [f"TRAAAA{letter}128F0000001" for letter in "ABC"]
MANY = [f"TRAAAAA128F{number:07d}" for number in range(40)]
nan = np.nan


def table_of(tmp_path, cells, name="mood", tracks=None, separator="\t"):
    """A table with one column of labels, one row a cell."""
    tracks = tracks or (TRACKS if len(cells) <= 3 else MANY)
    rows = [f"{track}{separator}{cell}\n" for track, cell in zip(tracks, cells, strict=False)]
    path = tmp_path / "mine.tsv"
    path.write_text(f"track_id{separator}{name}\n" + "".join(rows), encoding="utf-8")
    return path


def column_of(tmp_path, cells, kind=None, name="mood", **options):
    kinds = {name: kind} if kind else {}
    return read_label_table(table_of(tmp_path, cells, name, **options), kinds=kinds).columns[name]


def refused(tmp_path, cells, match, kind=None, **options):
    with pytest.raises(InputError, match=match) as error:
        column_of(tmp_path, cells, kind, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("cells", "kind", "values", "rest"),
    [
        (["0.5", "", "-1e3"], "regression", [0.5, nan, -1000], ""),
        (["1999", "2001", "1980"], "regression", [1999, 2001, 1980], ""),
        (["1", "0", "NA"], "binary", [1, 0, nan], ""),
        (["1.0", "0", "0.0"], "binary", [1, 0, 0], ""),
        (["True", "False", "True"], "binary", [1, 0, 1], "0 False, 1 True"),
        (["no", "", "YES"], "binary", [0, nan, 1], "0 no, 1 YES"),
        (["yes", "0", "true"], "binary", [1, 0, 1], "0 0, 1 true"),
        (["off", "on", "on"], "binary", [0, 1, 1], "0 off, 1 on"),
        (["sad", "glad", "sad"], "binary", [1, 0, 1], "0 glad, 1 sad"),
        (["m", "f", "?"], "binary", [1, 0, nan], "0 f, 1 m"),
        (["sad", "glad", "calm"], "multiclass", [2, 1, 0], ["calm", "glad", "sad"]),
        (["1975", "Abba", "Blur"], "multiclass", [0, 1, 2], ["1975", "Abba", "Blur"]),
        (["sad, slow", "", "."], "multiclass", [0, nan, nan], ["sad, slow"]),
    ],
)
def test_the_kind_of_a_column_follows_its_cells(tmp_path, cells, kind, values, rest):
    column = column_of(tmp_path, cells)
    assert column.kind == kind
    np.testing.assert_equal(column.values, values)
    assert (column.class_names if kind == "multiclass" else column.unit) == rest


MARKS = ("?", "-", "--", ".", "N/A", "None", "#N/A", "unknown", r"\N", "", "---", "??", "#VALUE!")
MARKS += ("#DIV/0!", "n.d.", "(null)", "\N{EM DASH}", "no data", "undefined", "Not Available")


@pytest.mark.parametrize("mark", MARKS)
def test_a_column_of_mostly_missing_marks_is_missing_there(tmp_path, mark):
    column = column_of(tmp_path, [mark] * 30 + ["sad", "glad", "calm"] * 3)
    assert (column.kind, column.class_names) == ("multiclass", ["calm", "glad", "sad"])
    assert np.isnan(column.values).sum() == 30
    numbers = column_of(tmp_path, [mark] * 30 + ["0.25", "7", "81"])
    assert numbers.kind == "regression" and np.isnan(numbers.values).sum() == 30


@pytest.mark.parametrize("mark", ["*", "x", "nichts", "not measured", "see notes", "%%"])
@pytest.mark.parametrize("form", ["0.{}", "{}", "0,{}", "{} dB"])
def test_a_mark_among_numbers_is_refused_saying_which(tmp_path, mark, form):
    cells = [mark] * 19 + [form.format(n + 100) for n in range(21)]
    cells = cells[:19] + [mark] * 30 + cells[19:]
    tracks = [f"TRAAAAA128F{number:07d}" for number in range(len(cells))]
    message = refused(
        tmp_path, cells, f"the mark {mark!r} among numbers".replace("*", r"\*"), tracks=tracks
    )
    assert "Leave those cells empty" in message and "--kind mood=multiclass" in message
    assert column_of(tmp_path, cells, "multiclass", tracks=tracks).kind == "multiclass"


def test_few_decimals_under_several_marks_are_no_classes(tmp_path):
    refused(tmp_path, ["x"] * 20 + ["y"] * 8 + ["0.5", "1.5", "2.5", "4"] * 3, "the mark 'x'")
    stars = column_of(tmp_path, ["*", "**", "***", "*"] * 10)
    assert stars.class_names == ["*", "**", "***"]
    bands = column_of(tmp_path, ["Abba", "Blur", "311", "1975", "Can"] * 8)
    assert len(bands.class_names) == 5


@pytest.mark.parametrize("cells", [["10%", "20 %", "30%"], ["$5", "$10", "$20"], ["50%", "100%"]])
def test_repeated_shares_and_prices_are_numbers_in_disguise(tmp_path, cells):
    cells *= 12
    assert "bare numbers" in refused(tmp_path, cells, "numbers with other marks")
    assert column_of(tmp_path, cells, "multiclass").kind == "multiclass"


def test_decimal_commas_are_refused_saying_so(tmp_path):
    message = refused(tmp_path, [f"0,{n + 100}" for n in range(40)], "numbers with commas")
    assert "'0,100'" in message and "'0.100'" in message and "column 'mood'" in message
    some = ["0.5", "0.75", "0,125"]
    assert "decimal point" in refused(tmp_path, some, r"mine\.tsv:4: found '0,125' in column mood")


@pytest.mark.parametrize("cells", [["0", "1", "2", "3"], ["1", "2", "1"], ["-1", "1", "1"], ["2"]])
def test_small_whole_numbers_are_codes_or_amounts_and_the_user_says_which(tmp_path, cells):
    message = refused(tmp_path, cells, "codes or amounts")
    assert "`--kind mood=multiclass`" in message and "`--kind mood=regression`" in message
    assert ("`--kind mood=binary`" in message) == (len(set(cells)) == 2)
    column = column_of(tmp_path, cells, "multiclass")
    assert column.class_names == sorted(set(cells), key=float)
    np.testing.assert_equal(column_of(tmp_path, cells, "regression").values, np.float64(cells))


def test_codes_are_ordered_as_numbers(tmp_path):
    column = column_of(tmp_path, ["10", "2", "9"], "multiclass")
    assert column.class_names == ["2", "9", "10"] and column.values.tolist() == [2, 0, 1]


def test_of_two_numbers_the_larger_is_1(tmp_path):
    column = column_of(tmp_path, ["10", "9", ""], "binary")
    np.testing.assert_equal(column.values, [1, 0, nan])
    assert column.unit == "0 9, 1 10"


@pytest.mark.parametrize("form", ["{} dB", "{}%", "${}", "{}:30", "{}_000", "1,{},5"])
def test_numbers_in_disguise_are_refused_saying_so(tmp_path, form):
    cells = [form.format(100 + number) for number in range(40)]
    assert "bare numbers" in refused(tmp_path, cells, "numbers with other marks")
    assert column_of(tmp_path, cells, "multiclass").kind == "multiclass"


def test_decades_written_as_80s_are_classes(tmp_path):
    column = column_of(tmp_path, ["80s", "90s", "00s", "90s"] * 8)
    assert column.class_names == ["00s", "80s", "90s"]


def test_a_column_of_which_nearly_every_cell_is_its_own_class_is_refused(tmp_path):
    titles = [f"Song of {number:b} birds" for number in range(40)]
    assert "--kind mood=multiclass" in refused(tmp_path, titles, "40 different texts in 40 rows")
    assert len(column_of(tmp_path, titles, "multiclass").class_names) == 40


def test_a_name_with_a_space_is_quoted_where_it_can_be_pasted(tmp_path):
    assert "`--kind 'my mood=multiclass'`" in refused(tmp_path, ["1", "2"], "codes", name="my mood")


def test_a_kind_that_the_cells_are_not_of_is_refused(tmp_path):
    refused(tmp_path, ["sad", "glad", "calm"], "3 different values", "binary")
    refused(tmp_path, ["0.5", "sad"], ":3: found 'sad' in column mood", "regression")


def test_a_column_without_any_value_is_refused(tmp_path):
    refused(tmp_path, ["", "nan", "?"], "no value in any row")


def test_one_typo_does_not_turn_numbers_into_classes(tmp_path):
    path = table_of(tmp_path, ["0.5", "NaN", "abc"])
    with pytest.raises(InputError, match=r":4: found 'abc' in column mood, expected a finite num"):
        read_label_table(path)
    bad_rows = BadRows(skip=True)
    table = read_label_table(path, bad_rows)
    assert table.ids.tolist() == [FIRST.encode(), SECOND.encode()] and len(bad_rows.messages) == 1
    np.testing.assert_equal(table.columns["mood"].values, [0.5, nan])


@pytest.mark.parametrize("column", ["artist_id", "group"])
def test_a_column_of_artists_gives_the_groups_and_no_label(tmp_path, column):
    path = tmp_path / "mine.csv"
    path.write_text(f"{column},track_id,mood\nAR1,{FIRST},sad\n,{SECOND},glad\nAR1,{THIRD},calm\n")
    table = read_label_table(path)
    assert list(table.columns) == ["mood"]
    assert table.groups.tolist() == [b"AR1", b"", b"AR1"]


def test_pandas_unnamed_index_is_answered_with_index_false(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(f",track_id,mood\n0,{FIRST},sad\n")
    with pytest.raises(InputError, match=r"without a name.*index=False"):
        read_label_table(path)


@pytest.mark.parametrize(
    ("other", "what"), [("SOAAAAA128F0000001", "song id"), ("ARAAAAA1187FB00001", "artist id")]
)
def test_another_id_in_the_place_of_a_track_id_is_called_what_it_is(tmp_path, other, what):
    message = refused(tmp_path, ["sad"], f"found the {what} '{other}'", tracks=[other])
    assert "a track id, TR and 16" in message


def test_a_table_may_be_tabbed_quoted_and_have_windows_line_ends(tmp_path):
    path = tmp_path / "mine.tsv"
    text = f'\ufefftrack_id\tmood\r\n{FIRST}\t"sad, slow"\r\n{SECOND}\tNA\r\n{THIRD}\tglad'
    path.write_text(text, newline="")
    table = read_label_table(path)
    assert len(table.ids) == 3
    path.write_text(text.replace("sad, slow", "sad,\nslow"), newline="")
    assert read_label_table(path).columns["mood"].unit == "0 glad, 1 sad,\nslow"
    np.testing.assert_equal(table.columns["mood"].values, [1, nan, 0])


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("song,mood", "the columns song, mood"),
        ("track_id", "the column track_id only"),
        ("track_id,mood,mood", "the columns 2 and 3 of the name 'mood'"),
        ("track_id,mood,", "no name of column 3"),
        ("track_id;mood", "Separate the cells by commas or tabs"),
    ],
)
def test_a_table_without_proper_columns_is_an_error(tmp_path, header, found):
    path = tmp_path / "mine.csv"
    path.write_text(f"{header}\n{FIRST},1,1\n")
    with pytest.raises(InputError, match=found):
        read_label_table(path)


def test_ids_of_any_form_and_length_are_read_where_a_reader_says_so(tmp_path):
    path = tmp_path / "pages.tsv"
    long = "https://example.org/" + "x" * 100
    path.write_text(f"page\tsite\tspeed\n{long}\ts1\t0.5\nb\ts2\t0.25\n")
    table = read_label_table(
        path, id_columns=("page",), check_id=lambda text, _: text.encode(), group_columns=("site",)
    )
    assert table.ids.tolist() == [long.encode(), b"b"]
    assert table.groups.tolist() == [b"s1", b"s2"]
