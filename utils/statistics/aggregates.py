"""One number for many tasks or many seeds: delta-m and what rliable recommends.

They describe; whether a difference is claimed is for `statistics.judge`.
"""

from collections.abc import Callable, Mapping

import numpy as np

from representation_music.utils.metrics import METRICS
from representation_music.utils.statistics.comparisons import LEVEL, Estimate, percentile_interval


def delta_m(
    multi_task: Mapping[str, np.ndarray | float],
    single_task: Mapping[str, np.ndarray | float],
    metrics: Mapping[str, str],
) -> np.ndarray | float:
    """Mean relative change over tasks against *trained* single tasks; positive is better.

    Maninis et al. 2019, equation 4, as a share. It divides by the single task's score, so take
    metrics that stay well away from 0 (AUC, RMSE; not R² or skill).

    Args:
        multi_task: By task: the multi-task net's score, or scores of any shape (seeds, resamples).
        single_task: By task: the same of the single-task nets.
        metrics: By task: the metric's name.

    Returns:
        The shape of the scores.
    """
    changes = [
        METRICS[metrics[task]].sign * (np.asarray(multi_task[task]) / np.asarray(single) - 1)
        for task, single in single_task.items()
    ]
    return np.mean(changes, axis=0)


def probability_of_improvement(arm: np.ndarray, rival: np.ndarray) -> float:
    """Chance that a run of the arm beats a run of the rival, ties half, mean over tasks.

    Agarwal et al. 2021 (rliable): the Mann-Whitney U of each task, over the number of pairs.

    Args:
        arm: `[seeds]` or `[seeds, tasks]`, larger is better.
        rival: The same; the number of seeds may differ.
    """
    differences = np.asarray(arm)[:, None] - np.asarray(rival)[None, :]
    return float(np.mean((np.sign(differences) + 1) / 2))


def interquartile_mean(values: np.ndarray) -> float:
    """Mean of the middle half of all runs (rliable): one outlying seed does not move it."""
    from scipy import stats

    return float(stats.trim_mean(values, 0.25, axis=None))


def seed_interval(
    statistic: Callable[..., float], *arms: np.ndarray, resamples: int = 2000, seed: int = 0
) -> Estimate:
    """`statistic(*arms)` with its percentile interval over seeds, drawn anew for each arm.

    For summaries of scores, without the test songs behind them. Over few seeds it is too narrow to
    decide anything by (see `benchmarks/verdict_error_rates.py`).

    Args:
        statistic: A function of the arms, such as `probability_of_improvement`.
        arms: `[seeds, ...]` each.
        resamples: Bootstrap resamples.
        seed: Of the draws.
    """
    random = np.random.default_rng(seed)
    arms = [np.asarray(arm) for arm in arms]
    drawn = [
        statistic(*(arm[random.integers(len(arm), size=len(arm))] for arm in arms))
        for _ in range(resamples)
    ]
    return Estimate(float(statistic(*arms)), *percentile_interval(np.array(drawn)))


def t_interval(values: np.ndarray) -> Estimate:
    """Mean over seeds with its t interval: where the mean of other seeds on these songs would lie.

    For error bars; it knows nothing of other songs, and arms are compared by `statistics.judge`.

    Args:
        values: `[seeds]`; the ends are NaN for a single one.
    """
    values = np.asarray(values, np.float64)
    mean = float(values.mean())
    if len(values) < 2:
        return Estimate(mean, float("nan"), float("nan"))
    from scipy import stats

    half = float(stats.t.isf(LEVEL / 2, len(values) - 1) * stats.sem(values))
    return Estimate(mean, mean - half, mean + half)
