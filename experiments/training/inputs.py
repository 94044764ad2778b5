"""What a network reads: the words a run uses, their whitening, and songs as tensors with labels."""

import dataclasses
from functools import cached_property
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.whitening import (
    Transform,
    inverse_document_frequency,
    transform_counts,
    whitening_statistics,
)
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.training.engine import SongTensors, TrainingData
from representation_music.experiments.training.lyrics import lyric_labels
from representation_music.experiments.training.scoring import constants
from representation_music.experiments.training.training_songs import (
    TrainingSongs,
    drawn_for_validation,
    label_scale,
    loss_factors,
    no_label,
    select_training_songs,
    tasks_of,
    validation_labels,
)
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Task

#: Inputs of a network come in multiples of this many, so that few sizes are built and traced.
INPUT_STEP = 256


class LabelledSongs(NamedTuple):
    """Songs to score predictions of: bags of words on the device, labels `[songs]` a task."""

    tensors: SongTensors
    labels: list[np.ndarray]


class InputWords(NamedTuple):
    """The words that a run uses, and what becomes of their counts.

    A word that whitening sets to 0 for every song has no input at all: its weights would never
    matter, and a first layer of 1,500 words costs a third of one of 5,000.

    Attributes:
        input_of: `[words]` the input that reads each word of the songs file, or -1.
        mean, inverse_sd: `[inputs]` statistics of training songs; 0 for inputs that fill up.
        idf: `[inputs]` inverse document frequency among the same songs; none but for `tfidf`.
    """

    input_of: np.ndarray
    mean: np.ndarray
    inverse_sd: np.ndarray
    idf: np.ndarray | None = None

    @property
    def num_inputs(self) -> int:
        """Number of inputs, a multiple of `INPUT_STEP`."""
        return len(self.mean)

    def read(self, counts: csr_array, transform: Transform) -> csr_array:
        """What the inputs read of `counts` `[songs, words]`: `[songs, inputs]`, transformed."""
        counts = _columns(counts, self.input_of, self.num_inputs)
        return transform_counts(counts, transform, self.idf)


def input_words(config: RunConfig, dataset: SongDataset, songs: TrainingSongs) -> InputWords:
    """Chooses a run's words and finds their statistics, from training songs only."""
    counts = dataset.counts[songs.positions]
    used = _songs_with_word(counts) >= max(config.word_floor, 1)
    if config.whitening == "split":
        counts = dataset.counts[dataset.split(config.split)["train"]]
    counts = _columns(counts, _numbered(used), int(used.sum()))
    # Rows of unit length are made of the words that are used, so that a network needs no others.
    idf = inverse_document_frequency(counts) if config.input_transform == "tfidf" else None
    transformed = transform_counts(counts, config.input_transform, idf)
    mean, inverse_sd = whitening_statistics(transformed)
    if idf is None:
        varies = inverse_sd > 0
        used[used] = varies
        mean, inverse_sd = mean[varies], inverse_sd[varies]
    if config.input_scale == "common":
        inverse_sd = one_scale(inverse_sd)
    fill = np.zeros(padded_inputs(len(mean)) - len(mean), np.float32)
    return InputWords(
        _numbered(used),
        np.concatenate([mean, fill]),
        np.concatenate([inverse_sd, fill]),
        None if idf is None else np.concatenate([idf, fill]),
    )


def _numbered(used: np.ndarray) -> np.ndarray:
    """`[words]`: the number of each word among those used, or -1."""
    return np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)


def _columns(counts: csr_array, input_of: np.ndarray, num_inputs: int) -> csr_array:
    """The columns of `counts` that are inputs, in their order."""
    inputs = input_of[counts.indices]
    kept = inputs >= 0
    ends = np.concatenate([[0], np.cumsum(kept)])[counts.indptr]
    return csr_array((counts.data[kept], inputs[kept], ends), shape=(counts.shape[0], num_inputs))


def one_scale(inverse_sd: np.ndarray) -> np.ndarray:
    """The same factor for every word: the mean variance of those that vary becomes 1."""
    varies = inverse_sd > 0
    mean_variance = np.mean(inverse_sd[varies].astype(np.float64) ** -2) if varies.any() else 1.0
    return np.where(varies, mean_variance**-0.5, 0).astype(np.float32)


