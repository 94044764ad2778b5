"""The linear model: what regularised linear regression makes of the songs that a network trains on.

A study whose nets lose to it has not shown that deep nets learn. It is a run of the grid like any
other: fitted on training songs, chosen on validation songs, and evaluated by `repmusic evaluate`.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.whitening import transform_counts
from representation_music.experiments.runs.folder import claim, run_folder, working_on
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.training.scoring import (
    constants,
    score_tasks,
    verdict_on_constant,
)
from representation_music.experiments.training.training_songs import (
    drawn_for_validation,
    select_training_songs,
    validation_labels,
)
from representation_music.utils.checkpoint import save_checkpoint
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json
from representation_music.utils.metrics import mean_loss
from representation_music.utils.tasks import Task

#: Tuned on the validation split: how counts are transformed, and the strength of L2, the
#: strongest first, so that each fit can begin at the one before.
TRANSFORMS = ("binary", "log1p")
INVERSE_L2 = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
#: Ridge sums squared errors over songs, of labels with unit variance.
RIDGE_L2 = (3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)


def train_linear_model(config: LinearConfig, dataset: SongDataset, runs: Path) -> dict:
    """Fits the model, chooses it on the validation split, and writes a run's files.

    Returns:
        The run's record, with its folder under `folder`.
    """
    folder = run_folder(config, dataset.fingerprint, runs)
    began = time.perf_counter()
    with working_on(folder):
        claim(folder, config, dataset.fingerprint)
        songs = select_training_songs(config, dataset)
        task = dataset.task(config.target)
        labels = dataset.labels(task.name)
        validation = labelled(dataset, config, "validation")
        seen = drawn_for_validation(validation, validation_labels(config, songs), config.seed)
        chosen, model = _best_fit(task, dataset, songs, seen)
        counts = transform_counts(dataset.counts[validation], chosen["input_transform"])
        predictions = predict(task, model, counts)
        rate = constants([task], songs.labels)
        scored = score_tasks([task], [labels[validation]], [predictions], rate)
        state = {"step": 0, "fingerprint": dataset.fingerprint, **chosen}
        save_checkpoint(folder / "checkpoints" / "best.npz", _arrays(model), state)
        record = {
            "status": "finished",
            "process": os.getpid(),
            "data": dataset.describe_source(),
            "training_songs": len(songs.positions),
            "training_labels": {task.name: int(np.isfinite(songs.labels).sum())},
            "parameters": model.coef_.size + np.size(model.intercept_),
            "chosen": chosen,
            "validation": scored,
            "verdict": verdict_on_constant(task.name, scored),
            "seconds": {"training": time.perf_counter() - began},
        }
        write_json(folder / "record.json", record)
    return record | {"folder": str(folder)}


def _best_fit(task: Task, dataset: SongDataset, songs, validation: np.ndarray) -> tuple:
    """What was chosen on the validation songs, and that model."""
    labels = dataset.labels(task.name)[validation]
    best_loss, best = np.inf, None
    for transform in TRANSFORMS:
        training, checked = (
            transform_counts(dataset.counts[rows], transform)
            for rows in (songs.positions, validation)
        )
        for strength, model in fits(task, training, songs.labels[:, 0]):
            predictions = predict(task, model, checked)
            loss = mean_loss(task, labels, predictions)
            if loss < best_loss:
                chosen = {"input_transform": transform, "strength": strength}
                best_loss, best = loss, (chosen, _restored(task, _arrays(model)))
    return best


def labelled(dataset: SongDataset, config: LinearConfig, part: str) -> np.ndarray:
    """Positions of a part's songs that carry the target's label."""
    positions = dataset.split(config.split)[part]
    return positions[np.isfinite(dataset.labels(config.target)[positions])]


def fits(task: Task, counts, labels: np.ndarray) -> Iterator[tuple[float, object]]:
    """Ridge or logistic regression of `labels` `[songs]` on `counts`, the strongest penalty first.

    With each model comes what sets its penalty: L2 of ridge, the inverse of it of the logistic one.
    """
    from sklearn.linear_model import LogisticRegression, Ridge

    if task.kind == "regression":
        for strength in RIDGE_L2:
            yield strength, Ridge(alpha=strength, solver="lsqr").fit(counts, labels)
        return
    model = LogisticRegression(warm_start=True, max_iter=300)
    for strength in INVERSE_L2:
        yield strength, model.set_params(C=strength).fit(counts, labels.astype(np.int64))


def predict(task: Task, model, counts) -> np.ndarray:
    """Predictions as `metrics.scores` takes them; a class that training lacked has chance 0."""
    if task.kind == "regression":
        return model.predict(counts)
    chances = np.zeros((counts.shape[0], task.num_classes))
    chances[:, model.classes_] = model.predict_proba(counts)
    return chances[:, 1] if task.kind == "binary" else chances


def _arrays(model) -> list[np.ndarray]:
    """What a checkpoint holds of a model; copies, for a warm start goes on in place."""
    return [
        np.array(getattr(model, name))
        for name in ("coef_", "intercept_", "classes_")
        if hasattr(model, name)
    ]


def _restored(task: Task, arrays: list[np.ndarray]):
    """The model of a checkpoint's arrays."""
    from sklearn.linear_model import LogisticRegression, Ridge

    model = Ridge() if task.kind == "regression" else LogisticRegression()
    for name, array in zip(("coef_", "intercept_", "classes_"), arrays, strict=False):
        setattr(model, name, array)
    return model


def score_linear_model(
    config: LinearConfig, dataset: SongDataset, arrays: list[np.ndarray], state: dict, part: str
) -> tuple[dict, np.ndarray, np.ndarray]:
    """Scores of a checkpoint on a part of the songs, these songs, and its predictions of them.

    Raises:
        InputError: if the dataset has other words than the model was fitted on.
    """
    task = dataset.task(config.target)
    if arrays[0].shape[-1] != len(dataset.words):
        found, expected = f"{len(dataset.words)} words", f"the {arrays[0].shape[-1]} of the model"
        raise InputError(dataset.path, found, expected, "Evaluate it on the songs file it is of.")
    positions = labelled(dataset, config, part)
    counts = transform_counts(dataset.counts[positions], state["input_transform"])
    predictions = predict(task, _restored(task, arrays), counts)
    rate = constants([task], select_training_songs(config, dataset).labels)
    labels = dataset.labels(task.name)[positions]
    scored = score_tasks([task], [labels], [predictions], rate)
    return scored, positions, predictions
