"""From the test predictions of many runs to intervals, p-values and a verdict.

One rule gives them all: `estimate`. How often it covers and errs was measured:
`benchmarks/verdict_error_rates.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from representation_music.utils.metrics import METRICS, scores
from representation_music.utils.statistics.bootstrap import draw_groups, resampled_scores
from representation_music.utils.tasks import Task

Verdict = Literal["benefit", "harm", "too small to matter", "no material difference", "no evidence"]

#: Chance of a false claim that a study accepts; intervals nominally cover 1 - LEVEL.
LEVEL = 0.05
#: Differences within this are of no consequence, whatever task is predicted: a convention, named
#: before studies were run. Of AUC and balanced accuracy, where there is .5 to win over the constant
#: predictor, .02 is 4 % of that. Of error there is the share of the rarer class to win, of average
#: precision that of the negatives: of pop, which .705 of the songs carry, .02 is 7 % of either; of
#: the error of a tag that .08 carry it is a quarter, so rare tags are judged by AUC. R² and skill
#: run from 0 to 1, but as squares: from .10, where lyrics stand, to .12 a net goes as far as one
#: from an AUC of .68 to .70 (both are functions of the correlation of label and prediction, if that
#: is normal). As a share of what lyrics let a model win it is larger of R² than of AUC: a tenth of
#: the best R² found (.209, energy in tcc), a twentieth of what the best AUC has above .5 (.378, in
#: delicious; records of `benefit`). "No material difference" thus says less in R².
#: Differences in a unit (dB, years, nats) have no margin: only who knows the use can name it.
MARGINS = dict.fromkeys(
    ("auc", "balanced_accuracy", "average_precision", "error", "r2", "skill"), 0.02
)
#: With fewer seeds their spread is guesswork, so nothing is claimed. Five is better, ten good.
FEWEST_SEEDS = 3
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
class Estimate:
    """A mean over seeds, or worlds, and how sure of it one may be.

    Attributes:
        mean: The mean.
        error: Its standard error; NaN for a single seed.
        df: Degrees of freedom of the t distribution of mean / error.
        of_groups: The part of error² that more seeds leave as it is: the draw of the test groups.
        num_groups: How many of these there are.
    """

    mean: float
    error: float
    df: float
    of_groups: float = 0.0
    num_groups: int = 0

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """The interval that covers 1 - level."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.df, 1 - level / 2) * self.error) if self.error else self.error
        return self.mean - half, self.mean + half

    @property
    def low(self) -> float:
        """The low end of the interval that covers 1 - LEVEL."""
        return self.interval()[0]

    @property
    def high(self) -> float:
        """Its high end."""
        return self.interval()[1]

    @property
    def p_above(self) -> float:
        """One-sided p-value of its being above 0; 1 where it is undefined."""
        from scipy.special import stdtr

        if not self.error:
            return float(0.5 - np.sign(self.mean) / 2)
        p = float(stdtr(self.df, -self.mean / self.error))
        return 1.0 if np.isnan(p) else p

    @property
    def p(self) -> float:
        """Two-sided p-value of its being 0; 1 where it is undefined."""
        below = 1.0 if np.isnan(self.error + self.mean) else 1 - self.p_above
        return min(1.0, 2 * min(self.p_above, below))

    def to_json(self) -> list[float]:
        """Mean, low and high end."""
        return [self.mean, *self.interval()]


