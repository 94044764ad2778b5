import json
import sqlite3

import h5py
import numpy as np
import pytest
from refusals import files_of_at_most

from representation_music.data_preprocessing.synthesize import FILES, synthesize
from representation_music.data_preprocessing.synthetic.labels import TAG_OF_ALL
from representation_music.data_preprocessing.synthetic.names import made_up_words
from representation_music.data_preprocessing.synthetic.official_formats import (
    write_musixmatch_text,
    write_summary_file,
)
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.utils.errors import InputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic")
    settings = SyntheticSettings(songs=400, songs_without_words=50, seed=5, missing=0.2)
    synthesize(folder, settings)
    return folder


def lyrics(folder, part):
    """Track id to {word index: count}, read the slow way; and the words."""
    songs, words = {}, []
    for line in (folder / f"mxm_dataset_{part}.txt").read_text().splitlines():
        if line.startswith("%"):
            words = line[1:].split(",")
        elif not line.startswith("#"):
            track, _, *cells = line.split(",")
            songs[track] = {int(i): int(c) for i, c in (cell.split(":") for cell in cells)}
    return songs, words


def summary(folder):
    with h5py.File(folder / "msd_summary_file.h5") as file:
        return {
            "track": file["analysis/songs"]["track_id"].astype(str),
            "artist": file["metadata/songs"]["artist_id"].astype(str),
            "year": file["musicbrainz/songs"]["year"],
            "loudness": file["analysis/songs"]["loudness"],
        }


def test_the_folder_holds_the_official_files_and_says_what_made_them(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "synthetic.json"])
    told = json.loads((folder / "synthetic.json").read_text())
    assert told["songs"] == 400 and told["seed"] == 5 and told["correlation"] == 0.9


def test_every_song_has_words_of_a_list_of_5000_commonest_first(folder):
    (train, words), (test, test_words) = lyrics(folder, "train"), lyrics(folder, "test")
    assert len(train) + len(test) == 400 and not train.keys() & test.keys()
    assert words == test_words and len(set(words)) == 5000
    totals = np.zeros(5001)
    for song in (*train.values(), *test.values()):
        assert song and list(song) == sorted(song) and min(song.values()) >= 1
        for index, count in song.items():
            totals[index] += count
    assert (np.diff(totals[1:]) <= 0).all()


def test_ids_look_like_the_echo_nest_s_and_differ(folder):
    table = summary(folder)
    assert len(table["track"]) == 450 == len(set(table["track"]))
    assert all(len(track) == 18 and track.startswith("TR") for track in table["track"])
    assert all(len(artist) == 18 and artist.startswith("AR") for artist in table["artist"])


def test_the_summary_has_its_own_order_and_holds_every_song(folder):
    table = summary(folder)
    sung = lyrics(folder, "train")[0].keys() | lyrics(folder, "test")[0].keys()
    assert sung < set(table["track"])
    assert list(table["track"]) != sorted(table["track"])


def test_no_artist_is_in_both_lyrics_files(folder):
    table = summary(folder)
    artist = dict(zip(table["track"], table["artist"], strict=True))
    train, test = ({artist[t] for t in lyrics(folder, part)[0]} for part in ("train", "test"))
    assert train and test and not train & test


def test_missing_labels_are_written_as_the_official_files_do(folder):
    table = summary(folder)
    years = dict(zip(table["track"], table["year"], strict=True))
    listed = {}
    for line in (folder / "tracks_per_year.txt").read_text().splitlines():
        year, track, _, _ = line.split("<SEP>")
        listed[track] = int(year)
    assert listed == {track: year for track, year in years.items() if year}
    assert 0.1 < np.mean(table["year"] == 0) < 0.3
    assert 0.1 < np.mean(np.isnan(table["loudness"])) < 0.3
    with sqlite3.connect(folder / "artist_term.db") as database:
        tagged = {row[0] for row in database.execute("SELECT artist_id FROM artist_term")}
        all_tagged = {
            row[0]
            for row in database.execute(
                "SELECT artist_id FROM artist_term WHERE term = ?", (TAG_OF_ALL,)
            )
        }
        artists = {row[0] for row in database.execute("SELECT artist_id FROM artists")}
    assert tagged == all_tagged and artists == set(table["artist"])
    assert 0.1 < 1 - len(tagged) / len(artists) < 0.3
    genres = [
        line.split("\t")
        for line in (folder / "msd_tagtraum_cd1.cls").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert 0.1 < 1 - len(genres) / 450 < 0.3 and {len(row) for row in genres} == {2}


def test_one_seed_gives_the_same_bytes_and_another_gives_others(folder, tmp_path):
    same = SyntheticSettings(songs=400, songs_without_words=50, seed=5, missing=0.2)
    synthesize(tmp_path / "same", same)
    synthesize(tmp_path / "other", SyntheticSettings(songs=400, seed=6))
    for name in FILES:
        content = (folder / name).read_bytes()
        assert content == (tmp_path / "same" / name).read_bytes()
        assert content != (tmp_path / "other" / name).read_bytes()


def test_real_files_are_not_overwritten(tmp_path):
    real = tmp_path / "artist_term.db"
    real.write_bytes(b"real")
    with pytest.raises(InputError, match=r"artist_term\.db: found a file that this command did"):
        synthesize(tmp_path, SyntheticSettings(songs=10))
    assert [path.name for path in tmp_path.iterdir()] == ["artist_term.db"]
    assert real.read_bytes() == b"real"


def test_made_up_words_are_5000_plain_ones():
    words = made_up_words(np.random.default_rng(0))
    assert len(set(words)) == 5000 and all(w.isascii() and w.isalpha() for w in words)


@pytest.mark.parametrize(
    ("size", "name"), [(30_000, "mxm_dataset_train"), (240_000, "artist_term")]
)
def test_a_full_disk_is_told_and_leaves_no_part_of_a_file(tmp_path, size, name):
    settings = SyntheticSettings(songs=300, songs_without_words=2000)
    with files_of_at_most(size), pytest.raises(InputError, match=f"{name}.*cannot be written"):
        synthesize(tmp_path, settings)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert not list(tmp_path.glob(f"{name}*"))


def test_a_count_of_any_size_is_written_as_it_is(tmp_path):
    song = (b"TRAAAAV128F421A322", 7, np.array([0, 4999], np.int32), np.array([70_000, 1]))
    write_musixmatch_text(tmp_path / "a.txt", "TRAINING SET", ["a", "b"], [song])
    lines = (tmp_path / "a.txt").read_text().splitlines()
    assert lines[-2:] == ["%a,b", "TRAAAAV128F421A322,7,1:70000,5000:1"]


def test_the_summary_s_tables_have_the_official_columns(tmp_path):
    write_summary_file(tmp_path / "s.h5", {"year": np.array([1999, 0]), "key": np.array([0, 11])})
    with h5py.File(tmp_path / "s.h5") as file:
        sizes = {place: file[place]["songs"].dtype.itemsize for place in file}
        assert sizes == {"metadata": 5320, "analysis": 220, "musicbrainz": 8}
        assert list(file["musicbrainz/songs"]["year"]) == [1999, 0]
        assert list(file["analysis/songs"]["key"]) == [0, 11]
