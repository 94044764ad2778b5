"""What songs' words tell without any label: the leading components of their tf-idf rows.

Rivals of sharing read them, which has to show that it learns from labels and not from lyrics.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.whitening import (
    Transform,
    inverse_document_frequency,
    transform_counts,
)
from representation_music.experiments.training.training_songs import TrainingSongs
from representation_music.utils.tasks import Task

#: Components that are found, at most; and of them those that labels are made of.
COMPONENTS = 100
LEADING = 30


class Words(NamedTuple):
    """How bags of words are read: transformed, and all divided by one number.

    Attributes:
        transform: Of the counts.
        scale: What makes the mean sum of squares of a song 1, over the songs it was fitted on.
        idf: [words] for `tfidf`, else None.
    """

    transform: Transform
    scale: float
    idf: np.ndarray | None

    @classmethod
    def of(cls, counts: csr_array, transform: Transform) -> "Words":
        """The way to read these songs, [songs, words]."""
        idf = inverse_document_frequency(counts) if transform == "tfidf" else None
        values = transform_counts(counts, transform, idf).data.astype(np.float64)
        return cls(transform, float(np.sqrt(counts.shape[0] / max((values**2).sum(), 1e-9))), idf)

    def read(self, counts: csr_array) -> csr_array:
        """[songs, words] float64."""
        values = transform_counts(counts, self.transform, self.idf).astype(np.float64)
        return values * self.scale


class Components(NamedTuple):
    """Principal components of songs' words, by a truncated singular value decomposition.

    Attributes:
        words: How the words are read.
        axes: [components, words], orthonormal, the leading one first.
        mean: [components] of the scores, over the songs they are of.
        variance: [components], of the same.
    """

    words: Words
    axes: np.ndarray
    mean: np.ndarray
    variance: np.ndarray

    def scores(self, counts: csr_array) -> np.ndarray:
        """[songs, components] of any songs' counts [songs, words]."""
        return self.words.read(counts) @ self.axes.T - self.mean


def components(dataset: SongDataset, positions: np.ndarray, transform: Transform) -> Components:
    """The components of the songs at `positions`, whose labels nobody reads."""
    return _components(dataset, positions.tobytes(), transform)


@lru_cache(maxsize=8)
def _components(dataset: SongDataset, positions: bytes, transform: Transform) -> Components:
    """Songs of several rivals of a cell are the same: a worker decomposes them once."""
    return decomposed(dataset.counts[np.frombuffer(positions, np.int64)], transform)


def decomposed(counts: csr_array, transform: Transform) -> Components:
    """The components of counts [songs, words]."""
    from sklearn.decomposition import PCA

    words = Words.of(counts, transform)
    number = min(COMPONENTS, min(counts.shape) - 1)
    found = PCA(number, svd_solver="arpack", random_state=0).fit(words.read(counts))
    axes = found.components_
    return Components(words, axes, axes @ found.mean_, found.explained_variance_)


def lyric_labels(
    dataset: SongDataset, target: Task, songs: TrainingSongs, positions: np.ndarray, number: int
) -> np.ndarray:
    """Labels made of lyrics: whether a song's score is above the median, component by component.

    Of the leading components those are taken whose scores tell most of the target in its training
    labels, by the F statistic. Halves of the two leading ones, whatever they tell, cost more than
    they gave in planted worlds: a rival too weak to mean anything.

    Args:
        dataset: All songs.
        target: The target task, whose labels choose.
        songs: The training songs, which components and medians are of.
        positions: Positions of the songs to label.
        number: Components.

    Returns:
        [positions, number] of 0 and 1.
    """
    from sklearn.feature_selection import f_classif, f_regression

    of_songs = components(dataset, songs.positions, "tfidf")
    scores = of_songs.scores(dataset.counts[songs.positions])[:, :LEADING]
    known = np.isfinite(songs.labels[:, 0])
    test = f_regression if target.kind == "regression" else f_classif
    statistic, _ = test(scores[known], songs.labels[known, 0])
    best = np.argsort(-np.nan_to_num(statistic), kind="stable")[:number]
    found = of_songs.scores(dataset.counts[positions])[:, best]
    return (found > np.median(scores[:, best], axis=0)).astype(np.float64)
