import numpy as np
import pytest
from scipy import stats

from representation_music.utils.statistics.aggregates import (
    delta_m,
    interquartile_mean,
    probability_of_improvement,
    seed_interval,
    t_interval,
)


def test_delta_m_is_the_mean_relative_change_in_each_metrics_better_direction():
    # AUC .60 to .66 is +10 %; RMSE 10 to 9.5 years is +5 %; mean +7.5 %.
    assert delta_m(
        {"pop": 0.66, "year": 9.5}, {"pop": 0.60, "year": 10.0}, {"pop": "auc", "year": "rmse"}
    ) == pytest.approx(0.075)


def test_delta_m_keeps_seeds_apart():
    gains = delta_m(
        {"pop": np.array([0.5, 0.6]), "ballad": np.array([0.8, 0.8])},
        {"pop": np.array([0.5, 0.5]), "ballad": np.array([0.8, 0.4])},
        {"pop": "auc", "ballad": "auc"},
    )
    assert gains == pytest.approx([0, (0.2 + 1) / 2])


def test_probability_of_improvement_is_the_scaled_mann_whitney_statistic_of_scipy():
    random = np.random.default_rng(0)
    arm, rival = (
        np.round(random.normal(0.5, 1, (7, 3)), 1),
        np.round(random.normal(0, 1, (5, 3)), 1),
    )
    expected = [stats.mannwhitneyu(arm[:, k], rival[:, k]).statistic / 35 for k in range(3)]
    assert probability_of_improvement(arm, rival) == pytest.approx(np.mean(expected))


def test_interquartile_mean_ignores_an_outlier():
    assert interquartile_mean(np.array([100, 1, 2, 3, 4, 5, 6, -50])) == pytest.approx(3.5)


def test_seed_interval_of_a_mean_agrees_with_scipys_percentile_bootstrap():
    values = np.random.default_rng(3).gamma(2, size=12)
    ours = seed_interval(np.mean, values, resamples=4000)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    standard_error = values.std() / 12**0.5
    assert ours.mean == pytest.approx(values.mean())
    # Quantiles of 4,000 draws wander by some 4 % of a standard error.
    assert ours.low == pytest.approx(theirs.low, abs=0.15 * standard_error)
    assert ours.high == pytest.approx(theirs.high, abs=0.15 * standard_error)


def test_the_t_interval_is_that_of_scipys_t_test():
    values = [0.61, 0.64, 0.60, 0.66]
    estimate = t_interval(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (estimate.mean, estimate.low, estimate.high) == pytest.approx((0.6275, *expected))


def test_one_seed_has_a_mean_and_no_interval():
    estimate = t_interval([0.7])
    assert estimate.mean == 0.7
    assert np.isnan([estimate.low, estimate.high]).all()
