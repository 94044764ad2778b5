"""Statistics that whiten bags of words (zero mean, unit variance a word), found sparsely."""

from typing import Literal

import numpy as np
from scipy.sparse import csr_array

Transform = Literal["raw", "log1p", "binary", "tfidf"]

#: A variance below this share of the squared mean is rounding: the word is constant.
ROUNDING = 1e-12


def transform_counts(
    counts: csr_array, transform: Transform, idf: np.ndarray | None = None
) -> csr_array:
    """Counts [songs, words] as they are, as log(1 + count), as 1 for any count, or as tf-idf.

    All four keep 0 at 0, so the result shares the sparsity (and the index arrays) of `counts`.

    Args:
        counts: Bags of words.
        transform: Which of them; `tfidf` is log(1 + count) times `idf`, each song's sum of squares
            made 1.
        idf: [words] of `inverse_document_frequency`, for `tfidf` only.
    """
    if transform == "raw":
        return counts
    values = np.ones_like(counts.data) if transform == "binary" else np.log1p(counts.data)
    if transform == "tfidf":
        values *= idf[counts.indices]
        song = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        squares = np.bincount(song, values.astype(np.float64) ** 2, counts.shape[0])
        # A song may hold nothing but words of idf 0, which no training song has.
        values /= np.sqrt(np.where(squares > 0, squares, 1))[song].astype(values.dtype)
    transformed = csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
    transformed.has_sorted_indices = counts.has_sorted_indices
    return transformed


def inverse_document_frequency(counts: csr_array) -> np.ndarray:
    """1 + log((1 + songs) / (1 + songs with the word)), [words] float32; 0 where none has it."""
    with_word = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = 1 + np.log((1 + counts.shape[0]) / (1 + with_word))
    return np.where(with_word > 0, idf, 0).astype(np.float32)


def whitening_statistics(values: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Mean and inverse standard deviation of every word over the rows of `values`.

    A whitened value is `(x - mean) * inverse_sd`. Words that never vary get mean 0 and
    inverse_sd 0, so that their whitened value is always 0.

    Args:
        values: [songs, words] CSR of non-negative values without stored zeros: the run's
            training songs, already transformed.

    Returns:
        mean [words] and inverse_sd [words], both float32. The variance is the population's
        (divided by songs), summed in float64.
    """
    num_songs, num_words = values.shape
    songs_with_word = np.bincount(values.indices, minlength=num_words)
    mean = np.bincount(values.indices, values.data, num_words) / max(num_songs, 1)
    # Around the mean, not as a difference of squares, which cancels for nearly constant words.
    deviation = values.data - mean[values.indices]
    squares = np.bincount(values.indices, deviation**2, num_words)
    variance = (squares + (num_songs - songs_with_word) * mean**2) / max(num_songs, 1)
    used = variance > ROUNDING * mean**2
    inverse_sd = np.zeros(num_words)
    inverse_sd[used] = 1 / np.sqrt(variance[used])
    return np.where(used, mean, 0.0).astype(np.float32), inverse_sd.astype(np.float32)
