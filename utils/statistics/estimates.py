"""A mean over seeds with its interval and p-values, all by one rule: `estimate`.

How often it covers and errs was measured: `benchmarks/verdict_error_rates.py`.
"""

from dataclasses import dataclass

import numpy as np
import scipy

#: Chance of a false claim that a study accepts; intervals nominally cover 1 - LEVEL.
LEVEL = 0.05


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
        half = float(scipy.special.stdtrit(self.df, 1 - level / 2) * self.error)
        return self.mean - half, self.mean + half

    @property
    def defined(self) -> bool:
        """Whether there is an interval."""
        return not np.isnan(self.mean + self.error)

    @property
    def side(self) -> int:
        """The side of 0 that the interval lies on: 1 or -1; 0 where it includes 0."""
        low, high = self.interval()
        return int(low > 0) - int(high < 0)

    @property
    def p_above(self) -> float:
        """One-sided p-value of its being above 0; 1 where it is undefined."""
        if not self.error:
            return float(0.5 - np.sign(self.mean) / 2)
        p = float(scipy.special.stdtr(self.df, -self.mean / self.error))
        return 1.0 if np.isnan(p) else p

    @property
    def p(self) -> float:
        """Two-sided p-value of its being 0; 1 where it is undefined."""
        below = 1 - self.p_above if self.defined else 1.0
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
    return _of_variances(mean, of_seeds, number - 1, of_groups, num_groups)


def _of_variances(
    mean: float, of_seeds: float, df_of_seeds: int, of_groups: float, num_groups: int
) -> Estimate:
    variance = of_seeds + of_groups
    if not variance > 0:
        return Estimate(mean, variance, float(df_of_seeds))
    spread = of_seeds**2 / df_of_seeds + of_groups**2 / max(num_groups - 1, 1)
    return Estimate(mean, variance**0.5, variance**2 / spread, of_groups, num_groups)


def foreseen(gain: Estimate, seeds: int, planned: int) -> list[Estimate]:
    """What a gain may come to at all planned seeds: low, as it is, high; of either least error.

    The mean over all seeds lies within t · s · sqrt(1 / seeds - 1 / planned) of that over the first
    ones in 1 - LEVEL of cases. The spread of seeds, s, stays as it is, and of the groups' variance
    all, or as much as if every net had luck of its own with them.
    """
    variance = max(gain.error**2 - gain.of_groups, 0.0) * seeds
    t = scipy.special.stdtrit(seeds - 1, 1 - LEVEL / 2)
    half = t * (variance * (1 / seeds - 1 / planned)) ** 0.5
    return [
        _of_variances(
            mean, variance / planned, planned - 1, share * gain.of_groups, gain.num_groups
        )
        for mean in (gain.mean - half, gain.mean, gain.mean + half)
        for share in (1.0, seeds / planned)
    ]
