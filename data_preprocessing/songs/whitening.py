"""Statistics that whiten bags of words (zero mean, unit variance a word), found sparsely."""

from typing import Literal

import numpy as np
from scipy.sparse import csr_array

Transform = Literal["raw", "log1p", "binary"]

#: A variance below this share of the squared mean is rounding: the word is constant.
ROUNDING = 1e-12


def transform_counts(counts: csr_array, transform: Transform) -> csr_array:
    """Counts [songs, words] as they are, as log(1 + count), or as 1 for any count.

    All three keep 0 at 0, so the result shares the sparsity (and the index arrays) of `counts`.
    """
    if transform == "raw":
        return counts
    values = np.log1p(counts.data) if transform == "log1p" else np.ones_like(counts.data)
    transformed = csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
    transformed.has_sorted_indices = counts.has_sorted_indices
    return transformed


def whitening_statistics(values: csr_array, word_floor: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Mean and inverse standard deviation of every word over the rows of `values`.

    A whitened value is `(x - mean) * inverse_sd`. Words that never vary, or occur in fewer than
    `word_floor` rows, get mean 0 and inverse_sd 0, so that their whitened value is always 0.

    Args:
        values: [songs, words] CSR of non-negative values without stored zeros: the run's
            training songs, already transformed.
        word_floor: Least number of songs that a word must occur in.

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
    used = (variance > ROUNDING * mean**2) & (songs_with_word >= max(word_floor, 1))
    inverse_sd = np.zeros(num_words)
    inverse_sd[used] = 1 / np.sqrt(variance[used])
    return np.where(used, mean, 0.0).astype(np.float32), inverse_sd.astype(np.float32)
