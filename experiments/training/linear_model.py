"""Linear models: what regularised linear regression makes of the songs that a network trains on.

A study whose nets lose to them has not shown that deep nets learn. They are runs of the grid like
any other: fitted on training songs, chosen on validation songs by the metric that decides verdicts,
and evaluated by `repmusic evaluate`.
"""

import os
import time
import warnings
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.whitening import transform_counts
from representation_music.experiments.runs.folder import claim, run_folder, working_on
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.training.lyrics import Components, Words, components
from representation_music.experiments.training.scoring import (
    constants,
    score_tasks,
    to_predictions,
    verdict_on_constant,
)
from representation_music.experiments.training.training_songs import (
    TrainingSongs,
    drawn_for_validation,
    select_training_songs,
    validation_labels,
)
from representation_music.utils.checkpoint import save_checkpoint
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS, mean_loss, scores
from representation_music.utils.tasks import Task

#: Chosen on the validation split. How counts are transformed, each scaled so that a song's sum of
#: squares is 1 in the mean; and the strength of L2, the strongest first, so that each fit can
#: begin at the one before. Both losses are summed over songs.
TRANSFORMS = ("raw", "log1p", "binary", "tfidf")
TRANSFORMS_OF_LYRICS = ("log1p", "tfidf")
INVERSE_L2 = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
#: Numbers of components that `lyrics only` may read in place of the words.
COMPONENTS = (10, 30, 100)
#: Bases that `linear multi-task` puts its scores beside; and none.
BASES = ("words", "30 components", "100 components")
#: Standard deviation that an auxiliary task's score is given beside other inputs.
SCORE_WEIGHTS = (0.3, 1.0, 3.0)
#: Parts of the songs of which each gets its auxiliary scores from a model of the others.
FOLDS = 5
#: Strengths of L2 of the auxiliary tasks, which out-of-fold scores choose among.
AUX = (0.3, 1.0, 3.0, 10.0)
#: The logit of a class that no training song has.
NEVER = -30.0


