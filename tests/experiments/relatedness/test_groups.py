import numpy as np
import pytest

from representation_music.experiments.relatedness import groups
from representation_music.experiments.relatedness.groups import (
    as_words,
    best_split,
    from_words,
    pairwise_gains,
    promise,
)
from representation_music.utils.errors import InputError


def partitions(tasks):
    """All splits of a list, by putting its first item to each group of the others' splits."""
    if not tasks:
        yield []
        return
    first, *rest = tasks
    for split in partitions(rest):
        yield [[first], *split]
        for place, group in enumerate(split):
            yield [*split[:place], [first, *group], *split[place + 1 :]]


def by_hand(gains, split):
    total = 0.0
    for group in split:
        for task in group:
            companions = [gains[task, other] for other in group if other != task]
            total += np.mean(companions) if companions else 0.0
    return total


@pytest.mark.parametrize("tasks", [2, 3, 5, 6])
@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_the_best_split_is_that_of_brute_force(tasks, most):
    rng = np.random.default_rng(tasks)
    for centre in (-0.5, 0.0, 0.5):
        gains = rng.normal(centre, 1, (tasks, tasks))
        split = best_split(gains, most)
        assert sorted(task for group in split for task in group) == list(range(tasks))
        assert len(split) <= (most or tasks)
        allowed = [of for of in partitions(list(range(tasks))) if len(of) <= (most or tasks)]
        best = max(by_hand(gains, of) for of in allowed)
        assert promise(gains, split) == pytest.approx(by_hand(gains, split))
        assert by_hand(gains, split) == pytest.approx(best)


def test_the_beam_finds_what_the_exact_search_finds(monkeypatch):
    rng = np.random.default_rng(0)
    for _ in range(20):
        gains = rng.normal(0, 1, (6, 6))
        exact = [best_split(gains, most) for most in (0, 2)]
        with monkeypatch.context() as patch:
            patch.setattr(groups, "MOST_EXACT", 1)
            beam = [best_split(gains, most) for most in (0, 2)]
        for one, other in zip(exact, beam, strict=True):
            assert promise(gains, one) == pytest.approx(promise(gains, other))


def test_planted_groups_of_many_tasks_are_found():
    order = np.random.default_rng(1).permutation(16)
    planted = sorted(tuple(sorted(part)) for part in order.reshape(4, 4).tolist())
    gains = np.full((16, 16), -0.1)
    for group in planted:
        gains[np.ix_(group, group)] = 0.2
    assert best_split(gains, 4) == tuple(planted)


def test_tasks_that_harm_each_other_stay_apart_and_what_is_not_known_counts_for_nothing():
    assert best_split(np.full((3, 3), -1.0)) == ((0,), (1,), (2,))
    unknown = np.array([[0, np.nan, 1], [np.nan, 0, -1], [1, -1, 0]])
    assert best_split(unknown) == ((0, 2), (1,))


def test_groups_are_words_of_a_flag():
    split = [("pop", "pop rock"), ("year",)]
    assert as_words(split) == ["pop", "pop rock", "/", "year"]
    assert from_words(as_words(split)) == split
    for words in ([], ["a", "/"], ["a", "/", "a"]):
        with pytest.raises(InputError, match="between groups"):
            from_words(words)


def test_correlations_of_labels_are_pairwise_gains(song_dataset):
    tasks = ("pop", "ballad", "loudness")
    code, gains = pairwise_gains(song_dataset, tasks, "artist")
    labels = np.array(
        [song_dataset.labels(n)[song_dataset.split("artist")["train"]] for n in tasks]
    )
    known = np.isfinite(labels).all(axis=0)
    expected = np.abs(np.corrcoef(labels[:, known]))
    assert code == 0
    np.testing.assert_allclose(gains, expected - np.eye(3), atol=0.02)
