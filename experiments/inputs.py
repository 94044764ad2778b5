"""What a network reads: transformed counts of chosen songs, their whitening, their labels."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.dataset import SongDataset
from representation_music.data_preprocessing.whitening import (
    transform_counts,
    whitening_statistics,
)
from representation_music.experiments.config import RunConfig
from representation_music.experiments.engine import SongTensors
from representation_music.experiments.training_songs import TrainingSongs


class LabelledSongs(NamedTuple):
    """Songs to score predictions of: bags of words on the device, labels `[songs]` a task."""

    tensors: SongTensors
    labels: list[np.ndarray]


def transformed_counts(config: RunConfig, dataset: SongDataset, positions: np.ndarray) -> csr_array:
    """Transformed counts `[songs, words]` of the songs at `positions`."""
    return transform_counts(dataset.counts[positions], config.input_transform)


def labelled_songs(config: RunConfig, dataset: SongDataset, positions: np.ndarray) -> LabelledSongs:
    """The songs at `positions` with their labels of the run's tasks."""
    counts = transformed_counts(config, dataset, positions)
    labels = [dataset.labels(name)[positions] for name in config.tasks]
    return LabelledSongs(SongTensors.from_csr(counts), labels)


def whitening(
    config: RunConfig, dataset: SongDataset, songs: TrainingSongs, counts: csr_array
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and inverse standard deviation `[words]`, of training songs only.

    Args:
        config: Says whose statistics they are, and the word floors.
        dataset: The songs.
        songs: The run's training songs.
        counts: Their transformed counts `[songs, words]`.
    """
    rows = counts
    if config.whitening == "split":
        train = dataset.split(config.split)["train"]
        rows = transformed_counts(config, dataset, train)
    mean, inverse_sd = whitening_statistics(rows)
    kept = _songs_with_word(counts) >= config.word_floor
    if config.target_word_floor:
        of_target = counts[np.flatnonzero(songs.has_target)]
        kept &= _songs_with_word(of_target) >= config.target_word_floor
    return mean * kept, inverse_sd * kept


def _songs_with_word(counts: csr_array) -> np.ndarray:
    return np.bincount(counts.indices, minlength=counts.shape[1])
