"""Numbers of songs that a songs file can serve: what is asked for, cut to what there is."""

from collections.abc import Sequence

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.splits import Fold
from representation_music.experiments.runs.config import RunConfig
from representation_music.utils.console import say
from representation_music.utils.errors import InputError

#: As many songs as there are.
ALL = 10**9
#: Repeats of cross-fitting whose folds a training size is cut to.
REPEATS_LOOKED_AT = 5


def capped_sizes(dataset: SongDataset, config: RunConfig, sizes: Sequence[int]) -> list[int]:
    """The sizes that the training split can serve, the largest one cut to what there is."""
    labelled = np.isfinite(dataset.labels(config.target))
    available = min(int(labelled[train].sum()) for train in _train_parts(dataset, config.split))
    capped = sorted({min(size, available) for size in sizes})
    if capped and max(sizes) > available:
        cut = [size for size in sizes if size > available]
        say(
            f"Sizes {cut} are cut to {available}: the training split {config.split!r} has no more "
            f"songs with the label {config.target!r}."
        )
    return capped


def capped_auxiliary_sizes(
    dataset: SongDataset, config: RunConfig, sizes: Sequence[int]
) -> list[int]:
    """The numbers of further songs with auxiliary labels that can be had at every seed.

    Larger ones are cut to that: else cells that are told apart by them would be the same runs.
    """
    if not config.tasks[1:]:
        found, expected = (
            f"the task {config.target!r} alone",
            "the target and one other task or more",
        )
        raise InputError("a task set (--tight, --loose)", found, expected)
    labels = np.stack([dataset.labels(name) for name in config.tasks[1:]])
    labelled = np.isfinite(labels).any(axis=0)
    fewest = min(int(labelled[train].sum()) for train in _train_parts(dataset, config.split))
    available = max(fewest - config.training_size, 0)
    if cut := [size for size in sizes if available < size < ALL]:
        say(
            f"Further songs {cut} are cut to {available}: beside {config.training_size} songs the "
            f"training split {config.split!r} has no more with {' or '.join(config.tasks[1:])}."
        )
    return sorted({min(size, available) for size in sizes})


def _train_parts(dataset: SongDataset, split: str) -> list[np.ndarray]:
    """Training songs of the split; of a fold, those of every fold of the first repeats."""
    fold = Fold.of_name(split)
    names = [each.name for each in fold.siblings(REPEATS_LOOKED_AT)] if fold else [split]
    return [dataset.split(name)["train"] for name in names]
