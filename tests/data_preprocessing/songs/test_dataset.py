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


def bags(**options):
    """40 pages of 20 sites (two without one), given in the order of no id."""
    draw = np.random.default_rng(0)
    order = draw.permutation(40)
    counts = draw.poisson(1.0, (40, 6))
    groups = [None if page < 2 else f"site {page % 20}" for page in order]
    labels = {
        "year": 1990.0 + order,
        "old": order < 10,
        "topic": [["code", "music", "food"][page % 3] for page in order],
        "given": LabelColumn("regression", order * 0.5, unit="s"),
    }
    labels["year"][order == 7] = np.nan
    ids = [f"page {page:02d}" for page in order]
    words = [f"w{n}" for n in range(6)]
    made = SongDataset.from_bags(
        counts, words, ids, groups, labels | options.pop("more", {}), noun="pages", **options
    )
    return made, order, counts


def test_arrays_make_a_dataset_in_the_order_of_its_ids(tmp_path):
    pages, order, counts = bags(name="delicious")
    assert pages.ids.tolist() == [f"page {page:02d}".encode() for page in range(40)]
    assert (pages.counts.toarray() == counts[np.argsort(order)]).all()
    assert pages.describe_source() == "delicious (40 pages)"
    kinds = {
        name: pages.task(name).kind for name in ("year", "old", "topic", "given", "topic:food")
    }
    assert list(kinds.values()) == ["regression", "binary", "multiclass", "regression", "binary"]
    np.testing.assert_equal(pages.labels("year")[[6, 7]], [1996, np.nan])
    assert pages.labels("old").tolist() == [1.0] * 10 + [0.0] * 30
    assert pages.labels("topic:food").tolist() == [float(page % 3 == 2) for page in range(40)]
    assert pages.labels("given")[4] == 2.0 and pages.task("given").unit == "s"
    pages.save(tmp_path / "pages.h5")
    loaded = SongDataset.load(tmp_path / "pages.h5")
    assert loaded.fingerprint == pages.fingerprint and loaded.noun == "pages"


def test_arrays_are_split_by_group_and_the_same_whatever_their_order():
    pages, _, _ = bags(proportions=(1, 1, 1))
    groups = pages.group_codes()
    parts = [set(groups[songs].tolist()) for songs in pages.split().values()]
    assert sum(map(len, parts)) == len(np.unique(groups)) == 22
    assert all(parts)


def test_codes_in_an_array_need_a_kind_as_they_do_in_a_table():
    codes = {"level": np.arange(40) % 4}
    with pytest.raises(InputError, match=r"label 'level'.*codes or amounts"):
        bags(more=codes)
    pages, _, _ = bags(more=codes, kinds={"level": "multiclass"})
    assert pages.class_names("level") == ["0", "1", "2", "3"]


def test_ids_may_be_numbers_of_any_length_but_not_repeated_or_empty():
    counts = np.ones((2, 1))
    songs = SongDataset.from_bags(counts, ["a"], [10**30, 7])
    assert songs.ids.tolist() == [b"1" + b"0" * 30, b"7"]
    for ids, found in (([1, 1], "repeated"), (["", "b"], "empty"), (["a" * 256, "b"], "255 bytes")):
        with pytest.raises(InputError, match=found):
            SongDataset.from_bags(counts, ["a"], ids)


def test_arrays_that_do_not_fit_together_are_refused():
    for change, found in (
        ({"groups": ["x"]}, "groups: found 1"),
        ({"labels": {"a": [0.5, 1.5, 2.5]}}, "a: found 3"),
        ({"words": ["a", "a"]}, "'a' twice"),
        ({"counts": -np.ones((2, 2))}, "below 0"),
        ({"counts": np.ones((3, 2))}, "counts: found 3"),
        (
            {"labels": {"a:b": [0.5, 1.7], "a": LabelColumn("multiclass", np.zeros(2), ["b"])}},
            "twice",
        ),
    ):
        arrays = {"counts": np.ones((2, 2)), "words": ["a", "b"], "ids": ["x", "y"]} | change
        with pytest.raises(InputError, match=found):
            SongDataset.from_bags(**arrays)


def test_a_group_named_like_another_songs_id_does_not_hold_that_song():
    songs = SongDataset.from_bags(np.ones((3, 1)), ["a"], ["1", "2", "3"], ["2", "", "2"])
    codes = songs.group_codes()
    assert codes[0] == codes[2] != codes[1]
