import os
import subprocess
import sys
import time

import numpy as np
import pytest
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags
from representation_music.utils.errors import InputError


@pytest.fixture
def songs() -> SongDataset:
    """Five songs of three artists (two songs without one), every kind of label, some missing."""
    nan = np.nan
    carried = np.array([[1, 1], [0, 0], [1, 1], [1, 0], [0, 0]], "i1")
    return SongDataset(
        ids=np.array(["TRA", "TRB", "TRC", "TRD", "TRE"], "S18"),
        groups=np.array(["ARX", "", "ARX", "ARY", ""], "S18"),
        words=["the", "niño", "love"],
        counts=csr_array(np.array([[1, 0, 2], [0, 3, 0], [0, 0, 1], [4, 0, 0], [1, 1, 1.0]], "f4")),
        columns={
            "year": LabelColumn("regression", np.array([1999, nan, 2001, 1980, nan]), unit="years"),
            "loudness": LabelColumn("regression", np.array([-8.5, nan, -3, -20.25, -8])),
            "tempo": LabelColumn("regression", np.full(5, nan)),
            "genre": LabelColumn("multiclass", np.array([1, nan, 0, 1, nan]), ["Pop_Rock", "Rap"]),
            "sad / slow": LabelColumn("binary", np.array([1, 0, nan, nan, 0.0])),
            "mood": LabelColumn("multiclass", np.array([0, 2, 1, nan, 0.0]), ["a", "b", "c"]),
        },
        tags=Tags(
            ["rock", "pop rock"], np.array([True, False, True, True, False]), csr_array(carried)
        ),
        splits={"artist": np.array([0, 1, 0, 2, -1], "i1")},
        kind="sample",
        provenance={"sources": ["x" * 100_000]},
    )


def test_a_saved_file_gives_back_the_same_data(songs, tmp_path):
    songs.save(tmp_path / "songs.h5")
    loaded = SongDataset.load(tmp_path / "songs.h5")
    assert loaded.fingerprint == songs.fingerprint
    assert loaded.words == songs.words
    assert (loaded.counts.toarray() == songs.counts.toarray()).all()
    assert loaded.counts.indices.dtype == np.int32 and loaded.counts.data.dtype == np.float32
    for name in songs.task_names():
        np.testing.assert_array_equal(loaded.labels(name), songs.labels(name))
        assert loaded.task(name) == songs.task(name)
    assert loaded.provenance == songs.provenance
    assert loaded.class_names("mood") == ["a", "b", "c"]
    loaded.save(tmp_path / "again.h5")
    assert (tmp_path / "again.h5").read_bytes() == (tmp_path / "songs.h5").read_bytes()


def test_two_writes_a_second_apart_give_the_same_bytes(songs, tmp_path):
    songs.save(tmp_path / "one.h5")
    time.sleep(1.1)
    songs.save(tmp_path / "two.h5")
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.h5").read_bytes()


def test_a_song_without_known_tags_has_a_missing_label_not_a_negative_one(songs):
    np.testing.assert_array_equal(songs.labels("pop rock"), [1, np.nan, 1, 0, np.nan])
    np.testing.assert_array_equal(songs.labels("rock"), [1, np.nan, 1, 1, np.nan])


def test_each_class_of_a_multiclass_column_is_a_binary_task(songs):
    assert songs.task("genre").num_classes == 2
    np.testing.assert_array_equal(songs.labels("genre"), [1, np.nan, 0, 1, np.nan])
    np.testing.assert_array_equal(songs.labels("genre:Rap"), [1, np.nan, 0, 1, np.nan])
    assert songs.task("genre:Rap").kind == songs.task("mood:c").kind == "binary"
    np.testing.assert_array_equal(songs.labels("mood:c"), [0, 1, 0, np.nan, 0])


def test_a_regression_task_carries_its_unit(songs):
    task = songs.task("year")
    assert (task.kind, task.unit, task.num_outputs) == ("regression", "years", 1)


@pytest.mark.parametrize("name", ["pop rok", "Rap", "genre:Jazz", "tempo"])
def test_an_unknown_or_empty_task_is_refused_and_close_names_are_offered(songs, name):
    with pytest.raises(InputError) as error:
        songs.labels(name)
    assert repr(name) in str(error.value)
    if name == "pop rok":
        assert "'pop rock'" in str(error.value)


def test_an_unknown_split_is_refused_naming_those_there_are(songs):
    with pytest.raises(InputError, match=r"'artits'.*'artist'"):
        songs.split("artits")


def test_songs_without_artist_id_are_groups_of_their_own(songs):
    groups = songs.group_codes()
    assert groups[0] == groups[2]
    assert len(set(groups.tolist())) == 4


def test_a_split_gives_ascending_positions_and_leaves_out_songs_outside_it(songs):
    parts = {part: positions.tolist() for part, positions in songs.split("artist").items()}
    assert parts == {"train": [0, 2], "validation": [1], "test": [3]}


@pytest.mark.parametrize("part", ["counts", "year", "splits", "words", "tags"])
def test_the_fingerprint_follows_every_part_of_the_data(songs, part, tmp_path):
    songs.save(tmp_path / "songs.h5")
    other = SongDataset.load(tmp_path / "songs.h5")
    if part == "counts":
        other.counts.data[0] += 1
    elif part == "year":
        other.columns["year"].values[0] += 1
    elif part == "splits":
        other.splits["artist"][0] = 1
    elif part == "words":
        other.words[0] = "a"
    else:
        other.tags.known[3] = False
    assert other.fingerprint != songs.fingerprint


def test_a_folder_in_the_place_of_a_songs_file_is_called_a_folder(tmp_path):
    with pytest.raises(InputError, match="found a folder, expected a songs file"):
        SongDataset.load(tmp_path)


LIMITED_WRITE = """
import resource, sys
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.utils.errors import InputError
songs = SongDataset.load(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    songs.save(sys.argv[2])
except InputError as error:
    print(error)
    sys.exit(2)
"""


def test_a_write_that_does_not_fit_leaves_the_old_file_and_nothing_else(songs, tmp_path):
    songs.save(tmp_path / "good.h5")
    target = tmp_path / "out" / "songs.h5"
    target.parent.mkdir()
    target.write_bytes(b"old")
    result = subprocess.run(
        [sys.executable, "-c", LIMITED_WRITE, tmp_path / "good.h5", target],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2, result.stderr
    assert "songs.h5" in result.stdout and "Free some space" in result.stdout
    assert target.read_bytes() == b"old"
    assert [path.name for path in target.parent.iterdir()] == ["songs.h5"]
    assert result.stderr == ""


@pytest.fixture
def full_disk(tmp_path):
    """A mounted folder with room for 8 KB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a tmpfs is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_reported_and_nothing_half_written_stays(songs, full_disk):
    with pytest.raises(InputError, match="No space left"):
        songs.save(full_disk / "songs.h5")
    assert list(full_disk.iterdir()) == []
