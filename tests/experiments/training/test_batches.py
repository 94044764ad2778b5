from itertools import pairwise

import numpy as np
import pytest

from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.training.batches import Batches
from representation_music.experiments.training.training_songs import TrainingSongs


def batches(num_songs=103, num_target=30, **values) -> Batches:
    has_target = np.arange(num_songs) < num_target
    songs = TrainingSongs(np.arange(num_songs), np.zeros((num_songs, 3)), has_target)
    return Batches(DEFAULT.replace(**{"batch_size": 10} | values), songs)


def split(order, ends):
    return np.split(order, ends[:-1])


@pytest.mark.parametrize(("num_songs", "size", "steps"), [(103, 10, 11), (100, 10, 10), (3, 10, 1)])
def test_an_epoch_shows_every_song_once_in_a_new_order(num_songs, size, steps):
    ours = batches(num_songs, 3, batch_size=size)
    assert ours.steps_per_epoch == steps
    epochs = [ours.between(epoch * steps, (epoch + 1) * steps)[0] for epoch in range(3)]
    for order in epochs:
        assert sorted(order) == list(range(num_songs))
    assert (epochs[0] != epochs[1]).any() and (epochs[1] != epochs[2]).any()


def test_a_batch_has_the_named_size_and_the_last_of_an_epoch_what_is_left():
    _, ends = batches().between(0, 22)
    assert list(np.diff(ends, prepend=0)) == [10] * 10 + [3] + [10] * 10 + [3]


@pytest.mark.parametrize("target", [0, 7])
def test_batches_are_a_function_of_seed_and_step_whatever_was_asked_before(target):
    whole = split(*batches(target_batch_size=target).between(0, 60))
    for cuts in ([0, 1, 2, 33, 60], [0, 11, 22, 60], [0, 59, 60]):
        pieces = []
        for first, last in pairwise(cuts):
            pieces += split(*batches(target_batch_size=target).between(first, last))
        assert len(pieces) == 60
        assert all((a == b).all() for a, b in zip(whole, pieces, strict=True))
    ours = batches(target_batch_size=target)
    ours.between(40, 60)
    assert (ours.between(0, 60)[0] == np.concatenate(whole)).all()
    assert (
        batches(target_batch_size=target, seed=1).between(0, 60)[0] != np.concatenate(whole)
    ).any()


def test_target_batches_hold_that_many_songs_with_the_label_beside_the_plain_batch():
    plain = split(*batches().between(0, 33))
    balanced = split(*batches(target_batch_size=7).between(0, 33))
    for ours, theirs in zip(balanced, plain, strict=True):
        assert (ours[:7] < 30).all()
        np.testing.assert_array_equal(ours[7:], theirs)


@pytest.mark.parametrize(("num_target", "target"), [(30, 7), (30, 45), (1, 4)])
def test_songs_with_the_targets_label_come_equally_often(num_target, target):
    ours = batches(num_target=num_target, target_batch_size=target)
    steps = num_target * 4
    drawn = np.concatenate([b[:target] for b in split(*ours.between(0, steps))])
    assert list(np.bincount(drawn)) == [4 * target] * num_target
