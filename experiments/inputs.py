"""What a network reads: the words a run uses, their whitening, and songs as tensors with labels."""

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

#: Inputs of a network come in multiples of this many, so that few sizes are built and traced.
INPUT_STEP = 512


class LabelledSongs(NamedTuple):
    """Songs to score predictions of: bags of words on the device, labels `[songs]` a task."""

    tensors: SongTensors
    labels: list[np.ndarray]


class InputWords(NamedTuple):
    """The words that a run uses, and their whitening.

    A word that whitening sets to 0 for every song has no input at all: its weights would never
    matter, and a first layer of 1,500 words costs a third of one of 5,000.

    Attributes:
        input_of: `[words]` the input that reads each word of the songs file, or -1.
        mean, inverse_sd: `[inputs]` statistics of training songs; 0 for inputs that fill up.
    """

    input_of: np.ndarray
    mean: np.ndarray
    inverse_sd: np.ndarray

    @property
    def num_inputs(self) -> int:
        """Number of inputs, a multiple of `INPUT_STEP`."""
        return len(self.mean)

    def select(self, counts: csr_array) -> csr_array:
        """The columns of `counts` `[songs, words]` that are used: `[songs, inputs]`."""
        inputs = self.input_of[counts.indices]
        kept = inputs >= 0
        ends = np.concatenate([[0], np.cumsum(kept)])[counts.indptr]
        shape = (counts.shape[0], self.num_inputs)
        return csr_array((counts.data[kept], inputs[kept], ends), shape=shape)


def input_words(config: RunConfig, dataset: SongDataset, songs: TrainingSongs) -> InputWords:
    """Chooses a run's words and finds their statistics, from training songs only."""
    counts = transform_counts(dataset.counts[songs.positions], config.input_transform)
    rows = counts
    if config.whitening == "split":
        train = dataset.split(config.split)["train"]
        rows = transform_counts(dataset.counts[train], config.input_transform)
    mean, inverse_sd = whitening_statistics(rows)
    used = (inverse_sd > 0) & (_songs_with_word(counts) >= max(config.word_floor, 1))
    if config.target_word_floor:
        of_target = counts[np.flatnonzero(songs.has_target)]
        used &= _songs_with_word(of_target) >= config.target_word_floor
    number = int(used.sum())
    padded = max(1, -(-number // INPUT_STEP)) * INPUT_STEP
    input_of = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
    fill = np.zeros(padded - number, np.float32)
    return InputWords(
        input_of,
        np.concatenate([mean[used], fill]),
        np.concatenate([inverse_sd[used], fill]),
    )


def labelled_songs(
    config: RunConfig, dataset: SongDataset, positions: np.ndarray, words: InputWords
) -> LabelledSongs:
    """The songs at `positions` as a network reads them, with their labels of the run's tasks."""
    counts = transform_counts(words.select(dataset.counts[positions]), config.input_transform)
    labels = [dataset.labels(name)[positions] for name in config.tasks]
    return LabelledSongs(SongTensors.from_csr(counts), labels)


def _songs_with_word(counts: csr_array) -> np.ndarray:
    return np.bincount(counts.indices, minlength=counts.shape[1])
