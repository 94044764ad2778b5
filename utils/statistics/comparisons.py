"""From the test predictions of many runs to intervals, p-values and a verdict.

Which procedure keeps its error rate was measured: `benchmarks/verdict_error_rates.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from representation_music.utils.metrics import METRICS, scores
from representation_music.utils.statistics.bootstrap import draw_groups, resampled_scores
from representation_music.utils.tasks import Task

Verdict = Literal["benefit", "no evidence", "no material difference", "harm"]

#: Chance of a false claim that a study accepts; intervals cover 1 - LEVEL.
LEVEL = 0.05
#: Differences within this are of no consequence, of metrics that run from 0 or less to 1.
MARGIN = 0.02
_WITHIN_1 = ("error", "balanced_accuracy", "auc", "average_precision", "r2", "skill")
#: With fewer seeds their spread is guesswork, so nothing is claimed. Five is better, ten good.
FEWEST_SEEDS = 3


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
class Estimate:
    """A mean over seeds with its nested bootstrap interval, which covers 1 - LEVEL."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """An arm against a rival, paired by seed; a positive gain means the arm is better.

    Attributes:
        gain: Mean gain over seeds and its interval, in the metric's unit.
        seed_gains: `[seeds]`.
        p_bootstrap: Two-sided p-value of the nested bootstrap.
        p_paired_t: Two-sided p-value of the paired t test over seeds.
    """

    gain: Estimate
    seed_gains: np.ndarray
    p_bootstrap: float
    p_paired_t: float

    @property
    def p(self) -> float:
        """The larger p-value, as both tests must agree; 1 where one is undefined."""
        p = max(self.p_bootstrap, self.p_paired_t)
        return 1.0 if np.isnan(p) else p


class Arms:
    """The arms of one cell of a study, scored on the same test songs and the same resamples.

    The bootstrap is nested: each resample draws seeds with replacement, then test artists with
    replacement. Seeds are tested on the same songs, so a resample's artists are drawn once for all
    its seeds; drawn anew for each, luck with the test songs would seem to average out over seeds.
    Arms share the draws of seeds and artists, so differences are paired by both.

    Args:
        songs: The test songs.
        predictions: By arm: `[seeds, songs]` (`[seeds, songs, classes]`); the same seeds in the
            same order, each trained on the same training songs in every arm.
        metric: A name of `metrics.METRICS`.
        resamples: Bootstrap resamples. With 2,000 the smallest p-value is .001.
        seed: Of the draws. The same test artists and seed give the same draws whatever the task,
            so tasks can be combined resample by resample.

    Raises:
        ValueError: if the arms do not have the same number of seeds.
    """

    def __init__(
        self,
        songs: TestSongs,
        predictions: Mapping[str, np.ndarray],
        metric: str,
        resamples: int = 2000,
        seed: int = 0,
    ):
        counts = {len(runs) for runs in predictions.values()}
        if len(counts) != 1:
            raise ValueError(f"arms must have the same seeds, not {sorted(counts)} of them")
        (self.num_seeds,) = counts
        self.metric = METRICS[metric]
        random = np.random.default_rng(seed)
        codes, groups = np.unique(songs.artists, return_inverse=True)
        weights = draw_groups(len(codes), resamples, random)
        even = np.full(self.num_seeds, 1 / self.num_seeds)
        #: `[seeds, resamples]`, the share that each seed has in each resample.
        self.seed_shares = random.multinomial(self.num_seeds, even, resamples).T / self.num_seeds
        #: By arm: `[seeds]`, the metric on the test songs as they are.
        self.scores: dict[str, np.ndarray] = {}
        #: By arm: `[seeds, resamples]`, the metric on the drawn artists.
        self.resampled: dict[str, np.ndarray] = {}
        task, labels, constant = songs.task, songs.labels, songs.constant
        for arm, runs in predictions.items():
            self.scores[arm] = np.array(
                [scores(task, labels, run, constant)[metric] for run in runs]
            )
            self.resampled[arm] = np.stack(
                [
                    resampled_scores(task, metric, labels, run, groups, weights, constant)
                    for run in runs
                ]
            )

    def resampled_means(self, arm: str) -> np.ndarray:
        """Mean score over the drawn seeds, on the drawn artists: `[resamples]`."""
        return (self.resampled[arm] * self.seed_shares).sum(axis=0)

    def score(self, arm: str) -> Estimate:
        """The arm's mean score over seeds, with its interval."""
        return _estimate(self.scores[arm].mean(), self.resampled_means(arm))

    def compare(self, arm: str, rival: str) -> Comparison:
        """The arm's gain over the rival, in the metric's better direction."""
        return self._comparison({arm: 1, rival: -1})

    def contrast(self, gain: tuple[str, str], other: tuple[str, str]) -> Comparison:
        """How much larger one arm's gain over its rival is than another's over its own.

        All four are paired by seed and by the drawn artists. Where the rivals are one arm it
        cancels out, and the two arms are compared.

        Args:
            gain: An arm and its rival.
            other: The arm and the rival whose gain is subtracted.
        """
        signs: dict[str, int] = {}
        for arm, sign in zip((*gain, *other), (1, -1, -1, 1), strict=True):
            signs[arm] = signs.get(arm, 0) + sign
        return self._comparison({arm: sign for arm, sign in signs.items() if sign})

    def _comparison(self, signs: Mapping[str, int]) -> Comparison:
        """The sum of arms' scores, each times its sign, in the metric's better direction."""

        def total(score_of: Callable[[str], np.ndarray]) -> np.ndarray:
            return self.metric.sign * sum(sign * score_of(arm) for arm, sign in signs.items())

        seed_gains, gains = total(self.scores.__getitem__), total(self.resampled_means)
        return Comparison(
            gain=_estimate(seed_gains.mean(), gains),
            seed_gains=seed_gains,
            p_bootstrap=bootstrap_p(gains),
            p_paired_t=paired_t_p(seed_gains),
        )