def estimate(
    values: np.ndarray,
    resampled: np.ndarray | None = None,
    num_groups: int = 0,
    overlap: float = 0.0,
) -> Estimate:
    """The mean over seeds, as sure as seeds and test groups let it be.

    Its variance is s² / n + V: s² that of the values between n seeds, V that of their mean as test
    groups are drawn anew. Degrees of freedom are Satterthwaite's (1946), of n - 1 and groups - 1.
    Other seeds on other songs would give another mean; a spread over seeds alone, or over songs
    alone, knows half of that.

    Folds have test songs of their own, as worlds do, but train on many of the same songs, and in
    another repeat are tested on the same. Their variance is s² (1 / n + test / training songs), on
    n - 1 degrees of freedom (Nadeau & Bengio 2003, equation 9): more repeats never pass for data.

    Args:
        values: `[seeds]`; of worlds or folds, one each.
        resampled: `[resamples]` the mean over seeds on the drawn groups, NaN where undefined; none
            for worlds and folds, whose spread holds that of songs already.
        num_groups: How many groups there are.
        overlap: Test songs over the others, of folds; 0 where runs share none.
    """
    values = np.asarray(values, np.float64)
    mean, number = float(values.mean()), len(values)
    of_seeds = float(values.var(ddof=1)) * (1 / number + overlap) if number > 1 else np.nan
    of_groups = 0.0
    if resampled is not None:
        defined = resampled[~np.isnan(resampled)]
        of_groups = float(defined.var(ddof=1)) if len(defined) > 1 else np.nan
    return _estimate(mean, of_seeds, number - 1, of_groups, num_groups)


def _estimate(
    mean: float, of_seeds: float, df_of_seeds: int, of_groups: float, num_groups: int
) -> Estimate:
    """An estimate from the two parts of its variance, with Satterthwaite's degrees of freedom."""
    variance = of_seeds + of_groups
    if not variance > 0:
        return Estimate(mean, variance, float(df_of_seeds))
    spread = of_seeds**2 / df_of_seeds + of_groups**2 / max(num_groups - 1, 1)
    return Estimate(mean, variance**0.5, variance**2 / spread, of_groups, num_groups)


@dataclass(frozen=True)
class Comparison:
    """An arm against a rival, paired by seed; a positive gain means the arm is better.

    Attributes:
        gain: Mean gain over seeds, in the metric's unit.
        seed_gains: `[seeds]`, or one per world.
    """

    gain: Estimate
    seed_gains: np.ndarray

    @property
    def p(self) -> float:
        """Two-sided p-value of the gain."""
        return self.gain.p

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
            self._resample(songs, predictions, resamples, np.random.default_rng(seed))

    def _resample(self, songs: TestSongs, predictions, resamples: int, random) -> None:
        codes, groups = np.unique(songs.artists, return_inverse=True)
        self.num_groups = len(codes)
        weights = draw_groups(self.num_groups, resamples, random)
        task, labels, constant, metric = songs.task, songs.labels, songs.constant, self.metric.name
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
        return self._estimate(self.scores[arm], drawn)

    def compare(self, arm: str, rival: str, seeds: int | None = None) -> Comparison:
        """The arm's gain over the rival, in the metric's better direction, at the first seeds."""
        return self._comparison({arm: 1, rival: -1}, seeds)

    def contrast(
        self,
        gain: tuple[str, str],
        other: tuple[str, str] | tuple[()],
        seeds: int | None = None,
    ) -> Comparison:
        """How much larger one arm's gain over its rival is than another's over its own.

        All four are paired by seed and by the drawn artists. Where the rivals are one arm it
        cancels out, and the two arms are compared.

        Args:
            gain: An arm and its rival.
            other: The arm and the rival whose gain is subtracted, if any.
            seeds: At the first so many; at all that they have in common if None.
        """
        signs: dict[str, int] = {}
        for arm, sign in zip((*gain, *other), (1, -1, -1, 1), strict=False):
            signs[arm] = signs.get(arm, 0) + sign
        return self._comparison({arm: sign for arm, sign in signs.items() if sign}, seeds)

    def _comparison(self, signs: Mapping[str, int], seeds: int | None = None) -> Comparison:
        """The sum of arms' scores, each times its sign, in the metric's better direction.

        At so many seeds, or at those that all arms have.
        """
        seeds = seeds or min(len(self.scores[arm]) for arm in signs)

        def total(values: Mapping[str, np.ndarray]) -> np.ndarray:
            return self.metric.sign * sum(sign * values[arm] for arm, sign in signs.items())

        seed_gains = total({arm: self.scores[arm][:seeds] for arm in signs})
        drawn = None
        if self.resampled:
            drawn = total({arm: self.resampled[arm][:seeds].mean(axis=0) for arm in signs})
        return Comparison(self._estimate(seed_gains, drawn), seed_gains)

    def _estimate(self, values: np.ndarray, resampled: np.ndarray | None) -> Estimate:
        return estimate(values, resampled, self.num_groups, self.overlap)


