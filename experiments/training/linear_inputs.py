"""What a linear model may read: words, their components, scores of auxiliary tasks."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy import sparse

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.training.linear_fits import fits, score_of
from representation_music.experiments.training.lyrics import Components, Words, components
from representation_music.experiments.training.scoring import to_predictions
from representation_music.experiments.training.training_songs import TrainingSongs
from representation_music.utils.results_format import LINEAR, LINEAR_MULTI_TASK
from representation_music.utils.tasks import Task

#: How counts are transformed, each scaled so that a song's sum of squares is 1 in the mean.
TRANSFORMS = ("raw", "log1p", "binary", "tfidf")
TRANSFORMS_OF_LYRICS = ("log1p", "tfidf")
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


def candidates(
    config: LinearConfig, dataset: SongDataset, songs: TrainingSongs, seen: np.ndarray
) -> Iterator[tuple[dict, Words, list[Inputs]]]:
    """Every choice of inputs that a recipe has, by its settings."""
    for transform in TRANSFORMS if config.recipe == LINEAR else TRANSFORMS_OF_LYRICS:
        chosen = {"input_transform": transform}
        counts = dataset.counts[songs.positions]
        words = Words.of(counts, transform)
        every, checked = words.read(counts), words.read(dataset.counts[seen])
        target = every[np.flatnonzero(songs.has_target)]
        axes = sparse.eye_array(counts.shape[1])
        bases = {"words": Inputs(target, checked, axes, np.zeros(counts.shape[1]))}
        if config.recipe != LINEAR:
            bases |= _lyrics(components(dataset, songs.positions, transform), target, checked)
        if config.recipe != LINEAR_MULTI_TASK:
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
    return Inputs(*(beside(part, axis) for part, axis in zip(parts, (1, 1, 0, 0), strict=True)))


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
        return score_of(task, labels[known], predictions)

    if not found:
        outputs = task.num_outputs
        nothing = np.zeros((len(labels), outputs))
        return nothing, np.zeros((outputs, words.shape[1])), np.zeros(outputs)
    best = max(found, key=score)
    rows = np.flatnonzero(known)
    ((_, coefficients, intercept),) = fits(task, words[rows], labels[rows], [best])
    return found[best], coefficients, intercept


def beside(parts: Sequence, axis: int = 1):
    """Several inputs as one array, sparse if one of them is."""
    if len(parts) == 1:
        return parts[0]
    if any(map(sparse.issparse, parts)):
        return sparse.hstack(parts, format="csr")
    return np.concatenate(parts, axis=axis)
