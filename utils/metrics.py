"""How well a task's labels are predicted, and how much better than the constant predictor.

Plain numpy: training scores thousands of songs at every evaluation, and imports must be instant.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from representation_music.utils.tasks import Kind, Task

#: Probabilities are kept this far from 0 and 1, so that one sure mistake has a finite log loss
#: (at most 16.1), and a class that training never showed does too.
SMALLEST_PROBABILITY = 1e-7


@dataclass(frozen=True)
class Metric:
    """One number that `scores` gives.

    Attributes:
        name: Its key in the result of `scores`.
        label: What an axis or a table's head says.
        higher_is_better: Its direction.
        has_unit: Whether it is measured in the task's own unit (dB, years).
    """

    name: str
    label: str
    higher_is_better: bool
    has_unit: bool = False

    @property
    def sign(self) -> int:
        """Factor that makes a larger difference a better one: 1 or -1."""
        return 1 if self.higher_is_better else -1

    def axis_label(self, task: Task) -> str:
        """The label with the task's unit where the metric has one: `RMSE (dB)`."""
        return f"{self.label} ({task.unit})" if self.has_unit and task.unit else self.label


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("error", "1 - accuracy", False),
        Metric("balanced_accuracy", "balanced accuracy", True),
        Metric("auc", "AUC", True),
        Metric("average_precision", "average precision", True),
        Metric("log_loss", "log loss (nats)", False),
        Metric("rmse", "RMSE", False, has_unit=True),
        Metric("mae", "MAE", False, has_unit=True),
        Metric("r2", "R²", True),
        Metric("skill", "skill (1 - loss / constant predictor's)", True),
    )
}

_CLASSIFICATION = ("error", "balanced_accuracy", "auc", "average_precision", "log_loss", "skill")
#: The metrics of each kind of task, in the order of tables.
METRICS_OF: dict[Kind, tuple[str, ...]] = {
    "binary": _CLASSIFICATION,
    "multiclass": _CLASSIFICATION,
    "regression": ("rmse", "mae", "r2", "skill"),
}

#: What a kind of task is compared by, unless a user names another metric.
DEFAULT_METRIC: dict[Kind, str] = {"binary": "auc", "multiclass": "auc", "regression": "r2"}


def constant_prediction(task: Task, training_labels: np.ndarray) -> np.ndarray:
    """The best prediction that ignores the song, from the training labels (NaN: missing).

    Returns:
        `[1]`, the base rate (binary) or the mean (regression), or `[classes]`, the frequencies of
        the classes. NaN where no training song carries the label.
    """
    labels = np.asarray(training_labels, np.float64)
    labels = labels[~np.isnan(labels)]
    if not labels.size:
        return np.full(task.num_outputs, np.nan)
    if task.kind == "multiclass":
        return np.bincount(labels.astype(np.int64), minlength=task.num_classes) / labels.size
    return np.array([labels.mean()])


def repeat_constant(constant: np.ndarray, num_songs: int) -> np.ndarray:
    """Predicts `constant` (from `constant_prediction`) for every song: `[songs(, classes)]`."""
    constant = np.asarray(constant, np.float64)
    rows = np.broadcast_to(constant, (num_songs, constant.size))
    return rows[:, 0] if constant.size == 1 else rows


def scores(
    task: Task, labels: np.ndarray, predictions: np.ndarray, constant: np.ndarray | None = None
) -> dict[str, float]:
    """Scores predictions by every metric of the task's kind, over the songs that have the label.

    Binary and multi-class: `error` (1 - accuracy), `balanced_accuracy` (mean recall of the classes
    that occur), `auc` and `average_precision` (of several classes: one against the rest, mean over
    the classes that occur), `log_loss` (nats). Regression, in the task's unit: `rmse`, `mae`, and
    `r2`, which is relative to the mean of *these* labels.

    `skill` is 1 - L / L0, where L is the log loss (classification) or the mean squared error
    (regression) and L0 that of `constant`: 0 is no better than the constant predictor, 1 perfect.

    A metric that the labels leave undefined (no labels, one class only, equal values), or that
    predictions which are not finite spoil, is NaN.

    Args:
        task: Says the kind, and the number of classes.
        labels: `[songs]`, NaN where missing; 0/1, class index, or value in the task's unit.
        predictions: `[songs]` probabilities of 1 (binary) or values (regression), or
            `[songs, classes]` probabilities.
        constant: The constant predictor of the training labels; without it skill is NaN.

    Returns:
        Score by name, the names of `METRICS_OF[task.kind]`.

    Raises:
        ValueError: if the shapes do not match the task.
    """
    labels = np.asarray(labels, np.float64)
    predictions = np.asarray(predictions, np.float64)
    expected = (len(labels), task.num_classes) if task.kind == "multiclass" else (len(labels),)
    if predictions.shape != expected:
        raise ValueError(f"{task.name}: predictions have shape {predictions.shape}, not {expected}")
    known = ~np.isnan(labels)
    labels, predictions = labels[known], predictions[known]
    if not labels.size or not np.isfinite(predictions).all():
        return dict.fromkeys(METRICS_OF[task.kind], float("nan"))
    score = _regression_scores if task.kind == "regression" else _classification_scores
    result = score(task, labels, predictions)

    baseline = np.full(1, np.nan) if constant is None else np.asarray(constant, np.float64)
    result["skill"] = float("nan")
    if np.isfinite(baseline).all():
        loss = mean_loss(task, labels, predictions)
        reference = mean_loss(task, labels, repeat_constant(baseline, len(labels)))
        if reference > 0:
            result["skill"] = 1 - loss / reference
    return {name: float(result[name]) for name in METRICS_OF[task.kind]}


