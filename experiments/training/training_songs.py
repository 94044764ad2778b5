"""Which songs a run trains on, and the labels it may see of them."""

from dataclasses import dataclass

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import AnyConfig
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Task

#: With fewer labels than these, a validation score is as good as drawn.
LEAST_VALIDATION_LABELS = 100


def tasks_of(config: RunConfig, dataset: SongDataset) -> list[Task]:
    """A run's tasks; those whose labels are made of lyrics are binary, whatever they were.

    Raises:
        InputError: for a task that the data set does not have.
    """
    tasks = [dataset.task(name) for name in config.tasks]
    return [Task(t.name, "binary") if t.name in config.lyric_tasks else t for t in tasks]


@dataclass(frozen=True)
class TrainingSongs:
    """Songs and labels of one run's training.

    Attributes:
        positions: `[songs]` positions in the dataset.
        labels: `[songs, tasks]` in the tasks' own units, NaN where missing or withheld.
        has_target: `[songs]` whether the target's label may be used.
    """

    positions: np.ndarray
    labels: np.ndarray
    has_target: np.ndarray


def select_training_songs(config: RunConfig, dataset: SongDataset) -> TrainingSongs:
    """The first `training_size` songs with the target's label of a shuffled training split.

    After them come `auxiliary_size` songs with auxiliary labels, whose target label is withheld.
    The order depends on the seed alone, so a smaller size's songs are among a larger one's, and
    the arms of a study share their songs.

    Raises:
        InputError: if a task has no label among the songs.
    """
    train = dataset.split(config.split)["train"]
    order = train[np.random.default_rng([config.seed, 1]).permutation(len(train))]
    labels = np.stack([dataset.labels(name)[order] for name in config.tasks], axis=1)
    with_target = np.flatnonzero(np.isfinite(labels[:, 0]))
    if not with_target.size:
        raise no_label(config, dataset, "training")
    chosen = with_target[: config.training_size or None]
    is_chosen = np.zeros(len(order), bool)
    is_chosen[chosen] = True
    further = np.flatnonzero(~is_chosen & np.isfinite(labels[:, 1:]).any(axis=1))
    rows = np.concatenate([chosen, further[: config.auxiliary_size]])
    has_target = np.arange(len(rows)) < len(chosen)
    selected = labels[rows].copy()
    selected[~has_target, 0] = np.nan
    for name, known in zip(config.tasks, np.isfinite(selected).any(axis=0), strict=True):
        if not known:
            raise InputError(
                f"{dataset.path}: {name}",
                f"no label among the run's {len(rows):,} training songs",
                "some",
                "Leave the task out, or take more songs (`--training-size`, `--auxiliary-size`).",
            )
    for number, name in enumerate(config.tasks):
        if name in config.permuted_tasks:
            _permute_known(selected[:, number], config.seed, number)
    return TrainingSongs(order[rows], selected, has_target)


def no_label(config: AnyConfig, dataset: SongDataset, part: str) -> InputError:
    """What is raised where no song of a part of the split has the target's label."""
    return InputError(
        f"{dataset.path}: {config.target}",
        f"no label in the {part} part of the split {config.split!r}",
        "some",
        "`repmusic describe` tells each task's coverage by split.",
    )


def validation_labels(config: AnyConfig, songs: TrainingSongs) -> int:
    """How many labels of the target stopping and tuning may see: no more than training, or 100.

    Never more than the validation songs that are scored while a net trains.
    """
    labels = config.validation_labels or max(LEAST_VALIDATION_LABELS, int(songs.has_target.sum()))
    return min(labels, config.validation_size or labels)


def drawn_for_validation(positions: np.ndarray, size: int, seed: int) -> np.ndarray:
    """`size` of some songs of the validation split, in order; the same for all arms of a seed."""
    order = np.random.default_rng([seed, 5]).permutation(len(positions))
    return np.sort(positions[order[:size]])


def _permute_known(labels: np.ndarray, seed: int, task: int) -> None:
    """Shuffles the labels of one task among the songs that carry it, in place."""
    known = np.flatnonzero(np.isfinite(labels))
    labels[known] = labels[np.random.default_rng([seed, 2, task]).permutation(known)]


def label_scale(task: Task, labels: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation that a regression task is standardised by; 0 and 1 otherwise."""
    known = labels[np.isfinite(labels)]
    if task.kind != "regression" or not known.size:
        return 0.0, 1.0
    return float(known.mean()), float(known.std()) or 1.0


def loss_factors(config: RunConfig, songs: TrainingSongs) -> np.ndarray:
    """`[tasks]`: each task's weight over the share of a batch's songs that carry its label.

    With it a task's loss is, in expectation, the mean over the songs that carry its label,
    however few they are, in plain batches and in those with a fixed number of target songs.
    """
    known = np.isfinite(songs.labels)
    share = known.mean(axis=0)
    if config.target_batch_size:
        of_target = known[songs.has_target].mean(axis=0)
        parts = config.target_batch_size, config.batch_size
        share = (parts[0] * of_target + parts[1] * share) / sum(parts)
    weights = np.asarray(config.task_weights or np.ones(len(share)))
    return np.divide(weights, share, out=np.zeros(len(share)), where=share > 0).astype(np.float32)
