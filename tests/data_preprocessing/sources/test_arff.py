"""ARFF files of Mulan and MEKA: what they hold by another route, and every flaw with its line."""

import gzip

import numpy as np
import pytest
from shared_data import SHARED, needs

from representation_music.data_preprocessing.sources.arff import Arff
from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows
from representation_music.data_preprocessing.sources.format import ReadOptions
from representation_music.utils.errors import InputError

nan = np.nan
HEADER = """% a comment
@RELATION 'small: -C 2'

@Attribute 'is it\\'s {odd}' {0,1}
@attribute "mood of day" {calm,sad,glad}
@attribute cat numeric
@attribute 'a dog' integer
@attribute bird {0,1}
@DATA
"""
NAMES = ["is it's {odd}", "mood of day"]


def read(path, bad_rows=STOP, **options):
    return Arff().read(path, bad_rows, ReadOptions(**options))


def write(tmp_path, data, header=HEADER, name="small.arff"):
    path = tmp_path / name
    path.write_text(header + data, encoding="utf-8")
    return path


def refused(tmp_path, data, match, header=HEADER, **options):
    with pytest.raises(InputError, match=match) as error:
        read(write(tmp_path, data, header), **options)
    return str(error.value)


SPARSE = "{0 1,2 .5, 3 2}\n{1 glad}\n\n% nothing\n{4 1, 0 ?}\n{}\n"
DENSE = "1,calm,.5,2,0\n0, 'glad' ,0,0,0\n?,calm,0,0,1\n0,calm,0,0,0\n"