def margin_of(metric: str) -> float | None:
    """The margin of "no material difference" in a metric; None where none is named (dB, nats)."""
    return MARGIN if metric in _WITHIN_1 else None


def _estimate(mean: float, resampled: np.ndarray) -> Estimate:
    return Estimate(float(mean), *percentile_interval(resampled))


def percentile_interval(resampled: np.ndarray) -> tuple[float, float]:
    """The middle 1 - LEVEL of the defined resamples; NaN if none is defined."""
    defined = resampled[~np.isnan(resampled)]
    if not defined.size:
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [LEVEL / 2, 1 - LEVEL / 2])
    return float(low), float(high)


def bootstrap_p(gains: np.ndarray) -> float:
    """Two-sided p-value: twice the share of resampled gains on the rarer side of 0.

    The observed sample counts as one resample, so that p is never 0 (Davison & Hinkley 1997, 4.2).
    """
    gains = gains[~np.isnan(gains)]
    rarer = min((gains <= 0).sum(), (gains >= 0).sum())
    return float(min(1, 2 * (rarer + 1) / (gains.size + 1)))


def paired_t_p(seed_gains: np.ndarray) -> float:
    """Two-sided p-value of the t test that the mean gain over seeds is 0; NaN for one seed."""
    from scipy import stats

    if len(seed_gains) < 2 or np.isnan(seed_gains).any():
        return float("nan")
    if np.ptp(seed_gains) == 0:  # t is infinite, or 0/0 for arms that predict the same
        return 0.0 if seed_gains[0] else 1.0
    return float(stats.ttest_1samp(seed_gains, 0).pvalue)


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Adjusts p-values for having looked at all of them (Holm 1979), in the order given."""
    p_values = np.asarray(p_values, np.float64)
    order = np.argsort(p_values)
    remaining = len(p_values) - np.arange(len(p_values))
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p_values[order] * remaining))
    return adjusted


@dataclass(frozen=True)
class Judgement:
    """A cell's verdict, its p-value after Holm's correction over the study, and its reason.

    The reason names the `rule` that decided and its numbers, as JSON types:

    - `seeds`: there are too few (`seeds`, `least`);
    - `undefined`: the gain over `rival` is;
    - `margin`: every interval lies within it;
    - `every rival`: all intervals lie on one side, and the largest p-value (`p`, over `rival`)
      is within LEVEL;
    - `interval`: that over `rival` includes 0, or lies on the other side (`side`) than the one
      over `despite`, where there is one that excludes 0;
    - `p`: all intervals lie on one side, but the `test` over `rival` gives a `p` above LEVEL.
    """

    verdict: Verdict
    p_holm: float
    reason: dict


def judge(
    cells: Mapping[str, Mapping[str, Comparison]], margin: float = MARGIN
) -> dict[str, Judgement]:
    """Judges every cell of a study.

    A cell's comparisons hold the arm in question against each rival it has to beat: as a rule the
    single task and the control arms (auxiliary weights 0, permuted auxiliaries). In this order:

    1. "no evidence" with fewer than FEWEST_SEEDS seeds, or where a gain is not defined.
    2. "no material difference" if the interval of every comparison lies within the margin, which
       is named before the study is run: even a difference that is surely there is then too small.
    3. "benefit" if against *every* rival the interval lies above 0, and the cell's p-value, the
       largest of both tests (nested bootstrap, paired t) over all rivals, stays within LEVEL
       after Holm's correction over the study's cells.
    4. "harm" likewise if every interval lies below 0.
    5. "no evidence" otherwise; an arm that beats one rival and not the other is here too.

    As all tests must reject, the largest p-value is a valid one (intersection-union, Berger 1982).

    Error rates with 5 and 10 seeds, by `benchmarks/verdict_error_rates.py --seeds 5 10` (300
    simulated studies of one cell each, 1,000 test songs of 300 artists), against the single task
    and a control arm: a difference is claimed in .003 and .003 of cells without one, in .007 and
    .000 where arms are lucky with artists, in .020 and .003 where the stream helps and sharing does
    not; a gain of .05 AUC, which spreads by .021 over seeds and as much over songs, is found in .67
    and .99. Against the single task alone these are .023 and .030, .020 and .063, and, where only
    the stream helps, .77 and .99: without a control arm nothing tells that from sharing. The paired
    t over seeds alone claims .16 and .32 where arms are lucky with artists, a bootstrap of test
    songs alone .36 and .38.

    Args:
        cells: By cell: the comparison with each rival, by its name.
        margin: In the metric's unit; with 0 no difference is ever called immaterial.
    """
    p_values = [max(comparison.p for comparison in rivals.values()) for rivals in cells.values()]
    adjusted = holm(p_values)
    return {
        cell: _judgement(rivals, float(p), margin)
        for (cell, rivals), p in zip(cells.items(), adjusted, strict=True)
    }


def _judgement(rivals: Mapping[str, Comparison], p: float, margin: float) -> Judgement:
    def judged(verdict: Verdict, rule: str, **numbers) -> Judgement:
        return Judgement(verdict, p, {"rule": rule, **numbers})

    seeds = min(len(comparison.seed_gains) for comparison in rivals.values())
    if seeds < FEWEST_SEEDS:
        return judged("no evidence", "seeds", seeds=seeds, least=FEWEST_SEEDS)
    gains = {rival: comparison.gain for rival, comparison in rivals.items()}
    for rival, gain in gains.items():
        if np.isnan(gain.low):
            return judged("no evidence", "undefined", rival=rival)
    if all(gain.low > -margin and gain.high < margin for gain in gains.values()):
        return judged("no material difference", "margin", margin=margin)
    sides = {rival: int(gain.low > 0) - int(gain.high < 0) for rival, gain in gains.items()}
    despite = next((rival for rival, side in sides.items() if side), None)
    for rival, side in sides.items():
        if despite is None or side != sides[despite]:
            return judged("no evidence", "interval", rival=rival, side=side, despite=despite)
    rival = max(rivals, key=lambda name: rivals[name].p)
    if p > LEVEL:
        t_is_larger = not rivals[rival].p_paired_t <= rivals[rival].p_bootstrap
        test = "paired t" if t_is_larger else "bootstrap"
        return judged("no evidence", "p", rival=rival, test=test, p=p)
    return judged("benefit" if sides[rival] > 0 else "harm", "every rival", rival=rival, p=p)
