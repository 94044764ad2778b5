"""svmlight files: the same as scikit-learn gives, and every flaw with its line."""

import bz2

import numpy as np
import pytest
from sklearn.datasets import dump_svmlight_file

from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows
from representation_music.data_preprocessing.sources.format import ReadOptions
from representation_music.data_preprocessing.sources.svmlight import Svmlight
from representation_music.utils.errors import InputError

ROWS = "0,2 0:1 3:2.5\n# a comment\n 1:4 # no label\n2\n"


def read(path, bad_rows=STOP, **options):
    return Svmlight().read(path, bad_rows, ReadOptions(**options))


def write(tmp_path, text, name="small.svm"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_rows_of_several_one_and_no_labels(tmp_path):
    songs = read(write(tmp_path, ROWS))
    assert songs.ids.tolist() == [b"1", b"2", b"3"]
    assert songs.counts.toarray().tolist() == [[1, 0, 0, 2.5], [0, 4, 0, 0], [0, 0, 0, 0]]
    assert list(songs.columns) == ["label 0", "label 2"]
    assert songs.labels("label 2").tolist() == [1, 0, 1]


def test_what_scikit_learn_wrote_is_read_and_bzip2_is_unpacked(tmp_path):
    draw = np.random.default_rng(0)
    counts = draw.poisson(0.4, (50, 9)).astype(float)
    labels = draw.integers(0, 2, (50, 70))
    dump_svmlight_file(counts, labels, str(tmp_path / "one.svm"), multilabel=True, zero_based=False)
    (tmp_path / "two.svm.bz2").write_bytes(bz2.compress((tmp_path / "one.svm").read_bytes()))
    for name in ("one.svm", "two.svm.bz2"):
        songs = read(tmp_path / name)
        rows = [songs.ids.tolist().index(b"%d" % n) for n in range(1, 51)]
        assert (songs.counts.toarray()[rows] == counts).all()
        assert not songs.columns
        for n in range(70):
            assert songs.labels(f"label {n}")[rows].tolist() == labels[:, n].tolist()


def test_one_label_a_row_is_one_column(tmp_path):
    songs = read(write(tmp_path, "0 1:1\n1 2:1\n0 1:3\n"))
    assert songs.labels("label").tolist() == [0, 1, 0]
    path = write(tmp_path, "1 1:1\n3 2:1\n2 1:3\n")
    with pytest.raises(InputError, match=r"small\.svm: the labels: .*--kind label=multiclass"):
        read(path)
    assert read(path, kind=("label=multiclass",)).class_names("label") == ["1.0", "2.0", "3.0"]


def test_the_first_line_of_the_xmc_repository_is_no_row_and_is_held_to(tmp_path):
    assert read(write(tmp_path, "3 4 3\n" + ROWS)).num_songs == 3
    with pytest.raises(InputError, match="found 3 rows, expected 4, as in its first line"):
        read(write(tmp_path, "4 4 3\n" + ROWS))
    songs = read(write(tmp_path, "1 4 3\n0,2 1:5\n"))
    assert songs.counts.toarray().tolist() == [[0, 5, 0, 0]]
    with pytest.raises(InputError, match=r":2: found the index 3, expected at most 2"):
        read(write(tmp_path, "3 3 3\n" + ROWS))
    with pytest.raises(InputError, match=r":2: found the labels '0,2', expected labels below 2"):
        read(write(tmp_path, "3 4 2\n" + ROWS))


@pytest.mark.parametrize(("row", "words"), [("1 1:1 2:1", [1, 2]), ("1 0:1 2:1", [0, 1, 2])])
def test_inputs_have_the_numbers_of_the_file(tmp_path, row, words):
    songs = read(write(tmp_path, f"{row}\n0 2:1\n"))
    assert songs.words == [f"word {n}" for n in words]


def test_long_numbers_of_labels_are_kept_apart(tmp_path):
    songs = read(write(tmp_path, "1000001,2.5 1:1\n1000002 1:1\n"))
    assert list(songs.columns) == ["label 2.5", "label 1000001", "label 1000002"]
    large = 2**53
    songs = read(write(tmp_path, f"{large},{large + 1} 1:1\n+{large + 1},1,2.0 1:1\n2 1:1\n"))
    names = ["label 1", "label 2", f"label {large}", f"label {large + 1}"]
    assert list(songs.columns) == names and songs.labels(names[3]).tolist() == [1, 1, 0]
    path = write(tmp_path, f"{large} 1:1\n{large + 1} 1:1\n1 1:1\n")
    names = read(path, kind=("label=multiclass",)).class_names("label")
    assert set(names) == {"1.0", f"{large}", f"{large + 1}"}


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ("1 3:1 2:1", "the index 2 after 3"),
        ("1 2:1 2:1", "the index 2 after 2"),
        ("1 2:x", "'2:x'"),
        ("1 2:nan", "'2:nan'"),
        ("1 2:inf", "'2:inf'"),
        ("1 2:1e39", r"'2:1e39', .* at most 3\.4e\+38"),
        ("9" * 5000 + " 1 1", "the labels '999"),
        ("1 2:-1", "'2:-1', expected values of 0 or more"),
        ("1 -2:1", "'-2:1'"),
        ("1 2", "'2'"),
        ("1 qid:3 2:1", "'qid:3', expected INDEX:VALUE, without queries"),
        ("1,1 2:1", "the labels '1,1'"),
        ("sad 2:1", "the labels 'sad'"),
        ("1, 2:1", "the labels '1,'"),
        ("1 99999999999:1", "the index 99999999999"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_left_out_on_demand(tmp_path, row, match):
    path = write(tmp_path, f"0,2 0:1\n\n{row}\n1 1:1\n")
    with pytest.raises(InputError, match=rf"small\.svm:3: found {match}"):
        read(path)
    bad_rows = BadRows(skip=True)
    assert read(path, bad_rows).ids.tolist() == [b"1", b"3"] and len(bad_rows.messages) == 1


def test_a_last_line_without_its_end_is_said_aloud(tmp_path, capsys):
    assert read(write(tmp_path, "1 1:1\n0 1:19")).num_songs == 2
    assert "small.svm:2: the last line has no line end" in capsys.readouterr().out


def test_a_first_line_of_endless_numbers_is_a_bad_row(tmp_path):
    with pytest.raises(InputError, match=r"small\.svm:1: found the labels '999"):
        read(write(tmp_path, "9" * 5000 + " 1 1\n1 1:1\n"))


def test_a_file_without_rows_is_refused(tmp_path):
    with pytest.raises(InputError, match="no row"):
        read(write(tmp_path, "# nothing\n"))
