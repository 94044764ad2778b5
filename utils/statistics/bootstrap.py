"""Metrics of many resamples of the test songs at once, for the intervals in `statistics`.

A resample is a column of weights: how often each artist was drawn. Whole artists are drawn, since
an artist's songs share labels and luck.
"""

import numpy as np
import scipy

from representation_music.utils.metrics import METRICS_OF, predicted_classes, song_losses
from representation_music.utils.tasks import Task

#: Resamples worked on together: keeps the tables of one block within a processor's cache.
BLOCK = 128


def draw_groups(num_groups: int, resamples: int, random: np.random.Generator) -> np.ndarray:
    """Draws `num_groups` groups with replacement: how often each came, `[groups, resamples]`."""
    weights = np.empty((num_groups, resamples), np.float32)
    for column in range(resamples):
        drawn = random.integers(num_groups, size=num_groups)
        weights[:, column] = np.bincount(drawn, minlength=num_groups)
    return weights


def resampled_scores(
    task: Task,
    metric: str,
    labels: np.ndarray,
    predictions: np.ndarray,
    groups: np.ndarray,
    weights: np.ndarray,
    constant: np.ndarray | None = None,
) -> np.ndarray:
    """One metric of `metrics.scores` under each resample of the groups.

    Args:
        task: The task of labels and predictions.
        metric: One of `METRICS_OF[task.kind]`.
        labels: `[songs]`, NaN where missing.
        predictions: `[songs]` or `[songs, classes]`, as `metrics.scores` takes them.
        groups: `[songs]`, each song's row in `weights`.
        weights: `[groups, resamples]`, how often each group was drawn.
        constant: The constant predictor, which `skill` needs.

    Returns:
        `[resamples]`; NaN where the metric is undefined for a resample.

    Raises:
        ValueError: if the metric is not one of the task's kind.
    """
    if metric not in METRICS_OF[task.kind]:
        raise ValueError(f"{metric} is not a metric of a {task.kind} task")
    known = ~np.isnan(labels)
    labels, groups = np.asarray(labels)[known], np.asarray(groups)[known]
    predictions = np.asarray(predictions, np.float64)[known]
    if not labels.size or not np.isfinite(predictions).all():
        return np.full(weights.shape[1], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):  # 0/0 is NaN, as promised
        if metric in ("auc", "average_precision"):
            score = _roc_areas if metric == "auc" else _average_precisions
            if task.kind == "binary":
                return score(labels == 1, predictions, groups, weights)
            classes = [
                score(labels == number, predictions[:, number], groups, weights)
                for number in np.unique(labels).astype(np.int64)
            ]
            return _mean_of_defined(np.stack(classes))
        return _scores_of_sums(task, metric, labels, predictions, groups, weights, constant)


def _scores_of_sums(task, metric, labels, predictions, groups, weights, constant) -> np.ndarray:
    """Metrics that are functions of sums over songs: one matrix product gives all resamples."""

    def totals(*columns: np.ndarray) -> np.ndarray:
        by_group = [np.bincount(groups, column, len(weights)) for column in columns]
        # [columns, resamples]; BLAS would add in an order that depends on its threads.
        return scipy.sparse.csr_array(np.stack(by_group)) @ weights

    ones = np.ones(len(labels))
    if metric == "balanced_accuracy":
        right = predicted_classes(task, predictions) == labels
        members = [labels == number for number in range(task.num_classes)]
        recalls = totals(*[right & own for own in members]) / totals(*members)
        occurring = (~np.isnan(recalls)).sum(axis=0)
        return np.where(occurring > 1, _mean_of_defined(recalls), np.nan)
    if metric == "skill":
        if constant is None:
            return np.full(weights.shape[1], np.nan)
        rows = np.broadcast_to(constant, (len(labels), len(constant)))
        reference = song_losses(task, labels, rows if rows.shape[1] > 1 else rows[:, 0])
        loss, reference_loss = totals(song_losses(task, labels, predictions), reference)
        return np.where(reference_loss > 0, 1 - loss / reference_loss, np.nan)
    if metric == "r2":
        # Labels such as years lie far from 0; centred, their squares keep their digits.
        centred = labels - labels.mean()
        errors = song_losses(task, labels, predictions)
        songs, total, squares, squared_errors = totals(ones, centred, centred**2, errors)
        variation = squares - total**2 / songs
        return np.where(variation > 1e-9 * squares, 1 - squared_errors / variation, np.nan)
    if metric == "error":
        values = (predicted_classes(task, predictions) != labels).astype(np.float64)
    elif metric == "mae":
        values = np.abs(predictions - labels)
    elif metric in ("log_loss", "rmse"):
        values = song_losses(task, labels, predictions)
    else:
        raise ValueError(f"{metric}: a metric without a rule for resamples")
    total, songs = totals(values, ones)
    means = total / songs
    return np.sqrt(means) if metric == "rmse" else means


def _roc_areas(
    positive: np.ndarray, predictions: np.ndarray, groups: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Weighted share of (positive, negative) pairs in the right order, ties counting half."""
    order = np.argsort(predictions)
    positive, predictions, groups = positive[order], predictions[order], groups[order]
    negatives, positives = predictions[~positive], predictions[positive]
    below = np.searchsorted(negatives, positives, "left")
    not_above = np.searchsorted(negatives, positives, "right")
    tied = not_above > below

    areas = np.empty(weights.shape[1])
    for block in blocks(weights):
        table = weights[:, block]
        passed = np.zeros((len(negatives) + 1, table.shape[1]), np.float32)
        # Sums of small whole numbers: exact in float32 up to 16 million songs.
        np.cumsum(table[groups[~positive]], axis=0, out=passed[1:])
        own = table[groups[positive]]
        pairs = passed[below]
        pairs[tied] = (pairs[tied] + passed[not_above[tied]]) / 2
        num_pairs = own.sum(axis=0, dtype=np.float64) * passed[-1]
        np.multiply(own, pairs, out=pairs)
        areas[block] = pairs.sum(axis=0, dtype=np.float64) / num_pairs
    return areas


def _average_precisions(
    positive: np.ndarray, predictions: np.ndarray, groups: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Weighted precision at each positive song's threshold, mean over the positive songs."""
    order = np.argsort(-predictions)
    positive, predictions, groups = positive[order], predictions[order], groups[order]
    # A song's threshold lets in all songs tied with it.
    last_of_ties = np.searchsorted(-predictions, -predictions[positive], "right") - 1

    result = np.empty(weights.shape[1])
    for block in blocks(weights):
        of_song = weights[:, block][groups]
        own = of_song[positive]
        chosen = np.cumsum(of_song, axis=0)
        of_song[~positive] = 0
        hits = np.cumsum(of_song, axis=0)
        # A threshold that no drawn song reaches has weight 0 as well: any finite value does.
        precision = hits[last_of_ties] / np.maximum(chosen[last_of_ties], 1)
        total = (own * precision).sum(axis=0, dtype=np.float64)
        two_classes = (hits[-1] > 0) & (hits[-1] < chosen[-1])
        result[block] = np.where(two_classes, total / hits[-1], np.nan)
    return result


def blocks(weights: np.ndarray) -> list[slice]:
    """Resamples in parts that are worked on together."""
    return [slice(start, start + BLOCK) for start in range(0, weights.shape[1], BLOCK)]


def _mean_of_defined(rows: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is not NaN."""
    return np.nansum(rows, axis=0) / (~np.isnan(rows)).sum(axis=0)
