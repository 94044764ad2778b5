"""One job for every format: what it recognises, adds to any of them, says aloud and refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from shared_data import SHARED, needs

from representation_music.data_preprocessing.preprocess import preprocess
from representation_music.data_preprocessing.settings import PreprocessSettings
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.description import describe_songs
from representation_music.data_preprocessing.sources.formats import FORMATS, format_of
from representation_music.utils.errors import InputError

ARFF = "@relation 'x: -C 1'\n@attribute pop {0,1}\n@attribute cat numeric\n@data\n{0 1,1 2}\n{}\n"


def texts(number=60, artist=lambda n: f"a{n % 12}"):
    """Rows of a table of songs, two of them with the same words."""
    head = "id,text,artist_id,mood\n"
    rows = [
        f"s{n},word{max(n, 1)} love,{artist(n)},{'sad' if n % 2 else 'glad'}\n"
        for n in range(number)
    ]
    return head + "".join(rows)


@pytest.fixture
def table(tmp_path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(texts())
    return path


def load(path, tmp_path, **settings) -> SongDataset:
    preprocess(path, tmp_path / "made.h5", PreprocessSettings(**settings))
    return SongDataset.load(tmp_path / "made.h5")


def write(tmp_path, name, text) -> Path:
    (tmp_path / name).write_text(text)
    return tmp_path / name


@pytest.mark.parametrize(
    ("name", "text", "format"),
    [
        ("x.arff", ARFF, "arff"),
        ("x.svm", "1 1:1\n", "svmlight"),
        ("x.libsvm", "1 1:1\n", "svmlight"),
        ("x.csv", "id,text\n", "table"),
        ("x.TSV", "id\ttext\n", "table"),
        ("x.txt", "# comment\n%love,night\n", "musixmatch"),
    ],
)
def test_a_file_is_recognised_by_its_name_or_first_lines(tmp_path, name, text, format):
    assert format_of(write(tmp_path, name, text)).name == format
    assert format_of(tmp_path).name == "official"
    assert FORMATS.names()[0] == "official"


def test_what_is_of_no_format_is_refused_with_all_of_them(tmp_path):
    for name in ("lyrics.txt", "x.parquet"):
        with pytest.raises(InputError, match="no format that its name tells") as error:
            format_of(write(tmp_path, name, "love is all\n"))
        assert all(f"{known} (" in str(error.value) for known in FORMATS.names())
    with pytest.raises(InputError, match="no such file or folder"):
        format_of(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"--format: found 'csv', expected one of official, "):
        format_of(tmp_path, "csv")


@pytest.mark.parametrize(
    ("name", "settings", "flag"),
    [
        ("x.arff", {"text_column": "a"}, "--text-column"),
        ("x.csv", {"label_names": "3"}, "--label-names"),
        ("x.svm", {"tags": "artist_mbtag"}, "--tags"),
        ("x.txt", {"track_files": True}, "--track-files"),
    ],
)
def test_an_option_of_another_format_is_refused(tmp_path, name, settings, flag):
    write(tmp_path, name, "%a,b\n")
    with pytest.raises(InputError, match=f"{flag} with the format .*: found both"):
        load(tmp_path / name, tmp_path, **settings)


def test_a_table_of_texts_becomes_a_songs_file(table, tmp_path, capsys):
    songs = load(table, tmp_path, noun="poems", name="my poems", licence="CC0")
    out = capsys.readouterr().out
    assert "Texts of the column 'text', as stems" in out and "Own column mood: binary" in out
    assert "Groups: 12, the largest of 5 poems; 0 poems of unknown group" in out
    assert songs.describe_source() == "my poems (60 poems)"
    parts = [set(songs.groups[part].tolist()) for part in songs.split("artist").values()]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 12
    (record,) = songs.provenance["sources"]
    assert (record["name"], record["rows"]) == ("mine.csv", 60)
    assert songs.provenance["format"] == "table" and songs.provenance["licence"] == "CC0"
    assert str(tmp_path) not in json.dumps(songs.provenance)


def test_label_tables_of_any_id_are_joined_and_what_either_lacks_is_counted(
    table, tmp_path, capsys
):
    rows = "".join(f"s{n},{n / 2}\n" for n in range(10, 70))
    own = write(tmp_path, "more.csv", "id,energy\n" + rows)
    songs = load(table, tmp_path, labels=(own,), unit=("energy=joule",))
    row = songs.ids.tolist().index(b"s11")
    assert songs.labels("energy")[row] == 5.5 and songs.columns["energy"].unit == "joule"
    assert np.isnan(songs.labels("energy")).sum() == 10
    out = capsys.readouterr().out
    assert "more.csv: 60 rows; 10 ids of it are no examples, such as 's60'" in out
    assert "10 examples have no row in it, such as 's0'" in out
    with pytest.raises(InputError, match="no id in common"):
        load(table, tmp_path, labels=(write(tmp_path, "other.csv", "id,x\nq1,0.5\n"),))
    moods = "id,m\n" + "s1,sad\ns2,glad\ns3,odd\n"
    mine = write(tmp_path, "b.csv", texts().replace("mood", "m:sad", 1))
    with pytest.raises(InputError, match=r"other\.csv: column 'm': found a class named 'm:sad'"):
        load(mine, tmp_path, labels=(write(tmp_path, "other.csv", moods),))
    with pytest.raises(InputError, match=r"other\.csv: column 'mood'.*that the examples have"):
        load(table, tmp_path, labels=(write(tmp_path, "other.csv", "id,mood\ns1,sad\n"),))


def test_texts_and_their_table_of_labels_may_call_ids_differently(table, tmp_path):
    rows = "".join(f"s{n},{n / 2}\n" for n in range(60))
    own = write(tmp_path, "more.csv", "song,energy\n" + rows)
    songs = load(table, tmp_path, labels=(own,), id_column="song")
    assert songs.labels("energy")[songs.ids.tolist().index(b"s11")] == 5.5
    renamed = write(tmp_path, "mine2.csv", texts().replace("id,text", "song,text", 1))
    own = write(tmp_path, "more.csv", "id,energy\n" + rows)
    songs = load(renamed, tmp_path, labels=(own,), id_column="song")
    assert songs.labels("energy")[songs.ids.tolist().index(b"s11")] == 5.5
    with pytest.raises(InputError, match=r"--id-column: found no column 'sng' in any table"):
        load(table, tmp_path, labels=(own,), id_column="sng")


def test_groups_come_from_any_table_by_the_column_that_is_named(table, tmp_path):
    own = write(
        tmp_path, "sites.tsv", "song\tsite\n" + "".join(f"s{n}\tx{n // 30}\n" for n in range(60))
    )
    plain = write(tmp_path, "plain.csv", texts().replace("artist_id", "singer"))
    settings = {"label_columns": ("mood",), "labels": (own,)}
    with pytest.raises(
        InputError, match=r"sites\.tsv:1: .*expected a header with a column id or track_id"
    ):
        load(plain, tmp_path, **settings)
    own.write_text(own.read_text().replace("song", "id"))
    songs = load(plain, tmp_path, **settings, group_column="site")
    assert set(songs.groups.tolist()) == {b"x0", b"x1"}
    with pytest.raises(InputError, match="--group-column: found no column 'place' in any table"):
        load(plain, tmp_path, **settings, group_column="place")


@pytest.mark.parametrize("flag", ["group_column", "id_column"])
@pytest.mark.parametrize(("name", "text"), [("x.arff", ARFF), ("x.svm", "1 1:1\n0 1:2\n")])
def test_a_column_that_no_format_or_table_has_is_refused(tmp_path, flag, name, text):
    path = write(tmp_path, name, text)
    flag_name = "--" + flag.replace("_", "-")
    with pytest.raises(InputError, match=f"{flag_name}: found no column 'sote' in any table"):
        load(path, tmp_path, **{flag: "sote"})


def test_groups_that_are_all_unknown_have_a_column_all_the_same(tmp_path):
    empty = write(tmp_path, "empty.csv", texts(artist=lambda _: ""))
    assert set(load(empty, tmp_path, group_column="artist_id").groups.tolist()) == {b""}


def test_inputs_and_labels_that_can_teach_nothing_are_said_aloud(tmp_path, capsys):
    path = write(tmp_path, "x.csv", "cat,dog,funny,sad\n" + "0,0,1,1\n0,0,1,0\n" * 10)
    load(path, tmp_path, label_columns=("funny", "sad"))
    out = capsys.readouterr().out
    assert "Warning: none of the examples has a word" in out
    assert "labels of one value for all that carry them: funny\n" in out
    load(write(tmp_path, "x.csv", path.read_text().replace("0,0,1", "1,0,0", 1)), tmp_path,
         label_columns=("funny", "sad"))  # fmt: skip
    assert "nothing to learn" not in (out := capsys.readouterr().out) and "has a word" not in out


def test_counts_may_have_all_their_labels_in_a_table_beside_them(tmp_path):
    path = write(tmp_path, "counts.csv", "cat,dog\n" + "1,0\n0,2\n" * 10)
    own = write(tmp_path, "own.csv", "id,mood\n" + "1,sad\n2,glad\n")
    songs = load(path, tmp_path, labels=(own,))
    assert songs.words == ["cat", "dog"] and list(songs.columns) == ["mood"]


def test_unknown_groups_and_equal_words_are_said_aloud_and_can_be_kept_together(tmp_path, capsys):
    path = write(tmp_path, "mine.csv", texts(artist=lambda _: ""))
    apart = load(path, tmp_path)
    out = capsys.readouterr().out
    assert "Warning: no group is known: examples of one artist, author or site may stand" in out
    assert "1 examples have the very words of another" in out and "--group-equal-inputs" in out
    together = load(path, tmp_path, group_equal_inputs=True)
    assert "very words" not in capsys.readouterr().out
    named = dict(zip(together.ids.tolist(), together.groups.tolist(), strict=True))
    assert named[b"s0"] == named[b"s1"] == b"=s0" and set(named.values()) == {b"=s0", b""}
    assert (apart.groups == b"").all()


def test_equal_words_bring_their_groups_together(tmp_path):
    path = write(tmp_path, "mine.csv", texts())  # s0 of a0 and s1 of a1 have the same words
    songs = load(path, tmp_path, group_equal_inputs=True)
    assert set(songs.groups.tolist()) == {b"a0", *(b"a%d" % n for n in range(2, 12))}
    assert (songs.groups == b"a0").sum() == 10


def test_no_group_that_a_table_knows_stands_in_two_parts_whatever_else_is_known(tmp_path, capsys):
    rows = "".join(f"s{n},word{n} love,sad,{'G' if n % 2 else ''}\n" for n in range(40))
    mine = write(tmp_path, "a.csv", "id,text,m,group\n" + rows.replace("sad", "glad", 9))
    own = write(tmp_path, "l.csv", "id,n,group\n" + "".join(f"s{n},{n}.5,H\n" for n in range(40)))
    songs = load(mine, tmp_path, labels=(own,))
    assert set(songs.groups.tolist()) == {b"G"} and len(set(songs.splits["artist"].tolist())) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "l.csv: 20 examples are of another group there than elsewhere" in out
    own.write_text(own.read_text().replace("H", "G"))
    load(mine, tmp_path, labels=(own,))
    assert "of another group there" not in capsys.readouterr().out


def test_a_group_of_nearly_all_is_said_aloud(tmp_path, capsys):
    path = write(tmp_path, "mine.csv", texts(artist=lambda n: "big" if n < 55 else f"a{n}"))
    load(path, tmp_path)
    assert "Warning: the group 'big' holds 92% of the examples" in capsys.readouterr().out
    load(write(tmp_path, "mine.csv", texts()), tmp_path)
    assert "Warning: the group" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"unit": ("mood=dB",)}, "--unit: found no regression label 'mood'"),
        (
            {"kind": ("mood=binary", "mood=multiclass")},
            "--kind: found binary and multiclass of 'mood', expected one kind",
        ),
        ({"unit": ("mood",)}, "--unit: found 'mood', expected COLUMN=UNIT"),
        ({"kind": ("energy=binary",)}, "--kind: found no column 'energy'"),
        ({"kind": ("mood=regression",)}, "column 'mood'|in column mood"),
    ],
)
def test_flags_about_columns_that_are_not_so_are_refused(table, tmp_path, settings, match):
    with pytest.raises(InputError, match=match):
        load(table, tmp_path, **settings)


def test_bad_rows_are_listed_by_file_name_and_line(tmp_path, capsys):
    path = write(tmp_path, "mine.csv", texts() + "s0,again,a0,sad\n")
    with pytest.raises(InputError, match=r"mine\.csv:62: found the example id s0 of line 2 again"):
        load(path, tmp_path)
    songs = load(path, tmp_path, skip_bad_rows=True)
    (message,) = songs.provenance["skipped_rows"]
    assert message.startswith("mine.csv:62: found the example id s0")
    assert f"Skipped 1 bad rows:\n  {message}" in capsys.readouterr().out


def test_examples_can_be_left_out_and_required_in_any_format(table, tmp_path):
    listed = write(tmp_path, "out.txt", "s3\ns4\n")
    own = write(tmp_path, "more.csv", "id,energy\n" + "".join(f"s{n},{n}.5\n" for n in range(30)))
    songs = load(table, tmp_path, exclude=(listed,), labels=(own,), require=("energy",))
    assert songs.num_songs == 28 and b"s3" not in songs.ids.tolist()


def test_a_licence_beside_the_file_is_kept(table, tmp_path):
    write(tmp_path, "LICENCE.txt", "CC BY 4.0\nfrom somewhere\n")
    assert load(table, tmp_path).provenance["licence"] == "CC BY 4.0"
    write(tmp_path, "LICENCE.txt", f"{'long ' * 99}: {'words ' * 99}\n")
    assert load(table, tmp_path).provenance["licence"].startswith("long long")


def test_a_part_is_for_track_files_only(table, tmp_path):
    with pytest.raises(InputError, match="--part with the format table: found both"):
        preprocess(table, part="1/2")


MXM = "# made up\n%love,night,rain\n"


def test_musixmatchs_layout_takes_ids_of_any_form(tmp_path):
    path = write(tmp_path, "counts.txt", MXM + "x/1,0,1:2,3:1\nlonger id é,0,2:70000\n")
    songs = load(path, tmp_path)
    assert songs.ids.tolist() == ["longer id é".encode(), b"x/1"]
    assert songs.counts.toarray().tolist() == [[0, 70000, 0], [2, 0, 1]]


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ("a,0,4:1", ":4: found the word index 4"),
        ("a,0,1:1,1:2", ":4: found the word index 1 twice"),
        ("a,0,1:0", ":4: found the count 0"),
        ("a,0", ":4: found 'a,0'"),
        (",0,1:1", ":4: found an empty id"),
        ("first,0,1:1", ":4: found the track id first of line 3 again"),
        ("a,x,1:1", ":4: found the musiXmatch id 'x'"),
        ("#1,0,1:1", ":4: found a row of the id '#1'"),
    ],
)
def test_a_bad_row_of_any_id_is_named_by_its_line(tmp_path, row, match):
    path = write(tmp_path, "counts.txt", f"{MXM}first,0,1:1\n{row}\n")
    with pytest.raises(InputError, match=rf"counts\.txt{match}"):
        load(path, tmp_path)


@needs("tcc_music")
def test_the_real_songs_of_any_id_have_their_labels_groups_and_words(tmp_path):
    folder = SHARED / "tcc_music"
    songs = load(
        folder / "word_counts.txt",
        tmp_path,
        labels=(folder / "labels.tsv",),
        id_column="song_id",
        group_column="artist_key",
    )
    assert songs.num_songs == 21_096 and len(songs.words) == 5000
    header, *rows = (line.split("\t") for line in (folder / "labels.tsv").read_text().splitlines())
    rows = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    energy, genre = songs.labels("energy"), songs.labels("genre")
    for place in range(0, songs.num_songs, 101):
        row = rows[songs.ids[place].decode()]
        assert songs.groups[place].decode() == row["artist_key"]
        np.testing.assert_equal(energy[place], float(row["energy"] or "nan"))
        assert songs.class_names("genre")[int(genre[place])] == row["genre"]
    last = (folder / "word_counts.txt").read_text().splitlines()[-1].split(",")
    (row,) = np.flatnonzero(songs.ids == last[0].encode())
    pairs = {int(n) - 1: float(count) for n, count in (pair.split(":") for pair in last[2:])}
    assert dict(enumerate(songs.counts[[row]].toarray()[0])) == {
        n: pairs.get(n, 0.0) for n in range(5000)
    }


@needs("delicious")
def test_real_pages_of_equal_words_never_stand_in_two_parts(tmp_path):
    pages = load(SHARED / "delicious/delicious.arff", tmp_path, group_equal_inputs=True)
    part_of = {}
    shared = 0
    for row, part in enumerate(pages.splits["artist"].tolist()):
        words = pages.counts.indices[pages.counts.indptr[row] : pages.counts.indptr[row + 1]]
        if len(words):
            shared += part_of.setdefault(words.tobytes(), part) != part
    assert shared == 0 and pages.num_songs - len(part_of) == 3724


@needs("lastfm50")
def test_real_track_tags_are_a_label_table_of_the_sample(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "mxm_dataset_test.txt").symlink_to(SHARED / "msd/mxm_dataset_test.txt")
    songs = load(raw, tmp_path, labels=(SHARED / "lastfm50/labels.tsv",))
    assert songs.num_songs == 8279
    rock = songs.labels("rock")
    assert (~np.isnan(rock)).sum() == 3259 and np.nanmean(rock) == pytest.approx(0.222, abs=5e-4)


def test_tags_that_rest_on_unknown_groups_are_warned_of_once(tmp_path, capsys):
    labels = "".join(f"@attribute tag{n} {{0,1}}\n" for n in range(60))
    rows = "".join(
        f"{','.join(str(int((n + tag) % 3 == 0)) for tag in range(60))},1,"
        f"{'?' if n % 2 else f'a{n}'}\n"
        for n in range(60)
    )
    end = "@attribute cat numeric\n@attribute artist string\n@data\n"
    path = write(tmp_path, "x.arff", f"@relation 'x: -C 60'\n{labels}{end}{rows}")
    songs = load(path, tmp_path, group_column="artist")
    test = songs.split("artist")["test"]
    unknown = int((songs.groups[test] == b"").sum())
    warning = f"is known: tags {unknown} of {len(test)}."
    assert unknown and not songs.columns
    assert warning in " ".join(capsys.readouterr().out.split())
    numbers = describe_songs(songs, "artist", ["tag1"])
    assert numbers["unknown_artists"] == [["tags", unknown, len(test)]]
