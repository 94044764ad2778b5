"""The linear baseline: what a regularised linear model makes of the songs that a run trains on.

A study whose nets lose to it has not shown that deep nets learn. It leaves the same files as a
run, so that results are read in one way.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.whitening import transform_counts
from representation_music.experiments.design.arms import single_task
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.predictions import (
    predictions_file,
    write_predictions,
)
from representation_music.experiments.runs.runs import load_songs
from representation_music.experiments.training.scoring import constants, score_tasks
from representation_music.experiments.training.training_songs import select_training_songs
from representation_music.utils.files import write_json
from representation_music.utils.metrics import mean_loss
from representation_music.utils.tasks import Task

#: Tuned on the validation split: how counts are transformed, and the strength of L2, the
#: strongest first, so that each fit can begin at the one before.
TRANSFORMS = ("binary", "log1p")
INVERSE_L2 = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
#: Ridge sums squared errors over songs, of labels with unit variance.
RIDGE_L2 = (3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
NAME = "linear-model"


def baseline_config(config: RunConfig) -> RunConfig:
    """What decides the linear model of a run: its target, songs and seed; else the defaults."""
    alone = single_task(config)
    defaults = RunConfig()
    return replace(
        defaults,
        tasks=alone.tasks,
        split=config.split,
        training_size=config.training_size,
        seed=config.seed,
        dataset=config.dataset,
        experiment_name=NAME,
    )


def baseline_folder(config: RunConfig, dataset: SongDataset, runs: Path) -> Path:
    """Where the linear model of a run lies."""
    return runs / f"{NAME}-{baseline_config(config).digest(dataset.fingerprint)}"


def fit_baselines(configs: Iterable[RunConfig], runs: Path) -> None:
    """Fits the linear model of every run that has none yet: one a target, size and seed."""
    from representation_music.utils.console import progress

    missing = {}
    for config in configs:
        folder = baseline_folder(config, load_songs(config.dataset), runs)
        if not (folder / "test.json").exists():
            missing[folder] = baseline_config(config)
    with progress("linear models", len(missing)) as advance:
        for folder, config in missing.items():
            fit_baseline(config, load_songs(config.dataset), folder)
            advance()


def fit_baseline(config: RunConfig, dataset: SongDataset, folder: Path) -> dict:
    """Fits, tunes on the validation split, scores on the test split, and writes a run's files."""
    songs = select_training_songs(config, dataset)
    task = dataset.task(config.target)
    parts = dataset.split(config.split)
    labels = dataset.labels(task.name)
    validation, test = (_labelled(parts[part], labels) for part in ("validation", "test"))
    best_loss, best = np.inf, None
    for transform in TRANSFORMS:
        training, checked, tested = (
            transform_counts(dataset.counts[rows], transform)
            for rows in (songs.positions, validation, test)
        )
        for strength, model in fits(task, training, songs.labels[:, 0]):
            loss = mean_loss(task, labels[validation], predict(task, model, checked))
            if loss < best_loss:
                chosen = {"input_transform": transform, "strength": strength}
                best_loss, best = loss, (chosen, predict(task, model, tested))
    chosen, predictions = best
    rate = constants([task], songs.labels)
    scored = score_tasks([task], [labels[test]], [predictions], rate)
    record = {
        "status": "finished",
        "data": dataset.describe_source(),
        "training_songs": len(songs.positions),
        "training_labels": {task.name: int(np.isfinite(songs.labels).sum())},
        "units": {task.name: task.unit},
        "chosen": chosen,
    }
    _write(folder, config, dataset, (test, predictions), scored, record)
    return scored


def _labelled(positions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return positions[np.isfinite(labels[positions])]


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


def _write(folder, config, dataset, predicted, scored, record) -> None:
    """The files of an evaluated run; `config.json` calls the architecture linear."""
    positions, predictions = predicted
    settings = config.to_json() | {"architecture": "linear", "fingerprint": dataset.fingerprint}
    settings |= {"input_transform": record["chosen"]["input_transform"]}
    write_json(folder / "config.json", settings)
    write_json(folder / "record.json", record)
    write_predictions(predictions_file(folder), dataset.ids[positions], [predictions])
    date = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    result = {"date": date, "data": dataset.describe_source(), "test": scored}
    write_json(folder / "test.json", result)
