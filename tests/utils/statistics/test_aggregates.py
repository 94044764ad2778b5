import numpy as np
import pytest
from scipy import stats

from representation_music.utils.statistics.aggregates import (
    delta_m,
    probability_of_improvement,
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
