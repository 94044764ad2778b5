"""The readers of one-row-a-track text files: years, genres, artist lists, a user's own labels."""

from pathlib import Path

import numpy as np
import pytest

from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.label_table import read_label_table
from representation_music.data_preprocessing.sources.official_files.text_tables import (
    read_artist_list,
    read_tagtraum,
    read_tracks_per_year,
)
from representation_music.utils.errors import InputError

SAMPLE = Path(__file__).parents[3] / "../shared/msd"
needs_sample = pytest.mark.skipif(not SAMPLE.is_dir(), reason="no real sample beside the project")
FIRST, SECOND, THIRD = (f"TRAAAA{letter}128F0000001" for letter in "ABC")
ARTIST, OTHER_ARTIST = "AR00A1N1187FB484EB", "AR00J9R1187B98D920"

YEARS = f"1927<SEP>{FIRST}<SEP>Ma Rainey<SEP>Black Bottom\n0<SEP>{SECOND}<SEP><SEP>Bj\u00f6rk\n"
GENRES = f"#### comment\n{FIRST}\tPop_Rock\n{SECOND}\tJazz\tVocal\n"
ARTISTS = f"{ARTIST}\n{OTHER_ARTIST}\n"
LABELS = f"title,track_id,mood,live\nOne,{FIRST},0.5,1\nTwo,{SECOND},,0\n"


