"""From the test predictions of many runs to scores and gains with intervals."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from representation_music.utils.metrics import METRICS, scores
from representation_music.utils.statistics.bootstrap import draw_groups, resampled_scores
from representation_music.utils.statistics.estimates import LEVEL, Estimate, estimate
from representation_music.utils.tasks import Task

#: Differences within this are of no consequence: a convention, named before studies were run. Of
#: AUC and balanced accuracy, .02 is 4 % of what there is to win over the constant predictor; of
#: error and average precision it is more the rarer a class is (a quarter of the error of a tag that
#: .08 of the songs carry), so rare tags are judged by AUC. R² and skill are squares: from .10 to
#: .12 a net goes as far as from an AUC of .68 to .70 (both are functions of the correlation of
#: label and prediction, if that is normal). But .02 is a tenth of the best R² found (.209, energy
#: in tcc) and a twentieth of what the best AUC has above .5 (.378, in delicious), so that "no
#: material difference" says less in R². Differences in a unit (dB, years, nats) have no margin:
#: only who knows the use can name it.
MARGINS = dict.fromkeys(
    ("auc", "balanced_accuracy", "average_precision", "error", "r2", "skill"), 0.02
)
#: Draws of the test groups, whose variance is wanted: its square root is known to 2 %.
RESAMPLES = 1000


@dataclass(frozen=True)
class TestSongs:
    """What one task's predictions are judged on.

    Attributes:
        task: The task.
        labels: `[songs]`, NaN where missing.
        artists: `[songs]` artist code; a song whose artist is not known has a code of its own.
        constant: The constant predictor (`metrics.constant_prediction`), for skill.
    """

    __test__ = False  # not a test case, whatever pytest thinks of its name

    task: Task
    labels: np.ndarray
    artists: np.ndarray
    constant: np.ndarray | None = None


@dataclass(frozen=True)
class Comparison:
    """An arm against a rival, paired by seed; a positive gain means the arm is better.

    Attributes:
        gain: Mean gain over seeds, in the metric's unit.
        seed_gains: `[seeds]`, or one per world.
    """

    gain: Estimate
    seed_gains: np.ndarray

    def within(self, margin: float) -> bool:
        """Whether both one-sided tests reject, at LEVEL each, that it reaches the margin.

        So it is where the interval that covers 1 - 2 LEVEL lies inside (Schuirmann 1987).
        """
        low, high = self.gain.interval(2 * LEVEL)
        return -margin < low and high < margin


class Arms:
    """The arms of one cell of a study, scored on the same test songs and the same resamples.

    Arms share the draws of test artists, so differences are paired by seed and by those.

    Args:
        songs: The test songs; a sequence of those of each world or fold, where runs differ in that.
        predictions: By arm: `[seeds, songs]` (`[seeds, songs, classes]`); the same seeds in the
            same order, each trained on the same training songs in every arm. Of worlds and folds: a
            sequence of `[songs]`. Arms with fewer seeds have the first ones of the others', and
            those are what such arms are compared at.
        metric: A name of `metrics.METRICS`.
        resamples: Draws of the test artists.
        seed: Of the draws. The same test artists and seed give the same draws whatever the task,
            so tasks can be combined resample by resample.
        overlap: Of folds, as `estimate` takes it.
    """

    def __init__(
        self,
        songs: TestSongs | Sequence[TestSongs],
        predictions: Mapping[str, Sequence[np.ndarray]],
        metric: str,
        resamples: int = RESAMPLES,
        seed: int = 0,
        overlap: float = 0.0,
    ):
        self.metric = METRICS[metric]
        #: By arm: `[seeds]`, the metric on the test songs as they are.
        self.scores: dict[str, np.ndarray] = {}
        #: By arm: `[seeds, resamples]`, the same on the drawn artists; of worlds none.
        self.resampled: dict[str, np.ndarray] = {}
        self.num_groups, self.overlap = 0, overlap
        one_world = isinstance(songs, TestSongs)
        for arm, runs in predictions.items():
            of_runs = [songs] * len(runs) if one_world else songs
            self.scores[arm] = np.array(
                [
                    scores(of.task, of.labels, run, of.constant)[metric]
                    for of, run in zip(of_runs, runs, strict=True)
                ]
            )
        if one_world:
            codes, groups = np.unique(songs.artists, return_inverse=True)
            self.num_groups = len(codes)
            weights = draw_groups(len(codes), resamples, np.random.default_rng(seed))
            task, labels, constant = songs.task, songs.labels, songs.constant
            for arm, runs in predictions.items():
                self.resampled[arm] = np.stack(
                    [
                        resampled_scores(task, metric, labels, run, groups, weights, constant)
                        for run in runs
                    ]
                )

    def score(self, arm: str) -> Estimate:
        """The arm's mean score over seeds."""
        drawn = self.resampled[arm].mean(axis=0) if self.resampled else None
        return estimate(self.scores[arm], drawn, self.num_groups, self.overlap)

    def compare(self, arm: str, rival: str, seeds: int | None = None) -> Comparison:
        """The arm's gain over the rival, in the metric's better direction; see `contrast`."""
        return self.contrast((arm, rival), (), seeds)

    def contrast(
        self, gain: tuple[str, str], other: tuple[str, str] | tuple[()], seeds: int | None = None
    ) -> Comparison:
        """How much larger one arm's gain over its rival is than another's over its own.

        All four are paired by seed and by the drawn artists. Where the rivals are one arm it
        cancels out, and the two arms are compared.

        Args:
            gain: An arm and its rival.
            other: The arm and the rival whose gain is subtracted, if any.
            seeds: At the first so many; at all that they have in common if None.
        """
        signs: Counter[str] = Counter()
        for arm, sign in zip((*gain, *other), (1, -1, -1, 1), strict=False):
            signs[arm] += sign
        # Of the same runs against themselves nothing is left, which is a gain of 0.
        left = {arm: sign for arm, sign in signs.items() if sign} or signs
        seeds = seeds or min(len(self.scores[arm]) for arm in left)

        def total(values: Mapping[str, np.ndarray]) -> np.ndarray:
            return self.metric.sign * sum(sign * values[arm] for arm, sign in left.items())

        seed_gains = total({arm: self.scores[arm][:seeds] for arm in left})
        drawn = None
        if self.resampled:
            drawn = total({arm: self.resampled[arm][:seeds].mean(axis=0) for arm in left})
        return Comparison(estimate(seed_gains, drawn, self.num_groups, self.overlap), seed_gains)
