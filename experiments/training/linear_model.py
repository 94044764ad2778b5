"""Linear models: what regularised linear regression makes of the songs that a network trains on.

A study whose nets lose to them has not shown that deep nets learn. They are runs of the grid like
any other: fitted on training songs, chosen on validation songs by the metric that decides verdicts,
and evaluated by `repmusic evaluate`.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.whitening import transform_counts
from representation_music.experiments.runs.folder import claim, run_folder, working_on
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.training.linear_fits import fits, predict, score_of
from representation_music.experiments.training.linear_inputs import Inputs, beside, candidates
from representation_music.experiments.training.scoring import (
    constants,
    score_tasks,
    verdict_on_constant,
)
from representation_music.experiments.training.training_songs import (
    TrainingSongs,
    drawn_for_validation,
    no_label,
    select_training_songs,
    validation_labels,
)
from representation_music.utils.checkpoint import save_checkpoint
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json

#: The strengths of L2 to choose among. Both losses are summed over songs.
INVERSE_L2 = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


def train_linear_model(config: LinearConfig, dataset: SongDataset, runs: Path) -> dict:
    """Fits the models, chooses one on the validation split, and writes a run's files.

    Returns:
        The run's record, with its folder under `folder`.
    """
    from threadpoolctl import threadpool_limits

    folder = run_folder(config, dataset.fingerprint, runs)
    began = time.perf_counter()
    # Of vectors as short as these, further threads only wait for each other: beside another busy
    # process a fit takes ten times the processor time.
    with working_on(folder), threadpool_limits(1, "blas"):
        claim(folder, config, dataset.fingerprint)
        songs = select_training_songs(config, dataset)
        validation = _labelled(dataset, config, "validation")
        seen = drawn_for_validation(validation, validation_labels(config, songs), config.seed)
        chosen, arrays = _best_fit(config, dataset, songs, seen)
        state = {"step": 0, "fingerprint": dataset.fingerprint, **chosen}
        scored, _ = _scored(config, dataset, arrays, state, validation)
        save_checkpoint(folder / "checkpoints" / "best.npz", arrays, state)
        known = np.isfinite(songs.labels).sum(axis=0).tolist()
        record = {
            "status": "finished",
            "process": os.getpid(),
            "data": dataset.describe_source(),
            "training_songs": len(songs.positions),
            "training_labels": dict(zip(config.tasks, known, strict=True)),
            "parameters": arrays[0].size + arrays[1].size,
            "chosen": chosen,
            "validation": scored,
            "verdict": verdict_on_constant(config.target, scored),
            "seconds": {"training": time.perf_counter() - began},
        }
        write_json(folder / "record.json", record)
    return record | {"folder": str(folder)}


def score_linear_model(
    config: LinearConfig, dataset: SongDataset, arrays: list[np.ndarray], state: dict, part: str
) -> tuple[dict, np.ndarray, np.ndarray]:
    """Scores of a checkpoint on a part of the songs, these songs, and its predictions of them.

    Raises:
        InputError: if the dataset has other words than the model was fitted on, or no label there.
    """
    if arrays[0].shape[-1] != len(dataset.words):
        found, expected = f"{len(dataset.words)} words", f"the {arrays[0].shape[-1]} of the model"
        raise InputError(dataset.path, found, expected, "Evaluate it on the songs file it is of.")
    positions = _labelled(dataset, config, part)
    scored, predictions = _scored(config, dataset, arrays, state, positions)
    return scored, positions, predictions


def _labelled(dataset: SongDataset, config: LinearConfig, part: str) -> np.ndarray:
    """Positions of a part's songs that carry the target's label.

    Raises:
        InputError: if none does.
    """
    positions = dataset.split(config.split)[part]
    positions = positions[np.isfinite(dataset.labels(config.target)[positions])]
    if not positions.size:
        raise no_label(config, dataset, part)
    return positions


def _scored(config: LinearConfig, dataset: SongDataset, arrays, state: dict, positions) -> tuple:
    """Scores by task name, as of networks, and the predictions scored."""
    task = dataset.task(config.target)
    coefficients, intercept, *idf = arrays
    counts = dataset.counts[positions]
    words = transform_counts(counts, state["input_transform"], *idf)
    predictions = predict(task, coefficients, intercept, words)
    rate = constants([task], select_training_songs(config, dataset).labels[:, :1])
    labels = dataset.labels(task.name)[positions]
    return score_tasks([task], [labels], [predictions], rate), predictions


def _best_fit(
    config: LinearConfig, dataset: SongDataset, songs: TrainingSongs, seen: np.ndarray
) -> tuple[dict, list[np.ndarray]]:
    """What was chosen on the validation songs `seen`, and what a checkpoint holds of the model:
    coefficients [outputs, words] and intercept [outputs] of transformed counts, and their idf.
    """
    task = dataset.task(config.target)
    labels, of_target = dataset.labels(task.name)[seen], songs.labels[songs.has_target, 0]
    best_score, best = -np.inf, None
    for chosen, words, parts in candidates(config, dataset, songs, seen):
        training, checked = (beside([part[n] for part in parts]) for n in (0, 1))
        for strength, coefficients, intercept in fits(task, training, of_target, INVERSE_L2):
            score = score_of(task, labels, predict(task, coefficients, intercept, checked))
            if score > best_score:
                best_score = score
                best = ({**chosen, "inverse_l2": strength}, words, parts, coefficients, intercept)
    chosen, words, parts, coefficients, intercept = best
    arrays = [*_of_words(coefficients, intercept, parts, words.scale)]
    return chosen, arrays if words.idf is None else [*arrays, words.idf]


def _of_words(coefficients, intercept, parts: Sequence[Inputs], scale: float) -> tuple:
    """The same model with coefficients of transformed counts."""
    ends = np.cumsum([part.axes.shape[0] for part in parts])
    own = np.split(coefficients, ends[:-1], axis=1)
    of_words = sum(of_part @ part.axes for of_part, part in zip(own, parts, strict=True))
    offset = sum(of_part @ part.mean for of_part, part in zip(own, parts, strict=True))
    return of_words * scale, intercept - offset
