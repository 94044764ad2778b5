import dataclasses

import numpy as np
import pytest
from small_runs import with_values

from representation_music.experiments.runs.config import DEFAULT, RunConfig
from representation_music.experiments.training.training_songs import (
    TrainingSongs,
    label_scale,
    loss_factors,
    select_training_songs,
)
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Task

TASKS = ("pop", "year", "genre")


def selected(dataset, **values) -> TrainingSongs:
    return select_training_songs(DEFAULT.replace(**{"tasks": TASKS} | values), dataset)


def test_all_songs_are_of_the_training_split_and_carry_the_targets_label(song_dataset):
    for split in ("artist", "random"):
        songs = selected(song_dataset, split=split, training_size=0)
        train = song_dataset.split(split)["train"]
        known = np.isfinite(song_dataset.labels("pop")[train])
        assert 0 < known.sum() < len(train)
        assert sorted(songs.positions) == list(train[known])
        assert songs.has_target.all()


def test_smaller_sizes_nest_in_larger_ones(song_dataset):
    largest = selected(song_dataset, training_size=300).positions
    for size in (1, 10, 50, 200):
        songs = selected(song_dataset, training_size=size)
        np.testing.assert_array_equal(songs.positions, largest[:size])


def test_labels_are_those_of_the_songs(song_dataset):
    songs = selected(song_dataset, training_size=100)
    expected = [song_dataset.labels(name)[songs.positions] for name in TASKS]
    np.testing.assert_array_equal(songs.labels, np.transpose(expected))
    assert np.isnan(songs.labels[:, 1]).any()


def test_arms_of_a_seed_share_their_songs_and_another_seed_draws_others(song_dataset):
    ours = selected(song_dataset, training_size=100).positions
    for arm in (
        {"tasks": ("pop",)},
        {"tasks": ("pop", "ballad")},
        {"architecture": "PPPP", "task_weights": (1.0, 0.0, 0.0)},
        {"permuted_tasks": ("year",)},
        {"batch_size": 8, "auxiliary_size": 50},
    ):
        positions = selected(song_dataset, training_size=100, **arm).positions
        np.testing.assert_array_equal(positions[:100], ours)
    assert set(selected(song_dataset, training_size=100, seed=1).positions) != set(ours)


def test_auxiliary_songs_come_on_top_without_the_targets_label(song_dataset):
    songs = selected(song_dataset, training_size=40, auxiliary_size=120)
    assert len(set(songs.positions)) == 160
    np.testing.assert_array_equal(songs.has_target, np.arange(160) < 40)
    assert np.isnan(songs.labels[40:, 0]).all()
    assert np.isfinite(song_dataset.labels("pop")[songs.positions[40:]]).any()  # withheld, not none
    assert np.isfinite(songs.labels[40:, 1:]).any(axis=1).all()
    few = selected(song_dataset, training_size=40, auxiliary_size=30).positions
    np.testing.assert_array_equal(few, songs.positions[:70])


def test_permuted_labels_are_the_same_labels_on_other_songs(song_dataset):
    options = {"training_size": 150, "auxiliary_size": 100}
    plain = selected(song_dataset, **options)
    permuted = selected(song_dataset, permuted_tasks=("year", "pop"), **options)
    np.testing.assert_array_equal(plain.positions, permuted.positions)
    np.testing.assert_array_equal(np.isnan(plain.labels), np.isnan(permuted.labels))
    np.testing.assert_array_equal(plain.labels[:, 2], permuted.labels[:, 2])
    for task in (0, 1):
        ours, theirs = plain.labels[:, task], permuted.labels[:, task]
        known = np.isfinite(ours)
        assert (ours[known] != theirs[known]).mean() > 0.2
        np.testing.assert_array_equal(np.sort(ours), np.sort(theirs))
    # The data set itself stays as it was.
    np.testing.assert_array_equal(selected(song_dataset, **options).labels, plain.labels)


def test_a_target_without_a_label_in_training_is_refused(song_dataset):
    year = song_dataset.labels("year").copy()
    year[song_dataset.split("artist")["train"]] = np.nan
    columns = with_values(song_dataset, year=year)
    with pytest.raises(InputError, match="'artist'"):
        selected(dataclasses.replace(song_dataset, columns=columns), tasks=("year",))


def test_an_auxiliary_task_without_a_label_in_training_is_refused(song_dataset):
    year = song_dataset.labels("year").copy()
    year[song_dataset.split("artist")["train"]] = np.nan
    songs = dataclasses.replace(song_dataset, columns=with_values(song_dataset, year=year))
    with pytest.raises(
        InputError, match=r"year: found no label among the run's \d+ training songs"
    ):
        selected(songs, tasks=("pop", "year"))


def test_regression_is_scaled_by_the_labels_there_are_and_classes_are_not():
    labels = np.array([1990.0, np.nan, 2000, 2010])
    assert label_scale(Task("year", "regression"), labels) == pytest.approx(
        (2000, 200 / 6**0.5 / 10)
    )
    assert label_scale(Task("year", "regression"), np.full(3, 7.0)) == (7, 1)
    assert label_scale(Task("year", "regression"), np.full(3, np.nan)) == (0, 1)
    assert label_scale(Task("genre", "multiclass", 4), np.array([3.0, 1])) == (0, 1)


# 8 songs: 2 with the target's label, 6 with the first auxiliary's, 1 of them among the first 2.
KNOWN = np.array([[1, 1], [1, 0], [0, 1], [0, 1], [0, 1], [0, 1], [0, 1], [0, 0]], bool)
SONGS = TrainingSongs(np.arange(8), np.where(KNOWN, 1.0, np.nan), np.arange(8) < 2)


@pytest.mark.parametrize(
    ("settings", "factors"),
    [
        ({}, [8 / 2, 8 / 6]),
        ({"task_weights": (0.2, 0.0)}, [0.2 * 8 / 2, 0]),
        # Of 4 target songs 4 and 2 carry the labels, of 16 of the stream 4 and 12.
        ({"batch_size": 16, "target_batch_size": 4}, [20 / 8, 20 / 14]),
    ],
)
def test_a_tasks_factor_is_its_weight_over_the_share_of_a_batchs_songs_with_its_label(
    settings, factors
):
    found = loss_factors(DEFAULT.replace(tasks=("a", "b"), **settings), SONGS)
    np.testing.assert_allclose(found, factors, rtol=1e-6)
    assert found.dtype == np.float32


def test_a_task_without_any_label_has_factor_0():
    songs = TrainingSongs(np.arange(2), np.array([[1, np.nan], [0, np.nan]]), np.ones(2, bool))
    np.testing.assert_array_equal(loss_factors(RunConfig(tasks=("a", "b")), songs), [1, 0])