class Inputs(NamedTuple):
    """What a model reads beside or instead of words: linear functions of them.

    Attributes:
        training: [songs with the target's label, inputs].
        checked: [validation songs, inputs].
        axes: [inputs, words]: inputs are words times these, less `mean`.
        mean: [inputs].
    """

    training: np.ndarray | sparse.csr_array
    checked: np.ndarray | sparse.csr_array
    axes: np.ndarray | sparse.csr_array
    mean: np.ndarray

    def times(self, factor) -> "Inputs":
        """All of them multiplied by one number, or by one each; not the words themselves."""
        axes = self.axes * np.reshape(factor, (-1, 1))
        return Inputs(self.training * factor, self.checked * factor, axes, self.mean * factor)


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
        validation = labelled(dataset, config, "validation")
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
        InputError: if the dataset has other words than the model was fitted on.
    """
    if arrays[0].shape[-1] != len(dataset.words):
        found, expected = f"{len(dataset.words)} words", f"the {arrays[0].shape[-1]} of the model"
        raise InputError(dataset.path, found, expected, "Evaluate it on the songs file it is of.")
    positions = labelled(dataset, config, part)
    scored, predictions = _scored(config, dataset, arrays, state, positions)
    return scored, positions, predictions


def labelled(dataset: SongDataset, config: LinearConfig, part: str) -> np.ndarray:
    """Positions of a part's songs that carry the target's label."""
    positions = dataset.split(config.split)[part]
    return positions[np.isfinite(dataset.labels(config.target)[positions])]


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


# ---------------------------------------------------------------------- the fits to choose among


def _best_fit(
    config: LinearConfig, dataset: SongDataset, songs: TrainingSongs, seen: np.ndarray
) -> tuple[dict, list[np.ndarray]]:
    """What was chosen on the validation songs `seen`, and what a checkpoint holds of the model:
    coefficients [outputs, words] and intercept [outputs] of transformed counts, and their idf.
    """
    task = dataset.task(config.target)
    labels, of_target = dataset.labels(task.name)[seen], songs.labels[songs.has_target, 0]
    best_score, best = -np.inf, None
    for chosen, words, parts in _candidates(config, dataset, songs, seen):
        training, checked = (_beside([part[n] for part in parts]) for n in (0, 1))
        for strength, coefficients, intercept in fits(task, training, of_target):
            score = _score(task, labels, predict(task, coefficients, intercept, checked))
            if score > best_score:
                best_score = score
                best = ({**chosen, "inverse_l2": strength}, words, parts, coefficients, intercept)
    chosen, words, parts, coefficients, intercept = best
    arrays = [*_of_words(coefficients, intercept, parts, words.scale)]
    return chosen, arrays if words.idf is None else [*arrays, words.idf]


def _score(task: Task, labels: np.ndarray, predictions: np.ndarray) -> float:
    """By the metric that decides; where labels leave it undefined, by the loss."""
    metric = METRICS[DEFAULT_METRIC[task.kind]]
    score = metric.sign * scores(task, labels, predictions)[metric.name]
    return score if np.isfinite(score) else -mean_loss(task, labels, predictions)


def _candidates(
    config: LinearConfig, dataset: SongDataset, songs: TrainingSongs, seen: np.ndarray
) -> Iterator[tuple[dict, Words, list[Inputs]]]:
    """Every choice of inputs that a recipe has, by its settings."""
    for transform in TRANSFORMS if config.recipe == "linear model" else TRANSFORMS_OF_LYRICS:
        chosen = {"input_transform": transform}
        counts = dataset.counts[songs.positions]
        words = Words.of(counts, transform)
        every, checked = words.read(counts), words.read(dataset.counts[seen])
        target = every[np.flatnonzero(songs.has_target)]
        axes = sparse.eye_array(counts.shape[1])
        bases = {"words": Inputs(target, checked, axes, np.zeros(counts.shape[1]))}
        if config.recipe != "linear model":
            bases |= _lyrics(components(dataset, songs.positions, transform), target, checked)
        if config.recipe != "linear multi-task":
            for name, inputs in bases.items():
                yield chosen | {"inputs": name}, words, [inputs]
            continue
        auxiliary = _auxiliary_scores(config, dataset, songs, every, checked)
        yield chosen | {"inputs": "scores"}, words, [auxiliary]
        for name, weight in product(BASES, SCORE_WEIGHTS):
            of_this = chosen | {"inputs": name, "score_weight": weight}
            yield of_this, words, [bases[name], auxiliary.times(weight)]


def _lyrics(found: Components, target, checked) -> dict[str, Inputs]:
    """Scores on the leading components, as they are or each with the same variance."""
    result = {}
    for size in COMPONENTS:
        axes, mean, variance = found.axes[:size], found.mean[:size], found.variance[:size]
        inputs = Inputs(target @ axes.T - mean, checked @ axes.T - mean, axes, mean)
        result[f"{size} components"] = inputs.times(variance.sum() ** -0.5)
        result[f"{size} whitened components"] = inputs.times((variance * len(axes)) ** -0.5)
    return result


def _auxiliary_scores(
    config: LinearConfig, dataset: SongDataset, songs: TrainingSongs, every, checked
) -> Inputs:
    """The auxiliary tasks' linear scores, each with the variance 1.

    Songs with the target's label get theirs out of fold, from models of other artists' songs:
    their own labels would make these scores better than those of songs to come.
    """
    groups = dataset.group_codes()[songs.positions]
    _, codes = np.unique(groups, return_inverse=True)
    fold = np.random.default_rng([config.seed, 6]).permutation(codes.max() + 1)[codes] % FOLDS
    found = []
    for number, name in enumerate(config.tasks[1:], 1):
        task, labels = dataset.task(name), songs.labels[:, number]
        out_of_fold, coefficients, intercept = _out_of_fold(task, every, labels, fold)
        of_validation = checked @ coefficients.T + intercept
        inputs = Inputs(out_of_fold[songs.has_target], of_validation, coefficients, -intercept)
        spread = out_of_fold.std(axis=0)
        found.append(inputs.times(1 / np.where(spread > 0, spread, 1)))
    parts = zip(*found, strict=True)
    return Inputs(*(_beside(part, axis) for part, axis in zip(parts, (1, 1, 0, 0), strict=True)))


def _can_be_fitted(task: Task, labels: np.ndarray) -> bool:
    """Whether there are labels, and of a classification those of every class."""
    classes = {"binary": 2, "multiclass": task.num_outputs}.get(task.kind, 1)
    return len(np.unique(labels)) >= classes


def _out_of_fold(task: Task, words, labels: np.ndarray, fold: np.ndarray) -> tuple:
    """Every song's scores [songs, outputs] by the model of the other folds, and the whole model.

    The strength of L2 is the one that predicts the labels of other folds best.
    """
    known = np.isfinite(labels)
    found: dict[float, np.ndarray] = {}
    for part in range(FOLDS):
        training, others = np.flatnonzero(known & (fold != part)), np.flatnonzero(fold == part)
        if not _can_be_fitted(task, labels[training]):
            continue  # these songs' scores stay 0
        for strength, coefficients, intercept in fits(task, words[training], labels[training], AUX):
            outputs = found.setdefault(strength, np.zeros((len(labels), len(intercept))))
            outputs[others] = words[others] @ coefficients.T + intercept

    def score(strength: float) -> float:
        (predictions,) = to_predictions([task], [found[strength][known]], [(0.0, 1.0)])
        return _score(task, labels[known], predictions)

    if not found:
        outputs = 1 if task.kind != "multiclass" else task.num_outputs
        nothing = np.zeros((len(labels), outputs))
        return nothing, np.zeros((outputs, words.shape[1])), np.zeros(outputs)
    best = max(found, key=score)
    rows = np.flatnonzero(known)
    ((_, coefficients, intercept),) = fits(task, words[rows], labels[rows], [best])
    return found[best], coefficients, intercept


# ---------------------------------------------------------------------- one fit


def fits(
    task: Task, inputs, labels: np.ndarray, strengths: Sequence[float] = ()
) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """Ridge or logistic regression of `labels` [songs] on `inputs` [songs, inputs].

    Yields:
        The inverse of the factor of L2, the strongest first; coefficients [outputs, inputs] and
        intercept [outputs], which make what `predict` takes.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    strengths = strengths or INVERSE_L2
    if task.kind == "regression":
        solver = "lsqr" if sparse.issparse(inputs) else "cholesky"
        for strength in strengths:
            model = Ridge(alpha=1 / strength, solver=solver).fit(inputs, labels)
            yield strength, model.coef_[None, :], np.array([model.intercept_])
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


def _of_words(coefficients, intercept, parts: Sequence[Inputs], scale: float) -> tuple:
    """The same model with coefficients of transformed counts."""
    ends = np.cumsum([part.axes.shape[0] for part in parts])
    own = np.split(coefficients, ends[:-1], axis=1)
    of_words = sum(of_part @ part.axes for of_part, part in zip(own, parts, strict=True))
    offset = sum(of_part @ part.mean for of_part, part in zip(own, parts, strict=True))
    return of_words * scale, intercept - offset


def _beside(parts: Sequence, axis: int = 1):
    """Several inputs as one array, sparse if one of them is."""
    if len(parts) == 1:
        return parts[0]
    if any(map(sparse.issparse, parts)):
        return sparse.hstack(parts, format="csr")
    return np.concatenate(parts, axis=axis)
