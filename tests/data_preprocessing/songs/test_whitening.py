import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.preprocessing import StandardScaler

from representation_music.data_preprocessing.songs.whitening import (
    inverse_document_frequency,
    transform_counts,
    whitening_statistics,
)


def random_counts(songs=300, words=40, seed=0):
    generator = np.random.default_rng(seed)
    dense = generator.poisson(generator.gamma(0.3, 1.0, words), (songs, words))
    dense[:, 7] = 0  # a word that does not occur
    dense[:, 8] = 3  # a word that never varies
    dense[:, 9] = 0
    dense[5, 9] = 2  # a word in one song
    return csr_array(dense.astype(np.float32)), dense.astype(np.float64)


@pytest.mark.parametrize("transform", ["raw", "log1p", "binary"])
def test_statistics_equal_those_of_the_dense_matrix(transform):
    counts, dense = random_counts()
    dense = {"raw": dense, "log1p": np.log1p(dense), "binary": (dense > 0) * 1.0}[transform]
    mean, inverse_sd = whitening_statistics(transform_counts(counts, transform))
    scaler = StandardScaler().fit(dense)
    varies = dense.std(axis=0) > 1e-9
    np.testing.assert_allclose(mean[varies], scaler.mean_[varies], rtol=1e-6)
    np.testing.assert_allclose(inverse_sd[varies], 1 / scaler.scale_[varies], rtol=1e-6)
    assert not mean[~varies].any() and not inverse_sd[~varies].any()
    assert not varies[[7, 8]].any()


@pytest.mark.parametrize("transform", ["raw", "log1p", "binary"])
def test_a_constant_word_is_found_among_very_many_songs(transform):
    counts = csr_array(np.full((100_000, 1), 7, np.float32))
    mean, inverse_sd = whitening_statistics(transform_counts(counts, transform))
    assert mean == 0 and inverse_sd == 0


def test_a_word_that_varies_in_one_song_of_very_many_is_kept():
    dense = np.ones((100_000, 1), np.float32)
    dense[0] = 0
    _, inverse_sd = whitening_statistics(csr_array(dense))
    assert inverse_sd == pytest.approx(1 / dense.astype(float).std(), rel=1e-6)


def test_no_songs_give_no_words():
    mean, inverse_sd = whitening_statistics(csr_array((0, 5), dtype=np.float32))
    assert not mean.any() and not inverse_sd.any()


def test_transforms_leave_the_counts_untouched_and_share_their_indices():
    counts, dense = random_counts()
    assert transform_counts(counts, "raw") is counts
    logs = transform_counts(counts, "log1p")
    np.testing.assert_allclose(logs.toarray(), np.log1p(dense), rtol=1e-6)
    assert logs.dtype == np.float32 and np.shares_memory(logs.indices, counts.indices)
    assert (transform_counts(counts, "binary").toarray() == (dense > 0)).all()
    idf = inverse_document_frequency(counts)
    assert np.shares_memory(transform_counts(counts, "tfidf", idf).indices, counts.indices)
    assert (counts.toarray() == dense).all()


def test_tfidf_is_that_of_scikit_learn_on_the_logarithms_of_counts():
    (fitted, logs), (others, other_logs) = random_counts(), random_counts(50, seed=1)
    ours = transform_counts(others, "tfidf", inverse_document_frequency(fitted))
    # A word that the first songs lack has no weight, so neither does it count in a song's length.
    known = logs.any(axis=0)
    expected = TfidfTransformer().fit(np.log1p(logs[:, known]))
    expected = expected.transform(np.log1p(other_logs[:, known])).toarray()
    np.testing.assert_allclose(ours.toarray()[:, known], expected, rtol=1e-5, atol=1e-7)
    assert not ours.toarray()[:, ~known].any() and other_logs[:, ~known].any()
    np.testing.assert_allclose(np.square(ours.toarray()).sum(axis=1), 1, rtol=1e-5)


def test_a_song_without_a_known_word_is_0_by_tfidf():
    fitted = csr_array(np.array([[1, 0], [2, 0]], np.float32))
    song = csr_array(np.array([[0, 3], [0, 0]], np.float32))
    assert not transform_counts(song, "tfidf", inverse_document_frequency(fitted)).toarray().any()