def foreseen(gain: Estimate, seeds: int, planned: int) -> list[Estimate]:
    """What a gain may come to at all planned seeds: low, as it is, high; of either least error.

    The mean over all seeds lies within t · s · sqrt(1 / seeds - 1 / planned) of that over the first
    ones in 1 - LEVEL of cases. The spread of seeds, s, stays as it is, and of the groups' variance
    all, or as much as if every net had luck of its own with them.
    """
    from scipy.special import stdtrit

    variance = max(gain.error**2 - gain.of_groups, 0.0) * seeds
    half = stdtrit(seeds - 1, 1 - LEVEL / 2) * (variance * (1 / seeds - 1 / planned)) ** 0.5
    return [
        _estimate(mean, variance / planned, planned - 1, share * gain.of_groups, gain.num_groups)
        for mean in (gain.mean - half, gain.mean, gain.mean + half)
        for share in (1.0, seeds / planned)
    ]


def is_settled(
    rivals: Mapping[str, Comparison], planned: int, cells: int = 1, margin: float = MARGINS["auc"]
) -> bool:
    """Whether more seeds would hardly change a cell's verdict, so that none are needed.

    The verdict is the same now and at all planned seeds, where the seeds to come bring the least
    gains, gains as before, and the most that `foreseen` has; and whichever p-values the study's
    other cells come to have: Holm's correction leaves a p-value as it is at least, and multiplies
    it by the number of cells at most. A claim has to hold at LEVEL times the square of the share of
    seeds that are done (a spending function of Kim & DeMets 1987), or looking after each seed would
    make false ones more frequent. Whether a difference that is surely within the margin is one at
    all does not count.

    Args:
        rivals: The cell's comparison with each rival, at its first seeds.
        planned: Seeds that it has unless it is stopped.
        cells: How many cells are judged together.
        margin: As `judge` takes it.
    """
    number = min(len(comparison.seed_gains) for comparison in rivals.values())
    if number < FEWEST_SEEDS or any(np.isnan(of.gain.low) for of in rivals.values()):
        return False
    futures = [foreseen(of.gain, number, planned) for of in rivals.values()]
    cases = [rivals] + [
        {
            name: replace(of, gain=gain)
            for (name, of), gain in zip(rivals.items(), gains, strict=True)
        }
        for gains in zip(*futures, strict=True)
    ]
    verdicts = (
        _judgement(case, min(1.0, times * _nearest_claim(case)[2]), margin).verdict
        for case in cases
        for times in (1, cells * (planned / number) ** 2)
    )
    small = ("too small to matter", "no material difference")
    now = next(verdicts)
    return all(verdict == now or {verdict, now} <= {*small} for verdict in verdicts)


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

    Attributes:
        verdict: The verdict.
        p_holm: Of the claim that lies nearest: harm where the arm scores below its first rival,
            benefit otherwise.
        hardest: The rival that is hardest to beat.
        reason: The `rule` that decided and its numbers, as JSON types:

            - `seeds`: there are too few (`seeds`, `least`);
            - `undefined`: the gain over `rival` is;
            - `every rival`: all are beaten, with `p` over `rival`, the hardest;
            - `first rival`: `rival` does better, with `p`; `unlike` and `alike` name the others
              that do so as well, and those that do not;
            - `too small`: there is a difference, with `p` over `rival`, but that over `small` lies
              within `margin`;
            - `margin`: every difference lies within it;
            - `interval`: that over `rival` includes 0, or lies below it (`side`), `despite` the one
              over another rival that excludes 0, where there is one;
            - `p`: all intervals lie on one side, but not after the correction: `p` over `rival`.
    """

    verdict: Verdict
    p_holm: float
    hardest: str
    reason: dict


def judge(
    cells: Mapping[str, Mapping[str, Comparison]], margin: float = MARGINS["auc"]
) -> dict[str, Judgement]:
    """Judges every cell of a study.

    A cell's comparisons hold the arm in question against each rival it has to beat: the single task
    first, as a rule, and then the control arms (auxiliary weights 0, permuted auxiliaries). In this
    order:

    1. "no evidence" with fewer than FEWEST_SEEDS seeds, or where a gain is not defined.
    2. "benefit" if *every* rival is beaten: the largest p-value over them stays within LEVEL after
       Holm's correction over the study's cells. As all tests must reject, it is a valid one
       (intersection-union, Berger 1982).
    3. "harm" likewise if the *first* rival does better than the arm. What the other rivals do says
       why: a control arm that falls short as well lays it to the stream of songs, not to labels.
    4. "too small to matter" instead of either, if the difference is surely within the margin: of a
       benefit that over some rival, of a harm that to the first.
    5. "no material difference" if the difference to every rival is surely within the margin, by two
       one-sided tests at LEVEL: the intervals that cover 1 - 2 LEVEL lie inside.
    6. "no evidence" otherwise; an arm that beats one rival and not the other is here too.

    Args:
        cells: By cell: the comparison with each rival, by its name.
        margin: In the metric's unit, named before the study is run; with 0 no difference is ever
            called immaterial.
    """
    adjusted = holm([_nearest_claim(rivals)[2] for rivals in cells.values()])
    return {
        cell: _judgement(rivals, float(p), margin)
        for (cell, rivals), p in zip(cells.items(), adjusted, strict=True)
    }


def _hardest(rivals: Mapping[str, Comparison]) -> str:
    return max(rivals, key=lambda name: rivals[name].gain.p_above)


def _nearest_claim(rivals: Mapping[str, Comparison]) -> tuple[int, str, float]:
    """Its side, the rival that decides, and its p-value, which is valid for either claim."""
    first, hardest = next(iter(rivals)), _hardest(rivals)
    if rivals[first].gain.mean < 0:
        return -1, first, rivals[first].p
    return 1, hardest, rivals[hardest].p if rivals[hardest].gain.mean > 0 else 1.0


def _judgement(rivals: Mapping[str, Comparison], p: float, margin: float) -> Judgement:
    hardest = _hardest(rivals)

    def judged(verdict: Verdict, rule: str, **numbers) -> Judgement:
        return Judgement(verdict, p, hardest, {"rule": rule, **numbers})

    seeds = min(len(comparison.seed_gains) for comparison in rivals.values())
    if seeds < FEWEST_SEEDS:
        return judged("no evidence", "seeds", seeds=seeds, least=FEWEST_SEEDS)
    for rival, comparison in rivals.items():
        if np.isnan(comparison.gain.low):
            return judged("no evidence", "undefined", rival=rival)
    side, rival, own_p = _nearest_claim(rivals)
    within = [name for name, comparison in rivals.items() if comparison.within(margin)]
    sides = {name: _side(comparison) for name, comparison in rivals.items()}
    if p <= LEVEL:
        small = within if side > 0 else [name for name in within if name == rival]
        if small:
            numbers = {"rival": rival, "p": p, "small": small[0], "margin": margin, "side": side}
            return judged("too small to matter", "too small", **numbers)
        if side > 0:
            return judged("benefit", "every rival", rival=rival, p=p)
        unlike = [name for name in rivals if name != rival and sides[name] < 0]
        alike = [name for name in rivals if name != rival and sides[name] >= 0]
        return judged("harm", "first rival", rival=rival, p=p, unlike=unlike, alike=alike)
    if len(within) == len(rivals):
        return judged("no material difference", "margin", margin=margin)
    if own_p <= LEVEL:
        return judged("no evidence", "p", rival=rival, p=p)
    despite = next((name for name, of in sides.items() if of and name != rival), None)
    return judged("no evidence", "interval", rival=rival, side=sides[rival], despite=despite)


def _side(comparison: Comparison) -> int:
    """The side of 0 that the interval lies on; 0 where it includes that."""
    low, high = comparison.gain.interval()
    return int(low > 0) - int(high < 0)