@pytest.mark.parametrize("data", [SPARSE, DENSE])
def test_sparse_and_dense_rows_give_the_same(tmp_path, data):
    songs = read(write(tmp_path, data))
    assert songs.ids.tolist() == [b"1", b"2", b"3", b"4"]
    assert songs.words == ["cat", "a dog", "bird"]
    expected = [[0.5, 2, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert songs.counts.toarray().tolist() == expected
    np.testing.assert_equal(songs.labels(NAMES[0]), [1, 0, nan, 0])
    # A sparse row that is silent has the first of the values.
    assert songs.class_names(NAMES[1]) == ["calm", "glad"]
    assert songs.labels(NAMES[1]).tolist() == [0, 1, 0, 0]


def test_packed_files_and_other_line_ends_are_read(tmp_path):
    plain = read(write(tmp_path, SPARSE))
    packed = tmp_path / "small.arff.gz"
    packed.write_bytes(gzip.compress((HEADER + SPARSE).replace("\n", "\r\n").encode()))
    assert read(packed).fingerprint == plain.fingerprint
    assert Arff.recognises(packed) and read(packed).name == "small"
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"small\.arff\.gz: found a cut or damaged gzip file"):
        read(packed)


@pytest.mark.parametrize("number", ["2", "-2"])
def test_labels_may_be_the_first_attributes_or_the_last(tmp_path, number):
    header = HEADER.replace("-C 2", "-C " + number)
    data = "{2 1,3 1,4 1}\n" if number == "2" else "{0 1,2 1,4 1}\n"
    if number == "-2":
        header = header.replace("{calm,sad,glad}", "numeric").replace("integer", "{0,1}")
    songs = read(write(tmp_path, data, header))
    assert list(songs.columns) == (NAMES if number == "2" else ["a dog", "bird"])
    assert len(songs.words) == 3
    by_flag = read(write(tmp_path, data, header.replace("-C", "-D")), label_names=number)
    assert by_flag.fingerprint == songs.fingerprint


def xml(tmp_path, *names, file="small.xml"):
    labels = "".join(f'<label name="{name}"></label>\n' for name in names)
    space = "http://mulan.sourceforge.net/labels"
    (tmp_path / file).write_text(
        f'<?xml version="1.0"?>\n<labels xmlns="{space}">{labels}</labels>'
    )
    return tmp_path / file


def test_mulans_xml_beside_the_file_names_the_labels(tmp_path):
    xml(tmp_path, "bird", "mood of day")
    songs = read(write(tmp_path, SPARSE.replace(", 0 ?", "")))
    assert list(songs.columns) == ["bird", "mood of day"]
    assert "named by small.xml" in songs.provenance["guessed"][0]
    named = xml(tmp_path, "mood of day", file="other.xml")
    assert list(read(tmp_path / "small.arff", label_names=str(named)).columns) == ["mood of day"]


def test_xml_that_is_not_of_this_file_is_refused(tmp_path):
    xml(tmp_path, "bird", "fish")
    refused(tmp_path, SPARSE, r"small\.xml: found labels that small\.arff lacks: fish")
    xml(tmp_path, "bird", "bird")
    refused(tmp_path, SPARSE, r"small\.xml: found the label 'bird' twice")
    (tmp_path / "small.xml").write_text("<labels>")
    refused(tmp_path, SPARSE, r"small\.xml: found what is no XML")
    for encoding in ("Big5", "foo"):
        text = f'<?xml version="1.0" encoding="{encoding}"?><labels/>'
        (tmp_path / "small.xml").write_text(text)
        refused(tmp_path, SPARSE, r"small\.xml: found what is no XML .*encoding")
    (tmp_path / "small.xml").write_text("<labels></labels>")
    refused(tmp_path, SPARSE, r"small\.xml: found no <label name")


def test_a_file_that_does_not_say_which_are_labels_is_refused_with_what_would(tmp_path):
    message = refused(tmp_path, SPARSE, "tells labels from inputs", HEADER.replace("-C 2", ""))
    assert "small.xml beside it" in message and "--label-names" in message
    refused(tmp_path, SPARSE, "found 5 labels of 5 attributes", label_names="5")
    refused(tmp_path, SPARSE, "found 0 labels", label_names="0")
    refused(tmp_path, SPARSE, "--label-names: found 999.* labels", label_names="9" * 5000)
    header = HEADER.replace("-C 2", f"-C {'9' * 5000}")
    refused(tmp_path, SPARSE, r"small\.arff: @relation: found 999", header)


def test_a_last_line_without_its_end_is_said_aloud_unless_its_brace_is_closed(tmp_path, capsys):
    read(write(tmp_path, DENSE[:-1]))
    assert "small.arff:13: the last line has no line end" in capsys.readouterr().out
    read(write(tmp_path, SPARSE[:-1]))
    assert "line end" not in capsys.readouterr().out


def test_meka_s_options_stand_behind_the_colon(tmp_path):
    songs = read(write(tmp_path, SPARSE, HEADER.replace("small: -C 2", "Set-C 1 -C 1 of 3: -C 2")))
    assert list(songs.columns) == NAMES
    refused(
        tmp_path, SPARSE, "tells labels from", HEADER.replace("small: -C 2", "Set-C 1: x -C 2a")
    )


def test_labels_that_may_be_of_several_kinds_are_named_with_their_file(tmp_path):
    header = "@relation 'x: -C 1'\n@attribute w1 numeric\n@attribute cat numeric\n@data\n"
    refused(tmp_path, "1,1\n2,1\n", r"small\.arff: label 'w1': found whole numbers", header)


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ("{0 1,5 1}", ":11: found the attribute index 5, expected one from 0 to 4"),
        ("{2 1,2 3}", ":11: found the attribute index 2 twice"),
        ("{2 x}", ":11: found 'x' of the attribute 'cat', expected a finite number"),
        ("{2 inf}", ":11: found 'inf' of the attribute 'cat'"),
        ("{2 nan}", ":11: found 'nan'"),
        ("{2 1_0}", ":11: found '1_0'"),
        ("{3 2.5}", ":11: found '2.5' of the attribute 'a dog', expected a whole number"),
        ("{4 2}", ":11: found '2' of the attribute 'bird', expected one of 0, 1"),
        ("{1 angry}", ":11: found 'angry' of the attribute 'mood of day'"),
        ("{-1 1}", ":11: found '-1 1', expected INDEX VALUE"),
        ("{2}", ":11: found '2', expected INDEX VALUE"),
        ("{2 1,}", ":11: found .* expected INDEX VALUE"),
        ("{1 'sad}", ":11: found .*'sad"),
        ("{2 1}, {5}", ":11: found a row that ends with .*, expected .* without weights"),
        ("{2 1", ":11: found a row that ends with"),
        ("1,calm,1,2", ":11: found 4 cells, expected 5"),
        ("1,calm,1,2,0,0", ":11: found 6 cells"),
        ("1,'calm,1,2,0", ":11: found"),
        ("{2 ?}", ":11: found a missing value of the input 'cat', expected 0 or more"),
        ("{2 1e300}", r":11: found 1e\+300 of the input 'cat', .* at most 3\.4e\+38"),
        ("{2 -0.5}", ":11: found -0.5 of the input 'cat', expected 0 or more"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_left_out_on_demand(tmp_path, row, match):
    refused(tmp_path, f"{{2 1}}\n{row}\n{{3 1}}\n", rf"small\.arff{match}")
    bad_rows = BadRows(skip=True)
    songs = read(tmp_path / "small.arff", bad_rows)
    assert len(bad_rows.messages) == 1
    # The rows keep their numbers.
    assert songs.ids.tolist() == [b"1", b"3"] and songs.counts.toarray()[1].tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("@attribute cat numeric\n", ":10: found the attribute 'cat' of line 6 again"),
        ("@attribute fish colour\n", ":10: found the type 'colour' of the attribute 'fish'"),
        ("@attribute fish {a,a}\n", ":10: found the values {a,a}"),
        ("@attribute 'fish numeric\n", ":10: found"),
        ("@attribute\n", ":10: found"),
        ("word\n", ":10: found 'word', expected @relation, @attribute or @data"),
        ("@attribute fish {red,blue}\n", ": found the input 'fish' of values red, blue"),
        (
            "@attribute fish {1,0}\n",
            ": found the input 'fish' of values 1, 0",
        ),
        ("@attribute fish {0,inf}\n", ": found the input 'fish' of values 0, inf"),
    ],
)
def test_a_bad_declaration_is_named_by_its_line(tmp_path, line, match):
    header = HEADER.replace("@DATA", f"% one more\n{line}@DATA")
    refused(tmp_path, "{2 1}\n", match, header)


