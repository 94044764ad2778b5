"""Rank correlation over few points, with its interval."""

import numpy as np

from representation_music.utils.statistics.estimates import LEVEL


def rank_correlation(x: np.ndarray, y: np.ndarray) -> dict:
    """Spearman's and Kendall's correlation (tau-b) of `x` and `y` `[points]`.

    Returns:
        `cells`, the number of points; `spearman`, its value and interval (see
        `with_interval`); `kendall` and its two-sided p-value `p`, exact for few points without ties
        (scipy). NaN where `x` or `y` does not vary.
    """
    from scipy import stats

    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    value = kendall = p = float("nan")
    if np.ptp(x) and np.ptp(y):
        value = float(stats.spearmanr(x, y).statistic)
        kendall, p = map(float, stats.kendalltau(x, y))
    return {"cells": len(x), "spearman": with_interval(value, len(x)), "kendall": kendall, "p": p}


def with_interval(value: float, points: int, parts: int = 1) -> list[float]:
    """Spearman's correlation and its interval `[value, low, high]`.

    By Fisher's transform with the variance (1 + r²/2) / (n - 3) of Bonett & Wright (2000); where
    ranks were taken within parts and pooled, each part beyond the first costs a point more, for the
    mean rank of each is known. Of simulated normal pairs (1 to 4 parts of 13 to 16, correlations of
    0 to .7) 95 % intervals covered .937 to .967. NaN, as there is no width to give, below four such
    points or in a perfect order.
    """
    from scipy import stats

    free = points - parts - 2
    if free < 1 or not abs(value) < 1 - 1e-9:
        return [value, float("nan"), float("nan")]
    half = stats.norm.isf(LEVEL / 2) * np.sqrt((1 + value**2 / 2) / free)
    return [value, *np.tanh([np.arctanh(value) - half, np.arctanh(value) + half]).tolist()]
