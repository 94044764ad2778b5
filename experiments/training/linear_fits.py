"""One linear model: ridge or logistic regression at several strengths of L2."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from representation_music.experiments.training.scoring import to_predictions
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS, mean_loss, scores
from representation_music.utils.tasks import Task

#: The logit of a class that no training song has.
NEVER = -30.0


def fits(
    task: Task, inputs, labels: np.ndarray, strengths: Sequence[float]
) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """Ridge or logistic regression of `labels` [songs] on `inputs` [songs, inputs].

    Of one class alone, which logistic regression refuses, nothing but that is learnt.

    Args:
        task: The task.
        inputs: Dense or sparse.
        labels: None missing.
        strengths: Inverse factors of L2, the strongest first, so that each fit can begin at the one
            before.

    Yields:
        A strength; coefficients [outputs, inputs] and intercept [outputs], which make what
        `predict` takes.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    if task.kind == "regression":
        solver = "lsqr" if sparse.issparse(inputs) else "cholesky"
        for strength in strengths:
            model = Ridge(alpha=1 / strength, solver=solver).fit(inputs, labels)
            yield strength, model.coef_[None, :], np.array([model.intercept_])
        return
    occurring = np.unique(labels).astype(np.int64)
    if len(occurring) == 1:
        intercept = np.where(np.arange(task.num_classes) == occurring, -NEVER, NEVER)
        intercept = intercept if task.kind == "multiclass" else intercept[1:]
        yield strengths[0], np.zeros((len(intercept), inputs.shape[1])), intercept
        return
    model = LogisticRegression(warm_start=True, max_iter=300)
    for strength in strengths:
        with warnings.catch_warnings():  # without a penalty to speak of there is no end to it
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.set_params(C=strength).fit(inputs, labels.astype(np.int64))
        coefficients, intercept = model.coef_, model.intercept_
        if task.kind == "multiclass":
            coefficients, intercept = _of_every_class(task, model)
        yield strength, coefficients.copy(), intercept.copy()  # a warm start goes on in place


def _of_every_class(task: Task, model) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and intercept of all classes, also of those that training lacked."""
    coefficients = np.zeros((task.num_classes, model.coef_.shape[1]))
    intercept = np.full(task.num_classes, NEVER)
    two = len(model.classes_) == 2  # of which there is one row, the second's
    coefficients[model.classes_[two:]] = model.coef_
    intercept[model.classes_[two:]] = model.intercept_
    intercept[model.classes_[:two]] = 0.0
    return coefficients, intercept


def predict(task: Task, coefficients: np.ndarray, intercept: np.ndarray, inputs) -> np.ndarray:
    """Predictions [songs] or [songs, classes] as `metrics.scores` takes them."""
    (predictions,) = to_predictions([task], [inputs @ coefficients.T + intercept], [(0.0, 1.0)])
    return predictions


def score_of(task: Task, labels: np.ndarray, predictions: np.ndarray) -> float:
    """By the metric that decides; where labels leave it undefined, by the loss."""
    metric = METRICS[DEFAULT_METRIC[task.kind]]
    score = metric.sign * scores(task, labels, predictions)[metric.name]
    return score if np.isfinite(score) else -mean_loss(task, labels, predictions)