def mean_loss(task: Task, labels: np.ndarray, predictions: np.ndarray) -> float:
    """The loss that `skill` compares: mean of `song_losses`."""
    return float(song_losses(task, labels, predictions).mean())


def song_losses(task: Task, labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Each song's log loss (nats; classification) or squared error (regression): `[songs]`."""
    if task.kind == "regression":
        return (predictions - labels) ** 2
    if task.kind == "binary":
        of_label = np.where(labels > 0.5, predictions, 1 - predictions)
    else:
        of_label = predictions[np.arange(len(labels)), labels.astype(np.int64)]
    return -np.log(np.clip(of_label, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY))


def predicted_classes(task: Task, predictions: np.ndarray) -> np.ndarray:
    """The class decided for: `[songs]` class index; of a binary task 1 from probability .5 on."""
    if task.kind == "multiclass":
        return predictions.argmax(axis=1)
    return (predictions >= 0.5).astype(np.int64)


def area_under_roc(positive: np.ndarray, predictions: np.ndarray) -> float:
    """Chance that a positive song is predicted above a negative one, ties counting half.

    Args:
        positive: `[songs]` bool.
        predictions: `[songs]`, larger for positive.
    """
    hits, false_alarms = _counts_by_threshold(positive, predictions)
    if not hits[-1] or not false_alarms[-1]:
        return float("nan")
    widths = np.diff(false_alarms, prepend=0)
    heights = hits - np.diff(hits, prepend=0) / 2
    return float((widths * heights).sum() / (hits[-1] * false_alarms[-1]))


def average_precision(positive: np.ndarray, predictions: np.ndarray) -> float:
    """Precision at each threshold, weighted by the recall gained there. Arguments as above."""
    hits, false_alarms = _counts_by_threshold(positive, predictions)
    if not hits[-1] or not false_alarms[-1]:
        return float("nan")
    return float((np.diff(hits, prepend=0) * (hits / (hits + false_alarms))).sum() / hits[-1])


def _counts_by_threshold(
    positive: np.ndarray, predictions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Positive and negative songs at or above each distinct prediction, highest first."""
    order = np.argsort(-predictions)
    last_of_ties = np.flatnonzero(np.diff(predictions[order], append=np.nan))
    hits = np.cumsum(positive[order], dtype=np.float64)[last_of_ties]
    return hits, last_of_ties + 1 - hits


def _classification_scores(
    task: Task, labels: np.ndarray, predictions: np.ndarray
) -> dict[str, float]:
    labels = labels.astype(np.int64)
    right = predicted_classes(task, predictions) == labels
    songs = np.bincount(labels, minlength=task.num_classes)
    recalls = np.bincount(labels, right, task.num_classes)[songs > 0] / songs[songs > 0]
    return {
        "error": 1 - right.mean(),
        "balanced_accuracy": recalls.mean() if len(recalls) > 1 else float("nan"),
        "auc": _mean_over_classes(area_under_roc, task, labels, predictions),
        "average_precision": _mean_over_classes(average_precision, task, labels, predictions),
        "log_loss": mean_loss(task, labels, predictions),
    }


def _mean_over_classes(
    metric: Callable, task: Task, labels: np.ndarray, predictions: np.ndarray
) -> float:
    if task.kind == "binary":
        return metric(labels == 1, predictions)
    occurring = [metric(labels == number, predictions[:, number]) for number in np.unique(labels)]
    return float(np.mean(occurring))


def _regression_scores(task: Task, labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    squared_error = mean_loss(task, labels, predictions)
    variance = labels.var()
    return {
        "rmse": squared_error**0.5,
        "mae": np.abs(predictions - labels).mean(),
        "r2": 1 - squared_error / variance if variance > 0 else float("nan"),
    }
