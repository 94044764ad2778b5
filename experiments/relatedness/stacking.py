"""A cheap measure of relatedness: what an auxiliary's linear score adds to a linear model."""

import dataclasses

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.whitening import transform_counts
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.training.training_songs import select_training_songs
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS, scores
from representation_music.utils.tasks import Task

#: What `relatedness-gain` calls it.
STACKED = "stacked_gain"
#: Folds of groups in which the linear models are compared.
FOLDS = 5
#: Seeds, each with its own training songs, whose mean is the measure.
SEEDS = 3
#: Strength of the linear models, fixed, as few songs cannot choose it; inverse for logistic ones.
INVERSE_L2, RIDGE_L2 = 0.03, 100.0
#: Standard deviation of a score as a further input: large, so that the penalty hardly binds it.
SPREAD = 5.0


def stacked_gain(config: RunConfig, dataset: SongDataset) -> list[float]:
    """How much better the target is predicted with linear scores of the auxiliaries as inputs.

    Only training songs of the run are read, so that it is known before any net is trained: models
    of the auxiliaries are fitted on the songs without the target's label, those of the target in
    folds of groups among the others.

    Returns:
        The gain in the target's usual metric, mean over seeds, and the least and largest of them;
        NaN where the run has no further songs, or a task has several classes.
    """
    from threadpoolctl import threadpool_limits

    tasks = [dataset.task(name) for name in config.tasks]
    if any(task.kind == "multiclass" for task in tasks) or not config.auxiliary_size:
        return [float("nan")] * 3
    with threadpool_limits(1, "blas"):  # as `linear_model` has it
        gains = [
            _gain(dataclasses.replace(config, seed=config.seed + number), dataset, tasks)
            for number in range(SEEDS)
        ]
    return [float(np.mean(gains)), float(min(gains)), float(max(gains))]


def _gain(config: RunConfig, dataset: SongDataset, tasks: list[Task]) -> float:
    from scipy.sparse import csr_array, hstack

    songs = select_training_songs(config, dataset)
    counts = csr_array(transform_counts(dataset.counts[songs.positions], "binary"))
    own = np.flatnonzero(songs.has_target)
    groups = dataset.group_codes()[songs.positions[own]]
    # An artist's songs among the further ones would tell of the artist, not of the words.
    others = ~songs.has_target & ~np.isin(dataset.group_codes()[songs.positions], groups)
    further = []
    for number, task in enumerate(tasks[1:], start=1):
        values = songs.labels[:, number]
        known = np.flatnonzero(others & np.isfinite(values))
        if not len(known) or np.ptp(values[known]) == 0:
            return float("nan")
        score = _score(_fitted(task, counts[known], values[known]), counts[own])
        further.append(SPREAD * (score - score.mean()) / (score.std() or 1.0))
    inputs = counts[own]
    stacked = csr_array(hstack([inputs, csr_array(np.stack(further, axis=1))]))
    metric, labels = DEFAULT_METRIC[tasks[0].kind], songs.labels[own, 0]
    found = [_out_of_fold(tasks[0], each, labels, groups, metric) for each in (inputs, stacked)]
    return METRICS[metric].sign * (found[1] - found[0])


def _out_of_fold(task: Task, inputs, labels: np.ndarray, groups: np.ndarray, metric: str) -> float:
    """Mean over folds of groups of a linear model's score in each."""
    codes = np.unique(groups, return_inverse=True)[1]
    fold_of = np.random.default_rng(0).permutation(codes.max() + 1)[codes] % FOLDS
    found = []
    for fold in range(FOLDS):
        train, test = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        if len(test) < 2 or np.ptp(labels[test]) == 0 or np.ptp(labels[train]) == 0:
            continue
        prediction = _score(_fitted(task, inputs[train], labels[train]), inputs[test])
        if task.kind == "binary":
            prediction = 1 / (1 + np.exp(-prediction))
        found.append(scores(task, labels[test], prediction)[metric])
    return float(np.mean(found)) if found else float("nan")


def _fitted(task: Task, inputs, labels: np.ndarray):
    from sklearn.linear_model import LogisticRegression, Ridge

    if task.kind == "binary":
        return LogisticRegression(C=INVERSE_L2, max_iter=500).fit(inputs, labels)
    scale = labels.std() or 1.0
    return Ridge(RIDGE_L2).fit(inputs, (labels - labels.mean()) / scale), labels.mean(), scale


def _score(model, inputs) -> np.ndarray:
    """`[songs]` log odds, or values in the task's unit."""
    if isinstance(model, tuple):
        model, mean, scale = model
        return model.predict(inputs) * scale + mean
    return model.decision_function(inputs)
