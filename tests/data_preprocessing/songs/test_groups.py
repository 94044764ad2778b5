"""Songs whose artist's id is unknown are kept together by the artist's name."""

import numpy as np
import pytest

from representation_music.data_preprocessing.songs.groups import groups_by_name, joined_groups
from representation_music.data_preprocessing.sources.identifiers import valid_ids
from representation_music.data_preprocessing.sources.official_files.text_tables import (
    name_key,
    read_unique_tracks,
)
from representation_music.utils.errors import InputError

FIRST, SECOND = "TRAAAAA128F0000001", "TRAAAAB128F0000001"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jay-Z", "JAY  Z"),
        ("Beyonc\u00e9", "Beyonce\u0301"),
        ("Puff Daddy", "Puff Daddy featuring Faith Evans"),
        ("Eve", "Eve (feat. Gwen Stefani)"),
        ("Nas", "NAS Ft. Olu Dara"),
        ("!!!", " !!! "),
    ],
)
def test_ways_to_write_a_name_have_one_key(one, other):
    assert name_key(one) == name_key(other)


def test_other_names_have_other_keys_of_the_length_of_ids_that_are_no_ids():
    keys = [name_key(n) for n in ("Abba", "Abby", "!!!", "Defeat", "The Feat", "\u5929", "Daft")]
    assert len(set(keys)) == len(keys) and {len(key) for key in keys} == {18}
    assert not valid_ids(np.array(keys), b"AR").any() and name_key(" ") == b""


def test_a_song_without_id_joins_the_artist_of_its_name_or_else_the_songs_of_its_name():
    a, b, c = (name_key(name) for name in "abc")
    ids = np.array([b"AR2", b"", b"", b"", b"", b"AR1", b"AR3"])
    keys = np.array([a, a, b, b, b"", a, b""])
    assert groups_by_name(ids, keys).tolist() == [b"AR2", b"AR1", b, b, b"", b"AR1", b"AR3"]
    nothing = np.zeros(2, "S18")
    assert groups_by_name(nothing, nothing).tolist() == [b"", b""]
    assert groups_by_name(nothing, np.array([c, b""])).tolist() == [c, b""]


def test_names_of_unique_tracks_are_read_and_may_lack(tmp_path):
    path = tmp_path / "unique_tracks.txt"
    path.write_text(f"{FIRST}<SEP>SOA<SEP>Abba<SEP>SOS\n{SECOND}<SEP>SOB<SEP><SEP>No Name\n")
    table = read_unique_tracks(path)
    assert table.track_ids.tolist() == [FIRST.encode(), SECOND.encode()]
    assert table.name_keys.tolist() == [name_key("Abba"), b""] and table.labels == {}
    path.write_text(f"{FIRST}<SEP>SOA<SEP>Abba\n")
    with pytest.raises(InputError, match=r":1: .*expected track_id<SEP>song_id<SEP>artist"):
        read_unique_tracks(path)


def test_groups_of_two_sources_that_share_a_song_are_one():
    first = np.array([b"b", b"b", b"", b"d", b"", b"c", b"e"])
    second = np.array([b"c", b"x", b"x", b"", b"", b"y", b"y"])
    # b and c, b and x, c and y, e and y share a song each; d shares none.
    expected = [b"b", b"b", b"b", b"d", b"", b"b", b"b"]
    assert joined_groups(first, second).tolist() == expected
    many = np.repeat([b"a", b"z"], 256)  # as often as overflows a byte
    assert set(joined_groups(many, many[::-1]).tolist()) == {b"a"}
