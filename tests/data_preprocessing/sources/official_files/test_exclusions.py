import numpy as np
import pytest

from representation_music.data_preprocessing.songs.ids import list_of_ids
from representation_music.data_preprocessing.sources.official_files.exclusions import (
    Exclusions,
    count_left_out,
    read_exclusions,
)
from representation_music.utils.errors import InputError

A, B, C, D = (f"TR{letter}AAAA128F42{number}" for number, letter in enumerate("ABCD", 1000))
IDS = np.array([song.encode() for song in (A, B, C, D)])
LISTS = {
    "ids.txt": f"# mine\n{B}\n  {D}  \n",
    "sid_mismatches.txt": (
        f"ERROR: <SOUMNSI12AB0182807 {B}> Digital Underground  -  The Way  !=  Linkwood  -  Up\n"
        f"ERROR: <SOCMRBE12AB018C546 {D}> Jimmy Reed  -  The Sun  !=  Slim Harpo  -  I'm\n"
        "ERROR: <SOLPHZY12AC468ABA8 TRZZZZZ128F9999999> Africa  -  A  !=  B  -  C <D>\n"
    ),
    # Of each group the first that is among the songs stays: C of the second.
    "msd_duplicates.txt": (
        f"# MSD duplicates\n%0 A - Song\n{A}\n{B}\n%1 An Artist - B\nTRZZZZZ128F9999999\n{C}\n{D}\n"
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_every_form_of_list_leaves_out_the_songs_that_it_means(name, tmp_path):
    (tmp_path / name).write_text(LISTS[name])
    exclusions = read_exclusions(tmp_path / name)
    assert exclusions.concern(IDS).tolist() == [False, True, False, True]
    assert count_left_out([exclusions, exclusions], IDS)[1] == [2, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ERROR: <SO TRA> A\nTRA two words\n", ":2: found 'TRA two words'"),
        ("TRA\nERROR: no ids\n", ":2: found 'ERROR: no ids'"),
        ("# nothing\n", "no id"),
        ("", "no id"),
    ],
)
def test_what_is_no_list_is_refused_with_its_line(text, message, tmp_path):
    (tmp_path / "list.txt").write_text(text)
    with pytest.raises(InputError, match=message):
        read_exclusions(tmp_path / "list.txt")


def test_no_list_leaves_no_song_out():
    left_out, counts = count_left_out([], IDS)
    assert not left_out.any() and counts == []


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_a_list_by_hand_holds_whole_ids_wherever_it_ends(end, tmp_path):
    (tmp_path / "list.txt").write_bytes(b"# mine\n\nsong 0 again\r\nb" + end.encode())
    assert read_exclusions(tmp_path / "list.txt").ids == {"song 0 again", "b"}


def test_a_list_of_any_ids_is_read_back_as_it_was(tmp_path):
    ids = ["#1", "%2", "song 0 again", "ERROR: x", "ERROR: <a b>", " led", "# ids only", "a"]
    (tmp_path / "list.txt").write_text(list_of_ids(ids))
    assert read_exclusions(tmp_path / "list.txt") == Exclusions(set(ids))
    (tmp_path / "list.txt").write_text(list_of_ids(["a", "b"]))
    assert (tmp_path / "list.txt").read_text().splitlines()[1:] == ["a", "b"]
