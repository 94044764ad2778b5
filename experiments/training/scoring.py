"""From network outputs to predictions in the tasks' units, and their scores."""

from collections.abc import Sequence

import numpy as np

from representation_music.utils.metrics import (
    DEFAULT_METRIC,
    METRICS,
    constant_prediction,
    repeat_constant,
    scores,
    song_losses,
)
from representation_music.utils.tasks import Task


def to_predictions(
    tasks: Sequence[Task], outputs: Sequence[np.ndarray], scales: Sequence[tuple[float, float]]
) -> list[np.ndarray]:
    """Probabilities (classification) or values in the task's unit (regression), one per task.

    Args:
        tasks: The tasks.
        outputs: One array a task, `[songs, outputs]`.
        scales: Mean and standard deviation that each task's labels were standardised by.
    """
    from scipy.special import expit, softmax  # a tenth of a second, which no `--help` needs

    predictions = []
    for task, output, (mean, sd) in zip(tasks, outputs, scales, strict=True):
        output = np.asarray(output, np.float64)
        if task.kind == "multiclass":
            predictions.append(softmax(output, axis=1))
        else:
            value = output[:, 0]
            predictions.append(expit(value) if task.kind == "binary" else value * sd + mean)
    return predictions


def fitted_scale(labels: np.ndarray, predictions: np.ndarray) -> tuple[float, float]:
    """Offset and factor that make predictions of a regression fit labels, `[songs]` each.

    By least squares, but that the factor goes towards 1 by the share that chance has in its
    distance from 1 (James and Stein's estimator, its positive part). 0 and 1 where nothing can be
    fitted.
    """
    known = np.isfinite(labels) & np.isfinite(predictions)
    labels, predictions = labels[known].astype(float), predictions[known].astype(float)
    centred = predictions - predictions.mean() if known.any() else predictions
    squares = centred @ centred
    if known.sum() < 3 or not squares > 0:
        return 0.0, 1.0
    factor = centred @ labels / squares
    errors = labels - labels.mean() - factor * centred
    by_chance = errors @ errors / (len(labels) - 2) / squares
    distance = factor - 1
    factor = 1 + distance * max(0.0, 1 - by_chance / max(distance**2, 1e-12))
    return float(labels.mean() - factor * predictions.mean()), float(factor)


def constants(tasks: Sequence[Task], training_labels: np.ndarray) -> list[np.ndarray]:
    """The constant predictor of each task: base rates or mean of the training labels."""
    return [constant_prediction(task, training_labels[:, n]) for n, task in enumerate(tasks)]


def initial_head_biases(
    tasks: Sequence[Task], constant: Sequence[np.ndarray], initialization: str
) -> list[np.ndarray]:
    """Biases that make an untrained head the constant predictor (`base_rate`), or zeros."""
    biases = []
    for task, rate in zip(tasks, constant, strict=True):
        if initialization == "zero" or task.kind == "regression" or not np.isfinite(rate).all():
            biases.append(np.zeros(task.num_outputs, np.float32))
            continue
        rate = np.clip(rate, 1e-4, 1 - 1e-4)
        logits = np.log(rate) if task.kind == "multiclass" else np.log(rate / (1 - rate))
        biases.append(logits.astype(np.float32))
    return biases


def score_tasks(
    tasks: Sequence[Task],
    labels: Sequence[np.ndarray],
    predictions: Sequence[np.ndarray],
    constant: Sequence[np.ndarray],
) -> dict[str, dict]:
    """Scores by task name: the network's, the constant predictor's, and how they compare.

    `gain` is the mean over songs of the constant predictor's loss minus the network's (log loss
    in nats, or squared error), with its standard error.
    """
    result = {}
    for task, label, prediction, rate in zip(tasks, labels, predictions, constant, strict=True):
        known = np.isfinite(label)
        guess = repeat_constant(rate, len(label))
        gains = song_losses(task, label[known], guess[known])
        gains = gains - song_losses(task, label[known], prediction[known])
        error = gains.std(ddof=1) / np.sqrt(gains.size) if gains.size > 1 else float("nan")
        result[task.name] = {
            "songs": int(known.sum()),
            "gain": {"mean": float(gains.mean()) if gains.size else float("nan"), "error": error},
            "network": scores(task, label, prediction, rate),
            "constant": scores(task, label, guess, rate),
        }
    return result


def constant_scores(
    tasks: Sequence[Task], labels: Sequence[np.ndarray], constant: Sequence[np.ndarray]
) -> dict[str, dict]:
    """Scores of the constant predictor by task name."""
    return {
        task.name: scores(task, label, repeat_constant(rate, len(label)), rate)
        for task, label, rate in zip(tasks, labels, constant, strict=True)
    }


def stopping_metric(task: Task, name: str) -> str:
    """The metric that picks the best checkpoint: the named one, or what `--help` says of a word."""
    loss = "rmse" if task.kind == "regression" else "log_loss"
    return {"verdict": DEFAULT_METRIC[task.kind], "auto": loss}.get(name, name)


def verdict_on_constant(target: str, scored: dict[str, dict]) -> str:
    """Says in words whether the target is predicted better than by the constant predictor.

    Better means that the mean gain is above twice its standard error (songs as independent).
    """
    of_target = scored[target]
    gain, error = of_target["gain"]["mean"], of_target["gain"]["error"]
    if not np.isfinite(error):
        if of_target["songs"] > 1:
            return f"{target}: predictions are not finite; a smaller --learning-rate may help."
        return f"{target}: too few labels to tell whether it beats the constant predictor."
    metric = "rmse" if "rmse" in of_target["network"] else "log_loss"
    ours, theirs = of_target["network"][metric], of_target["constant"][metric]
    word = "better" if gain > 2 * error else "WORSE" if gain < -2 * error else "NO better"
    label = METRICS[metric].label
    return (
        f"{target}: {word} than the constant predictor ({label} {ours:.4f} against {theirs:.4f})."
    )