class RunInputs:
    """What one run's network is given: tasks, songs, words, labels, and the constants beside them.

    Attributes:
        tasks: The run's tasks.
        songs: Its training songs with the labels it may see.
        constant: The constant predictor of each task.
        scales: Mean and standard deviation that each task's labels are standardised by.
        words: The words it uses and their whitening.
    """

    def __init__(self, config: RunConfig, dataset: SongDataset):
        self.config, self.dataset = config, dataset
        self.tasks = tasks_of(config, dataset)
        self.songs = select_training_songs(config, dataset)
        if config.lyric_tasks:
            labels, made = self.songs.labels.copy(), self.labels(self.songs.positions)
            for number, name in enumerate(config.tasks):
                if name in config.lyric_tasks:
                    labels[:, number] = made[number]
            self.songs = dataclasses.replace(self.songs, labels=labels)
        self.constant = constants(self.tasks, self.songs.labels)
        self.scales = [
            label_scale(task, column) if config.standardise_labels else (0.0, 1.0)
            for task, column in zip(self.tasks, self.songs.labels.T, strict=True)
        ]

    @cached_property
    def words(self) -> InputWords:
        """The words the run uses and their whitening."""
        return input_words(self.config, self.dataset, self.songs)

    def standardised_labels(self) -> np.ndarray:
        """`[songs, tasks]` float32 labels of the training songs as the loss reads them."""
        mean, sd = np.transpose(self.scales)
        return ((self.songs.labels - mean) / sd).astype(np.float32)

    def training_data(self) -> TrainingData:
        """What the engine's training steps read."""
        return TrainingData(
            songs=self.labelled(self.songs.positions).tensors,
            labels=tf.constant(self.standardised_labels()),
            loss_factors=tf.constant(loss_factors(self.config, self.songs)),
            seed=tf.constant(self.config.training_seed, tf.int32),
            l2=tf.constant(self.config.l2),
        )

    def labelled(self, positions: np.ndarray) -> LabelledSongs:
        """The songs at `positions` as the network reads them, with their labels of the tasks."""
        counts = self.words.read(self.dataset.counts[positions], self.config.input_transform)
        return LabelledSongs(SongTensors.from_csr(counts), self.labels(positions))

    def labels(self, positions: np.ndarray) -> list[np.ndarray]:
        """`[songs]` a task: the labels of the songs at `positions`, those made of lyrics too."""
        lyric_tasks, found = self.config.lyric_tasks, {}
        if lyric_tasks:
            target, number = self.tasks[0], len(lyric_tasks)
            rows = lyric_labels(self.dataset, target, self.songs, positions, number)
            found = dict(zip(lyric_tasks, rows.T, strict=True))
        names = self.config.tasks
        return [found[n] if n in found else self.dataset.labels(n)[positions] for n in names]

    def positions(self, part: str, size: int = 0) -> np.ndarray:
        """Songs of a part of the split, at most `size` if any, that carry a label of some task.

        Raises:
            InputError: if none carries the target's label.
        """
        positions, has_target = self._labelled(part)
        if not size or size >= len(positions):
            return positions
        # Chosen whatever the seed and the other tasks, those with the target's label first.
        rank = np.random.default_rng(0).random(self.dataset.num_songs)[positions]
        return np.sort(positions[np.lexsort((rank, ~has_target))[:size]])

    def stopping_positions(self) -> np.ndarray:
        """The validation songs that stopping and tuning may see, in number as the config says.

        Where too few of them have the target's label, others are taken as well.
        """
        positions, has_target = self._labelled("validation")
        size = validation_labels(self.config, self.songs)
        with_target = drawn_for_validation(positions[has_target], size, self.config.seed)
        lacking = max(size - len(with_target), 0)
        others = drawn_for_validation(positions[~has_target], lacking, self.config.seed)
        return np.sort(np.concatenate([with_target, others]))

    def _labelled(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Songs of a part that carry a label of one task or more, and which have the target's."""
        positions = self.dataset.split(self.config.split)[part]
        labels = np.array([self.dataset.labels(task.name)[positions] for task in self.tasks])
        known = np.isfinite(labels)
        if not known[0].any():
            raise no_label(self.config, self.dataset, part)
        useful = known.any(axis=0)
        return positions[useful], known[0, useful]

    def description(self) -> dict:
        """Words, whitening and label scales as JSON types: without them weights mean nothing."""
        used = np.flatnonzero(self.words.input_of >= 0)
        return {
            "tasks": [self._task_description(task) for task in self.tasks],
            "words": self.dataset.words,
            "inputs": [self.dataset.words[position] for position in used],
            "mean": self.words.mean[: len(used)].tolist(),
            "inverse_sd": self.words.inverse_sd[: len(used)].tolist(),
            "idf": [] if self.words.idf is None else self.words.idf[: len(used)].tolist(),
            "scales": self.scales,
            "constants": [rate.tolist() for rate in self.constant],
        }

    def _task_description(self, task: Task) -> dict:
        classes = self.dataset.class_names(task.name) if task.kind == "multiclass" else []
        return dataclasses.asdict(task) | {"classes": classes}

    def refuse_other(self, description: dict) -> None:
        """Compares the tasks, words and whitening that a checkpoint was trained with to these.

        Raises:
            InputError: if they differ.
        """
        ours = self.description()
        for task, theirs in zip(ours["tasks"], description["tasks"], strict=True):
            if task != theirs:
                raise InputError(
                    f"{self.dataset.path}: {task['name']}",
                    f"the task {task}",
                    f"{theirs}, which the checkpoint was trained on",
                )
        same = all(ours[name] == description[name] for name in ("words", "inputs")) and all(
            np.allclose(ours[name], description[name], rtol=1e-5, atol=1e-7)
            for name in ("mean", "inverse_sd", "idf")
        )
        if not same:
            raise InputError(
                self.dataset.path,
                "training songs with other words or another whitening than the checkpoint's",
                "the songs that the run was trained on",
            )


def padded_inputs(num_words: int) -> int:
    """Inputs of a network that reads so many words: the next multiple of `INPUT_STEP`."""
    return max(1, -(-num_words // INPUT_STEP)) * INPUT_STEP


def _songs_with_word(counts: csr_array) -> np.ndarray:
    return np.bincount(counts.indices, minlength=counts.shape[1])
