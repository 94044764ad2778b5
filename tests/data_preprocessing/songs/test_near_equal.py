import numpy as np
import pytest
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs import near_equal
from representation_music.data_preprocessing.songs.near_equal import near_equal_songs


def songs(seed=0, number=300, words=400):
    """Bags of words of which some are copies of others with few words changed."""
    rng = np.random.default_rng(seed)
    rates = 3 / (1 + np.arange(words)) ** 0.7
    counts = rng.poisson(rates * rng.gamma(0.4, 2.5, (number, words)))
    for copy, original in zip(range(250, 290), range(0, 200, 5), strict=True):
        changed = rng.random(words) < rng.choice([0, 0.02, 0.05, 0.1, 0.3])
        counts[copy] = np.where(changed, rng.poisson(rates), counts[original])
    counts[299] = 0  # no word
    return counts


def by_brute_force(counts, train, test):
    values = np.log1p(counts.astype(float))
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    unit = values / np.where(norms > 0, norms, 1)
    cosines = unit[test] @ unit[train].T
    rows = np.flatnonzero(cosines.max(axis=1) >= 0.9)
    return {(test[row], train[cosines[row].argmax()]): cosines[row].max() for row in rows}


@pytest.mark.parametrize("common", [1, 16, 400])
def test_near_equal_songs_are_those_that_a_dense_product_finds(common, monkeypatch):
    monkeypatch.setattr(near_equal, "COMMON_WORDS", common)
    monkeypatch.setattr(near_equal, "BLOCK", 1000)
    monkeypatch.setattr(near_equal, "CLOSE_BLOCK", 7)
    counts = songs()
    train, test = np.arange(220), np.arange(220, 300)
    expected = by_brute_force(counts, train, test)
    looked_at, found = near_equal_songs(csr_array(counts), train, test)
    assert looked_at.tolist() == test.tolist() and 10 < len(expected) < 40
    assert {(a, b): pytest.approx(c, abs=1e-5) for a, b, c in found} == expected
    cosines = [cosine for _, _, cosine in found]
    assert cosines == sorted(cosines, reverse=True)


def test_of_very_many_test_songs_an_even_sample_is_looked_at(monkeypatch):
    monkeypatch.setattr(near_equal, "MOST_TEST_SONGS", 9)
    looked_at, _ = near_equal_songs(csr_array(songs()), np.arange(220), np.arange(220, 300))
    assert looked_at.tolist() == [220, 230, 240, 250, 260, 269, 279, 289, 299]


def test_a_split_without_training_or_test_songs_has_none():
    counts, every = csr_array(songs()), np.arange(300)
    assert near_equal_songs(counts, every[:0], every)[1] == []
    assert near_equal_songs(counts, every, every[:0])[1] == []
