import os
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import LabelColumn, SongDataset
from representation_music.utils.errors import InputError


@pytest.fixture
def songs() -> SongDataset:
    """Five songs of three artists (two songs without one), every kind of label, some missing."""
    nan = np.nan
    return SongDataset(
        track_ids=np.array(["TRA", "TRB", "TRC", "TRD", "TRE"], "S18"),
        artist_ids=np.array(["ARX", "", "ARX", "ARY", ""], "S18"),
        words=["the", "niño", "love"],
        counts=csr_array(np.array([[1, 0, 2], [0, 3, 0], [0, 0, 1], [4, 0, 0], [1, 1, 1.0]], "f4")),
        numeric={
            "year": np.array([1999, nan, 2001, 1980, nan]),
            "loudness": np.array([-8.5, nan, -3, -20.25, -8]),
            "tempo": np.full(5, nan),
        },
        genre=np.array([1, -1, 0, 1, -1], "i2"),
        genre_names=["Pop_Rock", "Rap"],
        tag_known=np.array([True, False, True, True, False]),
        tag_indptr=np.array([0, 2, 2, 4, 5, 5], "i8"),
        tag_indices=np.array([0, 1, 0, 1, 0], "i4"),
        tag_names=["rock", "pop rock"],
        tag_counts=np.array([3, 2], "i8"),
        columns={
            "sad / slow": LabelColumn("binary", np.array([1, 0, nan, nan, 0.0])),
            "mood": LabelColumn("multiclass", np.array([0, 2, 1, nan, 0.0]), ["a", "b", "c"]),
        },
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


def test_a_genre_is_a_multiclass_task_and_each_genre_a_binary_one(songs):
    assert songs.task("genre").num_classes == 2
    np.testing.assert_array_equal(songs.labels("genre"), [1, np.nan, 0, 1, np.nan])
    np.testing.assert_array_equal(songs.labels("genre:Rap"), [1, np.nan, 0, 1, np.nan])
    assert songs.task("genre:Rap").kind == "binary"


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
    groups = songs.artist_groups()
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
        other.numeric["year"][0] += 1
    elif part == "splits":
        other.splits["artist"][0] = 1
    elif part == "words":
        other.words[0] = "a"
    else:
        other.tag_known[3] = False
    assert other.fingerprint != songs.fingerprint


@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_truncated_file_is_refused(songs, tmp_path, share):
    path = tmp_path / "songs.h5"
    songs.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match=r"songs\.h5.*preprocess"):
        SongDataset.load(path)


def test_files_of_other_kinds_are_refused(songs, tmp_path):
    (tmp_path / "text.h5").write_text("hello")
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["x"] = 1
    songs.save(tmp_path / "newer.h5")
    with h5py.File(tmp_path / "newer.h5", "a") as file:
        file.attrs["version"] = 99
    songs.save(tmp_path / "lacking.h5")
    with h5py.File(tmp_path / "lacking.h5", "a") as file:
        del file["counts/indptr"]
    for name, found in {
        "text": "cannot be read",
        "foreign": "another kind",
        "newer": "version 99",
        "lacking": "missing part",
        "absent": "no such file",
    }.items():
        with pytest.raises(InputError, match=found):
            SongDataset.load(tmp_path / f"{name}.h5")


def test_a_folder_in_the_place_of_a_songs_file_is_called_a_folder(tmp_path):
    with pytest.raises(InputError, match="found a folder, expected a songs file"):
        SongDataset.load(tmp_path)


def test_arrays_that_do_not_fit_together_are_refused(songs, tmp_path):
    path = tmp_path / "songs.h5"
    songs.save(path)
    with h5py.File(path, "a") as file:
        kept = file["artist_id"][:3]
        del file["artist_id"]
        file["artist_id"] = kept
    with pytest.raises(InputError, match="artist_id"):
        SongDataset.load(path)


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
