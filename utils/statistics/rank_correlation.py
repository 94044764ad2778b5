"""Rank correlation over few points, with its interval."""

import numpy as np

from representation_music.utils.statistics.estimates import LEVEL


def rank_correlation(x: np.ndarray, y: np.ndarray) -> dict:
    """Spearman's and Kendall's correlation (tau-b) of `x` and `y` `[points]`.

    Returns:
        `cells`, the number of points; `spearman`, its value and interval `[value, low, high]` by
        Fisher's transform with the variance (1 + r²/2) / (n - 3) of Bonett & Wright (2000), which
        has no width to give (NaN) below four points or in a perfect order; `kendall` and its
        two-sided p-value `p`, exact for few points without ties (scipy). NaN where `x` or `y` does
        not vary.
    """
    from scipy import stats

    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    value = low = high = kendall = p = float("nan")
    if np.ptp(x) and np.ptp(y):
        value = float(stats.spearmanr(x, y).statistic)
        kendall, p = map(float, stats.kendalltau(x, y))
    if len(x) > 3 and abs(value) < 1 - 1e-9:
        half = stats.norm.isf(LEVEL / 2) * np.sqrt((1 + value**2 / 2) / (len(x) - 3))
        low, high = np.tanh([np.arctanh(value) - half, np.arctanh(value) + half]).tolist()
    return {"cells": len(x), "spearman": [value, low, high], "kendall": kendall, "p": p}
