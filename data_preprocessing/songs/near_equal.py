"""Test songs that are nearly equal to a training song: covers, further releases, copied lyrics."""

import numpy as np
from scipy.sparse import csr_array, diags_array

from representation_music.utils.console import progress

#: Cosine of log(1 + count) from which on two songs are nearly equal.
NEAR = 0.9
#: Test songs that are looked at, evenly spaced by id; with more, the count is of these.
MOST_TEST_SONGS = 5000
#: Commonest words, by which most pairs are told apart in one dense product.
COMMON_WORDS = 256
#: Pairs looked at at once: 128 MB of cosines.
BLOCK = 1 << 25
#: The same for pairs whose every word is compared.
CLOSE_BLOCK = 1 << 16
ROUNDING = 1e-4


def near_equal_songs(
    counts: csr_array, train: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, list[tuple[int, int, float]]]:
    """The nearest training song of every test song that has one of cosine `NEAR` or more.

    Exact for the songs looked at, though few pairs are compared word by word: with unit rows, what
    two songs have in common outside the common words is at most the product of their norms there.

    Args:
        counts: `[songs, words]`, 0 and more.
        train, test: Positions of songs.

    Returns:
        The positions of the test songs looked at; and `(test, train, cosine)` for each that has a
        near-equal training song, the nearest first.
    """
    if len(test) > MOST_TEST_SONGS:
        test = test[np.linspace(0, len(test) - 1, MOST_TEST_SONGS).round().astype(int)]
    if not (len(train) and len(test)):
        return test, []
    values = csr_array(counts, dtype=np.float32).log1p()
    unit = _unit_rows(values)
    mass = np.bincount(values.indices, unit.data**2, values.shape[1])
    common = np.argsort(-mass)[:COMMON_WORDS]
    of_train, of_test = unit[train], unit[test]
    dense_train, dense_test = _bounding(of_train, common), _bounding(of_test, common)
    nearest: dict[int, tuple[int, float]] = {}
    step = max(1, BLOCK // len(train))
    with progress("Comparing songs", len(test)) as advance:
        for start in range(0, len(test), step):
            bounds = dense_test[start : start + step] @ dense_train.T
            rows, columns = np.nonzero(bounds >= NEAR - ROUNDING)
            _keep_nearest(nearest, of_test, of_train, rows + start, columns)
            advance(len(bounds))
    found = [
        (int(test[row]), int(train[column]), min(cosine, 1.0))
        for row, (column, cosine) in nearest.items()
    ]
    return test, sorted(found, key=lambda pair: (-pair[2], pair[0]))


def _keep_nearest(nearest: dict, of_test, of_train, rows: np.ndarray, columns: np.ndarray) -> None:
    """Puts into `nearest`, by row, the near-equal ones of these pairs that are nearer than its."""
    for start in range(0, len(rows), CLOSE_BLOCK):
        of_block = rows[start : start + CLOSE_BLOCK], columns[start : start + CLOSE_BLOCK]
        cosines = (of_test[of_block[0]] * of_train[of_block[1]]).sum(axis=1)
        for row, column, cosine in zip(*of_block, cosines.tolist(), strict=True):
            if cosine >= max(NEAR - 1e-6, nearest.get(row, (0, 0.0))[1] + 1e-9):
                nearest[row] = column, cosine


def _unit_rows(values: csr_array) -> csr_array:
    norms = np.sqrt(values.multiply(values).sum(axis=1))
    inverse = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
    return csr_array(diags_array(inverse) @ values)


def _bounding(unit: csr_array, common: np.ndarray) -> np.ndarray:
    """`[songs, common + 1]` float32: common words, and the norm of all others."""
    dense = unit[:, common].toarray()
    has_words = np.diff(unit.indptr) > 0
    rest = np.sqrt(np.clip(has_words - (dense**2).sum(axis=1), 0, None))
    return np.column_stack([dense, rest]).astype(np.float32)