def write(tmp_path, content, name="rows.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_years_of_tracks_are_read_and_year_0_is_missing(tmp_path):
    table = read_tracks_per_year(write(tmp_path, YEARS))
    assert table.track_ids.tolist() == [FIRST.encode(), SECOND.encode()]
    assert table.artist_ids.tolist() == [b"", b""]
    np.testing.assert_equal(table.labels, {"year": np.array([1927, np.nan])})


def test_the_majority_genre_is_read_and_the_minority_genre_left(tmp_path):
    track_ids, genres = read_tagtraum(write(tmp_path, GENRES))
    assert track_ids.tolist() == [FIRST.encode(), SECOND.encode()]
    assert genres == ["Pop_Rock", "Jazz"]


def test_artists_are_read_in_order(tmp_path):
    artists = read_artist_list(write(tmp_path, ARTISTS))
    assert artists.dtype == "S18"
    assert artists.tolist() == [ARTIST.encode(), OTHER_ARTIST.encode()]


@needs_sample
def test_the_real_files_are_read_whole():
    assert len(read_tracks_per_year(SAMPLE / "tracks_per_year.txt").track_ids) == 7455
    track_ids, genres = read_tagtraum(SAMPLE / "msd_tagtraum_cd1.cls")
    assert len(track_ids) == 133676 and len(set(genres)) == 13
    assert genres.count("Rap") == 6151  # by `cut -f2 | sort | uniq -c`
    assert len(read_artist_list(SAMPLE / "artists_test.txt")) == 4643


def read_years(path, *bad_rows):
    return read_tracks_per_year(path, *bad_rows).track_ids.tolist()


def read_genres(path, *bad_rows):
    return read_tagtraum(path, *bad_rows)[0].tolist()


def read_artists(path, *bad_rows):
    return read_artist_list(path, *bad_rows).tolist()


def read_labels(path, *bad_rows):
    return read_label_table(path, *bad_rows).ids.tolist()


BAD_ROWS = [
    (read_years, YEARS, f"1990<SEP>{THIRD}<SEP>artist", "1990<SEP>"),
    (read_years, YEARS, f"MCM<SEP>{THIRD}<SEP><SEP>", "the year 'MCM'"),
    (read_years, YEARS, f"-5<SEP>{THIRD}<SEP><SEP>", "the year '-5'"),
    (read_years, YEARS, f"1990<SEP>{THIRD[1:]}<SEP><SEP>", "the track id"),
    (read_years, YEARS, f"1990<SEP>{SECOND}<SEP><SEP>", f"{SECOND} of line 2 again"),
    (read_genres, GENRES, THIRD, repr(THIRD)),
    (read_genres, GENRES, f"{THIRD}\t", "TRAAAAC"),
    (read_genres, GENRES, f"{THIRD} Rap", "TRAAAAC"),
    (read_genres, GENRES, f"{THIRD}\tRap\tJazz\tFolk", "TRAAAAC"),
    (read_genres, GENRES, f"{THIRD[1:]}\tRap", "the track id"),
    (read_genres, GENRES, f"{SECOND}\tRap", f"{SECOND} of line 3 again"),
    (read_artists, ARTISTS, FIRST, "the artist id"),
    (read_artists, ARTISTS, ARTIST + " ", "the artist id"),
    (read_artists, ARTISTS, ARTIST, f"{ARTIST} of line 1 again"),
    (read_labels, LABELS, f"Three,{THIRD},1", "3 cells"),
    (read_labels, LABELS, f"Three,{THIRD},1,0,7", "5 cells"),
    (read_labels, LABELS, f"Three,{THIRD},1,maybe", "'maybe' in column live"),
    (read_labels, LABELS, f"Three,{THIRD},1,inf", "'inf' in column live"),
    (read_labels, LABELS, f"Three,{THIRD},1,1_0", "'1_0' in column live"),
    (read_labels, LABELS, f'"Three,{THIRD},1,0', "a malformed row"),
    (read_labels, LABELS, f"Three,{SECOND},1,0", "of line 3 again"),
    (read_labels, LABELS, "Three,3,1,0", "the track id"),
]


@pytest.mark.parametrize(("read", "text", "row", "found"), BAD_ROWS)
def test_a_bad_row_is_named_by_line_or_skipped_and_listed(tmp_path, read, text, row, found):
    good = read(write(tmp_path, text, "good.txt"))
    path = write(tmp_path, f"{text}{row}\n")
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.place == f"{path}:{text.count(chr(10)) + 1}"
    assert found in caught.value.found and caught.value.expected
    assert read(path, BadRows(skip=True)) == good


@pytest.mark.parametrize(
    ("read", "text"), [(read_years, YEARS), (read_genres, GENRES), (read_artists, ARTISTS)]
)
def test_a_cut_last_line_is_an_error(tmp_path, read, text):
    with pytest.raises(InputError, match="a last line without its line end"):
        read(write(tmp_path, text[:-1]))


@pytest.mark.parametrize(
    ("read", "text", "line"),
    [(read_years, YEARS, 2), (read_genres, GENRES, 2), (read_labels, LABELS, 2)],
)
def test_bytes_that_are_not_utf8_are_an_error_at_their_line(tmp_path, read, text, line):
    lines = text.encode("latin-1").splitlines(keepends=True)
    lines[line - 1] = lines[line - 1][:-1] + b"\xf6\n"
    with pytest.raises(InputError, match=rf":{line}: found the byte 0xf6"):
        read(write(tmp_path, b"".join(lines)))


@pytest.mark.parametrize("read", [read_years, read_genres, read_artists, read_labels])
def test_an_empty_file_is_an_error(tmp_path, read):
    with pytest.raises(InputError, match=r"found no "):
        read(write(tmp_path, ""))


def test_messages_of_skipped_rows_reach_the_caller(tmp_path):
    bad_rows = BadRows(skip=True)
    path = write(tmp_path, f"nobody\n\n{ARTISTS}")
    read_artist_list(path, bad_rows)
    assert [message.split(": ")[0] for message in bad_rows.messages] == [f"{path}:1", f"{path}:2"]


TEXTS = [(read_years, YEARS), (read_genres, GENRES), (read_artists, ARTISTS), (read_labels, LABELS)]


@pytest.mark.parametrize(("read", "text"), TEXTS)
def test_marks_line_ends_and_blank_last_lines_of_editors_change_nothing(tmp_path, read, text):
    good = read(write(tmp_path, text))
    windows = text.replace("\n", "\r\n")
    for changed in ["\ufeff" + text, windows, text + "\n", text + "\n \n\t\n", text + "  "]:
        assert read(write(tmp_path, changed)) == good
    assert read(write(tmp_path, f"\ufeff{windows}\r\n")) == good


@pytest.mark.parametrize(("read", "text"), TEXTS)
def test_a_blank_line_before_others_is_a_bad_row(tmp_path, read, text):
    first, rest = text.split("\n", 1)
    path = write(tmp_path, f"{first}\n\n{rest}")
    with pytest.raises(InputError, match=r":2: found an empty row"):
        read(path)
    assert read(path, BadRows(skip=True)) == read(write(tmp_path, text, "good.txt"))