def test_files_without_data_or_attributes_are_refused(tmp_path):
    refused(tmp_path, "", "no row of data")
    refused(tmp_path, "", "no line @data", HEADER.replace("@DATA\n", ""))
    refused(tmp_path, "1\n", "no attribute", "@relation x\n@data\n")
    header = "@relation x\n@attribute a {0,1}\n@attribute b string\n@data\n"
    refused(tmp_path, "1,x\n", "no input", header, label_names="1")


def test_attributes_may_give_ids_and_groups_and_are_no_inputs(tmp_path):
    header = HEADER.replace("@DATA", "@attribute page string\n@attribute site {x,y}\n@DATA")
    data = "{2 1,5 'the end',6 y}\n{3 1,5 start}\n"
    path = write(tmp_path, data, header)
    songs = read(path, id_column="page", group_column="site")
    assert songs.ids.tolist() == [b"start", b"the end"]
    assert songs.groups.tolist() == [b"x", b"y"] and len(songs.words) == 3
    refused(tmp_path, f"{data}{{5 x,6 {'g' * 300}}}\n", ":14: found the id or group 'ggg",
            header.replace("{x,y}", "string"), id_column="page", group_column="site")  # fmt: skip
    refused(tmp_path, data + "{5 start}\n", ":14: .* id start of line 13 again", header,
            id_column="page", group_column="site")  # fmt: skip


def test_groups_are_only_where_they_are_named_and_texts_left_out_are_said(tmp_path):
    header = HEADER.replace("@DATA", "@attribute group numeric\n@attribute page string\n@DATA")
    path = write(tmp_path, "{2 1,5 3,6 NA}\n{2 1,5 1,6 'n/a'}\n{6 a}\n", header)
    songs = read(path)
    assert "group" in songs.words and set(songs.groups.tolist()) == {b""}
    assert "left out, as texts: page" in songs.provenance["guessed"][0]
    assert read(path, group_column="page").groups.tolist() == [b"", b"", b"a"]


def test_rows_without_an_id_of_their_own_are_left_out_on_demand(tmp_path):
    header = HEADER.replace("@DATA", "@attribute page string\n@DATA")
    path = write(tmp_path, "{2 -1,5 a}\n{2 1,5 a}\n{5 a}\n{2 1}\n{5 b}\n", header)
    bad_rows = BadRows(skip=True)
    songs = read(path, bad_rows, id_column="page")
    assert songs.ids.tolist() == [b"a", b"b"] and songs.counts.toarray()[:, 0].tolist() == [1, 0]
    assert [text.split(": ")[0][-3:] for text in bad_rows.messages] == [":11", ":13", ":14"]


@pytest.mark.parametrize("column", ["id_column", "group_column"])
def test_numbers_too_large_to_tell_apart_are_no_ids_or_groups(tmp_path, column):
    header = HEADER.replace("@DATA", "@attribute page numeric\n@DATA")
    data = f"{{5 {2**53 - 1}}}\n{{5 {2**53 + 1}}}\n"
    refused(tmp_path, data, r":12: found about 9007199254740992 .* a string attribute", header,
            **{column: "page"})  # fmt: skip


def test_many_labels_are_kept_sparse_and_those_of_no_row_are_counted(tmp_path):
    names = [f"label{n}" for n in range(60)]
    header = "@relation x\n" + "".join(f"@attribute {name} {{0,1}}\n" for name in names)
    xml(tmp_path, *names)
    rows = "".join(f"{{{n} 1,{n + 1} 1,60 2}}\n" for n in range(50))
    songs = read(write(tmp_path, rows, header + "@attribute cat real\n@data\n"))
    assert not songs.columns and len(songs.tags.names) == 51
    assert np.nansum(songs.labels("label3")) == 2
    assert "9 labels that no example carries" in songs.provenance["guessed"]


@needs("delicious")
def test_the_real_pages_are_what_a_plain_loop_reads():
    path = SHARED / "delicious/delicious.arff"
    pages = read(path)
    assert (pages.num_songs, len(pages.words), len(pages.tags.names)) == (16105, 500, 983)
    names, rows, in_data = [], [], False
    for line in path.read_text().splitlines():
        if line.startswith("@attribute"):
            names.append(line.split()[1])
        elif in_data and line:
            rows.append([int(pair.split()[0]) for pair in line.strip("{}").split(",") if pair])
        in_data = in_data or line == "@data"
    of = {int(name): row for row, name in enumerate(pages.ids.tolist())}
    dense = pages.counts.toarray()
    tags = {name: pages.labels(name) for name in ("TAG_programming", "TAG_art")}
    for number in range(0, 16105, 7):
        present = [names[n] for n in rows[number]]
        row = of[number + 1]
        words = {pages.words[n] for n in np.flatnonzero(dense[row])}
        assert words == {name for name in present if not name.startswith("TAG_")}
        for name, values in tags.items():
            assert values[row] == (name in present)
