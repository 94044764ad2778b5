import numpy as np
import pytest
from scipy import stats

from representation_music.utils.statistics.rank_correlation import rank_correlation


def test_values_are_scipys_and_the_interval_is_bonett_and_wrights():
    random = np.random.default_rng(2)
    x = random.normal(size=12)
    y = x + random.normal(size=12)
    ours = rank_correlation(x, y)
    rho = stats.spearmanr(x, y).statistic
    assert ours["spearman"][0] == pytest.approx(rho)
    assert (ours["kendall"], ours["p"]) == pytest.approx(tuple(stats.kendalltau(x, y)))
    half = 1.959964 * np.sqrt((1 + rho**2 / 2) / 9)
    z = 0.5 * np.log((1 + rho) / (1 - rho))
    ends = [(np.exp(2 * e) - 1) / (np.exp(2 * e) + 1) for e in (z - half, z + half)]
    assert ours["spearman"][1:] == pytest.approx(ends, abs=1e-6)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    truth = 6 / np.pi * np.arcsin(0.6 / 2)  # Spearman's of a normal pair with Pearson's .6
    hits = []
    for _ in range(400):
        x, y = random.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 15).T
        _, low, high = rank_correlation(x, y)["spearman"]
        hits.append(low <= truth <= high)
    assert 0.92 <= np.mean(hits) <= 0.99


def test_a_perfect_order_and_a_constant_have_no_interval():
    perfect = rank_correlation(np.arange(6), np.arange(6) ** 3)
    assert perfect["spearman"][0] == pytest.approx(1) and np.isnan(perfect["spearman"][1])
    assert np.isnan(rank_correlation(np.arange(6), np.ones(6))["spearman"][0])
